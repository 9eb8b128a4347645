#include "swath/io/formats/pandas_metadata.h"

#include <algorithm>

#include "arrow/type.h"
#include "arrow/type_traits.h"
#include "arrow/util/key_value_metadata.h"

#include "yaml-cpp/yaml.h"

namespace swath::io {
namespace {

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      constexpr char kHex[] = "0123456789abcdef";
      quoted += std::string("\\u00") + kHex[c >> 4] + kHex[c & 15];
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

// pandas_type and numpy_type of a column.
std::pair<std::string, std::string> TypeNames(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::BOOL:
      return {"bool", "bool"};
    case arrow::Type::FLOAT:
      return {"float32", "float32"};
    case arrow::Type::DOUBLE:
      return {"float64", "float64"};
    case arrow::Type::TIMESTAMP: {
      const auto& timestamp = static_cast<const arrow::TimestampType&>(type);
      constexpr const char* kUnits[] = {"s", "ms", "us", "ns"};
      const std::string unit = kUnits[static_cast<int>(timestamp.unit())];
      return {timestamp.timezone().empty() ? "datetime" : "datetimetz", "datetime64[" + unit + "]"};
    }
    case arrow::Type::DICTIONARY:
      return {"categorical", "int32"};
    case arrow::Type::LARGE_STRING:
      return {"unicode", "str"};
    default:
      return arrow::is_integer(type.id()) ? std::pair(type.ToString(), type.ToString())
                                          : std::pair(type.ToString(), std::string("object"));
  }
}

}  // namespace

Result<std::vector<PandasIndexLevel>> ReadPandasIndex(const arrow::Schema& schema) {
  std::vector<PandasIndexLevel> levels;
  if (!schema.metadata()) return levels;
  const auto text = schema.metadata()->Get("pandas");
  if (!text.ok()) return levels;
  try {
    const YAML::Node root = YAML::Load(*text);  // JSON is YAML
    for (const YAML::Node& entry : root["index_columns"]) {
      if (!entry.IsScalar()) continue;  // a RangeIndex
      PandasIndexLevel level{entry.as<std::string>(), std::nullopt};
      if (schema.GetFieldIndex(level.column) < 0) continue;
      level.name = level.column;
      for (const YAML::Node& column : root["columns"]) {
        if (!column["field_name"] || !column["field_name"].IsScalar() ||
            column["field_name"].as<std::string>() != level.column)
          continue;
        if (column["name"].IsNull()) {
          level.name.reset();
        } else {
          level.name = column["name"].as<std::string>();
        }
      }
      levels.push_back(std::move(level));
    }
  } catch (const YAML::Exception&) {
    return std::vector<PandasIndexLevel>{};  // not pandas' text: the columns are still good
  }
  return levels;
}

int64_t PandasRangeStart(const std::string& pandas_entry) {
  try {
    const YAML::Node levels = YAML::Load(pandas_entry)["index_columns"];
    if (levels.size() != 1 || !levels[0].IsMap() || levels[0]["step"].as<int64_t>() != 1) return 0;
    return levels[0]["start"].as<int64_t>();
  } catch (const YAML::Exception&) {
    return 0;
  }
}

std::shared_ptr<arrow::Schema> WithPandasMetadata(const std::shared_ptr<arrow::Schema>& schema,
                                                  const ops::ParquetWriteOptions& options) {
  std::string index, columns;
  for (const std::string& name : options.index_columns) index += (index.empty() ? "" : ", ") + Quoted(name);
  for (const auto& field : schema->fields()) {
    const auto at = std::find(options.index_columns.begin(), options.index_columns.end(), field->name()) -
                    options.index_columns.begin();
    std::string shown = Quoted(field->name());
    if (at < static_cast<int64_t>(options.index_names.size())) {
      const auto& name = options.index_names[static_cast<size_t>(at)];
      shown = name ? Quoted(*name) : "null";
    }
    const auto [pandas_type, numpy_type] = TypeNames(*field->type());
    columns += (columns.empty() ? "" : ", ") + std::string("{\"name\": ") + shown +
               ", \"field_name\": " + Quoted(field->name()) + ", \"pandas_type\": " + Quoted(pandas_type) +
               ", \"numpy_type\": " + Quoted(numpy_type) + ", \"metadata\": null}";
  }
  const std::string text =
      "{\"index_columns\": [" + index +
      "], \"column_indexes\": [{\"name\": null, \"field_name\": null, "
      "\"pandas_type\": \"unicode\", \"numpy_type\": \"str\", \"metadata\": {\"encoding\": \"UTF-8\"}}], "
      "\"columns\": [" +
      columns +
      "], \"creator\": {\"library\": \"swath\", \"version\": \"0.1.0\"}, "
      "\"pandas_version\": \"3.0.0\"}";
  return schema->WithMetadata(arrow::key_value_metadata({"pandas"}, {text}));
}

}  // namespace swath::io
