#include "swath/kernels/array/block_kernels.h"

#include <complex>
#include <functional>
#include <random>

#include <gtest/gtest.h>

#include "arrow/memory_pool.h"

#include "swath/kernels/array/strided.h"
#include "swath/ops/array_blocks.h"

namespace swath::kernels {
namespace {

arrow::MemoryPool* Pool() { return arrow::default_memory_pool(); }

Value RunKernel(std::span<const KernelEntry> kernels, std::string_view op, const ops::OpParams& params,
                std::vector<Value> inputs, int64_t block = 0) {
  TaskContext context;
  context.memory_pool = Pool();
  context.block = block;
  for (const KernelEntry& entry : kernels) {
    if (entry.op == op) return entry.kernel(params, inputs, context).ValueOrDie();
  }
  throw std::runtime_error("no kernel");
}

template <typename T>
Chunk Make(DType dtype, Shape shape, const std::function<T(int64_t)>& value) {
  Chunk chunk = *Chunk::Allocate(dtype, std::move(shape), Pool());
  for (int64_t i = 0; i < chunk.size(); ++i) chunk.mutable_data_as<T>()[i] = value(i);
  return chunk;
}

template <typename T>
std::vector<T> Elements(const Chunk& chunk) {
  const Chunk flat = *ToContiguous(chunk, Pool());
  return {flat.data_as<T>(), flat.data_as<T>() + flat.size()};
}

ops::Grid OneBlock(const Shape& shape) {
  std::vector<std::vector<int64_t>> chunks;
  for (int64_t length : shape) chunks.push_back({length});
  return ops::Grid(chunks);
}

// Every order of the axes of a, b and the result, by loops over labels.
TEST(Contract, EqualsLoopsForEveryLayout) {
  std::mt19937 random(7);
  const std::vector<std::vector<int32_t>> a_orders = {{0, 1, 3}, {3, 1, 0}, {1, 3, 0}, {0, 3, 1}};
  const std::vector<std::vector<int32_t>> b_orders = {{0, 3, 2}, {2, 3, 0}, {3, 0, 2}, {0, 2, 3}};
  const std::vector<std::vector<int32_t>> orders = {{0, 1, 2}, {2, 0, 1}, {1, 2, 0}};
  const int64_t length[] = {2, 3, 4, 5};  // batch, row, column, summed
  for (const auto& a_labels : a_orders) {
    for (const auto& b_labels : b_orders) {
      for (const auto& labels : orders) {
        const auto shape_of = [&](const std::vector<int32_t>& names) {
          Shape shape;
          for (int32_t name : names) shape.push_back(length[name]);
          return shape;
        };
        const auto random_of = [&](const std::vector<int32_t>& names) {
          return Make<double>(kFloat64, shape_of(names),
                              [&](int64_t) { return static_cast<double>(random() % 17) - 8; });
        };
        const Chunk a1 = random_of(a_labels), a2 = random_of(a_labels), b1 = random_of(b_labels),
                    b2 = random_of(b_labels);
        ops::ContractParams params;
        params.a_labels = a_labels, params.b_labels = b_labels, params.labels = labels, params.dtype = kFloat64;
        params.grid = OneBlock(shape_of(labels));
        const Value result = RunKernel(ContractKernels(), ops::ContractParams::kOp, params, {a1, a2, b1, b2});
        const auto at = [&](const Chunk& chunk, const std::vector<int32_t>& names, const int64_t* index) {
          int64_t offset = 0;
          for (size_t i = 0; i < names.size(); ++i) offset += index[names[i]] * chunk.strides()[i];
          return *reinterpret_cast<const double*>(chunk.data() + offset);
        };
        for (int64_t g = 0; g < 2; ++g) {
          for (int64_t r = 0; r < 3; ++r) {
            for (int64_t c = 0; c < 4; ++c) {
              double sum = 0;
              for (int64_t s = 0; s < 5; ++s) {
                const int64_t index[] = {g, r, c, s};
                sum += at(a1, a_labels, index) * at(b1, b_labels, index) +
                       at(a2, a_labels, index) * at(b2, b_labels, index);
              }
              const int64_t index[] = {g, r, c, 0};
              ASSERT_DOUBLE_EQ(at(*result.chunk(), labels, index), sum);
            }
          }
        }
      }
    }
  }
}

template <typename T>
void CheckMatmul(DType dtype) {
  const Chunk a = Make<T>(dtype, {3, 4}, [](int64_t i) { return static_cast<T>(i + 1); });
  const Chunk b = Make<T>(dtype, {4, 2}, [](int64_t i) { return static_cast<T>(2 * i + 1); });
  ops::ContractParams params;
  params.a_labels = {0, 2}, params.b_labels = {2, 1}, params.labels = {0, 1}, params.dtype = dtype,
  params.grid = OneBlock({3, 2});
  const Chunk result = *RunKernel(ContractKernels(), ops::ContractParams::kOp, params, {a, b}).chunk();
  for (int64_t i = 0; i < 3; ++i) {
    for (int64_t j = 0; j < 2; ++j) {
      T sum{};
      for (int64_t k = 0; k < 4; ++k) sum = static_cast<T>(sum + a.data_as<T>()[i * 4 + k] * b.data_as<T>()[k * 2 + j]);
      EXPECT_EQ(Elements<T>(result)[i * 2 + j], sum) << dtype.ToString();
    }
  }
}
TEST(Contract, EveryDtype) {
  CheckMatmul<int8_t>(kInt8);
  CheckMatmul<uint16_t>(kUInt16);
  CheckMatmul<int32_t>(kInt32);
  CheckMatmul<int64_t>(kInt64);
  CheckMatmul<float>(kFloat32);
  CheckMatmul<double>(kFloat64);
  CheckMatmul<std::complex<float>>(kComplex64);
  CheckMatmul<std::complex<double>>(kComplex128);
}

TEST(Contract, VectorTimesVectorIsAScalarAndNoPairsAreZeros) {
  ops::ContractParams params;
  params.a_labels = {0}, params.b_labels = {0}, params.dtype = kFloat64;
  const Chunk v = Make<double>(kFloat64, {3}, [](int64_t i) { return static_cast<double>(i); });
  EXPECT_EQ(Elements<double>(*RunKernel(ContractKernels(), ops::ContractParams::kOp, params, {v, v}).chunk()),
            std::vector<double>{5});
  EXPECT_EQ(Elements<double>(*RunKernel(ContractKernels(), ops::ContractParams::kOp, params, {}).chunk()),
            std::vector<double>{0});
}

TEST(Cumulative, BlocksWithCarriesEqualOneScan) {
  const std::vector<int64_t> lengths = {3, 1, 4};
  for (int32_t axis : {0, 1}) {
    for (bool product : {false, true}) {
      ops::CumulativeParams params;
      params.axis = axis, params.product = product, params.dtype = kInt64;
      params.grid = axis == 0 ? ops::Grid({lengths, {2}}) : ops::Grid({{2}, lengths});
      std::vector<Value> totals;
      std::vector<Chunk> blocks;
      int64_t next = 1;
      for (int64_t length : lengths) {
        blocks.push_back(Make<int64_t>(kInt64, axis == 0 ? Shape{length, 2} : Shape{2, length},
                                       [&](int64_t) { return 1 + next++ % 3; }));
        Chunk total =
            Make<int64_t>(kInt64, axis == 0 ? Shape{1, 2} : Shape{2, 1}, [&](int64_t) { return product ? 1 : 0; });
        for (int64_t line = 0; line < 2; ++line) {
          for (int64_t l = 0; l < length; ++l) {
            const int64_t value = blocks.back().data_as<int64_t>()[axis == 0 ? l * 2 + line : line * length + l];
            int64_t& sum = total.mutable_data_as<int64_t>()[line];
            sum = product ? sum * value : sum + value;
          }
        }
        totals.push_back(total);
      }
      const Value carries = RunKernel(CumulativeKernels(), ops::CumulativeParams::kCarriesOp, params, totals);
      for (int64_t line = 0; line < 2; ++line) {
        int64_t expected = product ? 1 : 0;
        for (size_t b = 0; b < lengths.size(); ++b) {
          const auto scanned = Elements<int64_t>(*RunKernel(CumulativeKernels(), ops::CumulativeParams::kOp, params,
                                                            {blocks[b], carries}, static_cast<int64_t>(b))
                                                      .chunk());
          for (int64_t l = 0; l < lengths[b]; ++l) {
            const size_t at = static_cast<size_t>(axis == 0 ? l * 2 + line : line * lengths[b] + l);
            const int64_t value = blocks[b].data_as<int64_t>()[at];
            expected = product ? expected * value : expected + value;
            ASSERT_EQ(scanned[at], expected);
          }
        }
      }
    }
  }
}

TEST(Rearrange, ReshapeAcrossBlocksKeepsCOrder) {
  std::mt19937 random(3);
  for (int trial = 0; trial < 50; ++trial) {
    const auto cut = [&](int64_t length) {
      std::vector<int64_t> chunks;
      while (length > 0) {
        chunks.push_back(1 + static_cast<int64_t>(random() % static_cast<uint64_t>(length)));
        length -= chunks.back();
      }
      return chunks;
    };
    ops::ReshapeParams params;
    params.from = ops::Grid({cut(4), cut(6)});
    params.to = ops::Grid({cut(3), cut(8)});
    for (int64_t block = 0; block < params.to.block_count(); ++block) {
      std::vector<int64_t> sources;
      ops::AppendReshapeSources(params.from, params.to, block, &sources);
      std::vector<Value> inputs;
      for (int64_t source : sources) {
        const ops::Box box = params.from.BlockBox(source);
        inputs.push_back(Make<int64_t>(kInt64, {box[0].size(), box[1].size()}, [&](int64_t i) {
          return (box[0].begin + i / box[1].size()) * 6 + box[1].begin + i % box[1].size();
        }));
      }
      const Chunk result = *RunKernel(RearrangeKernels(), ops::ReshapeParams::kOp, params, inputs, block).chunk();
      const ops::Box box = params.to.BlockBox(block);
      for (int64_t i = 0; i < result.size(); ++i) {
        ASSERT_EQ(result.data_as<int64_t>()[i],
                  (box[0].begin + i / box[1].size()) * 8 + box[1].begin + i % box[1].size());
      }
    }
  }
}

TEST(Rearrange, ConcatAlongEachAxis) {
  const Chunk a = Make<int32_t>(kInt32, {2, 2}, [](int64_t i) { return static_cast<int32_t>(i); });
  const int32_t swap[] = {1, 0};
  ops::ConcatParams params;
  params.axis = 1;
  const Chunk result =
      *RunKernel(RearrangeKernels(), ops::ConcatParams::kOp, params, {a, TransposedView(a, swap)}).chunk();
  EXPECT_EQ(Elements<int32_t>(result), (std::vector<int32_t>{0, 1, 0, 2, 2, 3, 1, 3}));
}

TEST(Strided, ConvertsAsNumPyDoes) {
  const Chunk f = Make<double>(kFloat64, {4}, [](int64_t i) {
    return std::vector<double>{1.9, -1.9, 300, 0}[static_cast<size_t>(i)];
  });
  EXPECT_EQ(Elements<int64_t>(*ToContiguousOf(f, kInt64, Pool())), (std::vector<int64_t>{1, -1, 300, 0}));
  EXPECT_EQ(Elements<uint8_t>(*ToContiguousOf(f, kBool, Pool())), (std::vector<uint8_t>{1, 1, 1, 0}));
  EXPECT_EQ(Elements<float>(*ToContiguousOf(f, kFloat32, Pool())), (std::vector<float>{1.9F, -1.9F, 300, 0}));
}

}  // namespace
}  // namespace swath::kernels
