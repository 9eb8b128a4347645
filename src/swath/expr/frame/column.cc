#include "swath/expr/frame/column.h"

#include <algorithm>
#include <unordered_map>

#include "arrow/array.h"
#include "arrow/buffer.h"
#include "arrow/compute/api_scalar.h"
#include "arrow/compute/cast.h"
#include "arrow/compute/initialize.h"
#include "arrow/scalar.h"
#include "arrow/type.h"

#include "swath/expr/frame/frame_node.h"

namespace swath::expr {
namespace {

namespace cp = arrow::compute;

const std::string* FieldName(const cp::Expression& expression) {
  const arrow::FieldRef* reference = expression.field_ref();
  return reference ? reference->name() : nullptr;
}

void AddLiteral(const arrow::Scalar& scalar, TokenBuilder* builder) {
  builder->Add(scalar.type->ToString()).Add(int64_t{scalar.is_valid});
  if (!scalar.is_valid) return;
  if (scalar.type->id() == arrow::Type::DOUBLE) {
    builder->Add(static_cast<const arrow::DoubleScalar&>(scalar).value);  // ToString rounds
  } else if (arrow::is_base_binary_like(scalar.type->id())) {
    builder->Add(static_cast<const arrow::BaseBinaryScalar&>(scalar).view());
  } else {
    builder->Add(scalar.ToString());
  }
}

void AddExpression(const cp::Expression& expression, TokenBuilder* builder) {
  if (const std::string* name = FieldName(expression)) {
    builder->Add("field").Add(*name);
  } else if (const arrow::Datum* literal = expression.literal()) {
    AddLiteral(*literal->scalar(), &builder->Add("literal"));
  } else if (const cp::Expression::Call* call = expression.call()) {
    builder->Add("call").Add(call->function_name).Add(static_cast<int64_t>(call->arguments.size()));
    for (const cp::Expression& argument : call->arguments) AddExpression(argument, builder);
    if (!call->options) return;
    // Printed options may abbreviate a long value set; serialised ones never do.
    const auto bytes = call->options->Serialize();
    builder->Add(bytes.ok() ? (*bytes)->ToString() : call->options->ToString());
  }
}

void CollectFields(const cp::Expression& expression, std::vector<std::string>* names) {
  if (const std::string* name = FieldName(expression)) {
    if (std::find(names->begin(), names->end(), *name) == names->end()) names->push_back(*name);
  } else if (const cp::Expression::Call* call = expression.call()) {
    for (const cp::Expression& argument : call->arguments) CollectFields(argument, names);
  }
}

using FieldMap = std::unordered_map<std::string_view, const Column*>;

// `expression` with fields replaced; `result` takes over what belongs to its calls: scalars, and lines out of `sites`.
cp::Expression Replace(const cp::Expression& expression, const FieldMap& fields, const ops::CallSites& sites,
                       Column* result) {
  if (const std::string* name = FieldName(expression)) {
    const auto found = fields.find(*name);
    if (found == fields.end()) return expression;
    result->scalars = UniteScalars(result->scalars, found->second->scalars);
    result->sites.Unite(found->second->sites);
    return found->second->expression;
  }
  const cp::Expression::Call* call = expression.call();
  if (!call) return expression;
  std::vector<cp::Expression> arguments;
  arguments.reserve(call->arguments.size());
  for (const cp::Expression& argument : call->arguments) arguments.push_back(Replace(argument, fields, sites, result));
  cp::Expression replaced = cp::call(call->function_name, std::move(arguments), call->options);
  result->sites.Add(replaced, sites.Find(expression));
  return replaced;
}

}  // namespace

Column FieldColumn(const std::string& name, std::shared_ptr<arrow::DataType> type) {
  return {.expression = cp::field_ref(name), .type = std::move(type)};
}

Column LiteralColumn(std::shared_ptr<arrow::Scalar> value, bool weak) {
  auto type = value->type;
  return {.expression = cp::literal(arrow::Datum(std::move(value))), .type = std::move(type), .weak = weak};
}

std::string ScalarField(const FramePtr& one_row) { return "$" + one_row->token().ToString(); }

Column ScalarColumn(const FramePtr& one_row) {
  return {.expression = cp::field_ref(ScalarField(one_row)),
          .type = one_row->schema()->field(0)->type(),
          .scalars = {one_row}};
}

Column MakeCall(std::string_view function, std::vector<Column> arguments, std::shared_ptr<arrow::DataType> type,
                std::shared_ptr<cp::FunctionOptions> options) {
  Column result{.type = std::move(type)};
  std::vector<cp::Expression> expressions;
  expressions.reserve(arguments.size());
  for (Column& argument : arguments) {
    result.scalars = UniteScalars(result.scalars, argument.scalars);
    result.sites.Unite(argument.sites);
    expressions.push_back(std::move(argument.expression));
  }
  result.expression = cp::call(std::string(function), std::move(expressions), std::move(options));
  result.sites.Add(result.expression, LocationScope::Current());
  return result;
}

Result<std::shared_ptr<arrow::Scalar>> CastLiteral(const arrow::Scalar& value,
                                                   const std::shared_ptr<arrow::DataType>& type) {
  static const Status ready = cp::Initialize();
  RETURN_IF_ERROR(ready);
  if (value.type->Equals(*type)) return value.GetSharedPtr();
  ASSIGN_OR_RETURN(const arrow::Datum cast,
                   cp::Cast(arrow::Datum(value.GetSharedPtr()), cp::CastOptions::Unsafe(type)));
  return cast.scalar();
}

Column Cast(Column column, const std::shared_ptr<arrow::DataType>& type, bool safe) {
  if (column.type->Equals(*type)) {
    column.weak = false;
    return column;
  }
  if (const arrow::Datum* literal = column.expression.literal()) {
    auto folded = CastLiteral(*literal->scalar(), type);
    if (folded.ok()) return LiteralColumn(std::move(folded).ValueUnsafe());
  }
  auto options = std::make_shared<cp::CastOptions>(safe ? cp::CastOptions::Safe(type) : cp::CastOptions::Unsafe(type));
  return MakeCall("cast", {std::move(column)}, type, std::move(options));
}

std::vector<FramePtr> UniteScalars(const std::vector<FramePtr>& a, const std::vector<FramePtr>& b) {
  if (b.empty()) return a;
  std::vector<FramePtr> result = a;
  for (const FramePtr& scalar : b) {
    const auto same = [&](const FramePtr& other) { return other->token() == scalar->token(); };
    if (std::none_of(result.begin(), result.end(), same)) result.push_back(scalar);
  }
  return result;
}

Column Substitute(const Column& column, const std::vector<NamedColumn>& fields) {
  FieldMap map;
  for (const NamedColumn& field : fields) map.emplace(field.name, &field.column);
  Column result{.type = column.type, .scalars = column.scalars, .weak = column.weak};
  result.expression = Replace(column.expression, map, column.sites, &result);
  return result;
}

std::vector<std::string> FieldsOf(const cp::Expression& expression) {
  std::vector<std::string> names;
  CollectFields(expression, &names);
  return names;
}

void AddToToken(const Column& column, TokenBuilder* builder) {
  builder->Add(column.type->ToString());
  AddExpression(column.expression, builder);  // scalars are in it by their tokens
}

}  // namespace swath::expr
