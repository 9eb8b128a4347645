#include "swath/expr/lower/table_pipelines.h"

#include <algorithm>

#include "swath/base/cpu.h"
#include "swath/expr/frame/predicate.h"
#include "swath/expr/frame/project.h"
#include "swath/expr/lower/common_expressions.h"
#include "swath/graph/table_layer.h"

namespace swath::expr {
namespace {

// Numbers the scalars of a chain and rewrites "$<token>" to "$<number>".
class ScalarNumbers {
 public:
  explicit ScalarNumbers(Lowering* lowering) : lowering_(lowering) {}

  Result<Column> Rewrite(const Column& column) {
    if (column.scalars.empty()) return column;
    for (const FramePtr& scalar : column.scalars) {
      const std::string field = ScalarField(scalar);
      const auto known = [&](const NamedColumn& other) { return other.name == field; };
      if (std::any_of(fields_.begin(), fields_.end(), known)) continue;
      ASSIGN_OR_RETURN(const int32_t layer, lowering_->LayerOf(scalar));
      fields_.push_back({field, FieldColumn("$" + std::to_string(layers_.size()), scalar->schema()->field(0)->type())});
      layers_.push_back(layer);
    }
    return Substitute(column, fields_);
  }

  std::vector<int32_t> layers() && { return std::move(layers_); }

 private:
  Lowering* lowering_;
  std::vector<NamedColumn> fields_;
  std::vector<int32_t> layers_;
};

Status AddStep(const FrameNode& node, ScalarNumbers* scalars, PipelineChain* chain) {
  if (node.op() == FilterNode::kOp) {
    const auto& filter = static_cast<const FilterNode&>(node);
    ASSIGN_OR_RETURN(Column condition, scalars->Rewrite(filter.condition()));
    chain->steps.emplace_back(ops::FilterStep{FilterForm(condition.expression), std::move(condition.sites)});
    chain->filters = true;
    return Status::OK();
  }
  const auto& project = static_cast<const ProjectNode&>(node);
  ops::ProjectStep step;
  for (const NamedColumn& column : project.columns()) {
    ASSIGN_OR_RETURN(Column rewritten, scalars->Rewrite(column.column));
    step.names.push_back(column.name);
    step.expressions.push_back(std::move(rewritten.expression));
    step.sites.Unite(rewritten.sites);
  }
  for (ops::ProjectStep& part : ShareCommonExpressions(std::move(step))) chain->steps.emplace_back(std::move(part));
  return Status::OK();
}

}  // namespace

Result<PipelineChain> ChainOf(const FramePtr& node, Lowering* lowering) {
  std::vector<FramePtr> row_wise;
  FramePtr base = node;
  for (; base->row_wise(); base = AsFrame(base->inputs()[0])) row_wise.push_back(base);
  PipelineChain chain{.partitions = base->npartitions()};
  if (base->op() == ScanNode::kOp) {
    chain.scan = std::static_pointer_cast<const ScanNode>(base);
    chain.first_partition = chain.scan->SourcePartition(0);
    chain.counts_rows = chain.scan->options().count_rows;
  } else {
    ASSIGN_OR_RETURN(chain.rows, lowering->LayerOf(base));
  }
  ScalarNumbers scalars(lowering);
  for (auto step = row_wise.rbegin(); step != row_wise.rend(); ++step)
    RETURN_IF_ERROR(AddStep(**step, &scalars, &chain));
  chain.scalars = std::move(scalars).layers();
  return chain;
}

int32_t AddPipelines(PipelineChain chain, ops::TableSink sink, std::vector<int64_t> bounds,
                     graph::LayerDescription description, Lowering* lowering) {
  auto params = std::make_shared<ops::TablePipeline>();
  const auto shared = static_cast<int32_t>(chain.scalars.size());
  const auto tasks = static_cast<int64_t>(bounds.size()) - 1;
  params->scalar_inputs = shared;
  params->steps = std::move(chain.steps);
  params->sink = std::move(sink);
  std::vector<int32_t> inputs = std::move(chain.scalars);
  if (chain.scan) {
    params->scan = chain.source ? chain.source : chain.scan->source();
    if (chain.counts_rows) params->row_column = kRowColumn;
    params->ranges = bounds;
    for (int64_t& bound : params->ranges) bound += chain.first_partition;
  } else {
    inputs.push_back(chain.rows);
  }
  description.call = {ops::TablePipeline::kOp, std::move(params)};
  auto layer = chain.scan ? graph::TableLayer::OverScan(std::move(description), tasks, shared)
                          : graph::TableLayer::OverRows(std::move(description), std::move(bounds), shared);
  return lowering->graph().Add(std::move(layer), std::move(inputs));
}

namespace {

bool Reads(const arrow::compute::Expression& expression, const std::string& field) {
  const auto fields = arrow::compute::FieldsInExpression(expression);
  return std::any_of(fields.begin(), fields.end(),
                     [&](const arrow::FieldRef& ref) { return ref.name() && *ref.name() == field; });
}

// The column of the source that `name` is after the steps, where nothing else reads it on the way; else empty.
std::string SourceColumn(const PipelineChain& chain, std::string name) {
  for (auto step = chain.steps.rbegin(); step != chain.steps.rend(); ++step) {
    if (const auto* filter = std::get_if<ops::FilterStep>(&*step)) {
      if (Reads(filter->predicate, name)) return {};
      continue;
    }
    const auto& project = std::get<ops::ProjectStep>(*step);
    const auto at = std::find(project.names.begin(), project.names.end(), name);
    if (at == project.names.end()) return {};
    const arrow::FieldRef* field = project.expressions[static_cast<size_t>(at - project.names.begin())].field_ref();
    if (field == nullptr || !field->name()) return {};
    name = *field->name();
    const auto readers = std::count_if(project.expressions.begin(), project.expressions.end(),
                                       [&](const auto& expression) { return Reads(expression, name); });
    if (readers != 1) return {};
  }
  return name;
}

}  // namespace

Status ReadKeysAsDictionaries(ops::AggregateSink* sink, PipelineChain* chain) {
  if (!chain->scan) return Status::OK();
  std::vector<std::string> columns, keys;
  for (const std::string& key : sink->keys) {
    const auto aggregated = [&](const ops::Aggregation& a) { return a.column == key; };
    if (std::any_of(sink->aggregations.begin(), sink->aggregations.end(), aggregated)) continue;
    const std::string column = SourceColumn(*chain, key);
    const auto field = chain->scan->source()->schema()->GetFieldByName(column);
    if (!field || field->type()->id() != arrow::Type::LARGE_STRING) continue;
    columns.push_back(column);
    keys.push_back(key);
  }
  if (columns.empty()) return Status::OK();
  ASSIGN_OR_RETURN(chain->source, chain->scan->source()->WithDictionaries(columns));
  if (chain->source) sink->decoded_keys = std::move(keys);
  return Status::OK();
}

std::vector<int64_t> SinglePartitions(int64_t partitions) {
  std::vector<int64_t> bounds;
  for (int64_t p = 0; p <= partitions; ++p) bounds.push_back(p);
  return bounds;
}

std::vector<int64_t> FoldedPartitions(const PipelineChain& chain, int64_t per_core) {
  if (chain.counts_rows) return SinglePartitions(chain.partitions);
  const int64_t tasks = std::min(chain.partitions, per_core * CpuCount());
  std::vector<int64_t> bounds;
  for (int64_t t = 0; t <= tasks; ++t) bounds.push_back(chain.partitions * t / tasks);
  return bounds;
}

}  // namespace swath::expr
