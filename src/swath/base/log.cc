#include "swath/base/log.h"

#include <cstdio>
#include <memory>
#include <mutex>

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "swath/base/config.h"

namespace swath {
namespace {

constexpr std::string_view kLevelNames[] = {"trace", "debug", "info", "warning", "error", "off"};
constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::trace, spdlog::level::debug, spdlog::level::info,
                                                 spdlog::level::warn,  spdlog::level::err,   spdlog::level::off};

struct LogTarget {
  std::mutex mutex;
  std::shared_ptr<spdlog::logger> logger;
  std::atomic<uint8_t> level{static_cast<uint8_t>(LogLevel::kWarning)};
  std::atomic<bool> json{false};
  std::atomic<bool> configured{false};
};

LogTarget& Target() {
  static auto* target = new LogTarget;  // never destroyed: threads may log at exit
  return *target;
}

void AppendJson(std::string* out, std::string_view text) {
  *out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      *out += '\\';
      *out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char buffer[8];
      std::snprintf(buffer, sizeof buffer, "\\u%04x", c);
      *out += buffer;
    } else {
      *out += c;
    }
  }
  *out += '"';
}

bool NeedsQuotes(std::string_view text) {
  return text.empty() || text.find_first_of(" \"=\\\n\t") != std::string_view::npos;
}

}  // namespace

namespace internal {

std::string FormatLog(bool json, LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  std::string line;
  const std::string_view level_name = kLevelNames[static_cast<size_t>(level)];
  if (json) {
    line = "\"level\":\"" + std::string(level_name) + "\",\"message\":";
    AppendJson(&line, message);
  } else {
    line = std::string(level_name) + ": " + std::string(message);
  }
  for (const LogField& field : fields) {
    if (json) {
      line += ',';
      AppendJson(&line, field.name);
      line += ':';
    } else {
      line += ' ';
      line += field.name;
      line += '=';
    }
    if (field.quoted && (json || NeedsQuotes(field.value))) {
      AppendJson(&line, field.value);
    } else {
      line += field.value;
    }
  }
  return line;
}

}  // namespace internal

Result<LogLevel> ParseLogLevel(std::string_view text) {
  for (size_t i = 0; i < std::size(kLevelNames); ++i) {
    if (text == kLevelNames[i]) return static_cast<LogLevel>(i);
  }
  return Status::Invalid("unknown log level '", text, "'; use trace, debug, info, warning, error or off");
}

Status ConfigureLog() {
  const auto config = Config::Current();
  ASSIGN_OR_RETURN(const std::string level_name, config->GetString("log.level"));
  ASSIGN_OR_RETURN(const LogLevel level, ParseLogLevel(level_name));
  ASSIGN_OR_RETURN(const std::string format, config->GetString("log.format"));
  if (format != "text" && format != "json")
    return Status::Invalid("config log.format is '", format, "'; use text or json");
  LogTarget& target = Target();
  std::lock_guard lock(target.mutex);
  try {
    std::shared_ptr<spdlog::sinks::sink> sink;
    if (config->Get("log.file").is_null()) {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
      ASSIGN_OR_RETURN(const std::string path, config->GetString("log.file"));
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path);
    }
    target.logger = std::make_shared<spdlog::logger>("swath", std::move(sink));
  } catch (const spdlog::spdlog_ex& error) {
    return Status::IOError("config log.file: ", error.what());
  }
  target.logger->set_level(spdlog::level::trace);
  target.logger->flush_on(spdlog::level::info);
  target.logger->set_pattern(format == "json" ? "{\"time\":\"%Y-%m-%dT%H:%M:%S.%f%z\",%v}"
                                              : "%Y-%m-%d %H:%M:%S.%e swath %v");
  target.json = format == "json";
  target.level = static_cast<uint8_t>(level);
  target.configured = true;
  return Status::OK();
}

bool LogEnabled(LogLevel level) {
  LogTarget& target = Target();
  if (!target.configured.load(std::memory_order_acquire)) {
    static std::once_flag once;
    std::call_once(once, [] { (void)ConfigureLog().ok(); });  // a wrong setting leaves warnings on standard error
  }
  return level != LogLevel::kOff && static_cast<uint8_t>(level) >= target.level.load(std::memory_order_relaxed);
}

void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!LogEnabled(level)) return;
  LogTarget& target = Target();
  const std::string line = internal::FormatLog(target.json, level, message, fields);
  std::lock_guard lock(target.mutex);
  if (target.logger == nullptr)
    target.logger = std::make_shared<spdlog::logger>("swath", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  target.logger->log(kLevels[static_cast<size_t>(level)], spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace swath
