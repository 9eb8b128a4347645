#include "swath/io/formats/csv_plan.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "arrow/csv/parser.h"
#include "arrow/io/interfaces.h"
#include "arrow/type.h"
#include "arrow/util/value_parsing.h"

#include "swath/base/nearest.h"
#include "swath/io/formats/csv_infer.h"
#include "swath/io/formats/csv_lexer.h"

namespace swath::io {
namespace {

const std::vector<std::string>& DefaultMissing() {  // pandas._libs.parsers.STR_NA_VALUES
  static const std::vector<std::string> values = {"",     "#N/A",   "#N/A N/A", "#NA",  "-1.#IND", "-1.#QNAN", "-NaN",
                                                  "-nan", "1.#IND", "1.#QNAN",  "<NA>", "N/A",     "NA",       "NULL",
                                                  "NaN",  "None",   "n/a",      "nan",  "null"};
  return values;
}

Status CheckOptions(const ops::CsvReadOptions& options) {
  static const std::set<std::string> encodings = {"utf-8",   "utf8",   "utf-8-sig",  "ascii",
                                                  "latin-1", "latin1", "iso-8859-1", "cp1252"};
  if (!encodings.contains(options.encoding)) {
    return Status::Invalid("unknown encoding '", options.encoding, "'; utf-8, utf-8-sig, ascii and latin-1 are read");
  }
  if (options.header && *options.header < 0) return Status::Invalid("header must be 0 or more, got ", *options.header);
  if (options.skiprows < 0) return Status::Invalid("skiprows must be 0 or more, got ", options.skiprows);
  if (options.sample <= 0) return Status::Invalid("sample must be positive, got ", options.sample);
  return Status::OK();
}

arrow::csv::ParseOptions MakeParseOptions(const ops::CsvReadOptions& options) {
  auto parse = arrow::csv::ParseOptions::Defaults();
  parse.delimiter = options.sep;
  parse.quoting = options.quoting;
  parse.quote_char = options.quotechar;
  parse.double_quote = options.doublequote;
  parse.escaping = options.escapechar.has_value();
  parse.escape_char = options.escapechar.value_or('\\');
  parse.newlines_in_values = true;
  parse.ignore_empty_lines = options.skip_blank_lines;
  parse.pad_short_rows = true;  // pandas: the fields that a row lacks are missing
  return parse;
}

arrow::csv::ConvertOptions MakeConvertOptions(const ops::CsvReadOptions& options) {
  auto convert = arrow::csv::ConvertOptions::Defaults();
  convert.null_values.clear();
  if (options.na_filter) {
    if (options.keep_default_na) convert.null_values = DefaultMissing();
    convert.null_values.insert(convert.null_values.end(), options.na_values.begin(), options.na_values.end());
  }
  convert.strings_can_be_null = options.na_filter;
  convert.true_values = {"True", "TRUE", "true"};
  convert.true_values.insert(convert.true_values.end(), options.true_values.begin(), options.true_values.end());
  convert.false_values = {"False", "FALSE", "false"};
  convert.false_values.insert(convert.false_values.end(), options.false_values.begin(), options.false_values.end());
  convert.decimal_point = options.decimal;
  if (!options.date_format.empty()) {
    convert.timestamp_parsers = {arrow::TimestampParser::MakeStrptime(options.date_format)};
  }
  return convert;
}

// pandas' names: "a", "a.1"; "Unnamed: 2" for an empty one.
void MakeUnique(std::vector<std::string>* names) {
  std::unordered_map<std::string, int> seen;
  const std::set<std::string> given(names->begin(), names->end());
  for (size_t i = 0; i < names->size(); ++i) {
    std::string& name = (*names)[i];
    if (name.empty()) name = "Unnamed: " + std::to_string(i);
    const std::string base = name;
    int& count = seen[base];
    if (count > 0) {
      do name = base + "." + std::to_string(count++);
      while (given.contains(name));
    } else {
      count = 1;
    }
  }
}

// Cuts the first record off `*text`; false when it does not end within the text (unless `complete`).
bool TakeRecord(const CsvLexer& lexer, bool complete, std::string_view* text, std::string_view* record) {
  CsvLexer::State state = CsvLexer::kPlain;
  int64_t end = lexer.FindRecordEnd(&state, '\n', *text);
  if (end == CsvLexer::kNone) {
    if (!complete || text->empty()) return false;
    end = static_cast<int64_t>(text->size());
  }
  *record = text->substr(0, static_cast<size_t>(end));
  *text = text->substr(static_cast<size_t>(end));
  return true;
}

Result<std::vector<std::string>> FieldsOf(std::string_view record, const ops::CsvReadOptions& options) {
  arrow::csv::BlockParser parser(MakeParseOptions(options), -1, -1, 1);
  uint32_t used = 0;
  RETURN_IF_ERROR(parser.ParseFinal(record, &used));
  std::vector<std::string> fields;
  if (parser.num_rows() == 0) return fields;
  RETURN_IF_ERROR(parser.VisitLastRow([&](const uint8_t* data, uint32_t size, bool, bool) {
    fields.emplace_back(reinterpret_cast<const char*>(data), size);
    return Status::OK();
  }));
  return fields;
}

bool IsBlank(std::string_view record) { return record.find_first_not_of("\r\n") == std::string_view::npos; }

Result<std::string> ReadHead(const Store& store, const std::string& path, const ops::CsvReadOptions& options,
                             int64_t bytes, bool* complete) {
  ASSIGN_OR_RETURN(const auto stream, OpenText(store, path, options));
  std::string head(static_cast<size_t>(bytes), '\0');
  int64_t size = 0;
  while (size < bytes) {
    auto got = stream->Read(bytes - size, head.data() + size);
    if (!got.ok()) return got.status().WithMessage("cannot read '", path, "': ", got.status().message());
    if (*got == 0) break;
    size += *got;
  }
  *complete = size < bytes;
  head.resize(static_cast<size_t>(size));
  return head;
}

Status CheckColumns(const std::vector<std::string>& names, const std::vector<std::string>& known, const char* what) {
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return Status::Invalid(what, " names the column '", name, "', which is not in the file", DidYouMean(name, known));
    }
  }
  return Status::OK();
}

}  // namespace

