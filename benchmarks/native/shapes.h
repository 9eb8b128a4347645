// The task graphs of Task Bench (Slaughter et al., SC 2020) as edge rules: task (step, i) of a `width` × `steps` grid
// depends on some tasks of the step before. Shared by the programs that time Swath and oneTBB on them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace swath::benchmarks {

struct TaskShape {
  std::string name;
  int64_t width = 0, steps = 0;
  int64_t task_count() const { return width * steps; }

  // Appends the dependencies of task (step, i) as indices in the step before.
  void Dependencies(int64_t step, int64_t i, std::vector<int64_t>* out) const {
    if (step == 0) return;
    if (name == "chain") {
      out->push_back(i);
    } else if (name == "stencil") {
      for (int64_t j = i - 1; j <= i + 1; ++j) {
        if (j >= 0 && j < width) out->push_back(j);
      }
    } else if (name == "fft") {
      out->push_back(i);
      int bits = 0;
      while ((int64_t{1} << (bits + 1)) <= width) ++bits;
      const int64_t other = i ^ (int64_t{1} << (step % bits));
      if (other < width) out->push_back(other);
    } else if (name == "tree") {  // fan-out and fan-in by turns
      if (step % 2) {
        out->push_back(i / 2);
      } else {
        out->push_back(2 * i % width);
        out->push_back((2 * i + 1) % width);
      }
    } else {  // random: two pseudo-random tasks
      const uint64_t hash = (static_cast<uint64_t>(step) * 1000003 + static_cast<uint64_t>(i)) * 0x9E3779B97F4A7C15ULL;
      const int64_t a = static_cast<int64_t>((hash >> 20) % static_cast<uint64_t>(width));
      const int64_t b = static_cast<int64_t>((hash >> 40) % static_cast<uint64_t>(width));
      out->push_back(a);
      if (b != a) out->push_back(b);
    }
  }
};

inline TaskShape MakeShape(const std::string& name, int64_t tasks) {
  const int64_t width = name == "chain" ? 2 : 1000;
  return {name, width, tasks / width};
}

}  // namespace swath::benchmarks
