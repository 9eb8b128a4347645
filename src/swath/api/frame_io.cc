#include "swath/api/frame_io.h"

#include <algorithm>
#include <optional>

#include "arrow/array.h"
#include "arrow/builder.h"
#include "arrow/scalar.h"
#include "arrow/table.h"
#include "arrow/type.h"

#include "swath/api/error.h"
#include "swath/api/frame_compute.h"
#include "swath/expr/frame/frame_view.h"
#include "swath/expr/frame/pandas_types.h"
#include "swath/expr/frame/rows.h"
#include "swath/expr/frame/scan.h"
#include "swath/expr/frame/write.h"
#include "swath/io/formats/csv_source.h"
#include "swath/io/formats/memory_source.h"
#include "swath/io/formats/parquet_source.h"
#include "swath/io/formats/write_targets.h"

namespace swath {
namespace {

DataFrame FromScan(std::shared_ptr<const ops::ScanSource> source, expr::ScanOptions options) {
  return DataFrame(ValueOrThrow(expr::ScanNode::Make(std::move(source), std::move(options))));
}

// The row numbers of a table that has no index, as its index column.
std::shared_ptr<arrow::Table> WithRowNumbers(const std::shared_ptr<arrow::Table>& table) {
  arrow::Int64Builder builder;
  ThrowIfError(builder.Reserve(table->num_rows()));
  for (int64_t row = 0; row < table->num_rows(); ++row) builder.UnsafeAppend(row);
  const auto numbers = std::make_shared<arrow::ChunkedArray>(ValueOrThrow(builder.Finish()));
  return ValueOrThrow(table->AddColumn(table->num_columns(), arrow::field(expr::kRowColumn, arrow::int64()), numbers));
}

std::vector<int64_t> EvenOffsets(int64_t rows, int64_t partitions) {
  std::vector<int64_t> offsets;
  for (int64_t p = 0; p <= partitions; ++p) offsets.push_back(rows * p / partitions);
  return offsets;
}

ops::CsvReadOptions CsvOptions(const ReadCsvOptions& options) {
  ops::CsvReadOptions result;
  result.blocksize = std::max<int64_t>(options.blocksize, 0);
  result.sep = options.sep;
  result.header = options.header ? std::optional<int32_t>(0) : std::nullopt;
  result.header_inferred = false;
  result.names = options.names;
  result.usecols = options.usecols;
  for (const auto& [column, type] : options.dtype) {
    if (column.empty()) {
      result.dtype = type;
    } else {
      result.dtypes.emplace(column, type);
    }
  }
  result.parse_dates = options.parse_dates;
  result.na_values = options.na_values;
  result.keep_default_na = options.keep_default_na;
  result.quotechar = options.quotechar;
  result.doublequote = options.doublequote;
  result.escapechar = options.escapechar;
  result.skiprows = options.skiprows;
  result.decimal = options.decimal;
  result.true_values = options.true_values;
  result.false_values = options.false_values;
  result.skip_blank_lines = options.skip_blank_lines;
  result.assume_missing = options.assume_missing;
  result.compression = options.compression;
  result.sample = options.sample;
  result.include_path_column = options.include_path_column;
  return result;
}

// One target a partition: files whose names the caller chose.
class ListedTargets : public ops::WriteTarget {
 public:
  explicit ListedTargets(std::vector<std::shared_ptr<const ops::WriteTarget>> targets) : targets_(std::move(targets)) {}
  std::string_view format() const override { return targets_[0]->format(); }
  std::string Path(int64_t partition) const override { return targets_[static_cast<size_t>(partition)]->Path(0); }
  Result<std::unique_ptr<ops::PartitionWriter>> Open(int64_t partition, const std::shared_ptr<arrow::Schema>& schema,
                                                     arrow::MemoryPool* pool) const override {
    return targets_[static_cast<size_t>(partition)]->Open(0, schema, pool);
  }
  std::string Fingerprint() const override {
    std::string all;
    for (const auto& target : targets_) all += target->Fingerprint() + "\n";
    return all;
  }
  std::string ToString() const override {
    return targets_[0]->ToString() + (targets_.size() > 1 ? ", … " + std::to_string(targets_.size()) + " files" : "");
  }

