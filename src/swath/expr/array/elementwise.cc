#include "swath/expr/array/elementwise.h"

#include "swath/expr/array/view.h"
#include "swath/ops/elementwise.h"

namespace swath::expr {
namespace {

using Argument = ElementwiseNode::Argument;

Result<ArrayPtr> MakeNode(std::string_view function, std::vector<NodePtr> inputs, std::vector<Argument> arguments,
                          DType dtype) {
  std::vector<const ops::Grid*> grids;
  TokenBuilder token("elementwise");
  token.Add(function);
  AddDType(token, dtype);
  for (const NodePtr& input : inputs) {
    grids.push_back(&AsArray(input)->grid());
    token.Add(input->token());
  }
  for (const Argument& argument : arguments) {
    token.Add(int64_t{argument.input});
    AddDType(token, argument.constant.dtype)
        .Add(argument.constant.i)
        .Add(argument.constant.re)
        .Add(argument.constant.im);
  }
  ASSIGN_OR_RETURN(ops::Grid grid, UnifyGrids(grids));
  return InternAs<ArrayNode>(std::make_shared<ElementwiseNode>(token.Finish(), std::move(inputs), dtype,
                                                               std::move(grid), function, std::move(arguments)));
}

// An input that stands twice is one input read twice.
int32_t AddInput(const NodePtr& input, std::vector<NodePtr>* inputs) {
  for (size_t i = 0; i < inputs->size(); ++i) {
    if ((*inputs)[i] == input) return static_cast<int32_t>(i);
  }
  inputs->push_back(input);
  return static_cast<int32_t>(inputs->size()) - 1;
}

}  // namespace

Result<ArrayPtr> MakeElementwise(std::string_view op, const std::vector<ArrayOperand>& operands,
                                 std::optional<DType> dtype) {
  ASSIGN_OR_RETURN(const ops::ElementwiseOp* row, ops::FindElementwise(op));
  if (static_cast<int32_t>(operands.size()) != row->arity) {
    return Status::TypeError(row->name, "() takes ", row->arity, row->arity == 1 ? " argument" : " arguments", " but ",
                             operands.size(), " were given");
  }
  std::vector<ops::OperandType> types;
  for (const ArrayOperand& operand : operands) {
    types.push_back(operand.array ? ops::OperandType{operand.array->dtype(), false}
                                  : ops::OperandType{operand.scalar.dtype, operand.weak});
    if (dtype && row->result == '=') types.back() = {*dtype, false};
  }
  ASSIGN_OR_RETURN(const ops::ElementwiseLoop loop, ops::ResolveElementwise(*row, types));
  std::vector<NodePtr> inputs;
  std::vector<Argument> arguments;
  for (size_t i = 0; i < operands.size(); ++i) {
    if (operands[i].array) {
      ASSIGN_OR_RETURN(const ArrayPtr cast, MakeCast(operands[i].array, loop.arguments[i]));
      arguments.push_back({AddInput(cast, &inputs), {}});
      continue;
    }
    auto scalar = operands[i].weak ? ops::CastWeakScalar(operands[i].scalar, loop.arguments[i])
                                   : ops::CastScalar(operands[i].scalar, loop.arguments[i]);
    if (!scalar.ok()) return scalar.status();
    arguments.push_back({-1, *scalar});
  }
  if (inputs.empty()) return Status::TypeError(row->name, "() needs at least one array; got only scalars");
  auto made = MakeNode(row->name, std::move(inputs), std::move(arguments), loop.result);
  if (!made.ok()) return made.status();
  if (dtype && (*made)->dtype() != *dtype) return MakeCast(*made, *dtype);
  return made;
}

Result<ArrayPtr> MakeCast(const ArrayPtr& x, DType dtype, std::string_view casting) {
  if (x->dtype() == dtype) return x;
  ASSIGN_OR_RETURN(const bool allowed, CanCast(x->dtype(), dtype, casting));
  if (!allowed) {
    return Status::TypeError("Cannot cast array data from dtype('", x->dtype().ToString(), "') to dtype('",
                             dtype.ToString(), "') according to the rule '", casting, "'");
  }
  ASSIGN_OR_RETURN(const ops::ElementwiseOp* row, ops::FindElementwise("cast"));
  return MakeNode(row->name, {x}, {{0, {}}}, dtype);
}

std::string ElementwiseNode::Label() const {
  if (function_ == "cast") return "astype(" + dtype().ToString() + ")";
  bool any_constant = false;
  std::string text(function_);
  text += "(";
  for (size_t i = 0; i < arguments_.size(); ++i) {
    if (i > 0) text += ", ";
    any_constant |= arguments_[i].input < 0;
    text += arguments_[i].input < 0 ? arguments_[i].constant.ToString() : "#" + std::to_string(arguments_[i].input);
  }
  return any_constant ? text + ")" : std::string(function_);
}

Result<NodePtr> ElementwiseNode::WithInputs(std::vector<NodePtr> inputs) const {
  // Two inputs may have become one.
  std::vector<NodePtr> distinct;
  std::vector<Argument> arguments = arguments_;
  for (Argument& argument : arguments) {
    if (argument.input >= 0) argument.input = AddInput(inputs[argument.input], &distinct);
  }
  return MakeNode(function_, std::move(distinct), std::move(arguments), dtype());
}

}  // namespace swath::expr
