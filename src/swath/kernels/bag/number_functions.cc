// Arithmetic, comparison and conversions with Python's rules: floor division, exact comparison of int and float, true
// division that is rounded once. Integers that leave 64 bits are Python's to compute.
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>

#include "swath/base/number_text.h"
#include "swath/kernels/bag/item_functions.h"

namespace swath::kernels {
namespace {

using ops::BagItem;
using ops::ItemKind;
using Arguments = std::span<const BagItem>;

constexpr int64_t kExactInFloat = int64_t{1} << 53;

std::string Name(const BagItem& item) {
  if (item.kind == ItemKind::kDocument && !IsRecordDocument(item)) return "list";
  return std::string(TypeName(item));
}

BagItem Unsupported(std::string_view symbol, const BagItem& a, const BagItem& b, ItemScratch& scratch) {
  return scratch.TypeError("unsupported operand type(s) for " + std::string(symbol) + ": '" + Name(a) + "' and '" +
                           Name(b) + "'");
}

BagItem Overflow(ItemScratch& scratch) { return scratch.OnlyPython("an integer beyond 64 bits"); }
BagItem DivisionByZero(std::string_view what, ItemScratch& scratch) { return scratch.ValueError(std::string(what)); }

bool BothNumbers(Arguments x) { return x[0].is_number() && x[1].is_number(); }
bool BothIntegral(Arguments x) { return x[0].is_integral() && x[1].is_integral(); }

BagItem Concatenate(const BagItem& a, const BagItem& b, ItemScratch& scratch) {
  if (a.is_text()) {
    const size_t size = size_t{a.size} + b.size;
    if (size > std::numeric_limits<uint32_t>::max()) return scratch.OnlyPython("text above 4 GiB");
    char* bytes = scratch.arena().Bytes(size);
    std::copy_n(a.text, a.size, bytes);
    std::copy_n(b.text, b.size, bytes + a.size);
    return BagItem::Text({bytes, size});
  }
  BagItem* items = scratch.arena().Items(size_t{a.size} + b.size);
  std::copy_n(a.items, a.size, items);
  std::copy_n(b.items, b.size, items + a.size);
  return a.kind == ItemKind::kList ? BagItem::List(items, a.size + b.size) : BagItem::Tuple(items, a.size + b.size);
}

BagItem Add(Arguments x, ItemScratch& scratch) {
  if (BothIntegral(x)) {
    int64_t sum = 0;
    if (__builtin_add_overflow(x[0].as_int(), x[1].as_int(), &sum)) return Overflow(scratch);
    return BagItem::Int(sum);
  }
  if (BothNumbers(x)) return BagItem::Float(x[0].as_float() + x[1].as_float());
  const BagItem a = scratch.Plain(x[0]);
  const BagItem b = scratch.Plain(x[1]);
  if (a.failed() || b.failed()) return BagItem::Failed();
  if (a.kind == b.kind && (a.is_text() || a.kind == ItemKind::kList || a.kind == ItemKind::kTuple)) {
    return Concatenate(a, b, scratch);
  }
  return a.kind == ItemKind::kBytes ? scratch.OnlyPython("bytes") : Unsupported("+", a, b, scratch);
}

BagItem Subtract(Arguments x, ItemScratch& scratch) {
  if (BothIntegral(x)) {
    int64_t difference = 0;
    if (__builtin_sub_overflow(x[0].as_int(), x[1].as_int(), &difference)) return Overflow(scratch);
    return BagItem::Int(difference);
  }
  if (BothNumbers(x)) return BagItem::Float(x[0].as_float() - x[1].as_float());
  return Unsupported("-", x[0], x[1], scratch);
}

BagItem Multiply(Arguments x, ItemScratch& scratch) {
  if (BothIntegral(x)) {
    int64_t product = 0;
    if (__builtin_mul_overflow(x[0].as_int(), x[1].as_int(), &product)) return Overflow(scratch);
    return BagItem::Int(product);
  }
  if (BothNumbers(x)) return BagItem::Float(x[0].as_float() * x[1].as_float());
  if (x[0].is_integral() || x[1].is_integral()) return scratch.OnlyPython("repetition");
  return Unsupported("*", x[0], x[1], scratch);
}

BagItem TrueDivide(Arguments x, ItemScratch& scratch) {
  if (!BothNumbers(x)) return Unsupported("/", x[0], x[1], scratch);
  if (x[1].as_float() == 0) {
    return DivisionByZero(BothIntegral(x) ? "division by zero" : "float division by zero", scratch);
  }
  if (BothIntegral(x)) {
    for (const BagItem& side : x) {
      if (side.as_int() > kExactInFloat || side.as_int() < -kExactInFloat) return Overflow(scratch);
    }
  }
  return BagItem::Float(x[0].as_float() / x[1].as_float());
}

// CPython's float_divmod.
void FloatDivMod(double a, double b, double* quotient, double* remainder) {
  double mod = std::fmod(a, b);
  double div = (a - mod) / b;
  if (mod != 0) {
    if ((b < 0) != (mod < 0)) {
      mod += b;
      div -= 1.0;
    }
  } else {
    mod = std::copysign(0.0, b);
  }
  if (div != 0) {
    *quotient = std::floor(div);
    if (div - *quotient > 0.5) *quotient += 1.0;
  } else {
    *quotient = std::copysign(0.0, a / b);
  }
  *remainder = mod;
}

BagItem FloorDivide(Arguments x, ItemScratch& scratch) {
  if (!BothNumbers(x)) return Unsupported("//", x[0], x[1], scratch);
  if (BothIntegral(x)) {
    const int64_t a = x[0].as_int();
    const int64_t b = x[1].as_int();
    if (b == 0) return DivisionByZero("integer division or modulo by zero", scratch);
    if (a == std::numeric_limits<int64_t>::min() && b == -1) return Overflow(scratch);
    return BagItem::Int(a / b - ((a % b != 0) && ((a < 0) != (b < 0))));
  }
  if (x[1].as_float() == 0) return DivisionByZero("float floor division by zero", scratch);
  double quotient = 0;
  double remainder = 0;
  FloatDivMod(x[0].as_float(), x[1].as_float(), &quotient, &remainder);
  return BagItem::Float(quotient);
}

BagItem Modulo(Arguments x, ItemScratch& scratch) {
  if (x[0].is_text() || x[0].kind == ItemKind::kBytes) return scratch.OnlyPython("% of text");
  if (!BothNumbers(x)) return Unsupported("%", x[0], x[1], scratch);
  if (BothIntegral(x)) {
    const int64_t a = x[0].as_int();
    const int64_t b = x[1].as_int();
    if (b == 0) return DivisionByZero("integer modulo by zero", scratch);
    if (b == -1) return BagItem::Int(0);
    const int64_t rest = a % b;
    return BagItem::Int(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest);
  }
  if (x[1].as_float() == 0) return DivisionByZero("float modulo", scratch);
  double quotient = 0;
  double remainder = 0;
  FloatDivMod(x[0].as_float(), x[1].as_float(), &quotient, &remainder);
  return BagItem::Float(remainder);
}

BagItem Power(Arguments x, ItemScratch& scratch) {
  if (!BothNumbers(x)) return Unsupported("** or pow()", x[0], x[1], scratch);
  if (BothIntegral(x) && x[1].as_int() >= 0) {
    int64_t base = x[0].as_int();
    int64_t result = 1;
    bool base_overflows = false;
    for (int64_t exponent = x[1].as_int(); exponent > 0; exponent >>= 1) {
      if (exponent & 1) {
        if (base_overflows || __builtin_mul_overflow(result, base, &result)) return Overflow(scratch);
      }
      base_overflows = base_overflows || __builtin_mul_overflow(base, base, &base);
    }
    return BagItem::Int(result);
  }
  const double a = x[0].as_float();
  const double b = x[1].as_float();
  if (a == 0 && b < 0) return DivisionByZero("0.0 cannot be raised to a negative power", scratch);
  if (a < 0 && std::isfinite(b) && std::floor(b) != b) return scratch.OnlyPython("a complex power");
  const double power = std::pow(a, b);
  if (std::isinf(power) && std::isfinite(a) && std::isfinite(b)) return scratch.OnlyPython("a power beyond floats");
  return BagItem::Float(power);
}

BagItem Negate(Arguments x, ItemScratch& scratch) {
  if (x[0].kind == ItemKind::kFloat) return BagItem::Float(-x[0].number);
  if (!x[0].is_integral()) return scratch.TypeError("bad operand type for unary -: '" + Name(x[0]) + "'");
  if (x[0].as_int() == std::numeric_limits<int64_t>::min()) return Overflow(scratch);
  return BagItem::Int(-x[0].as_int());
}

BagItem Positive(Arguments x, ItemScratch& scratch) {
  if (x[0].kind == ItemKind::kFloat) return x[0];
  if (!x[0].is_integral()) return scratch.TypeError("bad operand type for unary +: '" + Name(x[0]) + "'");
  return BagItem::Int(x[0].as_int());
}

BagItem Absolute(Arguments x, ItemScratch& scratch) {
  if (x[0].kind == ItemKind::kFloat) return BagItem::Float(std::fabs(x[0].number));
  if (!x[0].is_integral()) return scratch.TypeError("bad operand type for abs(): '" + Name(x[0]) + "'");
  return x[0].as_int() < 0 ? Negate(x, scratch) : BagItem::Int(x[0].as_int());
}

BagItem Invert(Arguments x, ItemScratch& scratch) {
  if (!x[0].is_integral()) return scratch.TypeError("bad operand type for unary ~: '" + Name(x[0]) + "'");
  return BagItem::Int(~x[0].as_int());
}

template <typename Operation>
BagItem Bitwise(Arguments x, ItemScratch& scratch, std::string_view symbol, Operation operation) {
  if (!BothIntegral(x)) {
    const bool records = Name(x[0]) == "dict" && Name(x[1]) == "dict";
    return records ? scratch.OnlyPython("merged dicts") : Unsupported(symbol, x[0], x[1], scratch);
  }
  const int64_t result = operation(x[0].as_int(), x[1].as_int());
  const bool booleans = x[0].kind == ItemKind::kBool && x[1].kind == ItemKind::kBool;
  return booleans ? BagItem::Bool(result != 0) : BagItem::Int(result);
}

BagItem And(Arguments x, ItemScratch& scratch) {
  return Bitwise(x, scratch, "&", [](int64_t a, int64_t b) { return a & b; });
}
BagItem Or(Arguments x, ItemScratch& scratch) {
  return Bitwise(x, scratch, "|", [](int64_t a, int64_t b) { return a | b; });
}
BagItem Xor(Arguments x, ItemScratch& scratch) {
  return Bitwise(x, scratch, "^", [](int64_t a, int64_t b) { return a ^ b; });
}

// Calls `holds` with the order of two values that have one.
template <typename Holds>
BagItem Ordered(Arguments x, ItemScratch& scratch, std::string_view symbol, Holds holds) {
  const BagItem a = scratch.Plain(x[0]);
  const BagItem b = scratch.Plain(x[1]);
  if (a.failed() || b.failed()) return BagItem::Failed();
  const int order = CompareItems(a, b);
  if (order == ops::kUnorderable) {
    return scratch.TypeError("'" + std::string(symbol) + "' not supported between instances of '" + Name(a) +
                             "' and '" + Name(b) + "'");
  }
  return BagItem::Bool(order != ops::kUnordered && holds(order));
}

BagItem Less(Arguments x, ItemScratch& scratch) {
  return Ordered(x, scratch, "<", [](int order) { return order < 0; });
}
BagItem LessEqual(Arguments x, ItemScratch& scratch) {
  return Ordered(x, scratch, "<=", [](int order) { return order <= 0; });
}
BagItem Greater(Arguments x, ItemScratch& scratch) {
  return Ordered(x, scratch, ">", [](int order) { return order > 0; });
}
BagItem GreaterEqual(Arguments x, ItemScratch& scratch) {
  return Ordered(x, scratch, ">=", [](int order) { return order >= 0; });
}

BagItem Equal(Arguments x, ItemScratch& scratch) {
  const BagItem a = scratch.Plain(x[0]);
  const BagItem b = scratch.Plain(x[1]);
  if (a.failed() || b.failed()) return BagItem::Failed();
  return BagItem::Bool(ItemsEqual(a, b));
}

BagItem NotEqual(Arguments x, ItemScratch& scratch) {
  const BagItem equal = Equal(x, scratch);
  return equal.failed() ? equal : BagItem::Bool(!equal.boolean);
}

BagItem Not(Arguments x, ItemScratch& scratch) {
  const BagItem plain = scratch.Plain(x[0]);
  return plain.failed() ? plain : BagItem::Bool(!IsTruthy(plain));
}

BagItem ToBool(Arguments x, ItemScratch& scratch) {
  const BagItem plain = scratch.Plain(x[0]);
  return plain.failed() ? plain : BagItem::Bool(IsTruthy(plain));
}

// min(a, b) keeps the first unless the second is smaller.
BagItem Min2(Arguments x, ItemScratch& scratch) {
  const BagItem smaller = Less(std::array{x[1], x[0]}, scratch);
  return smaller.failed() ? smaller : x[smaller.boolean ? 1 : 0];
}
BagItem Max2(Arguments x, ItemScratch& scratch) {
  const BagItem larger = Greater(std::array{x[1], x[0]}, scratch);
  return larger.failed() ? larger : x[larger.boolean ? 1 : 0];
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n\r\f\v";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

BagItem FloatToInt(double value, ItemScratch& scratch) {
  if (std::isnan(value)) return scratch.ValueError("cannot convert float NaN to integer");
  if (!(value > -9.2e18 && value < 9.2e18)) return scratch.OnlyPython("an integer beyond 64 bits");
  return BagItem::Int(static_cast<int64_t>(value));
}

BagItem ToInt(Arguments x, ItemScratch& scratch) {
  if (x[0].is_integral()) return BagItem::Int(x[0].as_int());
  if (x[0].kind == ItemKind::kFloat) return FloatToInt(x[0].number, scratch);
  if (!x[0].is_text()) {
    return scratch.TypeError("int() argument must be a string, a bytes-like object or a real number, not '" +
                             Name(x[0]) + "'");
  }
  std::string_view digits = Trimmed(x[0].view());
  if (digits.starts_with('+') && digits.size() > 1 && digits[1] != '-') digits.remove_prefix(1);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc() && end == digits.data() + digits.size()) return BagItem::Int(value);
  return scratch.ValueError("invalid literal for int() with base 10: " + ItemRepr(x[0]));
}

BagItem ToFloat(Arguments x, ItemScratch& scratch) {
  if (x[0].is_number()) return BagItem::Float(x[0].as_float());
  if (!x[0].is_text()) {
    return scratch.TypeError("float() argument must be a string or a real number, not '" + Name(x[0]) + "'");
  }
  std::string_view digits = Trimmed(x[0].view());
  if (digits.starts_with('+') && digits.size() > 1 && digits[1] != '-') digits.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  // Words ("inf", "nan(1)") and out of range: Python's own rules.
  const bool plain = digits.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
  if (plain && error == std::errc() && end == digits.data() + digits.size()) return BagItem::Float(value);
  return scratch.ValueError("could not convert string to float: " + ItemRepr(x[0]));
}

BagItem ToText(Arguments x, ItemScratch& scratch) {
  if (x[0].is_text()) return x[0];
  if (!x[0].is_number() && x[0].kind != ItemKind::kNone) return scratch.OnlyPython("str() of " + Name(x[0]));
  return BagItem::Text(scratch.arena().Copy(ItemRepr(x[0])));
}

// round() of a float to digits rounds its exact decimal value, as printf does.
BagItem RoundDigits(double value, int64_t digits, ItemScratch& scratch) {
  if (!std::isfinite(value)) return BagItem::Float(value);
  if (digits < 0 || digits > 300) return scratch.OnlyPython("round() to such digits");
  char text[800];
  const int size = std::snprintf(text, sizeof text, "%.*f", static_cast<int>(digits), value);
  double rounded = 0;
  std::from_chars(text, text + size, rounded);
  return BagItem::Float(rounded);
}

BagItem Round(Arguments x, ItemScratch& scratch) {
  if (!x[0].is_number()) return scratch.TypeError("type " + Name(x[0]) + " doesn't define __round__ method");
  const bool to_integer = x.size() < 2 || x[1].kind == ItemKind::kNone;
  if (to_integer) {
    return x[0].is_integral() ? BagItem::Int(x[0].as_int()) : FloatToInt(std::nearbyint(x[0].number), scratch);
  }
  if (!x[1].is_integral()) return scratch.TypeError("'" + Name(x[1]) + "' object cannot be interpreted as an integer");
  if (x[0].is_integral()) {
    return x[1].as_int() >= 0 ? BagItem::Int(x[0].as_int()) : scratch.OnlyPython("round() of an int to tens");
  }
  return RoundDigits(x[0].number, x[1].as_int(), scratch);
}

constexpr ItemFunctionRow kRows[] = {
    {"add", Add},
    {"sub", Subtract},
    {"mul", Multiply},
    {"truediv", TrueDivide},
    {"floordiv", FloorDivide},
    {"mod", Modulo},
    {"pow", Power},
    {"neg", Negate},
    {"pos", Positive},
    {"abs", Absolute},
    {"invert", Invert},
    {"and_", And},
    {"or_", Or},
    {"xor", Xor},
    {"lt", Less},
    {"le", LessEqual},
    {"gt", Greater},
    {"ge", GreaterEqual},
    {"eq", Equal},
    {"ne", NotEqual},
    {"not", Not},
    {"bool", ToBool},
    {"min2", Min2},
    {"max2", Max2},
    {"int", ToInt},
    {"float", ToFloat},
    {"str", ToText},
    {"round", Round},
};

}  // namespace

std::span<const ItemFunctionRow> ItemNumberFunctions() { return kRows; }

}  // namespace swath::kernels
