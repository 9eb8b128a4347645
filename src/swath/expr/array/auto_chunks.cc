#include "swath/expr/array/auto_chunks.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace swath::expr {
namespace {

using Lengths = std::vector<int64_t>;

Lengths Cut(int64_t length, int64_t block) {
  if (length == 0) return {0};
  Lengths blocks(length / block, block);
  if (length % block) blocks.push_back(length % block);
  return blocks;
}

int64_t RoundTo(double proposed, int64_t ideal) {
  if (proposed <= static_cast<double>(ideal)) return std::max<int64_t>(1, static_cast<int64_t>(proposed));
  return static_cast<int64_t>(std::floor(proposed / static_cast<double>(ideal))) * ideal;
}

double Median(Lengths values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 ? static_cast<double>(values[middle])
                           : static_cast<double>(values[middle - 1] + values[middle]) / 2;
}

// The most frequent length when it makes up half of the blocks, else the whole axis.
int64_t IdealLength(const Lengths& lengths, int64_t axis_length) {
  std::map<int64_t, size_t> counts;
  for (const int64_t length : lengths) ++counts[length];
  int64_t mode = 0;
  size_t count = 0;
  for (const int64_t length : lengths) {  // the first of equals, as Python's max
    if (counts[length] > count) mode = length, count = counts[length];
  }
  return mode > 1 && 2 * count >= lengths.size() ? mode : axis_length;
}

// Neighbours joined while they stay within `proposed`.
Lengths Join(const Lengths& lengths, double proposed) {
  Lengths joined;
  int64_t current = 0;
  for (const int64_t length : lengths) {
    if (static_cast<double>(length + current) <= proposed) {
      current += length;
      continue;
    }
    if (current > 0) joined.push_back(current);
    current = length;
  }
  if (current > 0) joined.push_back(current);
  return joined;
}

// The iteration of dask.array.core.auto_chunks for a rechunk: all automatic axes grow or shrink by one factor; an axis
// that reaches its length leaves its share to the others.
class Rechunking {
 public:
  Rechunking(std::span<const int64_t> shape, double limit_elements, const ops::Grid& previous,
             std::vector<Lengths>* chunks)
      : shape_(shape), limit_(limit_elements), previous_(previous.chunks()), chunks_(*chunks) {
    for (size_t axis = 0; axis < chunks_.size(); ++axis) {
      if (chunks_[axis].empty()) {
        autos_.insert(axis);
        median_[axis] = Median(previous_[axis]);
      } else {
        fixed_ *= static_cast<double>(*std::max_element(chunks_[axis].begin(), chunks_[axis].end()));
      }
    }
  }

  void Run() {
    double multiplier = Multiplier();
    reduce_ = multiplier < 1;
    constexpr int kMostRounds = 64;  // the fixed point of the shrinking case converges geometrically
    bool again = true;
    for (int round = 0; again && round < kMostRounds; ++round) {
      again = Round(multiplier);
      if (again || reduce_) {
        const double last = multiplier;
        multiplier = Multiplier();
        again |= multiplier != last;
      }
    }
    for (const auto& [axis, lengths] : result_) chunks_[axis] = lengths;
  }

 private:
  double Multiplier() const {
    double elements = fixed_;
    for (const auto& [axis, median] : median_) elements *= std::max(1.0, median);
    return limit_ / std::max(1.0, elements);
  }

  bool Round(double multiplier) {
    bool again = false;
    const double axes = static_cast<double>(autos_.size());
    for (const size_t axis : std::vector<size_t>(autos_.begin(), autos_.end())) {
      const double proposed = median_[axis] * std::pow(multiplier, 1 / axes);
      const double most = proposed * std::pow(1.25, 1 / axes);  // Dask's array.chunk-size-tolerance
      const int64_t longest = *std::max_element(previous_[axis].begin(), previous_[axis].end());
      if (proposed > static_cast<double>(shape_[axis])) {
        result_[axis] = {shape_[axis]};
        fixed_ *= static_cast<double>(shape_[axis]);
        autos_.erase(axis);
        median_.erase(axis);
        again = true;
      } else if (reduce_ || static_cast<double>(longest) > most) {
        const int64_t block = RoundTo(proposed, IdealLength(previous_[axis], shape_[axis]));
        result_[axis] = Cut(shape_[axis], block);
        if (reduce_) median_[axis] = static_cast<double>(block);
        if (proposed < 1) {
          again = true;
          autos_.erase(axis);
        }
      } else {
        result_[axis] = Join(previous_[axis], proposed);
      }
    }
    return again && !autos_.empty();
  }

  std::span<const int64_t> shape_;
  double limit_;
  std::vector<Lengths> previous_;
  std::vector<Lengths>& chunks_;
  std::set<size_t> autos_;
  std::map<size_t, double> median_;
  std::map<size_t, Lengths> result_;
  double fixed_ = 1;
  bool reduce_ = false;
};

}  // namespace

void FillAutoChunks(std::span<const int64_t> shape, int64_t itemsize, int64_t limit_bytes, const ops::Grid* previous,
                    std::vector<Lengths>* chunks) {
  const double limit = static_cast<double>(limit_bytes) / static_cast<double>(std::max<int64_t>(1, itemsize));
  if (previous) return Rechunking(shape, limit, *previous, chunks).Run();
  for (;;) {
    double fixed = 1;
    std::vector<size_t> autos;
    for (size_t axis = 0; axis < chunks->size(); ++axis) {
      const Lengths& lengths = (*chunks)[axis];
      if (lengths.empty())
        autos.push_back(axis);
      else
        fixed *= static_cast<double>(std::max<int64_t>(1, *std::max_element(lengths.begin(), lengths.end())));
    }
    if (autos.empty()) return;
    const double size = std::pow(limit / fixed, 1.0 / static_cast<double>(autos.size()));
    bool small = false;
    for (const size_t axis : autos) {
      if (static_cast<double>(shape[axis]) < size) (*chunks)[axis] = {shape[axis]}, small = true;
    }
    if (small) continue;
    for (const size_t axis : autos) (*chunks)[axis] = Cut(shape[axis], RoundTo(size, shape[axis]));
  }
}

}  // namespace swath::expr
