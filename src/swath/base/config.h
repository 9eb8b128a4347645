// Config: defaults < YAML files < environment < code. Keys are nested, "a.b"; hyphen and underscore are the same.
//   YAML: every *.yaml, *.yml, *.json of /etc/swath and ~/.config/swath, then the file or folder of SWATH_CONFIG
//   environment: SWATH_MEMORY__LIMIT=8GiB sets "memory.limit"
//   code: Config::Set
// A Config is an immutable snapshot; Current() is thread-safe and cheap. The keys that Swath reads, with defaults and
// docs, are listed in config_keys.cc; other keys may be set and read too.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "swath/base/status.h"

namespace swath {

// What a key holds: null, a scalar, a list or a map of nested keys.
class ConfigValue {
 public:
  using List = std::vector<ConfigValue>;
  using Map = std::map<std::string, ConfigValue, std::less<>>;
  using Storage = std::variant<std::monostate, bool, int64_t, double, std::string, List, Map>;

  ConfigValue() = default;
  template <typename T>
  requires std::is_constructible_v<Storage, T> ConfigValue(T value)
      : storage_(std::move(value)) {}                             // NOLINT(google-explicit-constructor)
  ConfigValue(int value) : storage_(int64_t{value}) {}            // NOLINT(google-explicit-constructor)
  ConfigValue(const char* text) : storage_(std::string(text)) {}  // NOLINT(google-explicit-constructor)

  bool is_null() const { return std::holds_alternative<std::monostate>(storage_); }
  template <typename T>
  const T* get_if() const {
    return std::get_if<T>(&storage_);
  }
  template <typename T>
  T* get_if() {
    return std::get_if<T>(&storage_);
  }
  const Storage& storage() const { return storage_; }
  friend bool operator==(const ConfigValue&, const ConfigValue&) = default;

  // As YAML flow text: {a: 1, b: [x, y]}.
  std::string ToString() const;
  // A scalar, list or map in YAML; Python's True, False and None count as well.
  static Result<ConfigValue> Parse(std::string_view yaml);

 private:
  Storage storage_;
};

// A key that Swath reads.
struct ConfigKey {
  enum class Type : uint8_t { kBool, kInt, kDouble, kString, kBytes, kTime, kAny };
  std::string_view name;
  Type type;
  std::string_view default_yaml;
  std::string_view doc;
};
std::span<const ConfigKey> ConfigKeys();

class Config {
 public:
  // The settings now. The pointer stays valid and unchanged while held.
  static std::shared_ptr<const Config> Current();
  // Sets a key in code (a null value too); Invalid when the key is one of ours and the value is not of its type. A map
  // sets each nested key. `previous` gets what the key held in code before, or nullopt when it was not set in code.
  static Status Set(std::string_view key, ConfigValue value, std::optional<ConfigValue>* previous = nullptr);
  // Forgets what code set for the key; YAML, environment or the default show again.
  static void Unset(std::string_view key);
  // Reads YAML files and environment again and forgets all that code set.
  static Status Refresh();

  // Typed answers. KeyError: no such key (similar names are suggested). TypeError/Invalid: what the value is and what
  // is accepted. Null counts as absent for the optional forms.
  Result<bool> GetBool(std::string_view key) const;
  Result<int64_t> GetInt(std::string_view key) const;
  Result<double> GetDouble(std::string_view key) const;
  Result<std::string> GetString(std::string_view key) const;
  Result<int64_t> GetBytes(std::string_view key) const;   // a number or "64MiB"
  Result<double> GetSeconds(std::string_view key) const;  // a number or "300ms"
  // The value itself, null when absent.
  ConfigValue Get(std::string_view key) const;
  bool Has(std::string_view key) const { return Find(key) != nullptr; }
  // Everything, as nested maps; keys with hyphens.
  const ConfigValue& root() const { return root_; }

  // What went wrong when the YAML files were read (the file and line); typed answers fail with it.
  const Status& load_status() const { return load_status_; }

  // For tests and Refresh: a snapshot from given sources. `environment` holds NAME=value lines; `paths` files or
  // folders in rising precedence (missing ones are skipped).
  static Config Load(std::span<const std::string> paths, std::span<const std::string> environment);

 private:
  const ConfigValue* Find(std::string_view key) const;
  Result<const ConfigValue*> Require(std::string_view key) const;

  ConfigValue root_ = ConfigValue::Map{};
  Status load_status_;
  friend struct ConfigStore;
};

namespace internal {
// "A_b.C" -> "A-b.C"
std::string CanonicalConfigKey(std::string_view key);
// Sets a nested key; maps on the way are made.
void SetNested(ConfigValue* root, std::string_view canonical_key, ConfigValue value);
void MergeInto(ConfigValue* base, const ConfigValue& update);
Status CheckConfigType(std::string_view canonical_key, const ConfigValue& value);
Result<ConfigValue> LoadYamlFile(const std::string& path);
}  // namespace internal

}  // namespace swath
