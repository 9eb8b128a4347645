#include "swath/ops/elementwise_dates.h"

namespace swath::ops {
namespace {

bool IsMoment(const DType& type) { return type.kind == Kind::kDateTime64; }
bool IsSpan(const DType& type) { return type.kind == Kind::kTimeDelta64; }
bool IsCount(const DType& type) { return type.is_bool() || type.is_integer(); }

Status CannotUse(const ElementwiseOp& op, std::span<const OperandType> operands) {
  const auto text = [](const DType& type) { return "dtype('" + type.ToString() + "')"; };
  if (operands.size() == 1) {
    return Status::TypeError("ufunc '", op.name, "' cannot use an operand of type ", text(operands[0].dtype));
  }
  return Status::TypeError("ufunc '", op.name, "' cannot use operands with types ", text(operands[0].dtype), " and ",
                           text(operands[1].dtype));
}

ElementwiseLoop Loop(const DType& a, const DType& b, const DType& result) { return {{a, b, kFloat64}, result}; }

// A count of the other operand's unit becomes a span.
DType AsSpan(const DType& type) { return IsSpan(type) ? type : DType::Date(Kind::kTimeDelta64, DateUnit::kGeneric); }

Result<ElementwiseLoop> ResolveAddSubtract(const ElementwiseOp& op, std::span<const OperandType> operands) {
  const DType &a = operands[0].dtype, &b = operands[1].dtype;
  const bool subtract = op.name == "subtract";
  const auto usable = [](const DType& type) { return type.is_date() || IsCount(type); };
  if (!usable(a) || !usable(b) || (IsMoment(b) && (subtract ? !IsMoment(a) : IsMoment(a))))
    return CannotUse(op, operands);
  const DType x = IsMoment(a) ? a : AsSpan(a), y = IsMoment(b) ? b : AsSpan(b);
  ASSIGN_OR_RETURN(const DType common, Promote(x, y));
  const DType moment = DType::Date(Kind::kDateTime64, common.unit), span = DType::Date(Kind::kTimeDelta64, common.unit);
  const DType result = IsMoment(a) != IsMoment(b) ? moment : span;
  return Loop(IsMoment(a) ? moment : span, IsMoment(b) ? moment : span, result);
}

Result<ElementwiseLoop> ResolveMultiply(const ElementwiseOp& op, std::span<const OperandType> operands) {
  const DType &a = operands[0].dtype, &b = operands[1].dtype;
  const DType& span = IsSpan(a) ? a : b;
  const DType& factor = IsSpan(a) ? b : a;
  if (!IsSpan(span) || factor.is_date() || !(IsCount(factor) || factor.is_floating())) return CannotUse(op, operands);
  const DType by = IsCount(factor) ? kInt64 : kFloat64;
  return Loop(IsSpan(a) ? span : by, IsSpan(a) ? by : span, span);
}

Result<ElementwiseLoop> ResolveDivision(const ElementwiseOp& op, std::span<const OperandType> operands) {
  const DType &a = operands[0].dtype, &b = operands[1].dtype;
  if (!IsSpan(a)) return CannotUse(op, operands);
  if (IsSpan(b)) {
    ASSIGN_OR_RETURN(const DType common, Promote(a, b));
    if (op.name == "remainder") return Loop(common, common, common);
    return Loop(common, common, op.name == "divide" ? kFloat64 : kInt64);
  }
  if (op.name == "remainder" || !(b.is_integer() || b.is_floating())) return CannotUse(op, operands);
  return Loop(a, b.is_integer() ? kInt64 : kFloat64, a);
}

// Comparisons, minimum and its like, clip: one kind of date (counts join spans).
Result<ElementwiseLoop> ResolveCommon(const ElementwiseOp& op, std::span<const OperandType> operands) {
  DType common = operands[0].dtype;
  bool moments = IsMoment(common), others = !IsMoment(common);
  for (const OperandType& operand : operands.subspan(1)) {
    moments |= IsMoment(operand.dtype);
    others |= !IsMoment(operand.dtype);
    if (moments && others) return CannotUse(op, operands);
    ASSIGN_OR_RETURN(common, Promote(common, operand.dtype));
  }
  return ElementwiseLoop{{common, common, common}, op.result == '?' ? kBool : common};
}

}  // namespace

Result<ElementwiseLoop> ResolveDates(const ElementwiseOp& op, std::span<const OperandType> operands) {
  const std::string_view name = op.name;
  const DType& first = operands[0].dtype;
  if (name == "add" || name == "subtract") return ResolveAddSubtract(op, operands);
  if (name == "multiply") return ResolveMultiply(op, operands);
  if (name == "divide" || name == "floor_divide" || name == "remainder") return ResolveDivision(op, operands);
  if (name == "isnat" || name == "isnan" || name == "isinf" || name == "isfinite") return Loop(first, first, kBool);
  if (name == "negative" || name == "positive" || name == "absolute" || name == "sign") {
    if (!IsSpan(first)) return CannotUse(op, operands);
    return Loop(first, first, first);
  }
  if (name.starts_with("logical_") && op.arity == 2) return ElementwiseLoop{{kBool, kBool, kBool}, kBool};
  if (name == "maximum" || name == "minimum" || name == "fmax" || name == "fmin" || name == "clip")
    return ResolveCommon(op, operands);
  if (op.result == '?' && op.arity == 2 && !op.symbol.empty()) return ResolveCommon(op, operands);
  if (name == "nan_to_num" || name == "real") return Loop(first, first, first);
  return Status::TypeError("ufunc '", name,
                           "' not supported for the input types, and the inputs could not be safely coerced to any "
                           "supported types according to the casting rule ''safe''");
}

}  // namespace swath::ops
