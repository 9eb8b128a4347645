// array.contract: a sum of products of block pairs (matmul, dot, tensordot), as one matrix product per pair and batch
// element.
//
//   labels of a:  batch… | rows… | summed…      each group is one axis of a matrix when its strides allow,
//   labels of b:  batch… | summed… | columns…   else the operand is copied into that order first
//
// The pairs accumulate into one block (beta = 1), so that a long sum needs one result.
#include <algorithm>
#include <complex>
#include <mutex>
#include <optional>

#include <cblas.h>

#include "swath/kernels/array/block_kernels.h"
#include "swath/kernels/array/strided.h"
#include "swath/ops/array_blocks.h"

#ifdef SWATH_BLAS_SCIPY  // the wheel prefixes its symbols, so that they never meet NumPy's
#define cblas_sgemm scipy_cblas_sgemm
#define cblas_dgemm scipy_cblas_dgemm
#define cblas_cgemm scipy_cblas_cgemm
#define cblas_zgemm scipy_cblas_zgemm
#define openblas_set_num_threads scipy_openblas_set_num_threads
#endif

namespace swath::kernels {
namespace {

bool Contains(std::span<const int32_t> labels, int32_t label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

// The positions in `labels` of those of `wanted` that occur in it.
std::vector<int32_t> Positions(std::span<const int32_t> labels, std::span<const int32_t> wanted) {
  std::vector<int32_t> positions;
  for (int32_t label : wanted) {
    const auto at = std::find(labels.begin(), labels.end(), label);
    if (at != labels.end()) positions.push_back(static_cast<int32_t>(at - labels.begin()));
  }
  return positions;
}

struct LabelGroups {
  std::vector<int32_t> batch, rows, columns, summed;
};

LabelGroups GroupLabels(const ops::ContractParams& p) {
  LabelGroups groups;
  for (int32_t label : p.labels) {
    const bool in_a = Contains(p.a_labels, label), in_b = Contains(p.b_labels, label);
    CHECK(in_a || in_b);
    (in_a && in_b ? groups.batch : in_a ? groups.rows : groups.columns).push_back(label);
  }
  for (int32_t label : p.a_labels) {
    if (Contains(p.labels, label)) continue;
    CHECK(Contains(p.b_labels, label));
    groups.summed.push_back(label);
  }
  return groups;
}

// One axis out of several: its length and its stride in elements; nullopt when no single stride walks it.
struct MatrixAxis {
  int64_t length = 1, stride = 1;
};
std::optional<MatrixAxis> MergeAxes(const Chunk& chunk, std::span<const int32_t> axes) {
  MatrixAxis merged;
  bool first = true;
  for (size_t i = axes.size(); i-- > 0;) {
    const int64_t length = chunk.shape()[axes[i]], stride = chunk.strides()[axes[i]];
    if (length == 1) continue;
    if (stride % chunk.dtype().itemsize != 0) return std::nullopt;
    const int64_t elements = stride / chunk.dtype().itemsize;
    if (first) {
      merged = {length, elements};
      first = false;
    } else if (elements == merged.stride * merged.length) {
      merged.length *= length;
    } else {
      return std::nullopt;
    }
  }
  return merged;
}

// An operand as matrices: batch axes that stay as they are, then rows × columns that BLAS can walk.
struct MatrixView {
  Chunk chunk;
  std::vector<int32_t> batch_axes;
  int64_t rows = 1, columns = 1;
  int64_t leading = 1;
  bool transposed = false;  // columns are `leading` apart instead of rows
};

Result<MatrixView> AsMatrix(const Chunk& input, DType dtype, std::vector<int32_t> batch, std::vector<int32_t> rows,
                            std::vector<int32_t> columns, arrow::MemoryPool* pool) {
  Chunk chunk = input;
  if (chunk.dtype() != dtype) {
    ASSIGN_OR_RETURN(chunk, ToContiguousOf(input, dtype, pool));
  }
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto r = MergeAxes(chunk, rows), c = MergeAxes(chunk, columns);
    const auto walks = [](const MatrixAxis& inner, const MatrixAxis& outer) {
      return (inner.stride == 1 || inner.length == 1) &&
             (outer.length == 1 || outer.stride >= std::max<int64_t>(inner.length, 1));
    };
    if (r && c && walks(*c, *r)) {
      const int64_t leading = std::max<int64_t>({r->length == 1 ? c->length : r->stride, c->length, 1});
      return MatrixView{chunk, batch, r->length, c->length, leading, false};
    }
    if (r && c && walks(*r, *c)) {
      const int64_t leading = std::max<int64_t>({c->length == 1 ? r->length : c->stride, r->length, 1});
      return MatrixView{chunk, batch, r->length, c->length, leading, true};
    }
    CHECK(attempt == 0);
    std::vector<int32_t> order = batch;
    order.insert(order.end(), rows.begin(), rows.end());
    order.insert(order.end(), columns.begin(), columns.end());
    ASSIGN_OR_RETURN(chunk, ToContiguous(TransposedView(chunk, order), pool));
    int32_t next = 0;
    for (auto* group : {&batch, &rows, &columns}) {
      for (int32_t& axis : *group) axis = next++;
    }
  }
  return Status::UnknownError("unreachable");
}

// c[m × n] += a[m × k] · b[k × n], c in C order.
struct MatrixProduct {
  int64_t m, n, k;
  const uint8_t *a, *b;
  int64_t a_leading, b_leading;
  bool a_transposed, b_transposed;
  uint8_t* c;
};

template <typename T>
void MultiplyPlain(const MatrixProduct& p) {
  const T* a = reinterpret_cast<const T*>(p.a);
  const T* b = reinterpret_cast<const T*>(p.b);
  T* c = reinterpret_cast<T*>(p.c);
  for (int64_t i = 0; i < p.m; ++i) {
    for (int64_t k = 0; k < p.k; ++k) {
      const T left = p.a_transposed ? a[k * p.a_leading + i] : a[i * p.a_leading + k];
      T* row = c + i * p.n;
      if (p.b_transposed) {
        for (int64_t j = 0; j < p.n; ++j) row[j] = static_cast<T>(row[j] + left * b[j * p.b_leading + k]);
      } else {
        const T* right = b + k * p.b_leading;
        for (int64_t j = 0; j < p.n; ++j) row[j] = static_cast<T>(row[j] + left * right[j]);
      }
    }
  }
}

void MultiplyBool(const MatrixProduct& p) {
  for (int64_t i = 0; i < p.m; ++i) {
    for (int64_t k = 0; k < p.k; ++k) {
      if (!(p.a_transposed ? p.a[k * p.a_leading + i] : p.a[i * p.a_leading + k])) continue;
      for (int64_t j = 0; j < p.n; ++j)
        p.c[i * p.n + j] |= p.b_transposed ? p.b[j * p.b_leading + k] : p.b[k * p.b_leading + j];
    }
  }
}

void MultiplyBlas(Kind kind, const MatrixProduct& p) {
  const auto ta = p.a_transposed ? CblasTrans : CblasNoTrans, tb = p.b_transposed ? CblasTrans : CblasNoTrans;
  const auto m = static_cast<blasint>(p.m), n = static_cast<blasint>(p.n), k = static_cast<blasint>(p.k);
  const auto lda = static_cast<blasint>(p.a_leading), ldb = static_cast<blasint>(p.b_leading),
             ldc = std::max<blasint>(n, 1);
  static const std::complex<float> kOneC(1);
  static const std::complex<double> kOneZ(1);
  switch (kind) {
    case Kind::kFloat32:
      return cblas_sgemm(CblasRowMajor, ta, tb, m, n, k, 1, reinterpret_cast<const float*>(p.a), lda,
                         reinterpret_cast<const float*>(p.b), ldb, 1, reinterpret_cast<float*>(p.c), ldc);
    case Kind::kFloat64:
      return cblas_dgemm(CblasRowMajor, ta, tb, m, n, k, 1, reinterpret_cast<const double*>(p.a), lda,
                         reinterpret_cast<const double*>(p.b), ldb, 1, reinterpret_cast<double*>(p.c), ldc);
    case Kind::kComplex64:
      return cblas_cgemm(CblasRowMajor, ta, tb, m, n, k, &kOneC, p.a, lda, p.b, ldb, &kOneC, p.c, ldc);
    default:
      return cblas_zgemm(CblasRowMajor, ta, tb, m, n, k, &kOneZ, p.a, lda, p.b, ldb, &kOneZ, p.c, ldc);
  }
}

void Multiply(Kind kind, const MatrixProduct& p) {
  if (p.m == 0 || p.n == 0 || p.k == 0) return;
  switch (kind) {
    case Kind::kBool:
      return MultiplyBool(p);
    case Kind::kInt8:
    case Kind::kUInt8:
      return MultiplyPlain<uint8_t>(p);  // two's complement: signed and unsigned wrap alike
    case Kind::kInt16:
    case Kind::kUInt16:
      return MultiplyPlain<uint16_t>(p);
    case Kind::kInt32:
    case Kind::kUInt32:
      return MultiplyPlain<uint32_t>(p);
    case Kind::kFloat32:
    case Kind::kFloat64:
    case Kind::kComplex64:
    case Kind::kComplex128:
      return MultiplyBlas(kind, p);
    default:
      return MultiplyPlain<uint64_t>(p);
  }
}

int64_t BatchOffset(const MatrixView& view, std::span<const int64_t> index) {
  int64_t offset = 0;
  for (size_t i = 0; i < index.size(); ++i) {
    const int32_t axis = view.batch_axes[i];
    if (view.chunk.shape()[axis] != 1) offset += index[i] * view.chunk.strides()[axis];
  }
  return offset;
}

// All batch elements of one pair of blocks.
Status AccumulatePair(const MatrixView& a, const MatrixView& b, Kind kind, int64_t itemsize,
                      std::span<const int64_t> batch_shape, uint8_t* result, TaskContext& context) {
  if (a.columns != b.rows) {
    return Status::Invalid("matmul: blocks do not match: the summed axis has ", a.columns, " elements on the left and ",
                           b.rows, " on the right");
  }
  std::vector<int64_t> index(batch_shape.size(), 0);
  const int64_t count = Product(batch_shape), step = a.rows * b.columns * itemsize;
  for (int64_t element = 0; element < count; ++element) {
    RETURN_IF_ERROR(context.CheckCancelled());
    Multiply(kind, {a.rows, b.columns, a.columns, a.chunk.data() + BatchOffset(a, index),
                    b.chunk.data() + BatchOffset(b, index), a.leading, b.leading, a.transposed, b.transposed,
                    result + element * step});
    for (size_t axis = index.size(); axis-- > 0;) {
      if (++index[axis] < batch_shape[axis]) break;
      index[axis] = 0;
    }
  }
  return Status::OK();
}

Result<Value> Contract(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context) {
  static std::once_flag once;
  std::call_once(once, [] { openblas_set_num_threads(1); });  // threads are ours
  const auto& p = static_cast<const ops::ContractParams&>(params);
  const bool half = p.dtype.kind == Kind::kFloat16;
  const DType dtype = half ? kFloat32 : p.dtype;  // halves accumulate as floats
  const LabelGroups groups = GroupLabels(p);
  const ops::Box box = p.grid.BlockBox(context.block);

  // The accumulator lies as batch, rows, columns; the result is a view of it in the order of p.labels.
  std::vector<int32_t> order = groups.batch;
  order.insert(order.end(), groups.rows.begin(), groups.rows.end());
  order.insert(order.end(), groups.columns.begin(), groups.columns.end());
  Shape shape;
  for (int32_t label : order)
    shape.push_back(box[std::find(p.labels.begin(), p.labels.end(), label) - p.labels.begin()].size());
  const std::span<const int64_t> batch_shape(shape.data(), groups.batch.size());
  ASSIGN_OR_RETURN(Chunk sum, Chunk::Allocate(dtype, shape, context.memory_pool));
  std::fill_n(sum.mutable_data(), sum.nbytes(), uint8_t{0});

  const size_t pairs = inputs.size() / 2;
  for (size_t k = 0; k < pairs; ++k) {
    if (inputs[k].chunk()->size() == 0 || inputs[pairs + k].chunk()->size() == 0) continue;  // a sum of nothing
    ASSIGN_OR_RETURN(const MatrixView a, AsMatrix(*inputs[k].chunk(), dtype, Positions(p.a_labels, groups.batch),
                                                  Positions(p.a_labels, groups.rows),
                                                  Positions(p.a_labels, groups.summed), context.memory_pool));
    ASSIGN_OR_RETURN(
        const MatrixView b,
        AsMatrix(*inputs[pairs + k].chunk(), dtype, Positions(p.b_labels, groups.batch),
                 Positions(p.b_labels, groups.summed), Positions(p.b_labels, groups.columns), context.memory_pool));
    RETURN_IF_ERROR(AccumulatePair(a, b, dtype.kind, dtype.itemsize, batch_shape, sum.mutable_data(), context));
  }
  if (half) {
    ASSIGN_OR_RETURN(sum, ToContiguousOf(sum, kFloat16, context.memory_pool));
  }
  return TransposedView(sum, Positions(order, p.labels));
}

constexpr KernelEntry kKernels[] = {{ops::ContractParams::kOp, Contract}};

}  // namespace

std::span<const KernelEntry> ContractKernels() { return kKernels; }

}  // namespace swath::kernels
