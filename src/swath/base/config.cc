#include "swath/base/config.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <mutex>

#include <pthread.h>

#include "swath/base/nearest.h"
#include "swath/base/units.h"

extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace swath {
namespace {

constexpr std::string_view kEnvironmentPrefix = "SWATH_";

// Variables that start with the prefix and are not keys.
bool IsReserved(std::string_view name) { return name == "SWATH_CONFIG" || name == "SWATH_SIMD_LEVEL"; }

const ConfigKey* FindKey(std::string_view canonical) {
  for (const ConfigKey& key : ConfigKeys()) {
    if (key.name == canonical) return &key;
  }
  return nullptr;
}

std::vector<std::string> ConfigFiles(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    return std::filesystem::exists(path, error) ? std::vector{path} : std::vector<std::string>{};
  }
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
    const std::string extension = entry.path().extension();
    if (extension == ".yaml" || extension == ".yml" || extension == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// "SWATH_ARRAY__CHUNK_SIZE=1MiB" -> {"array.chunk-size", "1MiB"}
std::optional<std::pair<std::string, ConfigValue>> FromEnvironment(std::string_view line) {
  const size_t equals = line.find('=');
  if (equals == line.npos || !line.starts_with(kEnvironmentPrefix) || IsReserved(line.substr(0, equals)))
    return std::nullopt;
  std::string key;
  const std::string_view name = line.substr(kEnvironmentPrefix.size(), equals - kEnvironmentPrefix.size());
  for (size_t i = 0; i < name.size(); ++i) {
    if (name.substr(i, 2) == "__") {
      key += '.';
      ++i;
    } else {
      key += static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
    }
  }
  const std::string_view text = line.substr(equals + 1);
  auto value = ConfigValue::Parse(text);
  return std::pair{internal::CanonicalConfigKey(key), value.ok() ? *std::move(value) : ConfigValue(std::string(text))};
}

std::vector<std::string> DefaultPaths() {
  std::vector<std::string> paths{"/etc/swath"};
  if (const char* home = std::getenv("HOME")) paths.push_back(std::string(home) + "/.config/swath");
  if (const char* extra = std::getenv("SWATH_CONFIG")) paths.emplace_back(extra);
  return paths;
}

std::vector<std::string> Environment() {
  std::vector<std::string> lines;
  for (char** line = environ; line != nullptr && *line != nullptr; ++line) lines.emplace_back(*line);
  return lines;
}

Status WrongType(std::string_view key, const ConfigValue& value, std::string_view accepted) {
  return Status::TypeError("config ", key, " is ", value.ToString(), "; it must be ", accepted);
}

// The typed readings of a value, with errors that name the key.
Result<bool> AsBool(std::string_view key, const ConfigValue& value) {
  if (const auto* boolean = value.get_if<bool>()) return *boolean;
  if (const auto* integer = value.get_if<int64_t>(); integer != nullptr && (*integer == 0 || *integer == 1))
    return *integer == 1;
  return WrongType(key, value, "true or false");
}

Result<int64_t> AsInt(std::string_view key, const ConfigValue& value) {
  if (const auto* integer = value.get_if<int64_t>()) return *integer;
  if (const auto* number = value.get_if<double>(); number != nullptr && *number == std::floor(*number)) {
    return static_cast<int64_t>(*number);
  }
  return WrongType(key, value, "a whole number");
}

Result<double> AsDouble(std::string_view key, const ConfigValue& value) {
  if (const auto* number = value.get_if<double>()) return *number;
  if (const auto* integer = value.get_if<int64_t>()) return static_cast<double>(*integer);
  return WrongType(key, value, "a number");
}

Result<std::string> AsString(std::string_view key, const ConfigValue& value) {
  if (const auto* text = value.get_if<std::string>()) return *text;
  return WrongType(key, value, "text");
}

template <typename T>
Result<T> WithConfigKey(std::string_view key, Result<T> result) {
  if (result.ok()) return result;
  return result.status().WithMessage("config ", key, ": ", result.status().message());
}

Result<int64_t> AsBytes(std::string_view key, const ConfigValue& value) {
  if (const auto* integer = value.get_if<int64_t>()) return *integer;
  if (const auto* number = value.get_if<double>()) return static_cast<int64_t>(*number);
  if (const auto* text = value.get_if<std::string>()) return WithConfigKey(key, ParseBytes(*text));
  return WrongType(key, value, "a number of bytes or text like 64MiB");
}

Result<double> AsSeconds(std::string_view key, const ConfigValue& value) {
  if (const auto* text = value.get_if<std::string>()) return WithConfigKey(key, ParseTimedelta(*text));
  if (auto number = AsDouble(key, value); number.ok()) return number;
  return WrongType(key, value, "seconds or text like 300ms");
}

}  // namespace

namespace internal {

std::string CanonicalConfigKey(std::string_view key) {
  std::string canonical(key);
  std::replace(canonical.begin(), canonical.end(), '_', '-');
  return canonical;
}

void SetNested(ConfigValue* root, std::string_view key, ConfigValue value) {
  ConfigValue* at = root;
  while (true) {
    if (at->get_if<ConfigValue::Map>() == nullptr) *at = ConfigValue::Map{};
    const size_t dot = key.find('.');
    at = &(*at->get_if<ConfigValue::Map>())[std::string(key.substr(0, dot))];
    if (dot == key.npos) break;
    key.remove_prefix(dot + 1);
  }
  *at = std::move(value);
}

void MergeInto(ConfigValue* base, const ConfigValue& update) {
  const auto* map = update.get_if<ConfigValue::Map>();
  if (map == nullptr || base->get_if<ConfigValue::Map>() == nullptr) {
    *base = update;
    return;
  }
  for (const auto& [key, value] : *map) MergeInto(&(*base->get_if<ConfigValue::Map>())[key], value);
}

Status CheckConfigType(std::string_view key, const ConfigValue& value) {
  const ConfigKey* known = FindKey(key);
  if (known == nullptr) return Status::OK();
  if (value.is_null()) {
    if (known->default_yaml == "null" || known->type == ConfigKey::Type::kAny) return Status::OK();
    return Status::TypeError("config ", key, " may not be null; its default is ", known->default_yaml);
  }
  switch (known->type) {
    case ConfigKey::Type::kBool:
      return AsBool(key, value).status();
    case ConfigKey::Type::kInt:
      return AsInt(key, value).status();
    case ConfigKey::Type::kDouble:
      return AsDouble(key, value).status();
    case ConfigKey::Type::kString:
      return AsString(key, value).status();
    case ConfigKey::Type::kBytes:
      return AsBytes(key, value).status();
    case ConfigKey::Type::kTime:
      return AsSeconds(key, value).status();
    case ConfigKey::Type::kAny:
      return Status::OK();
  }
  return Status::OK();
}

}  // namespace internal

Config Config::Load(std::span<const std::string> paths, std::span<const std::string> environment) {
  Config config;
  for (const ConfigKey& key : ConfigKeys()) {
    internal::SetNested(&config.root_, key.name, *ConfigValue::Parse(key.default_yaml));
  }
  for (const std::string& path : paths) {
    for (const std::string& file : ConfigFiles(path)) {
      auto value = internal::LoadYamlFile(file);
      if (value.ok()) {
        internal::MergeInto(&config.root_, *value);
      } else {
        config.load_status_ &= value.status();
      }
    }
  }
  for (const std::string& line : environment) {
    if (auto setting = FromEnvironment(line))
      internal::SetNested(&config.root_, setting->first, std::move(setting->second));
  }
  return config;
}

// The process's settings: a snapshot without what code set, what code set, and the two merged.
struct ConfigStore {
  std::mutex mutex;
  Config base;
  std::map<std::string, ConfigValue, std::less<>> code;
  std::shared_ptr<const Config> current;

  static ConfigStore& Get() {
    // Never destroyed: threads may read settings at exit. Held across fork(), so that no child inherits it locked.
    static auto* store = new ConfigStore;
    static const int registered =
        pthread_atfork([] { store->mutex.lock(); }, [] { store->mutex.unlock(); }, [] { store->mutex.unlock(); });
    (void)registered;
    return *store;
  }
  ConfigStore() { Reload(); }
  void Reload() {
    base = Config::Load(DefaultPaths(), Environment());
    code.clear();
    Publish();
  }
  void Publish() {
    auto merged = std::make_shared<Config>(base);
    for (const auto& [key, value] : code) internal::SetNested(&merged->root_, key, value);
    current = std::move(merged);
  }
};

std::shared_ptr<const Config> Config::Current() {
  ConfigStore& store = ConfigStore::Get();
  std::lock_guard lock(store.mutex);
  return store.current;
}

Status Config::Set(std::string_view key, ConfigValue value, std::optional<ConfigValue>* previous) {
  const std::string canonical = internal::CanonicalConfigKey(key);
  if (const auto* map = value.get_if<ConfigValue::Map>(); map != nullptr && !map->empty()) {
    for (const auto& [name, item] : *map) RETURN_IF_ERROR(Set(canonical + "." + name, item));
    return Status::OK();
  }
  RETURN_IF_ERROR(internal::CheckConfigType(canonical, value));
  ConfigStore& store = ConfigStore::Get();
  std::lock_guard lock(store.mutex);
  const auto it = store.code.find(canonical);
  if (previous != nullptr) *previous = it == store.code.end() ? std::nullopt : std::optional(it->second);
  store.code[canonical] = std::move(value);
  store.Publish();
  return Status::OK();
}

void Config::Unset(std::string_view key) {
  ConfigStore& store = ConfigStore::Get();
  std::lock_guard lock(store.mutex);
  store.code.erase(internal::CanonicalConfigKey(key));
  store.Publish();
}

Status Config::Refresh() {
  ConfigStore& store = ConfigStore::Get();
  std::lock_guard lock(store.mutex);
  store.Reload();
  return store.current->load_status();
}

const ConfigValue* Config::Find(std::string_view key) const {
  const std::string canonical = internal::CanonicalConfigKey(key);
  std::string_view rest = canonical;
  const ConfigValue* at = &root_;
  while (true) {
    const auto* map = at->get_if<ConfigValue::Map>();
    if (map == nullptr) return nullptr;
    const size_t dot = rest.find('.');
    const auto it = map->find(rest.substr(0, dot));
    if (it == map->end()) return nullptr;
    at = &it->second;
    if (dot == rest.npos) return at;
    rest.remove_prefix(dot + 1);
  }
}

Result<const ConfigValue*> Config::Require(std::string_view key) const {
  RETURN_IF_ERROR(load_status_);
  if (const ConfigValue* value = Find(key)) return value;
  std::vector<std::string> names;
  for (const ConfigKey& known : ConfigKeys()) names.emplace_back(known.name);
  return Status::KeyError("no config key '", key, "'", DidYouMean(key, names));
}

ConfigValue Config::Get(std::string_view key) const {
  const ConfigValue* value = Find(key);
  return value ? *value : ConfigValue();
}

Result<bool> Config::GetBool(std::string_view key) const {
  ASSIGN_OR_RETURN(const ConfigValue* value, Require(key));
  return AsBool(key, *value);
}

Result<int64_t> Config::GetInt(std::string_view key) const {
  ASSIGN_OR_RETURN(const ConfigValue* value, Require(key));
  return AsInt(key, *value);
}

Result<double> Config::GetDouble(std::string_view key) const {
  ASSIGN_OR_RETURN(const ConfigValue* value, Require(key));
  return AsDouble(key, *value);
}

Result<std::string> Config::GetString(std::string_view key) const {
  ASSIGN_OR_RETURN(const ConfigValue* value, Require(key));
  return AsString(key, *value);
}

Result<int64_t> Config::GetBytes(std::string_view key) const {
  ASSIGN_OR_RETURN(const ConfigValue* value, Require(key));
  return AsBytes(key, *value);
}

Result<double> Config::GetSeconds(std::string_view key) const {
  ASSIGN_OR_RETURN(const ConfigValue* value, Require(key));
  return AsSeconds(key, *value);
}

}  // namespace swath
