// str.…: pandas' text functions out of Arrow's kernels; the few that Arrow lacks are loops.
#include <limits>

#include "arrow/array.h"
#include "arrow/array/builder_binary.h"
#include "arrow/array/builder_primitive.h"
#include "arrow/compute/api_scalar.h"
#include "arrow/scalar.h"
#include "arrow/type.h"

#include "swath/kernels/frame/column_function.h"
#include "swath/kernels/frame/physical.h"

namespace swath::kernels {
namespace {

namespace cp = arrow::compute;
using arrow::Datum;

constexpr char kLower[] = "utf8_lower", kUpper[] = "utf8_upper", kTitle[] = "utf8_title",
               kCapitalize[] = "utf8_capitalize", kSwapcase[] = "utf8_swapcase", kLength[] = "utf8_length";
template <const char* kFunction>
Result<Datum> Plain(const ColumnCall& call) {
  return call.Run(kFunction, {call[0]});
}

constexpr char kTrim[] = "utf8_trim", kTrimLeft[] = "utf8_ltrim", kTrimRight[] = "utf8_rtrim",
               kTrimSpace[] = "utf8_trim_whitespace", kTrimSpaceLeft[] = "utf8_ltrim_whitespace",
               kTrimSpaceRight[] = "utf8_rtrim_whitespace";
template <const char* kCharacters, const char* kSpace>
Result<Datum> Strip(const ColumnCall& call) {
  if (call.IsNull(1)) return call.Run(kSpace, {call[0]});
  ASSIGN_OR_RETURN(const std::string characters, call.Text(1));
  const cp::TrimOptions options(characters);
  return call.Run(kCharacters, {call[0]}, &options);
}

Result<Datum> Matches(const ColumnCall& call, const char* function, const std::string& pattern, bool ignore_case,
                      size_t na) {
  const cp::MatchSubstringOptions options(pattern, ignore_case);
  ASSIGN_OR_RETURN(const Datum found, call.Run(function, {call[0]}, &options));
  ASSIGN_OR_RETURN(const bool missing, call.Bool(na));
  return call.WithoutNulls(found, missing);
}

Result<Datum> Contains(const ColumnCall& call) {
  ASSIGN_OR_RETURN(const std::string pattern, call.Text(1));
  ASSIGN_OR_RETURN(const bool match_case, call.Bool(2));
  ASSIGN_OR_RETURN(const bool regex, call.Bool(3));
  return Matches(call, regex ? "match_substring_regex" : "match_substring", pattern, !match_case, 4);
}

template <bool kFull>
Result<Datum> Match(const ColumnCall& call) {
  ASSIGN_OR_RETURN(const std::string pattern, call.Text(1));
  ASSIGN_OR_RETURN(const bool match_case, call.Bool(2));
  return Matches(call, "match_substring_regex", "\\A(?:" + pattern + (kFull ? ")\\z" : ")"), !match_case, 3);
}

template <bool kStart>
Result<Datum> HasAffix(const ColumnCall& call) {
  ASSIGN_OR_RETURN(const std::string pattern, call.Text(1));
  return Matches(call, kStart ? "starts_with" : "ends_with", pattern, false, 2);
}

std::string EscapeRegex(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && static_cast<unsigned char>(c) < 0x80) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

Result<Datum> Replace(const ColumnCall& call) {
  ASSIGN_OR_RETURN(std::string pattern, call.Text(1));
  ASSIGN_OR_RETURN(std::string replacement, call.Text(2));
  ASSIGN_OR_RETURN(const int64_t count, call.Int(3));
  ASSIGN_OR_RETURN(const bool match_case, call.Bool(4));
  ASSIGN_OR_RETURN(const bool regex, call.Bool(5));
  if (!regex && match_case) {
    const cp::ReplaceSubstringOptions options(pattern, replacement, count);
    return call.Run("replace_substring", {call[0]}, &options);
  }
  if (!regex) {  // literal, any case: both become a regular expression
    pattern = EscapeRegex(pattern);
    std::string literal;
    for (const char c : replacement) literal += c == '\\' ? "\\\\" : std::string(1, c);
    replacement = literal;
  }
  const cp::ReplaceSubstringOptions options((match_case ? "" : "(?i)") + pattern, replacement, count);
  return call.Run("replace_substring_regex", {call[0]}, &options);
}

Result<Datum> SliceText(const ColumnCall& call, std::optional<int64_t> start, std::optional<int64_t> stop,
                        int64_t step) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const cp::SliceOptions options(start.value_or(step > 0 ? 0 : kMax), stop.value_or(step > 0 ? kMax : -kMax), step);
  return call.Run("utf8_slice_codeunits", {call[0]}, &options);
}

Result<Datum> Slice(const ColumnCall& call) {
  std::optional<int64_t> bounds[3];
  for (size_t i = 0; i < 3; ++i) {
    if (call.IsNull(i + 1)) continue;
    ASSIGN_OR_RETURN(bounds[i], call.Int(i + 1));
  }
  if (bounds[2] == 0) return Status::Invalid("slice step cannot be zero");
  return SliceText(call, bounds[0], bounds[1], bounds[2].value_or(1));
}

Result<Datum> Get(const ColumnCall& call) {
  ASSIGN_OR_RETURN(const int64_t i, call.Int(1));
  ASSIGN_OR_RETURN(const Datum character,
                   SliceText(call, i, i == -1 ? std::nullopt : std::optional<int64_t>(i + 1), 1));
  ASSIGN_OR_RETURN(const Datum length, call.Run("binary_length", {character}));
  ASSIGN_OR_RETURN(const Datum outside, call.Run("equal", {length, Datum(int64_t{0})}));
  return call.Run("if_else", {outside, Datum(arrow::MakeNullScalar(character.type())), character});
}

int64_t CodePoints(std::string_view text) {
  int64_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

// Text from text, value by value; null stays null.
template <typename Make>
Result<Datum> EachText(const ColumnCall& call, Make make) {
  ASSIGN_OR_RETURN(const auto array, call.Array(0));
  ASSIGN_OR_RETURN(const PhysicalColumn column, ToPhysical(array, call.context->memory_pool()));
  arrow::LargeStringBuilder builder(call.context->memory_pool());
  RETURN_IF_ERROR(builder.Reserve(column.length));
  std::string buffer;
  for (int64_t i = 0; i < column.length; ++i) {
    if (!column.IsValid(i)) {
      RETURN_IF_ERROR(builder.AppendNull());
      continue;
    }
    buffer.clear();
    make(column.Text(i), &buffer);
    RETURN_IF_ERROR(builder.Append(buffer));
  }
  ASSIGN_OR_RETURN(auto result, builder.Finish());
  return Datum(result);
}

Result<Datum> ZeroFill(const ColumnCall& call) {
  ASSIGN_OR_RETURN(const int64_t width, call.Int(1));
  return EachText(call, [width](std::string_view text, std::string* out) {
    const int64_t zeros = std::max<int64_t>(0, width - CodePoints(text));
    if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
      *out += text[0];
      text.remove_prefix(1);
    }
    out->append(static_cast<size_t>(zeros), '0');
    *out += text;
  });
}

enum class Side : uint8_t { kLeft, kRight, kBoth };  // where the fill goes

Result<Datum> PadText(const ColumnCall& call, Side side, size_t fill_argument) {
  ASSIGN_OR_RETURN(const int64_t width, call.Int(1));
  ASSIGN_OR_RETURN(const std::string fill, call.Text(fill_argument));
  if (CodePoints(fill) != 1) return Status::TypeError("fillchar must be a character, not str '", fill, "'");
  return EachText(call, [&](std::string_view text, std::string* out) {
    const int64_t missing = std::max<int64_t>(0, width - CodePoints(text));
    int64_t left = side == Side::kLeft ? missing : 0;
    if (side == Side::kBoth) left = missing / 2 + (missing & width & 1);  // as CPython's str.center
    for (int64_t i = 0; i < left; ++i) *out += fill;
    *out += text;
    for (int64_t i = left; i < missing; ++i) *out += fill;
  });
}

template <Side kSide>
Result<Datum> Justify(const ColumnCall& call) {
  return PadText(call, kSide, 2);
}

Result<Datum> Pad(const ColumnCall& call) {
  ASSIGN_OR_RETURN(const std::string side, call.Text(2));
  if (side == "left") return PadText(call, Side::kLeft, 3);
  if (side == "right") return PadText(call, Side::kRight, 3);
  if (side == "both") return PadText(call, Side::kBoth, 3);
  return Status::Invalid("Invalid side '", side, "'; 'left', 'right' and 'both' are accepted");
}

Result<Datum> Repeat(const ColumnCall& call) {
  ASSIGN_OR_RETURN(const int64_t count, call.Int(1));
  return call.Run("binary_repeat", {call[0], Datum(std::max<int64_t>(0, count))});
}

Result<Datum> Count(const ColumnCall& call) {
  ASSIGN_OR_RETURN(const std::string pattern, call.Text(1));
  const cp::MatchSubstringOptions options(pattern);
  return call.Run("count_substring_regex", {call[0]}, &options);
}

// Positions count characters, not bytes.
template <bool kLast>
Result<Datum> Find(const ColumnCall& call) {
  ASSIGN_OR_RETURN(const std::string pattern, call.Text(1));
  ASSIGN_OR_RETURN(const int64_t start, call.Int(2));
  ASSIGN_OR_RETURN(const auto array, call.Array(0));
  ASSIGN_OR_RETURN(const PhysicalColumn column, ToPhysical(array, call.context->memory_pool()));
  arrow::Int64Builder builder(call.context->memory_pool());
  for (int64_t i = 0; i < column.length; ++i) {
    if (!column.IsValid(i)) {
      RETURN_IF_ERROR(builder.AppendNull());
      continue;
    }
    const std::string_view text = column.Text(i);
    int64_t skip = start < 0 ? std::max<int64_t>(0, CodePoints(text) + start) : start;
    size_t from = 0;
    while (skip > 0 && from < text.size()) {
      ++from;
      while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80) ++from;
      --skip;
    }
    size_t at = std::string_view::npos;
    if (skip == 0) at = kLast ? text.rfind(pattern) : text.find(pattern, from);
    if (at != std::string_view::npos && at < from) at = std::string_view::npos;
    RETURN_IF_ERROR(builder.Append(at == std::string_view::npos ? -1 : CodePoints(text.substr(0, at))));
  }
  ASSIGN_OR_RETURN(auto result, builder.Finish());
  return Datum(result);
}

