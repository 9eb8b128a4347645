// YAML in and out of ConfigValue: the only includer of yaml-cpp.
#include <charconv>
#include <cmath>

#include <yaml-cpp/yaml.h>

#include "swath/base/config.h"

namespace swath {
namespace {

// YAML's core schema plus Python's words; quoted scalars stay text.
ConfigValue FromScalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL" || text == "None") return {};
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  const char* begin = text.data() + (text[0] == '+' ? 1 : 0);
  const char* end = text.data() + text.size();
  int64_t integer = 0;
  if (const auto [stop, error] = std::from_chars(begin, end, integer); error == std::errc() && stop == end)
    return integer;
  double number = 0;
  if (const auto [stop, error] = std::from_chars(begin, end, number); error == std::errc() && stop == end)
    return number;
  if (text == ".inf") return HUGE_VAL;
  return text;
}

ConfigValue FromNode(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Scalar:
      return FromScalar(node);
    case YAML::NodeType::Sequence: {
      ConfigValue::List list;
      for (const YAML::Node& item : node) list.push_back(FromNode(item));
      return list;
    }
    case YAML::NodeType::Map: {
      ConfigValue::Map map;
      for (const auto& item : node) map[internal::CanonicalConfigKey(item.first.Scalar())] = FromNode(item.second);
      return map;
    }
    default:
      return {};
  }
}

void Emit(YAML::Emitter& out, const ConfigValue& value) {
  if (value.is_null()) {
    out << YAML::Null;
  } else if (const auto* boolean = value.get_if<bool>()) {
    out << *boolean;
  } else if (const auto* integer = value.get_if<int64_t>()) {
    out << *integer;
  } else if (const auto* number = value.get_if<double>()) {
    out << *number;
  } else if (const auto* text = value.get_if<std::string>()) {
    out << *text;
  } else if (const auto* list = value.get_if<ConfigValue::List>()) {
    out << YAML::Flow << YAML::BeginSeq;
    for (const ConfigValue& item : *list) Emit(out, item);
    out << YAML::EndSeq;
  } else if (const auto* map = value.get_if<ConfigValue::Map>()) {
    out << YAML::Flow << YAML::BeginMap;
    for (const auto& [key, item] : *map) {
      out << YAML::Key << key << YAML::Value;
      Emit(out, item);
    }
    out << YAML::EndMap;
  }
}

}  // namespace

std::string ConfigValue::ToString() const {
  YAML::Emitter out;
  Emit(out, *this);
  return out.c_str();
}

Result<ConfigValue> ConfigValue::Parse(std::string_view yaml) {
  try {
    return FromNode(YAML::Load(std::string(yaml)));
  } catch (const YAML::Exception& error) {
    return Status::Invalid("not YAML: '", yaml, "': ", error.msg);
  }
}

Result<ConfigValue> internal::LoadYamlFile(const std::string& path) {
  try {
    ConfigValue value = FromNode(YAML::LoadFile(path));
    if (value.is_null()) return ConfigValue(ConfigValue::Map{});
    if (value.get_if<ConfigValue::Map>() == nullptr) {
      return Status::Invalid("the config file '", path, "' must hold a mapping of keys, not ", value.ToString());
    }
    return value;
  } catch (const YAML::BadFile&) {
    return Status::IOError("the config file '", path, "' cannot be read");
  } catch (const YAML::Exception& error) {
    return Status::Invalid("the config file '", path, "' is not valid YAML: line ", error.mark.line + 1, ", column ",
                           error.mark.column + 1, ": ", error.msg);
  }
}

}  // namespace swath
