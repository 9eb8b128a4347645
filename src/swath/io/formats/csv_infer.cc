#include "swath/io/formats/csv_infer.h"

#include <algorithm>

#include "arrow/array.h"
#include "arrow/csv/converter.h"
#include "arrow/csv/parser.h"
#include "arrow/type.h"
#include "arrow/util/value_parsing.h"

namespace swath::io {
namespace {

using Parsers = std::vector<std::shared_ptr<arrow::csv::BlockParser>>;

struct Attempt {
  bool fits = false;
  int64_t values = 0;
  int64_t missing = 0;
};

Attempt TryType(const Parsers& parsers, int32_t column, const std::shared_ptr<arrow::DataType>& type,
                const arrow::csv::ConvertOptions& options) {
  Attempt attempt;
  auto converter = arrow::csv::Converter::Make(type, options);
  if (!converter.ok()) return attempt;
  for (const auto& parser : parsers) {
    auto array = (*converter)->Convert(*parser, column);
    if (!array.ok()) return attempt;
    attempt.values += (*array)->length() - (*array)->null_count();
    attempt.missing += (*array)->null_count();
  }
  attempt.fits = true;
  return attempt;
}

std::shared_ptr<arrow::DataType> InferType(const Parsers& parsers, int32_t column, const CsvPlan& plan) {
  const Attempt as_int = TryType(parsers, column, arrow::int64(), plan.convert);
  if (as_int.fits) {
    if (as_int.values == 0 || as_int.missing > 0 || plan.options.assume_missing) return arrow::float64();
    return arrow::int64();
  }
  const Attempt as_uint = TryType(parsers, column, arrow::uint64(), plan.convert);
  if (as_uint.fits && as_uint.missing == 0) return arrow::uint64();
  if (TryType(parsers, column, arrow::float64(), plan.convert).fits) return arrow::float64();
  if (TryType(parsers, column, arrow::boolean(), plan.convert).fits) return arrow::boolean();
  return arrow::large_utf8();
}

std::shared_ptr<arrow::DataType> InferDate(const Parsers& parsers, int32_t column, CsvPlan* plan) {
  const auto naive = arrow::timestamp(arrow::TimeUnit::MICRO);
  const auto utc = arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
  const auto nanos = arrow::timestamp(arrow::TimeUnit::NANO);
  for (const auto& type : {naive, utc, nanos}) {
    if (TryType(parsers, column, type, plan->convert).fits) return type;
  }
  if (!plan->options.date_format.empty()) return arrow::large_utf8();
  for (const char* format : {"%m/%d/%Y", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%Y/%m/%d", "%Y/%m/%d %H:%M:%S",
                             "%d-%b-%Y", "%Y%m%d", "%b %d, %Y", "%d %b %Y"}) {
    arrow::csv::ConvertOptions options = plan->convert;
    options.timestamp_parsers = {arrow::TimestampParser::MakeStrptime(format)};
    if (!TryType(parsers, column, naive, options).fits) continue;
    auto& parsers_of_plan = plan->convert.timestamp_parsers;
    if (parsers_of_plan.empty()) parsers_of_plan.push_back(arrow::TimestampParser::MakeISO8601());
    parsers_of_plan.push_back(options.timestamp_parsers.front());
    return naive;
  }
  return arrow::large_utf8();  // as pandas: what cannot be parsed stays text
}

Result<Parsers> ParseSample(std::string_view data, bool complete, int32_t columns, const CsvPlan& plan) {
  Parsers parsers;
  arrow::csv::ParseOptions options = plan.parse;
  options.invalid_row_handler = [](const arrow::csv::InvalidRow&) { return arrow::csv::InvalidRowResult::Skip; };
  while (!data.empty()) {
    auto parser = std::make_shared<arrow::csv::BlockParser>(options, columns);
    uint32_t used = 0;
    const Status status = complete ? parser->ParseFinal(data, &used) : parser->Parse(data, &used);
    if (!status.ok()) return status;
    if (used == 0) break;
    data.remove_prefix(used);
    parsers.push_back(std::move(parser));
  }
  return parsers;
}

}  // namespace

Status InferColumns(std::string_view data, bool complete, const std::vector<std::string>& names, CsvPlan* plan) {
  ASSIGN_OR_RETURN(const Parsers parsers, ParseSample(data, complete, static_cast<int32_t>(names.size()), *plan));
  const ops::CsvReadOptions& options = plan->options;
  for (size_t i = 0; i < names.size(); ++i) {
    CsvColumn column;
    column.name = names[i];
    const auto column_index = static_cast<int32_t>(i);
    const auto given = options.dtypes.find(names[i]);
    const bool is_date =
        std::find(options.parse_dates.begin(), options.parse_dates.end(), names[i]) != options.parse_dates.end();
    if (is_date) {
      column.type = InferDate(parsers, column_index, plan);
    } else if (given != options.dtypes.end() || options.dtype) {
      column.type = given != options.dtypes.end() ? given->second : options.dtype;
      column.inferred = false;
      if (column.type->id() == arrow::Type::STRING) column.type = arrow::large_utf8();
    } else {
      column.type = InferType(parsers, column_index, *plan);
    }
    plan->columns.push_back(std::move(column));
  }
  return Status::OK();
}

}  // namespace swath::io