constexpr char kAlpha[] = "utf8_is_alpha", kDigit[] = "utf8_is_digit", kNumeric[] = "utf8_is_numeric",
               kDecimal[] = "utf8_is_decimal", kAlnum[] = "utf8_is_alnum", kSpace[] = "utf8_is_space",
               kIsLower[] = "utf8_is_lower", kIsUpper[] = "utf8_is_upper", kIsTitle[] = "utf8_is_title";
template <const char* kFunction>
Result<Datum> Is(const ColumnCall& call) {
  ASSIGN_OR_RETURN(const Datum truth, call.Run(kFunction, {call[0]}));
  return call.WithoutNulls(truth);
}

constexpr ResultType kText = ResultType::kText, kBool = ResultType::kBool, kInt = ResultType::kInt64;
constexpr TableFunction kFunctions[] = {
    {"str_len", 1, kInt, Plain<kLength>},
    {"str_lower", 1, kText, Plain<kLower>},
    {"str_upper", 1, kText, Plain<kUpper>},
    {"str_title", 1, kText, Plain<kTitle>},
    {"str_capitalize", 1, kText, Plain<kCapitalize>},
    {"str_swapcase", 1, kText, Plain<kSwapcase>},
    {"str_strip", 2, kText, Strip<kTrim, kTrimSpace>},
    {"str_lstrip", 2, kText, Strip<kTrimLeft, kTrimSpaceLeft>},
    {"str_rstrip", 2, kText, Strip<kTrimRight, kTrimSpaceRight>},
    {"str_contains", 5, kBool, Contains},
    {"str_match", 4, kBool, Match<false>},
    {"str_fullmatch", 4, kBool, Match<true>},
    {"str_startswith", 3, kBool, HasAffix<true>},
    {"str_endswith", 3, kBool, HasAffix<false>},
    {"str_replace", 6, kText, Replace},
    {"str_slice", 4, kText, Slice},
    {"str_get", 2, kText, Get},
    {"str_zfill", 2, kText, ZeroFill},
    {"str_pad", 4, kText, Pad},
    {"str_center", 3, kText, Justify<Side::kBoth>},
    {"str_ljust", 3, kText, Justify<Side::kRight>},
    {"str_rjust", 3, kText, Justify<Side::kLeft>},
    {"str_repeat", 2, kText, Repeat},
    {"str_count", 2, kInt, Count},
    {"str_find", 3, kInt, Find<false>},
    {"str_rfind", 3, kInt, Find<true>},
    {"str_isalpha", 1, kBool, Is<kAlpha>},
    {"str_isdigit", 1, kBool, Is<kDigit>},
    {"str_isnumeric", 1, kBool, Is<kNumeric>},
    {"str_isdecimal", 1, kBool, Is<kDecimal>},
    {"str_isalnum", 1, kBool, Is<kAlnum>},
    {"str_isspace", 1, kBool, Is<kSpace>},
    {"str_islower", 1, kBool, Is<kIsLower>},
    {"str_isupper", 1, kBool, Is<kIsUpper>},
    {"str_istitle", 1, kBool, Is<kIsTitle>},
};

}  // namespace

std::span<const TableFunction> TextFunctions() { return kFunctions; }

}  // namespace swath::kernels
