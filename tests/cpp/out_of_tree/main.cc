// The smallest C++ program on an installed Swath: prints "OK" when array and table answers are right.
#include <cstdio>

#include <swath/swath.h>

int main() {
  swath::Array x = swath::array::arange(12).reshape({3, 4});
  const double total = (x * 2.0).sum().item<double>();
  try {
    swath::array::ones({2, 3}) + swath::array::ones({4});
    return std::puts("shapes (2, 3) and (4,) were added"), 1;
  } catch (const swath::ValueError& error) {
    std::printf("%s\n", error.what());
  }
  if (total != 132) return std::printf("wrong sum: %f\n", total), 1;
  std::puts("OK");
}
