#include "swath/base/units.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <utility>

namespace swath {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr std::array<Unit, 23> kByteUnits{{
    {"", 1},        {"b", 1},        {"k", 1e3},     {"kb", 1e3},     {"m", 1e6},     {"mb", 1e6},
    {"g", 1e9},     {"gb", 1e9},     {"t", 1e12},    {"tb", 1e12},    {"p", 1e15},    {"pb", 1e15},
    {"ki", 0x1p10}, {"kib", 0x1p10}, {"mi", 0x1p20}, {"mib", 0x1p20}, {"gi", 0x1p30}, {"gib", 0x1p30},
    {"ti", 0x1p40}, {"tib", 0x1p40}, {"pi", 0x1p50}, {"pib", 0x1p50}, {"bytes", 1},
}};

constexpr std::array<Unit, 25> kTimeUnits{{
    {"s", 1},
    {"ms", 1e-3},
    {"us", 1e-6},
    {"ns", 1e-9},
    {"m", 60},
    {"h", 3600},
    {"hr", 3600},
    {"d", 86400},
    {"w", 604800},
    {"second", 1},
    {"minute", 60},
    {"hour", 3600},
    {"day", 86400},
    {"week", 604800},
    {"millisecond", 1e-3},
    {"microsecond", 1e-6},
    {"nanosecond", 1e-9},
    {"seconds", 1},
    {"minutes", 60},
    {"hours", 3600},
    {"days", 86400},
    {"weeks", 604800},
    {"milliseconds", 1e-3},
    {"microseconds", 1e-6},
    {"nanoseconds", 1e-9},
}};

struct Quantity {
  double number = 1;
  std::string unit;  // lower case
};

// Splits at the last character that is no letter; "MB" counts as 1 MB.
Result<Quantity> Split(std::string_view text) {
  std::string compact;
  for (char c : text) {
    if (!std::isspace(static_cast<unsigned char>(c))) compact += c;
  }
  size_t cut = compact.size();
  while (cut > 0 && std::isalpha(static_cast<unsigned char>(compact[cut - 1]))) --cut;
  Quantity quantity;
  for (char c : compact.substr(cut)) quantity.unit += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (cut == 0) {
    if (compact.empty()) return Status::Invalid("could not interpret '", text, "' as a quantity: it is empty");
    return quantity;
  }
  const char* begin = compact.data() + (compact[0] == '+' ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, compact.data() + cut, quantity.number);
  if (error != std::errc() || end != compact.data() + cut) {
    return Status::Invalid("could not interpret '", compact.substr(0, cut), "' in '", text, "' as a number");
  }
  return quantity;
}

template <size_t N>
const Unit* FindUnit(const std::array<Unit, N>& units, std::string_view name) {
  const auto it = std::find_if(units.begin(), units.end(), [&](const Unit& unit) { return unit.name == name; });
  return it == units.end() ? nullptr : &*it;
}

template <typename... Args>
std::string Print(const char* format, Args... args) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, args...);
  return buffer;
}

}  // namespace

Result<int64_t> ParseBytes(std::string_view text) {
  ASSIGN_OR_RETURN(const Quantity quantity, Split(text));
  const Unit* unit = FindUnit(kByteUnits, quantity.unit);
  if (unit == nullptr) {
    return Status::Invalid("could not interpret '", quantity.unit, "' in '", text,
                           "' as a byte unit; use B, kB, MB, GB, TB, PB, KiB, MiB, "
                           "GiB, TiB or PiB");
  }
  const double bytes = quantity.number * unit->factor;
  if (!(std::abs(bytes) < 0x1p63)) return Status::Invalid("'", text, "' is more than 2^63 bytes");
  return static_cast<int64_t>(bytes);
}

std::string FormatBytes(int64_t bytes) {
  static constexpr std::pair<const char*, double> kUnits[] = {
      {"PiB", 0x1p50}, {"TiB", 0x1p40}, {"GiB", 0x1p30}, {"MiB", 0x1p20}, {"kiB", 0x1p10}};
  for (const auto& [name, factor] : kUnits) {
    if (static_cast<double>(bytes) >= factor * 0.9) return Print("%.2f %s", static_cast<double>(bytes) / factor, name);
  }
  return std::to_string(bytes) + " B";
}

Result<double> ParseTimedelta(std::string_view text, std::string_view default_unit) {
  ASSIGN_OR_RETURN(const Quantity quantity, Split(text));
  const std::string_view name = quantity.unit.empty() ? default_unit : std::string_view(quantity.unit);
  if (name.empty()) return Status::Invalid("missing time unit in '", text, "'");
  const Unit* unit = FindUnit(kTimeUnits, name);
  if (unit == nullptr) {
    return Status::KeyError("invalid time unit '", name, "' in '", text,
                            "'; use ns, us, ms, s, m, h, d, w or their full names");
  }
  return quantity.number * unit->factor;
}

std::string FormatTime(double seconds) {
  const auto whole = static_cast<int64_t>(seconds);
  if (seconds > 2 * 86400)
    return Print("%dd %dhr", static_cast<int>(whole / 86400), static_cast<int>(whole % 86400 / 3600));
  if (seconds > 2 * 3600) return Print("%dhr %dm", static_cast<int>(whole / 3600), static_cast<int>(whole % 3600 / 60));
  if (seconds > 600) return Print("%dm %ds", static_cast<int>(whole / 60), static_cast<int>(whole % 60));
  if (seconds >= 1) return Print("%.2f s", seconds);
  if (seconds >= 1e-3) return Print("%.2f ms", seconds * 1e3);
  return Print("%.2f us", seconds * 1e6);
}

}  // namespace swath
