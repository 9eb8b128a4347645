#include "swath/kernels/frame/batch_steps.h"

#include "arrow/array.h"
#include "arrow/array/util.h"
#include "arrow/compute/api_vector.h"
#include "arrow/compute/exec.h"
#include "arrow/record_batch.h"
#include "arrow/scalar.h"
#include "arrow/table.h"
#include "arrow/type.h"

namespace swath::kernels {

using arrow::compute::Expression;

namespace {

// The innermost, leftmost call of `expression` that fails on `input`; null when none does.
const Expression* FailingCall(const Expression& expression, const arrow::Schema& schema,
                              const arrow::compute::ExecBatch& input, arrow::compute::ExecContext* context) {
  const Expression::Call* call = expression.call();
  if (!call) return nullptr;
  for (const Expression& argument : call->arguments) {
    if (const Expression* inner = FailingCall(argument, schema, input, context)) return inner;
  }
  const auto bound = expression.Bind(schema, context);
  const bool runs = bound.ok() && arrow::compute::ExecuteScalarExpression(*bound, input, context).ok();
  return runs ? nullptr : &expression;
}

}  // namespace

Result<std::shared_ptr<arrow::RecordBatch>> FilterBatch(const std::shared_ptr<arrow::RecordBatch>& batch,
                                                        const std::shared_ptr<arrow::Array>& mask,
                                                        arrow::MemoryPool* pool) {
  const auto& truth = static_cast<const arrow::BooleanArray&>(*mask);
  const int64_t kept = truth.true_count();
  if (kept == batch->num_rows()) return batch;
  if (kept == 0) return batch->Slice(0, 0);
  arrow::compute::ExecContext context(pool);
  context.set_use_threads(false);
  ASSIGN_OR_RETURN(const arrow::Datum filtered,
                   arrow::compute::Filter(batch, mask, arrow::compute::FilterOptions::Defaults(), &context));
  return filtered.record_batch();
}

Result<BatchSteps> BatchSteps::Make(const ops::TablePipeline& pipeline, std::shared_ptr<arrow::Schema> input,
                                    std::span<const Value> scalars, arrow::MemoryPool* pool) {
  BatchSteps result;
  result.pool_ = pool;
  std::vector<std::shared_ptr<arrow::Field>> scalar_fields;
  for (const Value& value : scalars) {
    const Partition* partition = value.partition();
    CHECK(partition != nullptr && partition->table->num_columns() > 0);
    if (partition->table->num_rows() != 1) {
      return Status::Invalid("a scalar of the pipeline has ", partition->table->num_rows(), " rows, expected 1");
    }
    ASSIGN_OR_RETURN(auto scalar, partition->table->column(0)->GetScalar(0));
    scalar_fields.push_back(arrow::field("$" + std::to_string(scalar_fields.size()), scalar->type));
    result.scalars_.push_back(std::move(scalar));
  }
  arrow::compute::ExecContext context(pool);
  for (const ops::TableStep& given : pipeline.steps) {
    Step step;
    std::vector<std::shared_ptr<arrow::Field>> fields = input->fields();
    fields.insert(fields.end(), scalar_fields.begin(), scalar_fields.end());
    step.input = arrow::schema(std::move(fields));
    if (const auto* filter = std::get_if<ops::FilterStep>(&given)) {
      step.filter = true;
      ASSIGN_OR_RETURN(Expression bound, filter->predicate.Bind(*step.input, &context));
      if (bound.type()->id() != arrow::Type::BOOL) {
        return Status::TypeError("a filter must be of bool, not ", bound.type()->ToString(), ": ", bound.ToString());
      }
      step.expressions.push_back(std::move(bound));
      step.unbound = {filter->predicate};
      step.sites = filter->sites;
      step.output = input;
    } else {
      const auto& project = std::get<ops::ProjectStep>(given);
      CHECK(project.names.size() == project.expressions.size());
      std::vector<std::shared_ptr<arrow::Field>> outputs;
      for (size_t i = 0; i < project.names.size(); ++i) {
        ASSIGN_OR_RETURN(Expression bound, project.expressions[i].Bind(*step.input, &context));
        outputs.push_back(arrow::field(project.names[i], bound.type()->GetSharedPtr()));
        step.expressions.push_back(std::move(bound));
      }
      step.unbound = project.expressions;
      step.sites = project.sites;
      step.output = arrow::schema(std::move(outputs));
    }
    input = step.output;
    result.steps_.push_back(std::move(step));
  }
  result.output_ = std::move(input);
  return result;
}

Result<std::shared_ptr<arrow::RecordBatch>> BatchSteps::Run(std::shared_ptr<arrow::RecordBatch> batch) const {
  for (const Step& step : steps_) {
    auto result = RunStep(step, batch);
    if (!result.ok()) return Blame(step, *batch, result.status());
    batch = std::move(result).ValueUnsafe();
  }
  return batch;
}

arrow::compute::ExecBatch BatchSteps::InputOf(const Step& step, const arrow::RecordBatch& batch) const {
  std::vector<arrow::Datum> values;
  values.reserve(static_cast<size_t>(step.input->num_fields()));
  for (const auto& column : batch.columns()) values.emplace_back(column);
  for (const auto& scalar : scalars_) values.emplace_back(scalar);
  return {std::move(values), batch.num_rows()};
}

Status BatchSteps::Blame(const Step& step, const arrow::RecordBatch& batch, const Status& failure) const {
  if (step.sites.empty() || failure.IsOutOfMemory() || failure.IsCancelled()) return failure;
  arrow::compute::ExecContext context(pool_);
  context.set_use_threads(false);
  const arrow::compute::ExecBatch input = InputOf(step, batch);
  for (const Expression& expression : step.unbound) {
    const Expression* call = FailingCall(expression, *step.input, input, &context);
    if (call) return WithLocation(failure, step.sites.Find(*call));
  }
  return failure;
}

Result<std::shared_ptr<arrow::RecordBatch>> BatchSteps::RunStep(
    const Step& step, const std::shared_ptr<arrow::RecordBatch>& batch) const {
  arrow::compute::ExecContext context(pool_);
  context.set_use_threads(false);
  const arrow::compute::ExecBatch input = InputOf(step, *batch);
  const auto as_array = [&](arrow::Datum datum) -> Result<std::shared_ptr<arrow::Array>> {
    if (datum.is_scalar()) return arrow::MakeArrayFromScalar(*datum.scalar(), batch->num_rows(), pool_);
    return datum.make_array();
  };
  if (step.filter) {
    ASSIGN_OR_RETURN(arrow::Datum mask, arrow::compute::ExecuteScalarExpression(step.expressions[0], input, &context));
    ASSIGN_OR_RETURN(const auto array, as_array(std::move(mask)));
    return FilterBatch(batch, array, pool_);
  }
  std::vector<std::shared_ptr<arrow::Array>> columns;
  columns.reserve(step.expressions.size());
  for (const Expression& expression : step.expressions) {
    ASSIGN_OR_RETURN(arrow::Datum value, arrow::compute::ExecuteScalarExpression(expression, input, &context));
    ASSIGN_OR_RETURN(auto array, as_array(std::move(value)));
    columns.push_back(std::move(array));
  }
  return arrow::RecordBatch::Make(step.output, batch->num_rows(), std::move(columns));
}

}  // namespace swath::kernels