 private:
  std::vector<std::shared_ptr<const ops::WriteTarget>> targets_;
};

// The name under which an index column is written: row numbers are made by the scan and would be left out.
std::string WrittenName(const expr::IndexLevel& level) {
  return level.column == expr::kRowColumn ? expr::kIndexColumn : level.column;
}

Result<std::shared_ptr<const ops::WriteTarget>> FileTarget(const std::string& format, const std::string& path,
                                                           const expr::IndexLevels& levels,
                                                           const WriteOptions& options) {
  if (format == "csv") {
    ops::CsvWriteOptions csv{
        .sep = options.sep, .na_rep = options.na_rep, .header = options.header, .single_file = true};
    if (!options.compression.empty()) csv.compression = options.compression;
    for (const expr::IndexLevel& level : levels) csv.header_names[WrittenName(level)] = level.label.value_or("");
    return io::MakeCsvTarget(path, 1, csv);
  }
  if (format != "parquet") return Status::Invalid("cannot write format '", format, "'; it must be 'csv' or 'parquet'");
  ops::ParquetWriteOptions parquet{.partition_on = options.partition_on};
  if (!options.compression.empty()) parquet.compression = options.compression;
  if (options.row_group_rows > 0) parquet.row_group_rows = options.row_group_rows;
  for (const expr::IndexLevel& level : levels) {
    if (level.column == expr::kRowColumn) continue;
    parquet.index_columns.push_back(level.column);
    parquet.index_names.push_back(level.label);
  }
  return io::MakeParquetFileTarget(path, parquet);
}

// As pandas writes CSV: the index columns first, times with as much of each as their whole column needs.
DataFrame AsCsvRows(const DataFrame& frame, const expr::IndexLevels& levels) {
  const expr::FrameView view = expr::ViewOf(frame.node());
  expr::FrameView written{view.root, {}};
  const auto add = [&](const std::string& from, const std::string& name) {
    expr::NamedColumn column{name, {}};
    if (const expr::NamedColumn* known = view.Find(from)) {
      column.column = known->column;
    } else {
      column.column = expr::FieldColumn(from, ValueOrThrow(view.root->FieldOf(from))->type());
    }
    if (expr::KindOf(*column.column.type) == expr::TypeKind::kTimestamp)
      column.column = Series(view.root, column.column, name).astype(arrow::large_utf8()).column();
    written.columns.push_back(std::move(column));
  };
  for (const expr::IndexLevel& level : levels) add(level.column, WrittenName(level));
  for (const std::string& name : frame.columns()) add(name, name);
  return DataFrame(ValueOrThrow(expr::FrameOf(written)));
}

std::vector<std::string> Paths(const DataFrame& written) {
  const auto table = written.compute();
  const auto column = table->GetColumnByName("path");
  std::vector<std::string> paths;
  for (int64_t row = 0; row < table->num_rows(); ++row)
    paths.push_back(ValueOrThrow(column->GetScalar(row))->ToString());
  return paths;
}

}  // namespace

DataFrame read_csv(const std::vector<std::string>& paths, const ReadCsvOptions& options) {
  ops::CsvReadOptions csv = CsvOptions(options);
  auto source = ValueOrThrow(io::MakeCsvSource(paths, csv));
  if (!options.usecols_positions.empty()) {
    for (const int64_t position : options.usecols_positions) {
      if (position < 0 || position >= source->schema()->num_fields()) {
        ThrowError(Status::Invalid("usecols: there is no column ", position, "; the files have ",
                                   source->schema()->num_fields()));
      }
      csv.usecols.push_back(source->schema()->field(static_cast<int>(position))->name());
    }
    source = ValueOrThrow(io::MakeCsvSource(paths, csv));
  }
  return FromScan(std::move(source), {.count_rows = true});
}
DataFrame read_csv(const std::string& path, const ReadCsvOptions& options) {
  return read_csv(std::vector{path}, options);
}

DataFrame read_parquet(const std::vector<std::string>& paths, const ReadParquetOptions& options) {
  ops::ParquetReadOptions parquet;
  if (options.blocksize > 0) parquet.blocksize = options.blocksize;
  if (options.blocksize < 0) parquet.split_row_groups = ops::ParquetReadOptions::SplitRowGroups::kFalse;
  const io::ParquetDataset dataset = ValueOrThrow(io::OpenParquet(paths, parquet));
  expr::ScanOptions scan;
  if (options.index) {
    for (const std::string& column : *options.index) scan.index.push_back({column, column});
  } else {
    for (const io::PandasIndexLevel& level : dataset.index) {
      if (!level.column.empty()) scan.index.push_back({level.column, level.name});
    }
  }
  const expr::IndexLevels index = scan.index;
  scan.count_rows = index.empty();
  const DataFrame frame = FromScan(dataset.source, std::move(scan));
  for (const expr::IndexLevel& level : index) ThrowIfError(frame.node()->FieldOf(level.column).status());
  return options.columns.empty() ? frame : frame.select(options.columns);
}
DataFrame read_parquet(const std::string& path, const ReadParquetOptions& options) {
  return read_parquet(std::vector{path}, options);
}

DataFrame from_scan(std::shared_ptr<const ops::ScanSource> source) {
  return FromScan(std::move(source), {.count_rows = true});
}

DataFrame from_table(const std::shared_ptr<arrow::Table>& table, const FromTableOptions& options) {
  if (options.npartitions < 1)
    ThrowError(Status::Invalid("npartitions=", options.npartitions, ": it must be at least 1"));
  expr::ScanOptions scan{.divisions = options.divisions};
  for (size_t i = 0; i < options.index.size(); ++i) {
    scan.index.push_back(
        {options.index[i], i < options.labels.size() ? options.labels[i] : std::optional(options.index[i])});
    if (!table->GetColumnByName(options.index[i]))
      ThrowError(Status::KeyError("'", options.index[i], "' (an index column)"));
  }
  auto offsets = options.offsets.empty() ? EvenOffsets(table->num_rows(), options.npartitions) : options.offsets;
  const bool counted = scan.index.empty();
  if (counted) scan.index = {{expr::kRowColumn, std::nullopt}};
  return FromScan(ValueOrThrow(io::MakeMemorySource(counted ? WithRowNumbers(table) : table, std::move(offsets))),
                  std::move(scan));
}

DataFrame write(const DataFrame& frame, std::shared_ptr<const ops::WriteTarget> target) {
  return DataFrame(ValueOrThrow(expr::WriteNode::Make(frame.node(), std::move(target))));
}

DataFrame write(const DataFrame& frame, const std::string& format, const std::vector<std::string>& paths,
                const WriteOptions& options) {
  if (static_cast<int64_t>(paths.size()) != frame.npartitions()) {
    ThrowError(Status::Invalid("write needs one path a partition: ", frame.npartitions(), ", not ", paths.size()));
  }
  std::vector<std::shared_ptr<const ops::WriteTarget>> targets;
  const expr::IndexLevels levels = options.index ? frame.index_levels() : expr::IndexLevels();
  for (const std::string& path : paths) targets.push_back(ValueOrThrow(FileTarget(format, path, levels, options)));
  DataFrame rows = options.index ? frame : frame.reset_index(/*drop=*/true);
  if (format == "csv") rows = AsCsvRows(rows, levels);
  return write(rows, std::make_shared<ListedTargets>(std::move(targets)));
}

namespace {

// "out/*.csv" -> "out/0.csv", …; a folder -> "out/part.0.parquet" and "out/0.part", as Dask names them.
std::vector<std::string> ExpandPaths(const std::string& path, int64_t partitions, const std::string& prefix,
                                     const std::string& suffix) {
  const size_t star = path.find('*');
  const std::string head = star == std::string::npos ? path + "/" + prefix : path.substr(0, star);
  const std::string tail = star == std::string::npos ? suffix : path.substr(star + 1);
  const size_t width = std::to_string(std::max<int64_t>(partitions - 1, 0)).size();
  std::vector<std::string> paths;
  for (int64_t p = 0; p < partitions; ++p) {
    std::string number = std::to_string(p);
    if (prefix.empty()) number.insert(0, width - number.size(), '0');  // names of CSV files sort as the partitions do
    paths.push_back(head + number + tail);
  }
  return paths;
}

}  // namespace

std::vector<std::string> to_parquet(const DataFrame& frame, const std::string& path, const WriteOptions& options) {
  return Paths(write(frame, "parquet", ExpandPaths(path, frame.npartitions(), "part.", ".parquet"), options));
}

std::vector<std::string> to_csv(const DataFrame& frame, const std::string& path, const WriteOptions& options) {
  return Paths(write(frame, "csv", ExpandPaths(path, frame.npartitions(), "", ".part"), options));
}

}  // namespace swath
