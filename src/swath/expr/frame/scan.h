// ScanNode: a table on storage or in memory, as a ScanSource gives it.
#pragma once

#include <memory>
#include <vector>

#include "swath/expr/frame/frame_node.h"
#include "swath/ops/scan_source.h"

namespace swath::expr {

struct ScanOptions {
  IndexLevels index = {};  // columns of the source that are the index
  Divisions divisions = {};
  bool count_rows = false;               // the index is kRowColumn: the row number within the partition
  std::vector<int64_t> partitions = {};  // only these, in this order; empty: all
};

class ScanNode : public FrameNode {
 public:
  static constexpr std::string_view kOp = "scan";
  static Result<FramePtr> Make(std::shared_ptr<const ops::ScanSource> source, ScanOptions options);

  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr>) const override { return shared_node(); }
  Result<NodePtr> Restrict(const ColumnSet& needed, std::vector<NodePtr> inputs) const override;
  int64_t EstimatedBytes() const override { return estimated_bytes_; }

  const std::shared_ptr<const ops::ScanSource>& source() const { return source_; }
  const ScanOptions& options() const { return options_; }
  // Partition `number` of this node as a partition of the source.
  int64_t SourcePartition(int64_t number) const;
  Result<FramePtr> WithSource(std::shared_ptr<const ops::ScanSource> source) const;
  Result<FramePtr> WithPartitions(std::vector<int64_t> numbers) const;

 protected:
  std::string Details() const override { return source_->ToString(); }

 private:
  ScanNode(Token token, FrameType type, std::shared_ptr<const ops::ScanSource> source, ScanOptions options);
  NodePtr shared_node() const;
  std::shared_ptr<const ops::ScanSource> source_;
  ScanOptions options_;
  int64_t estimated_bytes_ = 0;
};

}  // namespace swath::expr
