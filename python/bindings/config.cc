// Config <-> Python values. python/swath/config.py gives them Dask's names.
#include "swath/base/config.h"

#include <optional>

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include "bindings.h"
#include "errors.h"

namespace swath::python {
namespace {

nb::object ToPython(const ConfigValue& value) {
  if (auto* flag = value.get_if<bool>()) return nb::bool_(*flag);
  if (auto* integer = value.get_if<int64_t>()) return nb::int_(*integer);
  if (auto* number = value.get_if<double>()) return nb::float_(*number);
  if (auto* text = value.get_if<std::string>()) return nb::str(text->data(), text->size());
  if (auto* list = value.get_if<ConfigValue::List>()) {
    nb::list result;
    for (const ConfigValue& item : *list) result.append(ToPython(item));
    return result;
  }
  if (auto* map = value.get_if<ConfigValue::Map>()) {
    nb::dict result;
    for (const auto& [key, item] : *map) result[nb::str(key.data(), key.size())] = ToPython(item);
    return result;
  }
  return nb::none();
}

ConfigValue FromPython(nb::handle value) {
  if (value.is_none()) return {};
  if (nb::isinstance<nb::bool_>(value)) return nb::cast<bool>(value);
  if (nb::isinstance<nb::int_>(value)) return nb::cast<int64_t>(value);
  if (nb::isinstance<nb::float_>(value)) return nb::cast<double>(value);
  if (nb::isinstance<nb::str>(value)) return nb::cast<std::string>(value);
  if (nb::isinstance<nb::dict>(value)) {
    ConfigValue::Map map;
    for (auto [key, item] : nb::cast<nb::dict>(value))
      map[internal::CanonicalConfigKey(nb::cast<std::string>(nb::str(key)))] = FromPython(item);
    return map;
  }
  if (nb::isinstance<nb::list>(value) || nb::isinstance<nb::tuple>(value)) {
    ConfigValue::List list;
    for (nb::handle item : value) list.push_back(FromPython(item));
    return list;
  }
  return nb::cast<std::string>(nb::str(value));  // paths and the like
}

}  // namespace

void BindConfig(nb::module_& module) {
  module.def(
      "config_root", [] { return ToPython(Config::Current()->root()); }, "All settings as nested dicts.");
  module.def(
      "config_set",
      [](const std::string& key, nb::object value) -> nb::object {
        std::optional<ConfigValue> previous;
        CheckOk(Config::Set(key, FromPython(value), &previous));
        return previous ? nb::object(nb::make_tuple(ToPython(*previous))) : nb::none();
      },
      "Sets a key in code; returns what code had set before as a 1-tuple, or None.", nb::arg("key"),
      nb::arg("value").none());
  module.def("config_unset", [](const std::string& key) { Config::Unset(key); });
  module.def("config_refresh", [] { CheckOk(Config::Refresh()); });
  module.def("config_has", [](const std::string& key) { return Config::Current()->Has(key); });
  module.def("config_get", [](const std::string& key) { return ToPython(Config::Current()->Get(key)); });
  module.def("config_bytes", [](const std::string& key) { return ValueOrRaise(Config::Current()->GetBytes(key)); });
  module.def("config_parse", [](const std::string& yaml) { return ToPython(ValueOrRaise(ConfigValue::Parse(yaml))); });
  module.def("config_load_file",
             [](const std::string& path) { return ToPython(ValueOrRaise(internal::LoadYamlFile(path))); });
  module.def(
      "config_keys",
      [] {
        nb::list rows;
        for (const ConfigKey& key : ConfigKeys()) {
          rows.append(nb::make_tuple(nb::str(key.name.data(), key.name.size()),
                                     nb::str(key.default_yaml.data(), key.default_yaml.size()),
                                     nb::str(key.doc.data(), key.doc.size())));
        }
        return rows;
      },
      "Rows (key, default as YAML, what it is for).");
}

}  // namespace swath::python
