#include "swath/base/number_text.h"

#include <charconv>
#include <cmath>

namespace swath {
namespace {

template <typename T>
void Append(T value, std::string* out) {
  if (!std::isfinite(value)) {
    *out += std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
    return;
  }
  char digits[400];
  const T size = std::fabs(value);
  const bool scientific = value != 0 && (size < T(1e-4) || size >= T(1e16));
  const auto format = scientific ? std::chars_format::scientific : std::chars_format::fixed;
  const char* end = std::to_chars(digits, digits + sizeof digits, value, format).ptr;
  const std::string_view text(digits, static_cast<size_t>(end - digits));
  *out += text;
  if (!scientific && text.find('.') == std::string_view::npos) *out += ".0";
}

}  // namespace

void AppendFloat(double value, std::string* out) { Append(value, out); }
void AppendFloat(float value, std::string* out) { Append(value, out); }

}  // namespace swath
