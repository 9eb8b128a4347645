// array.block_function: quantiles, the largest elements and counts of one block (contract: ops/block_function.h).
#include <algorithm>
#include <cmath>
#include <limits>

#include "swath/kernels/array/axis_view.h"
#include "swath/kernels/array/block_kernels.h"
#include "swath/kernels/array/kind_types.h"
#include "swath/kernels/array/strided.h"
#include "swath/ops/block_function.h"

namespace swath::kernels {
namespace {

using Params = ops::BlockFunctionParams;

Result<Chunk> AllocateResult(const Params& params, const TaskContext& context) {
  Shape shape;
  for (const ops::Range& range : params.grid.BlockBox(context.block)) shape.push_back(range.size());
  return Chunk::Allocate(params.dtype, std::move(shape), context.memory_pool);
}

// Calls `line(from, to)` for every line along the axis of `input`; both are spaced by view.inner elements.
template <typename T, typename Line>
Status ForEachLine(const Chunk& input, Chunk* result, int32_t axis, TaskContext& context, const Line& line) {
  const AxisView from = ViewAlong(input.shape(), axis), to = ViewAlong(result->shape(), axis);
  const T* source = input.data_as<T>();
  T* target = result->mutable_data_as<T>();
  for (int64_t o = 0; o < from.outer; ++o) {
    RETURN_IF_ERROR(context.CheckCancelled());
    for (int64_t i = 0; i < from.inner; ++i)
      line(source + o * from.length * from.inner + i, target + o * to.length * to.inner + i, from, to);
  }
  return Status::OK();
}

// NumPy's linear interpolation between neighbours of a sorted line (numpy.lib._function_base_impl._lerp).
template <typename T>
T QuantileOf(const std::vector<T>& sorted, double fraction) {
  const double place = fraction * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  const T part = static_cast<T>(place - static_cast<double>(below));
  const T a = sorted[below], b = sorted[above];
  return part >= T(0.5) ? b - (b - a) * (T(1) - part) : a + (b - a) * part;
}

template <typename T>
T MedianOf(const std::vector<T>& sorted) {
  const size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

template <typename T>
Status Quantiles(const Params& params, const Chunk& input, Chunk* result, TaskContext& context) {
  const bool skip_nan = params.function.starts_with("nan"), median = params.function.ends_with("median");
  std::vector<T> line;
  return ForEachLine<T>(input, result, params.axis, context,
                        [&](const T* from, T* to, const AxisView& view, const AxisView& out) {
                          line.clear();
                          bool has_nan = view.length == 0;
                          for (int64_t l = 0; l < view.length; ++l) {
                            const T value = from[l * view.inner];
                            if (std::isnan(value))
                              has_nan = true;
                            else
                              line.push_back(value);
                          }
                          const bool missing = line.empty() || (has_nan && !skip_nan);
                          if (!missing) std::sort(line.begin(), line.end());
                          for (size_t q = 0; q < params.numbers.size(); ++q) {
                            to[static_cast<int64_t>(q) * out.inner] = missing  ? std::numeric_limits<T>::quiet_NaN()
                                                                      : median ? MedianOf(line)
                                                                               : QuantileOf(line, params.numbers[q]);
                          }
                        });
}

Result<Value> Quantile(const Params& params, std::span<const Value> inputs, TaskContext& context) {
  ASSIGN_OR_RETURN(const Chunk input, ToContiguousOf(*inputs[0].chunk(), params.dtype, context.memory_pool));
  ASSIGN_OR_RETURN(Chunk result, AllocateResult(params, context));
  RETURN_IF_ERROR(params.dtype == kFloat32 ? Quantiles<float>(params, input, &result, context)
                                           : Quantiles<double>(params, input, &result, context));
  return Value(std::move(result));
}

template <typename T>
Status Largest(const Params& params, const Chunk& input, Chunk* result, TaskContext& context) {
  if constexpr (kIsComplex<T>) {
    return Status::TypeError("topk is not defined for complex numbers: they have no order");
  } else {
    const bool largest = params.numbers[0] > 0;
    const auto less = [](T a, T b) { return !IsNan(a) && (IsNan(b) || a < b); };
    const auto before = [&](T a, T b) { return largest ? less(b, a) : less(a, b); };
    std::vector<T> line;
    return ForEachLine<T>(input, result, params.axis, context,
                          [&](const T* from, T* to, const AxisView& view, const AxisView& out) {
                            line.resize(static_cast<size_t>(view.length));
                            for (int64_t l = 0; l < view.length; ++l) line[l] = from[l * view.inner];
                            std::partial_sort(line.begin(), line.begin() + out.length, line.end(), before);
                            for (int64_t k = 0; k < out.length; ++k) to[k * out.inner] = line[k];
                          });
  }
}

Result<Value> TopK(const Params& params, std::span<const Value> inputs, TaskContext& context) {
  const DType work = params.dtype.kind == Kind::kFloat16 ? kFloat32 : params.dtype;
  ASSIGN_OR_RETURN(const Chunk input, work == params.dtype
                                          ? ToContiguous(*inputs[0].chunk(), context.memory_pool)
                                          : ToContiguousOf(*inputs[0].chunk(), work, context.memory_pool));
  Params wide = params;
  wide.dtype = work;
  ASSIGN_OR_RETURN(Chunk result, AllocateResult(wide, context));
  RETURN_IF_ERROR(DispatchKind(work.kind, [&]<typename T>(T*) { return Largest<T>(params, input, &result, context); }));
  if (work != params.dtype) return ToContiguousOf(result, params.dtype, context.memory_pool);
  return Value(std::move(result));
}

// The weights of the elements, or an empty chunk.
Result<Chunk> WeightsOf(const Params& params, std::span<const Value> inputs, const TaskContext& context) {
  if (inputs.size() < 2) return Chunk();
  return ToContiguousOf(*inputs[1].chunk(), params.dtype, context.memory_pool);
}

// Adds up ones (int64) or weights (float64) in the slot of each element; a negative slot is left out.
template <typename SlotOf>
Result<Value> CountSlots(const Params& params, int64_t elements, const Chunk& weights, TaskContext& context,
                         const SlotOf& slot_of) {
  ASSIGN_OR_RETURN(Chunk result, AllocateResult(params, context));
  if (result.nbytes() > 0) std::fill_n(result.mutable_data(), result.nbytes(), uint8_t{0});
  const bool weighted = weights.buffer() != nullptr;
  auto* counts = reinterpret_cast<int64_t*>(result.mutable_data());
  auto* sums = reinterpret_cast<double*>(result.mutable_data());
  for (int64_t i = 0; i < elements; ++i) {
    ASSIGN_OR_RETURN(const int64_t slot, slot_of(i));
    if (slot < 0) continue;
    if (weighted)
      sums[slot] += weights.data_as<double>()[i];
    else
      ++counts[slot];
  }
  return Value(std::move(result));
}

Result<Value> BinCount(const Params& params, std::span<const Value> inputs, TaskContext& context) {
  ASSIGN_OR_RETURN(const Chunk input, ToContiguousOf(*inputs[0].chunk(), kInt64, context.memory_pool));
  ASSIGN_OR_RETURN(const Chunk weights, WeightsOf(params, inputs, context));
  const auto bins = static_cast<int64_t>(params.numbers[0]);
  const auto* values = input.data_as<int64_t>();
  return CountSlots(params, input.size(), weights, context, [&](int64_t i) -> Result<int64_t> {
    if (values[i] < 0) return Status::Invalid("bincount: 'x' must have no negative elements, got ", values[i]);
    if (values[i] >= bins) return Status::Invalid("bincount: ", values[i], " does not fit minlength=", bins);
    return values[i];
  });
}

Result<Value> Histogram(const Params& params, std::span<const Value> inputs, TaskContext& context) {
  ASSIGN_OR_RETURN(const Chunk input, ToContiguousOf(*inputs[0].chunk(), kFloat64, context.memory_pool));
  ASSIGN_OR_RETURN(const Chunk weights, WeightsOf(params, inputs, context));
  const std::vector<double>& edges = params.numbers;
  const auto* values = input.data_as<double>();
  const double first = edges.front(), last = edges.back();
  const auto bins = static_cast<double>(edges.size() - 1);
  return CountSlots(params, input.size(), weights, context, [&](int64_t i) -> Result<int64_t> {
    const double x = values[i];
    if (!(x >= first && x <= last)) return -1;
    // A guess that is right for equal bins up to rounding; the edges decide.
    auto slot = static_cast<int64_t>((x - first) / (last - first) * bins);
    slot = std::clamp<int64_t>(slot, 0, static_cast<int64_t>(edges.size()) - 2);
    if (!(x >= edges[slot] && x < edges[slot + 1]))
      slot = std::upper_bound(edges.begin(), edges.end() - 1, x) - edges.begin() - 1;
    return slot;
  });
}

Result<Value> Digitize(const Params& params, std::span<const Value> inputs, TaskContext& context) {
  ASSIGN_OR_RETURN(const Chunk input, ToContiguousOf(*inputs[0].chunk(), kFloat64, context.memory_pool));
  ASSIGN_OR_RETURN(Chunk result, AllocateResult(params, context));
  const auto less = [](double a, double b) { return !std::isnan(a) && (std::isnan(b) || a < b); };
  const auto begin = params.numbers.begin(), end = params.numbers.end();
  const auto* values = input.data_as<double>();
  auto* places = result.mutable_data_as<int64_t>();
  for (int64_t i = 0; i < input.size(); ++i) {
    places[i] =
        (params.right ? std::lower_bound(begin, end, values[i], less) : std::upper_bound(begin, end, values[i], less)) -
        begin;
  }
  return Value(std::move(result));
}

Result<Value> BlockFunction(const ops::OpParams& base, std::span<const Value> inputs, TaskContext& context) {
  const auto& params = static_cast<const Params&>(base);
  if (params.function.ends_with("quantile") || params.function.ends_with("median"))
    return Quantile(params, inputs, context);
  if (params.function == "topk") return TopK(params, inputs, context);
  if (params.function == "bincount") return BinCount(params, inputs, context);
  if (params.function == "histogram") return Histogram(params, inputs, context);
  if (params.function == "digitize") return Digitize(params, inputs, context);
  return Status::KeyError("no block function '", params.function, "'");
}

constexpr KernelEntry kKernels[] = {{Params::kOp, BlockFunction}};

}  // namespace

std::span<const KernelEntry> BlockFunctionKernels() { return kKernels; }

}  // namespace swath::kernels
