#include "swath/io/formats/hive_keys.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <optional>

#include "arrow/array.h"
#include "arrow/array/builder_binary.h"
#include "arrow/array/builder_primitive.h"
#include "arrow/array/util.h"
#include "arrow/scalar.h"
#include "arrow/type.h"

namespace swath::io {
namespace {

constexpr std::string_view kEscaped = "\"#%'*/:=?\\{}[]^\x7F";  // as Hive escapes them

std::string Unescaped(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    int code = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, code, 16).ptr == text.data() + i + 3) {
      plain += static_cast<char>(code);
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::string Escaped(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < ' ' || kEscaped.find(c) != std::string_view::npos) {
      const auto byte = static_cast<unsigned char>(c);
      escaped += '%';
      escaped += kDigits[byte >> 4];
      escaped += kDigits[byte & 15];
    } else {
      escaped += c;
    }
  }
  return escaped;
}

// The integer that the text is the plain form of.
std::optional<int64_t> IntegerOf(const std::string& text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || std::to_string(value) != text) return std::nullopt;
  return value;
}

Result<std::shared_ptr<arrow::Array>> ValuesOf(const std::vector<std::string>& texts) {
  bool integers = !texts.empty(), narrow = true;
  for (const std::string& text : texts) {
    const auto value = IntegerOf(text);
    integers &= value.has_value();
    narrow &= value && *value == static_cast<int32_t>(*value);
  }
  if (integers && narrow) {
    arrow::Int32Builder builder;
    for (const std::string& text : texts) RETURN_IF_ERROR(builder.Append(static_cast<int32_t>(*IntegerOf(text))));
    return builder.Finish();
  }
  if (integers) {
    arrow::Int64Builder builder;
    for (const std::string& text : texts) RETURN_IF_ERROR(builder.Append(*IntegerOf(text)));
    return builder.Finish();
  }
  arrow::LargeStringBuilder builder;
  for (const std::string& text : texts) RETURN_IF_ERROR(builder.Append(text));
  return builder.Finish();
}

}  // namespace

HivePairs HivePairsOf(std::string_view path, size_t from) {
  HivePairs pairs;
  for (size_t slash; (slash = path.find('/', from)) != std::string_view::npos; from = slash + 1) {
    const std::string_view folder = path.substr(from, slash - from);
    const size_t equals = folder.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    pairs.emplace_back(Unescaped(folder.substr(0, equals)), folder.substr(equals + 1));
    if (pairs.back().second != kHiveMissing) pairs.back().second = Unescaped(pairs.back().second);
  }
  return pairs;
}

std::string HiveFolder(std::string_view key, const std::string* value) {
  return Escaped(key) + "=" + (value == nullptr ? std::string(kHiveMissing) : Escaped(*value));
}

std::shared_ptr<arrow::DataType> HiveColumn::type() const { return arrow::dictionary(arrow::int32(), values->type()); }

std::shared_ptr<arrow::Scalar> HiveColumn::Value(size_t file) const {
  return codes[file] < 0 ? arrow::MakeNullScalar(values->type()) : values->GetScalar(codes[file]).ValueOrDie();
}

Result<std::shared_ptr<arrow::Array>> HiveColumn::Column(size_t file, int64_t rows, arrow::MemoryPool* pool) const {
  if (codes[file] < 0) {
    ASSIGN_OR_RETURN(const auto indices, arrow::MakeArrayOfNull(arrow::int32(), rows, pool));
    return arrow::DictionaryArray::FromArrays(type(), indices, values);
  }
  ASSIGN_OR_RETURN(const auto indices, arrow::MakeArrayFromScalar(arrow::Int32Scalar(codes[file]), rows, pool));
  return arrow::DictionaryArray::FromArrays(type(), indices, values);
}

Result<std::vector<HiveColumn>> HiveColumns(const std::vector<std::string>& paths,
                                            const std::vector<HivePairs>& pairs) {
  std::vector<HiveColumn> columns;
  for (size_t f = 0; f < pairs.size(); ++f) {
    bool same = pairs[f].size() == pairs.front().size();
    for (size_t k = 0; same && k < pairs[f].size(); ++k) same = pairs[f][k].first == pairs.front()[k].first;
    if (!same) {
      return Status::Invalid("the folders of '", paths[f], "' do not name the same keys as those of '", paths[0], "'");
    }
  }
  for (size_t k = 0; k < pairs.front().size(); ++k) {
    HiveColumn column{.name = pairs.front()[k].first, .values = {}, .codes = {}};
    std::map<std::string, int32_t> known;
    std::vector<std::string> texts;
    for (size_t f = 0; f < pairs.size(); ++f) {
      const std::string& text = pairs[f][k].second;
      if (text == kHiveMissing) {
        column.codes.push_back(-1);
        continue;
      }
      const auto [at, fresh] = known.emplace(text, static_cast<int32_t>(texts.size()));
      if (fresh) texts.push_back(text);
      column.codes.push_back(at->second);
    }
    ASSIGN_OR_RETURN(column.values, ValuesOf(texts));
    columns.push_back(std::move(column));
  }
  return columns;
}

}  // namespace swath::io