Result<CsvHead> ParseHead(std::string_view text, bool complete, const std::string& path,
                          const ops::CsvReadOptions& options) {
  const std::string_view whole = text;
  const CsvLexer lexer(options);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const auto too_short = [&] {
    return whole.empty() || complete
               ? Status::Invalid("'", path, "': no columns to parse from the file (it ends before the header)")
               : Status::Invalid("'", path, "': the header does not end within the first ", whole.size(),
                                 " bytes; raise `sample`");
  };
  for (int64_t i = 0; i < options.skiprows; ++i) {
    const size_t newline = text.find('\n');
    if (newline == std::string_view::npos) return too_short();
    text.remove_prefix(newline + 1);
  }
  const bool has_header = options.header && !(options.header_inferred && !options.names.empty());
  CsvHead head;
  std::string_view record;
  std::string_view rest = text;
  for (int32_t skip = has_header ? *options.header : 0; skip >= 0;) {
    if (!TakeRecord(lexer, complete, &rest, &record)) {
      if (!has_header && !options.names.empty()) {  // no data at all
        head.names = options.names;
        head.data_start = static_cast<int64_t>(whole.size() - text.size());
        return head;
      }
      return too_short();
    }
    if (!IsBlank(record) || !options.skip_blank_lines) --skip;
  }
  ASSIGN_OR_RETURN(head.names, FieldsOf(record, options));
  if (!has_header) {
    rest = text;
    for (size_t i = 0; i < head.names.size(); ++i) head.names[i] = std::to_string(i);
  }
  if (!options.names.empty()) {
    if (options.names.size() != head.names.size()) {
      return Status::Invalid("'", path, "' has ", head.names.size(), " columns, but names has ", options.names.size());
    }
    head.names = options.names;
  }
  MakeUnique(&head.names);
  head.data_start = static_cast<int64_t>(whole.size() - rest.size());
  return head;
}

std::shared_ptr<arrow::DataType> ParsedType(const std::shared_ptr<arrow::DataType>& type) {
  if (type->id() != arrow::Type::DICTIONARY) return type;
  return static_cast<const arrow::DictionaryType&>(*type).value_type();
}

Result<std::shared_ptr<const CsvPlan>> MakeCsvPlan(const std::vector<std::string>& paths,
                                                   const ops::CsvReadOptions& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  auto plan = std::make_shared<CsvPlan>();
  if (paths.empty()) return Status::Invalid("no paths are given");
  ASSIGN_OR_RETURN(plan->store, StoreOf(paths.front()));
  ASSIGN_OR_RETURN(plan->files, ExpandPaths(*plan->store, paths));
  plan->options = options;
  plan->parse = MakeParseOptions(options);
  plan->convert = MakeConvertOptions(options);
  const std::string& first = plan->files.front().path;
  bool complete = false;
  ASSIGN_OR_RETURN(const std::string sample, ReadHead(*plan->store, first, options, options.sample, &complete));
  ASSIGN_OR_RETURN(const CsvHead head, ParseHead(sample, complete, first, options));
  RETURN_IF_ERROR(CheckColumns(options.usecols, head.names, "usecols"));
  RETURN_IF_ERROR(CheckColumns(options.parse_dates, head.names, "parse_dates"));
  std::vector<std::string> typed;
  for (const auto& [name, type] : options.dtypes) typed.push_back(name);
  RETURN_IF_ERROR(CheckColumns(typed, head.names, "dtype"));
  const std::string_view data = std::string_view(sample).substr(static_cast<size_t>(head.data_start));
  RETURN_IF_ERROR(InferColumns(data, complete, head.names, plan.get()));
  return std::shared_ptr<const CsvPlan>(std::move(plan));
}

}  // namespace swath::io
