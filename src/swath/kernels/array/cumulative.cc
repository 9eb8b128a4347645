// array.carries and array.cumulative: a running sum or product along an axis in two steps: the totals of the blocks of
// a line give what precedes each block; every block then scans on its own. (The scan of Blelloch 1990 with one level.)
#include <algorithm>
#include <cmath>
#include <complex>

#include "arrow/util/float16.h"

#include "swath/kernels/array/axis_view.h"
#include "swath/kernels/array/block_kernels.h"
#include "swath/kernels/array/kind_types.h"
#include "swath/kernels/array/strided.h"
#include "swath/ops/array_blocks.h"

namespace swath::kernels {
namespace {

// Scans `data` in place; `carry` (outer × carry_length × inner, at slot `slot`) precedes it, or null.
template <typename T>
void Scan(T* data, const AxisView& view, const T* carry, int64_t carry_length, int64_t slot, bool product,
          bool skip_nan) {
  for (int64_t o = 0; o < view.outer; ++o) {
    T* block = data + o * view.length * view.inner;
    const T* before = carry ? carry + (o * carry_length + slot) * view.inner : nullptr;
    for (int64_t l = 0; l < view.length; ++l) {
      T* row = block + l * view.inner;
      const T* last = l == 0 ? before : row - view.inner;
      for (int64_t i = 0; i < view.inner; ++i) {
        const T value = skip_nan && IsNan(row[i]) ? static_cast<T>(product ? 1 : 0) : row[i];
        row[i] = !last ? value : product ? static_cast<T>(last[i] * value) : static_cast<T>(last[i] + value);
      }
    }
  }
}

// Result slot s = the sum or product of the totals before s.
template <typename T>
void ExclusiveScan(std::span<const Chunk> totals, const AxisView& view, T* result, bool product) {
  for (int64_t o = 0; o < view.outer; ++o) {
    for (int64_t s = 0; s < view.length; ++s) {
      T* row = result + (o * view.length + s) * view.inner;
      for (int64_t i = 0; i < view.inner; ++i) {
        if (s == 0) {
          row[i] = static_cast<T>(product ? 1 : 0);
        } else {
          const T before = row[i - view.inner], total = totals[s - 1].data_as<T>()[o * view.inner + i];
          row[i] = product ? static_cast<T>(before * total) : static_cast<T>(before + total);
        }
      }
    }
  }
}

// The type that scans T: integers wrap as unsigned, as in NumPy.
template <typename T, bool integral = std::is_integral_v<T>>
struct Wrapping {
  using Type = T;
};
template <typename T>
struct Wrapping<T, true> {
  using Type = std::make_unsigned_t<T>;
};

Status CheckScannable(const DType& dtype) {
  const bool scannable = dtype.is_numeric() || dtype.kind == Kind::kTimeDelta64;
  if (scannable && !dtype.is_bool()) return Status::OK();
  return Status::TypeError("a cumulative sum or product is not defined for dtype ", dtype.ToString());
}

// Halves are scanned as floats.
DType WorkType(DType dtype) { return dtype.kind == Kind::kFloat16 ? kFloat32 : dtype; }

Result<Value> Carries(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context) {
  const auto& p = static_cast<const ops::CumulativeParams&>(params);
  CHECK(!inputs.empty());
  RETURN_IF_ERROR(CheckScannable(p.dtype));
  const DType work = WorkType(p.dtype);
  std::vector<Chunk> totals;
  for (const Value& input : inputs) {
    ASSIGN_OR_RETURN(Chunk total, ToContiguousOf(*input.chunk(), work, context.memory_pool));
    totals.push_back(std::move(total));
  }
  Shape shape = totals[0].shape();
  shape[p.axis] = static_cast<int64_t>(totals.size());
  ASSIGN_OR_RETURN(Chunk result, Chunk::Allocate(work, shape, context.memory_pool));
  RETURN_IF_ERROR(DispatchKind(work.kind, [&]<typename Element>(Element*) {
    using T = typename Wrapping<Element>::Type;
    ExclusiveScan<T>(totals, ViewAlong(shape, p.axis), result.mutable_data_as<T>(), p.product);
    return Status::OK();
  }));
  return result;
}

Result<Value> Cumulative(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context) {
  const auto& p = static_cast<const ops::CumulativeParams&>(params);
  RETURN_IF_ERROR(CheckScannable(p.dtype));
  const DType work = WorkType(p.dtype);
  ASSIGN_OR_RETURN(Chunk result, Chunk::Allocate(work, inputs[0].chunk()->shape(), context.memory_pool));
  ASSIGN_OR_RETURN(const Chunk input, ToContiguousOf(*inputs[0].chunk(), work, context.memory_pool));
  if (input.nbytes() > 0) std::copy_n(input.data(), input.nbytes(), result.mutable_data());
  Chunk carry;
  int64_t slot = 0;
  if (inputs.size() > 1) {
    ASSIGN_OR_RETURN(carry, ToContiguousOf(*inputs[1].chunk(), work, context.memory_pool));
    std::vector<int64_t> position(static_cast<size_t>(p.grid.ndim()));
    p.grid.Position(context.block, position.data());
    slot = position[p.axis];
  }
  RETURN_IF_ERROR(DispatchKind(work.kind, [&]<typename Element>(Element*) {
    using T = typename Wrapping<Element>::Type;
    const bool has_carry = inputs.size() > 1;
    Scan<T>(result.mutable_data_as<T>(), ViewAlong(result.shape(), p.axis), has_carry ? carry.data_as<T>() : nullptr,
            has_carry ? carry.shape()[p.axis] : 0, slot, p.product, p.skip_nan);
    return Status::OK();
  }));
  if (work != p.dtype) return ToContiguousOf(result, p.dtype, context.memory_pool);
  return result;
}

constexpr KernelEntry kKernels[] = {
    {ops::CumulativeParams::kCarriesOp, Carries},
    {ops::CumulativeParams::kOp, Cumulative},
};

}  // namespace

std::span<const KernelEntry> CumulativeKernels() { return kKernels; }

}  // namespace swath::kernels
