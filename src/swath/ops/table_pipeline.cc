#include "swath/ops/table_pipeline.h"

#include "swath/ops/table_ops.h"

namespace swath::ops {
namespace {

std::string Join(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += ", ";
    text += part;
  }
  return text;
}

std::string Describe(const AggregateSink& sink) {
  std::vector<std::string> functions;
  functions.reserve(sink.aggregations.size());
  for (const Aggregation& a : sink.aggregations) functions.push_back(a.function + "(" + a.column + ")");
  return "keys=[" + Join(sink.keys) + "], " + Join(functions);
}

struct SinkText {
  std::string operator()(const CollectSink&) const { return "collect"; }
  std::string operator()(const HeadSink& sink) const { return "head(" + std::to_string(sink.rows) + ")"; }
  std::string operator()(const TailSink& sink) const { return "tail(" + std::to_string(sink.rows) + ")"; }
  std::string operator()(const CountSink&) const { return "count"; }
  std::string operator()(const AggregateSink& sink) const { return "aggregate(" + Describe(sink) + ")"; }
  std::string operator()(const TopSink& sink) const {
    return "top(" + std::to_string(sink.rows) + ", [" + Join(sink.columns) + "])";
  }
  std::string operator()(const WriteSink& sink) const { return sink.target ? sink.target->ToString() : "write"; }
};

struct StepText {
  std::string operator()(const FilterStep& step) const { return "filter(" + step.predicate.ToString() + ")"; }
  std::string operator()(const ProjectStep& step) const { return "project(" + Join(step.names) + ")"; }
};

}  // namespace

std::string TablePipeline::ToString() const {
  std::string text = scan ? scan->ToString() : "rows";
  for (const TableStep& step : steps) text += " | " + std::visit(StepText{}, step);
  return text + " | " + std::visit(SinkText{}, sink);
}

std::string MergeGroupsParams::ToString() const {
  return "merge_groups(" + Describe(groups) + (finish ? ")" : ", partial)");
}

std::string TableConcatParams::ToString() const {
  std::vector<std::string> keys;
  keys.reserve(sort_by.size());
  for (const SortKey& key : sort_by) keys.push_back(key.column + (key.descending ? " descending" : ""));
  return keys.empty() ? "concat" : "concat(sort_by=[" + Join(keys) + "])";
}

std::string ZipParams::ToString() const {
  std::vector<std::string> all;
  for (const auto& part : names) all.insert(all.end(), part.begin(), part.end());
  return "zip(" + Join(all) + ")";
}

std::string MergeCountsParams::ToString() const { return "merge_counts(" + output + ")"; }

std::string StackRowParams::ToString() const { return "stack_row(" + Join(names) + ")"; }

}  // namespace swath::ops
