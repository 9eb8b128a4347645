// Random arrays. Element e of an array with seed s is a pure function of (s, e): the same numbers for every chunking,
// slice and number of threads. Differs from NumPy: the numbers of a seed are other ones.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "swath/api/array.h"

namespace swath::array {

struct RandomOptions {
  std::optional<uint64_t> seed = std::nullopt;  // nullopt: from the system
  std::optional<DType> dtype = std::nullopt;    // nullopt: of the distribution (float64 or int64)
  ChunkSpec chunks = "auto";
};

// Any row of ops/random.h: random_array("normal", {0.0, 2.0}, {n}). Missing parameters take their defaults.
Array random_array(std::string_view distribution, const std::vector<double>& parameters, const Shape& shape,
                   const RandomOptions& options = {});
// low <= x < high.
Array random_integers(int64_t low, int64_t high, const Shape& shape, const RandomOptions& options = {});
// Uniform in [0, 1).
inline Array random(const Shape& shape, const RandomOptions& options = {}) {
  return random_array("random", {}, shape, options);
}
inline Array normal(double loc, double scale, const Shape& shape, const RandomOptions& options = {}) {
  return random_array("normal", {loc, scale}, shape, options);
}
inline Array uniform(double low, double high, const Shape& shape, const RandomOptions& options = {}) {
  return random_array("uniform", {low, high}, shape, options);
}

// numpy.random.Generator: a seed and the number of the next call. Two generators of one seed give the same arrays in
// the same order. Not thread-safe.
class Generator {
 public:
  explicit Generator(std::optional<uint64_t> seed = std::nullopt);
  explicit Generator(std::vector<uint64_t> words) : words_(std::move(words)) {}

  Array draw(std::string_view distribution, const std::vector<double>& parameters, const Shape& shape,
             std::optional<DType> dtype = std::nullopt, const ChunkSpec& chunks = "auto");
  Array integers(int64_t low, int64_t high, const Shape& shape, DType dtype = kInt64, const ChunkSpec& chunks = "auto");
  Array random(const Shape& shape, const ChunkSpec& chunks = "auto") { return draw("random", {}, shape, {}, chunks); }
  Array normal(double loc, double scale, const Shape& shape, const ChunkSpec& chunks = "auto") {
    return draw("normal", {loc, scale}, shape, {}, chunks);
  }
  Array uniform(double low, double high, const Shape& shape, const ChunkSpec& chunks = "auto") {
    return draw("uniform", {low, high}, shape, {}, chunks);
  }

 private:
  std::array<uint64_t, 2> NextSeed();

  std::vector<uint64_t> words_;
  uint64_t calls_ = 0;
};
inline Generator default_rng(std::optional<uint64_t> seed = std::nullopt) { return Generator(seed); }

}  // namespace swath::array
