#include "swath/api/frame_io.h"

#include <optional>

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrow/api.h"

#include "swath/api/frame_compute.h"

#include "arrow_interop.h"
#include "errors.h"
#include "frame.h"

namespace swath::python {
namespace {

using Names = std::vector<std::string>;

template <typename T>
T Get(const nb::dict& options, const char* name) {
  return nb::cast<T>(options[name]);
}

char Character(const nb::dict& options, const char* name) { return Get<std::string>(options, name).at(0); }

Names NamesOrNone(const nb::dict& options, const char* name) {
  nb::object value = options[name];
  return value.is_none() ? Names{} : nb::cast<Names>(value);
}

ReadCsvOptions CsvOptionsFrom(const nb::dict& options) {
  ReadCsvOptions result;
  const auto bytes = Get<int64_t>(options, "block_bytes");  // 0: the default; -1: one block a file
  if (bytes != 0) result.blocksize = bytes;
  result.sep = Character(options, "separator");
  result.header = Get<bool>(options, "header");
  result.names = NamesOrNone(options, "names");
  result.usecols = NamesOrNone(options, "usecols");
  result.usecols_positions = Get<std::vector<int64_t>>(options, "usecols_positions");
  for (auto [column, type] : Get<nb::dict>(options, "dtypes"))
    result.dtype[nb::cast<std::string>(column)] = ImportType(type);
  result.parse_dates = Get<Names>(options, "parse_dates");
  result.na_values = Get<Names>(options, "na_values");
  result.keep_default_na = Get<bool>(options, "keep_default_na");
  result.quotechar = Character(options, "quote");
  result.doublequote = Get<bool>(options, "double_quote");
  if (nb::object escape = options["escape"]; !escape.is_none()) result.escapechar = nb::cast<std::string>(escape).at(0);
  result.skiprows = Get<int64_t>(options, "skip_rows");
  result.decimal = Character(options, "decimal");
  result.true_values = NamesOrNone(options, "true_values");
  result.false_values = NamesOrNone(options, "false_values");
  result.skip_blank_lines = Get<bool>(options, "skip_blank_lines");
  result.assume_missing = Get<bool>(options, "assume_missing");
  result.compression = Get<std::string>(options, "compression");
  result.sample = Get<int64_t>(options, "sample_bytes");
  result.include_path_column = Get<std::string>(options, "path_column");
  return result;
}

DataFrame ReadCsv(const Names& paths, const nb::dict& options) {
  CallScope scope;
  const ReadCsvOptions parsed = CsvOptionsFrom(options);
  nb::gil_scoped_release release;
  return read_csv(paths, parsed);
}

DataFrame ReadParquet(const Names& paths, const Names& columns, const std::optional<Names>& index,
                      int64_t block_bytes) {
  CallScope scope;
  nb::gil_scoped_release release;
  return read_parquet(paths, {.columns = columns, .index = index, .blocksize = block_bytes});
}

DataFrame FromArrow(nb::handle table, const Names& index, const std::vector<std::optional<std::string>>& labels,
                    const std::vector<int64_t>& offsets, nb::handle divisions) {
  CallScope scope;
  FromTableOptions options{.offsets = offsets, .index = index, .labels = labels};
  if (!divisions.is_none()) {
    std::shared_ptr<arrow::Array> values = ImportArray(divisions);
    for (int64_t i = 0; i < values->length(); ++i) options.divisions.push_back(ValueOrRaise(values->GetScalar(i)));
  }
  return from_table(ImportTable(table), options);
}

DataFrame Write(const DataFrame& frame, const std::string& format, const Names& paths, const nb::dict& options) {
  CallScope scope;
  WriteOptions parsed;
  parsed.index = Get<bool>(options, "index");
  if (format == "csv") {
    parsed.sep = Character(options, "separator");
    parsed.header = Get<bool>(options, "header");
    parsed.na_rep = Get<std::string>(options, "na_rep");
    parsed.compression = Get<std::string>(options, "compression");
  } else {
    parsed.compression = Get<std::string>(options, "compression");
    parsed.row_group_rows = Get<int64_t>(options, "row_group_rows");
    parsed.partition_on = Get<Names>(options, "partition_on");
  }
  return write(frame, format, paths, parsed);
}

// The table of computed blocks in memory: the same partitions, index and divisions.
PyNode HoldFrame(const PyNode& node, const PyValues& values) {
  const expr::FramePtr frame = expr::ToFrame(node.node);
  if (!frame) throw nb::type_error("this expression is not a table");
  FromTableOptions options{.offsets = {0}, .divisions = frame->divisions()};
  for (const Value& value : values.values) {
    CHECK(value.partition() != nullptr);
    options.offsets.push_back(options.offsets.back() + value.partition()->table->num_rows());
  }
  for (const expr::IndexLevel& level : frame->index()) {
    options.index.push_back(level.column);
    options.labels.push_back(level.label);
  }
  return PyNode{from_table(ValueOrRaise(AssembleTable(frame, values.values)), options).node()};
}

}  // namespace

void BindFrameIo(nb::module_& module) {
  module.def("read_csv", &ReadCsv, nb::arg("paths"), nb::arg("options"));
  module.def("read_parquet", &ReadParquet, nb::arg("paths"), nb::arg("columns"), nb::arg("index").none(),
             nb::arg("block_bytes"));
  module.def("frame_from_arrow", &FromArrow, nb::arg("table"), nb::arg("index"), nb::arg("labels"), nb::arg("offsets"),
             nb::arg("divisions").none());
  module.def("frame_hold", &HoldFrame, nb::arg("node"), nb::arg("values"));
  module.def("write_frame", &Write, nb::arg("frame"), nb::arg("format"), nb::arg("paths"), nb::arg("options"));
  module.def("concat_frames", [](const std::vector<DataFrame>& frames) {
    CallScope scope;
    return concat(frames);
  });
}

}  // namespace swath::python
