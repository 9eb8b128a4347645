// Parameters of the array operations.
#include <algorithm>

#include "swath/cluster/wire/array_fields.h"
#include "swath/cluster/wire/params_codec.h"
#include "swath/ops/array_blocks.h"
#include "swath/ops/block_function.h"
#include "swath/ops/elementwise.h"
#include "swath/ops/overlap.h"
#include "swath/ops/random.h"
#include "swath/ops/reduction.h"
#include "swath/ops/take.h"
#include "swath/ops/tile_program.h"

namespace swath::cluster {

template <>
inline constexpr ops::TileSource::Kind kLastOf<ops::TileSource::Kind> = ops::TileSource::Kind::kConstant;
template <>
inline constexpr ops::TileSink::Kind kLastOf<ops::TileSink::Kind> = ops::TileSink::Kind::kReduce;

// Not in an unnamed namespace: io finds Fields by argument-dependent lookup, which does not look there.

// Names of the catalogues are views of static text: what arrives is looked up. An empty name stays empty.
template <typename Find>
void CatalogueName(FieldReader& io, std::string_view& name, Find find) {
  const std::string_view text = io.reader().Text();
  if (text.empty()) return;
  const auto row = find(text);
  if (!row.ok()) {
    io.Fail(row.status());
  } else {
    name = (*row)->name;
  }
}
template <typename Find>
void CatalogueName(FieldWriter& io, std::string_view name, Find) {
  io.writer().Text(name);
}

template <typename Io, OneOf<ops::TileSource> T>
void Fields(Io& io, T& source) {
  io(source.kind);
  io(source.dtype);
  io(source.grid);
  io(source.map);
  if (source.kind == ops::TileSource::Kind::kRandom) {
    io(source.distribution);
    io(source.seed);
    io(source.parameters);
    io(source.integer_bounds);
    if constexpr (Io::kReads) io.Fail(ops::FindDistribution(source.distribution).status());
  }
  if (source.kind == ops::TileSource::Kind::kAffine || source.kind == ops::TileSource::Kind::kConstant) {
    io(source.start);
    io(source.step);
  }
  io(source.diagonal);
}

template <typename Io, OneOf<ops::TileInstruction> T>
void Fields(Io& io, T& instruction) {
  CatalogueName(io, instruction.op, ops::FindElementwise);
  io(instruction.dtype);
  io(instruction.arguments);
  io(instruction.constant);
}

template <typename Io, OneOf<ops::TileSink> T>
void Fields(Io& io, T& sink) {
  io(sink.kind);
  CatalogueName(io, sink.reduction, ops::FindReduction);
  io(sink.axes);
  io(sink.accumulator);
}

static void CheckAxes(FieldReader& io, const std::vector<int32_t>& axes, int64_t ndim) {
  for (const int32_t axis : axes) {
    if (axis < 0 || axis >= ndim) io.Fail("an axis outside of its array");
  }
}

// Kernels and layers trust programs: registers exist before they are read, maps fit their grids.
static void Check(FieldReader& io, const ops::TileProgram& program) {
  for (const ops::TileSource& source : program.sources) {
    if (static_cast<int64_t>(source.map.size()) != source.grid.ndim())
      io.Fail("an index map that does not fit its grid");
    for (const ops::AxisMap& map : source.map) {
      if (map.axis >= program.grid.ndim()) io.Fail("an index map of an axis that is not there");
    }
  }
  auto registers = static_cast<int32_t>(program.sources.size());
  for (const ops::TileInstruction& instruction : program.instructions) {
    for (const int32_t argument : instruction.arguments) {
      if (argument < ops::TileInstruction::kConstantArgument || argument >= registers) io.Fail("an unknown register");
    }
    if (instruction.op.empty()) io.Fail("an instruction without a name");
    ++registers;
  }
  if (registers == 0) io.Fail("a tile program without sources");
  CheckAxes(io, program.sink.axes, program.grid.ndim());
  if (program.sink.kind == ops::TileSink::Kind::kReduce && program.sink.reduction.empty())
    io.Fail("an unknown reduction");
}

template <typename Io, OneOf<ops::TileProgram> T>
void Fields(Io& io, T& program) {
  io(program.grid);
  io(program.sources);
  io(program.instructions);
  io(program.sink);
  io(program.dtype);
  if constexpr (Io::kReads) Check(io, program);
}

template <typename Io, OneOf<ops::CombineParams> T>
void Fields(Io& io, T& params) {
  CatalogueName(io, params.reduction, ops::FindReduction);
  io(params.axes);
  io(params.accumulator);
  io(params.finish);
  io(params.result);
  io(params.ddof);
  io(params.keepdims);
}

template <typename Io, OneOf<ops::ViewParams> T>
void Fields(Io& io, T& params) {
  io(params.grid);
}
template <typename Io, OneOf<ops::ConcatParams> T>
void Fields(Io& io, T& params) {
  io(params.axis);
}
template <typename Io, OneOf<ops::ReshapeParams> T>
void Fields(Io& io, T& params) {
  io(params.from);
  io(params.to);
}
template <typename Io, OneOf<ops::ContractParams> T>
void Fields(Io& io, T& params) {
  io(params.a_labels);
  io(params.b_labels);
  io(params.labels);
  io(params.dtype);
  io(params.grid);
}
template <typename Io, OneOf<ops::CumulativeParams> T>
void Fields(Io& io, T& params) {
  io(params.product);
  io(params.skip_nan);
  io(params.axis);
  io(params.dtype);
  io(params.grid);
  if constexpr (Io::kReads) CheckAxes(io, {params.axis}, params.grid.ndim());
}
template <typename Io, OneOf<ops::PassParams> T>
void Fields(Io&, T&) {}
template <typename Io, OneOf<ops::TakeParams> T>
void Fields(Io& io, T& params) {
  io(params.axis);
  io(params.indices);
  io(params.source);
  io(params.grid);
  if constexpr (Io::kReads) CheckAxes(io, {params.axis}, std::min(params.source.ndim(), params.grid.ndim()));
}
template <typename Io, OneOf<ops::BlockFunctionParams> T>
void Fields(Io& io, T& params) {
  io(params.function);
  io(params.axis);
  io(params.numbers);
  io(params.right);
  io(params.dtype);
  io(params.grid);
}
template <typename Io, OneOf<ops::AxisRun> T>
void Fields(Io& io, T& run) {
  io(run.begin);
  io(run.length);
  io(run.step);
  io(run.fill);
}
template <typename Io, OneOf<ops::OverlapParams> T>
void Fields(Io& io, T& params) {
  io(params.source);
  io(params.grid);
  io(params.dtype);
  io(params.runs);
  io.Bytes(params.fill);
}

std::span<const ParamsCodec> ArrayParamsCodecs() {
  static const ParamsCodec codecs[] = {
      FieldsCodec<ops::TileProgram>(),         FieldsCodec<ops::CombineParams>(),
      FieldsCodec<ops::ViewParams>(),          FieldsCodec<ops::ConcatParams>(),
      FieldsCodec<ops::ReshapeParams>(),       FieldsCodec<ops::ContractParams>(),
      FieldsCodec<ops::CumulativeParams>(),    FieldsCodec<ops::CumulativeParams>(ops::CumulativeParams::kCarriesOp),
      FieldsCodec<ops::PassParams>(),          FieldsCodec<ops::TakeParams>(),
      FieldsCodec<ops::BlockFunctionParams>(), FieldsCodec<ops::OverlapParams>(),
  };
  return codecs;
}

}  // namespace swath::cluster
