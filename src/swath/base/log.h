// Structured logging: a message that never changes plus named fields, so that a line can be read by people and searched
// by machines. Text or one JSON object a line, by config log.format; level and target by log.level, log.file.
// Thread-safe; a message below the level costs one atomic load. Never used by state machines (sched).
//   Log(LogLevel::kInfo, "worker lost", {{"worker", name}, {"tasks", count}});
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

#include "swath/base/status.h"

namespace swath {

enum class LogLevel : uint8_t { kTrace, kDebug, kInfo, kWarning, kError, kOff };

struct LogField {
  std::string_view name;
  std::string value;
  bool quoted = true;  // text rather than a number

  LogField(std::string_view n, std::string_view text) : name(n), value(text) {}
  LogField(std::string_view n, const char* text) : name(n), value(text) {}
  LogField(std::string_view n, const std::string& text) : name(n), value(text) {}
  LogField(std::string_view n, const Status& status) : name(n), value(status.ToString()) {}
  template <typename T>
  requires std::is_arithmetic_v<T> LogField(std::string_view n, T number)
      : name(n), value(std::to_string(number)), quoted(false) {}
};

void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

bool LogEnabled(LogLevel level);
// "trace" … "error", "off"; Invalid lists them.
Result<LogLevel> ParseLogLevel(std::string_view text);
// Reads level, format and target from the config again; happens by itself before the first message.
Status ConfigureLog();

namespace internal {
// One line without its time: for tests.
std::string FormatLog(bool json, LogLevel level, std::string_view message, std::initializer_list<LogField> fields);
}  // namespace internal

}  // namespace swath
