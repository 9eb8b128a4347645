#include "swath/io/stores/natural_order.h"

#include <cctype>
#include <cstddef>
#include <string>

#include <fnmatch.h>

namespace swath::io {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The digits of `text` from `*at` on without leading zeros; moves `*at` behind them.
std::string_view TakeNumber(std::string_view text, size_t* at) {
  while (*at < text.size() && text[*at] == '0') ++*at;
  const size_t start = *at;
  while (*at < text.size() && IsDigit(text[*at])) ++*at;
  return text.substr(start, *at - start);
}

}  // namespace

bool NaturalLess(std::string_view a, std::string_view b) {
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (IsDigit(a[i]) && IsDigit(b[j])) {
      const std::string_view x = TakeNumber(a, &i);
      const std::string_view y = TakeNumber(b, &j);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
    } else {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i;
      ++j;
    }
  }
  if ((a.size() - i) != (b.size() - j)) return a.size() - i < b.size() - j;
  return a < b;
}

bool MatchesPattern(std::string_view pattern, std::string_view text) {
  return fnmatch(std::string(pattern).c_str(), std::string(text).c_str(), FNM_PATHNAME | FNM_PERIOD) == 0;
}

}  // namespace swath::io
