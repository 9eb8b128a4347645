#include "swath/kernels/array/random/random.h"

#include <algorithm>
#include <cstring>

#include "swath/base/cpu.h"
#include "swath/kernels/array/random/random_simd.h"
#include "swath/kernels/array/random/random_streams.h"

namespace swath::kernels {
namespace {

constexpr int64_t kGroup = 16;

const RandomLoops& Loops() {
  static const RandomLoops& loops = *SimdChoice(&v2::kRandomLoops, &v3::kRandomLoops, &v4::kRandomLoops);
  return loops;
}

// Calls fill(first group, groups, where) for the whole groups among elements [first, first + count), and through a
// scratch group for the partial ones at both ends.
template <typename T, typename FillGroups>
void ByGroups(int64_t first, int64_t count, T* out, const FillGroups& fill) {
  T scratch[kGroup];
  const int64_t lead = first % kGroup;
  if (lead != 0) {
    const int64_t take = std::min(kGroup - lead, count);
    fill(first / kGroup, 1, scratch);
    std::copy_n(scratch + lead, take, out);
    first += take;
    count -= take;
    out += take;
  }
  const int64_t whole = count / kGroup;
  if (whole > 0) fill(first / kGroup, whole, out);
  if (const int64_t rest = count - whole * kGroup; rest > 0) {
    fill(first / kGroup + whole, 1, scratch);
    std::copy_n(scratch, rest, out + whole * kGroup);
  }
}

// Writes the low bytes of `value`: integers of every width.
void StoreInteger(uint64_t value, int32_t itemsize, uint8_t* out) {
  std::memcpy(out, &value, static_cast<size_t>(itemsize));
}

}  // namespace

Result<RandomGenerator> RandomGenerator::Make(const ops::TileSource& source) {
  RandomGenerator generator;
  generator.dtype_ = source.dtype;
  generator.seed_ = source.seed;
  generator.parameters_ = source.parameters;
  const std::string_view name = source.distribution;
  const auto parameter = [&](size_t i, double otherwise) {
    return i < source.parameters.size() ? source.parameters[i] : otherwise;
  };
  const auto vector = [&](RandomCurve curve, double offset, double scale) {
    generator.fill_ = &RandomGenerator::FillVector;
    generator.shape_ = static_cast<int32_t>(curve);
    generator.offset_ = offset;
    generator.scale_ = scale;
  };
  if (name == "random") {
    vector(RandomCurve::kUniform, 0, 1);
  } else if (name == "uniform") {
    vector(RandomCurve::kUniform, parameter(0, 0), parameter(1, 1) - parameter(0, 0));
  } else if (name == "standard_normal") {
    vector(RandomCurve::kNormal, 0, 1);
  } else if (name == "normal") {
    vector(RandomCurve::kNormal, parameter(0, 0), parameter(1, 1));
  } else if (name == "standard_exponential") {
    vector(RandomCurve::kExponential, 0, 1);
  } else if (name == "exponential") {
    vector(RandomCurve::kExponential, 0, parameter(0, 1));
  } else if (name == "integers") {
    generator.fill_ = &RandomGenerator::FillIntegers;
    generator.low_ = static_cast<uint64_t>(source.integer_bounds[0]);
    generator.range_ = static_cast<uint64_t>(source.integer_bounds[1]) - generator.low_;
  } else {
    generator.fill_ = &RandomGenerator::FillStreams;
    generator.shape_ = FindRandomStream(name);
    if (generator.shape_ < 0) return Status::KeyError("no random distribution '", name, "'");
    generator.parameters_.resize(3);
  }
  return generator;
}

void RandomGenerator::FillVector(int64_t first, int64_t count, uint8_t* out) const {
  const auto curve = static_cast<RandomCurve>(shape_);
  const auto doubles = [&](int64_t group, int64_t groups, double* where) {
    Loops().doubles(seed_[0], seed_[1], group, groups, curve, offset_, scale_, where);
  };
  if (dtype_.kind == Kind::kFloat64) return ByGroups(first, count, reinterpret_cast<double*>(out), doubles);
  // float32 keeps its own 24 bits in uniforms, so that 1 is never reached; the other curves are rounded.
  CHECK(dtype_.kind == Kind::kFloat32);
  ByGroups(first, count, reinterpret_cast<float*>(out), [&](int64_t group, int64_t groups, float* where) {
    double numbers[kGroup];
    uint64_t words[kGroup];
    for (int64_t g = 0; g < groups; ++g, where += kGroup) {
      if (curve == RandomCurve::kUniform) {
        Loops().words(seed_[0], seed_[1], group + g, 1, words);
        for (int64_t i = 0; i < kGroup; ++i) {
          where[i] = static_cast<float>(offset_) +
                     static_cast<float>(scale_) * (static_cast<float>(words[i] >> 40) * 0x1p-24F);
        }
      } else {
        doubles(group + g, 1, numbers);
        for (int64_t i = 0; i < kGroup; ++i) where[i] = static_cast<float>(numbers[i]);
      }
    }
  });
}

void RandomGenerator::FillIntegers(int64_t first, int64_t count, uint8_t* out) const {
  constexpr int64_t kPiece = 1024;
  uint64_t words[kPiece];
  const uint64_t threshold = range_ == 0 ? 0 : (0 - range_) % range_;
  for (int64_t done = 0; done < count; done += kPiece) {
    const int64_t piece = std::min(kPiece, count - done);
    ByGroups(first + done, piece, words, [&](int64_t group, int64_t groups, uint64_t* where) {
      Loops().words(seed_[0], seed_[1], group, groups, where);
    });
    for (int64_t i = 0; i < piece; ++i) {
      uint64_t value = words[i];
      if (range_ != 0) {
        auto product = static_cast<unsigned __int128>(value) * range_;
        if (static_cast<uint64_t>(product) < threshold) [[unlikely]] {
          ElementStream stream(seed_, first + done + i);
          do {
            product = static_cast<unsigned __int128>(stream.Next64()) * range_;
          } while (static_cast<uint64_t>(product) < threshold);
        }
        value = static_cast<uint64_t>(product >> 64);
      }
      StoreInteger(low_ + value, dtype_.itemsize, out + (done + i) * dtype_.itemsize);
    }
  }
}

void RandomGenerator::FillStreams(int64_t first, int64_t count, uint8_t* out) const {
  FillFromStreams(shape_, seed_, parameters_.data(), first, count, dtype_, out);
}

}  // namespace swath::kernels
