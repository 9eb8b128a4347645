#include "swath/api/random.h"

#include <cmath>
#include <random>

#include "swath/expr/array/source.h"
#include "swath/ops/random.h"

namespace swath::array {
namespace {

uint64_t SystemSeed() {
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

// The given parameters and the defaults of the rest.
Result<std::vector<double>> AllParameters(const ops::Distribution& row, std::vector<double> given) {
  const auto count = static_cast<size_t>(row.parameter_count());
  if (given.size() > count)
    return Status::TypeError(row.name, "() takes ", count, " parameters but ", given.size(), " were given");
  for (size_t i = given.size(); i < count; ++i) {
    if (std::isnan(row.defaults[i]))
      return Status::TypeError(row.name, "() missing required argument '", row.parameters[i], "'");
    given.push_back(row.defaults[i]);
  }
  return given;
}

Array Draw(std::string_view distribution, const std::vector<double>& parameters, const Shape& shape,
           std::array<uint64_t, 2> seed, std::optional<DType> dtype, const ChunkSpec& chunks) {
  const ops::Distribution* row = ValueOrThrow(ops::FindDistribution(distribution));
  const DType type = dtype.value_or(row->dtype);
  ops::Grid grid = ValueOrThrow(expr::NormalizeChunks(chunks, shape, type));
  return Array(ValueOrThrow(
      expr::MakeRandom(row->name, ValueOrThrow(AllParameters(*row, parameters)), seed, type, std::move(grid))));
}

Array DrawIntegers(int64_t low, int64_t high, const Shape& shape, std::array<uint64_t, 2> seed, DType dtype,
                   const ChunkSpec& chunks) {
  ops::Grid grid = ValueOrThrow(expr::NormalizeChunks(chunks, shape, dtype));
  return Array(ValueOrThrow(expr::MakeRandomIntegers(low, high, seed, dtype, std::move(grid))));
}

std::array<uint64_t, 2> SeedOf(const RandomOptions& options) {
  const uint64_t words[] = {options.seed.value_or(SystemSeed())};
  return ops::RandomSeed(words);
}

}  // namespace

Array random_array(std::string_view distribution, const std::vector<double>& parameters, const Shape& shape,
                   const RandomOptions& options) {
  return Draw(distribution, parameters, shape, SeedOf(options), options.dtype, options.chunks);
}

Array random_integers(int64_t low, int64_t high, const Shape& shape, const RandomOptions& options) {
  return DrawIntegers(low, high, shape, SeedOf(options), options.dtype.value_or(kInt64), options.chunks);
}

Generator::Generator(std::optional<uint64_t> seed) : words_{seed.value_or(SystemSeed())} {}

std::array<uint64_t, 2> Generator::NextSeed() {
  std::vector<uint64_t> words = words_;
  words.push_back(calls_++);
  return ops::RandomSeed(words);
}

Array Generator::draw(std::string_view distribution, const std::vector<double>& parameters, const Shape& shape,
                      std::optional<DType> dtype, const ChunkSpec& chunks) {
  return Draw(distribution, parameters, shape, NextSeed(), dtype, chunks);
}

Array Generator::integers(int64_t low, int64_t high, const Shape& shape, DType dtype, const ChunkSpec& chunks) {
  return DrawIntegers(low, high, shape, NextSeed(), dtype, chunks);
}

}  // namespace swath::array
