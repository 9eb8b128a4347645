#include "swath/kernels/frame/column_function.h"

#include "arrow/array.h"
#include "arrow/array/util.h"
#include "arrow/compute/api_scalar.h"
#include "arrow/compute/cast.h"
#include "arrow/compute/function.h"
#include "arrow/compute/kernel.h"
#include "arrow/compute/registry.h"
#include "arrow/scalar.h"
#include "arrow/type.h"

#include "swath/ops/table_functions.h"

namespace swath::kernels {
namespace {

namespace cp = arrow::compute;

std::shared_ptr<arrow::DataType> TypeOf(ResultType result, const std::vector<arrow::TypeHolder>& types) {
  switch (result) {
    case ResultType::kFirst:
      return types[0].GetSharedPtr();
    case ResultType::kSecond:
      return types[1].GetSharedPtr();
    case ResultType::kBool:
      return arrow::boolean();
    case ResultType::kInt32:
      return arrow::int32();
    case ResultType::kInt64:
      return arrow::int64();
    case ResultType::kFloat64:
      return arrow::float64();
    case ResultType::kText:
      return arrow::large_utf8();
    case ResultType::kDate:
      return arrow::date32();
    case ResultType::kTime:
      return arrow::time64(arrow::TimeUnit::MICRO);
  }
  return nullptr;
}

struct FunctionState : public cp::KernelState {
  explicit FunctionState(const TableFunction& given) : function(given) {}
  const TableFunction& function;
};

Status Execute(cp::KernelContext* context, const cp::ExecSpan& batch, cp::ExecResult* out) {
  const TableFunction& function = static_cast<const FunctionState&>(*context->kernel()->data).function;
  ColumnCall call;
  call.length = batch.length;
  cp::ExecContext exec(context->memory_pool());
  exec.set_use_threads(false);
  call.context = &exec;
  std::vector<arrow::TypeHolder> types;
  for (const cp::ExecValue& value : batch.values) {
    if (value.is_scalar()) {
      call.arguments.emplace_back(value.scalar->GetSharedPtr());
    } else {
      call.arguments.emplace_back(value.array.ToArrayData());
    }
    types.emplace_back(call.arguments.back().type());
  }
  ASSIGN_OR_RETURN(arrow::Datum result, function.run(call));
  const auto type = TypeOf(function.result, types);
  if (!result.type()->Equals(*type)) {
    ASSIGN_OR_RETURN(result, call.CastTo(result, type));
  }
  if (result.is_scalar()) {
    ASSIGN_OR_RETURN(const auto array,
                     arrow::MakeArrayFromScalar(*result.scalar(), batch.length, context->memory_pool()));
    out->value = array->data();
  } else {
    out->value = result.array();
  }
  return Status::OK();
}

Status Register(const TableFunction& function) {
  const std::string name = std::string(ops::kTableFunctionPrefix) + std::string(function.name);
  std::vector<std::string> argument_names;
  for (int i = 0; i < function.arguments; ++i) argument_names.push_back("x" + std::to_string(i));
  auto scalar = std::make_shared<cp::ScalarFunction>(
      name, cp::Arity(function.arguments),
      cp::FunctionDoc("Column function " + name, "With pandas' meaning; see ops/table_functions.h.", argument_names));
  const ResultType result = function.result;
  cp::OutputType output(
      [result](cp::KernelContext*, const std::vector<arrow::TypeHolder>& types) -> Result<arrow::TypeHolder> {
        return arrow::TypeHolder(TypeOf(result, types));
      });
  const std::vector<cp::InputType> inputs(static_cast<size_t>(function.arguments), cp::InputType::Any());
  cp::ScalarKernel kernel(cp::KernelSignature::Make(inputs, std::move(output)), Execute);
  kernel.data = std::make_shared<FunctionState>(function);
  kernel.null_handling = cp::NullHandling::COMPUTED_NO_PREALLOCATE;
  kernel.mem_allocation = cp::MemAllocation::NO_PREALLOCATE;
  kernel.can_write_into_slices = false;
  RETURN_IF_ERROR(scalar->AddKernel(std::move(kernel)));
  return cp::GetFunctionRegistry()->AddFunction(std::move(scalar));
}

Status Expected(const char* what, const arrow::Datum& value) {
  return Status::TypeError("expected ", what, ", got ", value.is_scalar() ? value.scalar()->ToString() : "a column");
}

}  // namespace

bool ColumnCall::IsNull(size_t i) const { return arguments[i].is_scalar() && !arguments[i].scalar()->is_valid; }

Result<int64_t> ColumnCall::Int(size_t i) const {
  if (!arguments[i].is_scalar() || !arrow::is_integer(arguments[i].type()->id()) || IsNull(i))
    return Expected("an integer", arguments[i]);
  ASSIGN_OR_RETURN(const auto wide, arguments[i].scalar()->CastTo(arrow::int64()));
  return static_cast<const arrow::Int64Scalar&>(*wide).value;
}

Result<bool> ColumnCall::Bool(size_t i) const {
  if (!arguments[i].is_scalar() || arguments[i].type()->id() != arrow::Type::BOOL || IsNull(i))
    return Expected("a bool", arguments[i]);
  return arguments[i].scalar_as<arrow::BooleanScalar>().value;
}

Result<std::string> ColumnCall::Text(size_t i) const {
  if (!arguments[i].is_scalar() || !arrow::is_base_binary_like(arguments[i].type()->id()) || IsNull(i))
    return Expected("text", arguments[i]);
  return arguments[i].scalar_as<arrow::BaseBinaryScalar>().value->ToString();
}

Result<std::shared_ptr<arrow::Array>> ColumnCall::Array(size_t i) const {
  if (arguments[i].is_scalar())
    return arrow::MakeArrayFromScalar(*arguments[i].scalar(), length, context->memory_pool());
  return arguments[i].make_array();
}

Result<arrow::Datum> ColumnCall::Run(const char* function, std::vector<arrow::Datum> inputs,
                                     const cp::FunctionOptions* options) const {
  return cp::CallFunction(function, inputs, options, context);
}

Result<arrow::Datum> ColumnCall::CastTo(const arrow::Datum& value, const std::shared_ptr<arrow::DataType>& type) const {
  return cp::Cast(value, type, cp::CastOptions::Unsafe(type), context);
}

Result<arrow::Datum> ColumnCall::WithoutNulls(const arrow::Datum& value, bool otherwise) const {
  if (value.null_count() == 0) return value;
  return Run("coalesce", {value, arrow::Datum(otherwise)});
}

Status RegisterColumnFunctions() {
  for (const auto family : {NumberFunctions(), ConversionFunctions(), TextFunctions(), DateFunctions()}) {
    for (const TableFunction& function : family) RETURN_IF_ERROR(Register(function));
  }
  return Status::OK();
}

}  // namespace swath::kernels
