#include "swath/expr/frame/scan.h"

#include <algorithm>

#include "arrow/scalar.h"
#include "arrow/type.h"

namespace swath::expr {

ScanNode::ScanNode(Token token, FrameType type, std::shared_ptr<const ops::ScanSource> source, ScanOptions options)
    : FrameNode(token, {}, std::move(type)), source_(std::move(source)), options_(std::move(options)) {
  int64_t total = 0;
  for (int64_t p = 0; p < npartitions(); ++p) total += source_->EstimatedBytes(SourcePartition(p));
  estimated_bytes_ = npartitions() > 0 ? total / npartitions() : 0;
}

Result<FramePtr> ScanNode::Make(std::shared_ptr<const ops::ScanSource> source, ScanOptions options) {
  TokenBuilder builder(kOp);
  builder.Add(source->Fingerprint()).Add(int64_t{options.count_rows}).Add(std::span<const int64_t>(options.partitions));
  FrameType type{source->schema(), options.index, source->partition_count(), {}};
  if (!options.partitions.empty()) type.npartitions = static_cast<int64_t>(options.partitions.size());
  if (options.count_rows) {
    ASSIGN_OR_RETURN(type.schema,
                     type.schema->AddField(type.schema->num_fields(), arrow::field(kRowColumn, arrow::int64())));
    type.index = {{kRowColumn, std::nullopt}};
  }
  type.index = LevelsIn(type.index, *type.schema);
  for (const IndexLevel& level : type.index) builder.Add(level.column).Add(level.label.value_or("\x01"));
  if (!type.index.empty() && options.partitions.empty()) type.divisions = options.divisions;
  for (const auto& division : type.divisions) builder.Add(division->ToString());
  return InternAs<FrameNode>(std::shared_ptr<const ScanNode>(
      new ScanNode(builder.Finish(), std::move(type), std::move(source), std::move(options))));
}

NodePtr ScanNode::shared_node() const {
  return Intern(std::shared_ptr<const ScanNode>(new ScanNode(token(), type(), source_, options_)));
}

int64_t ScanNode::SourcePartition(int64_t number) const {
  return options_.partitions.empty() ? number : options_.partitions[static_cast<size_t>(number)];
}

Result<NodePtr> ScanNode::Restrict(const ColumnSet& needed, std::vector<NodePtr>) const {
  std::vector<std::string> columns;
  for (const auto& field : source_->schema()->fields()) {
    if (needed.contains(field->name())) columns.push_back(field->name());
  }
  ScanOptions options = options_;
  options.count_rows = options_.count_rows && needed.contains(kRowColumn);
  auto source = source_;
  if (static_cast<int>(columns.size()) < source_->schema()->num_fields()) {
    ASSIGN_OR_RETURN(source, source_->WithColumns(std::move(columns)));
  }
  ASSIGN_OR_RETURN(FramePtr scan, Make(std::move(source), std::move(options)));
  return scan;
}

Result<FramePtr> ScanNode::WithSource(std::shared_ptr<const ops::ScanSource> source) const {
  return Make(std::move(source), options_);
}

Result<FramePtr> ScanNode::WithPartitions(std::vector<int64_t> numbers) const {
  ScanOptions options = options_;
  options.divisions = {};
  for (int64_t& number : numbers) number = SourcePartition(number);
  options.partitions = std::move(numbers);
  return Make(source_, std::move(options));
}

}  // namespace swath::expr
