// A ScanSource for tests of plans: no data, and its text shows what was pushed into it: "fake[x, y | (x > 1)]".
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "arrow/compute/expression.h"
#include "arrow/type.h"

#include "swath/expr/frame/scan.h"

namespace swath::expr {

class FakeSource : public ops::ScanSource {
 public:
  FakeSource(std::shared_ptr<arrow::Schema> schema, int64_t partitions, std::string predicate = {})
      : schema_(std::move(schema)), partitions_(partitions), predicate_(std::move(predicate)) {}
  std::string_view format() const override { return "fake"; }
  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }
  int64_t partition_count() const override { return partitions_; }
  std::string PartitionName(int64_t partition) const override { return "part " + std::to_string(partition); }
  int64_t EstimatedBytes(int64_t) const override { return 1000; }
  Result<std::shared_ptr<const ops::ScanSource>> WithColumns(std::vector<std::string> columns) const override {
    arrow::FieldVector fields;
    for (const std::string& name : columns) fields.push_back(schema_->GetFieldByName(name));
    return std::make_shared<FakeSource>(arrow::schema(fields), partitions_, predicate_);
  }
  Result<std::shared_ptr<const ops::ScanSource>> WithPredicate(
      const arrow::compute::Expression& predicate) const override {
    return std::make_shared<FakeSource>(schema_, partitions_, predicate.ToString());
  }
  Result<std::unique_ptr<ops::BatchReader>> Open(int64_t, arrow::MemoryPool*) const override {
    return Status::NotImplemented("the fake source has no data");
  }
  std::string Fingerprint() const override { return ToString() + std::to_string(partitions_); }
  std::string ToString() const override {
    std::string text = ColumnList(schema_->field_names());
    if (!predicate_.empty()) text.insert(text.size() - 1, " | " + predicate_);
    return "fake" + text;
  }

 private:
  std::shared_ptr<arrow::Schema> schema_;
  int64_t partitions_;
  std::string predicate_;
};

// Columns k: text, x: int64, y: float64, z: int64; rows counted unless `index` names columns.
inline FramePtr FakeScan(int64_t partitions = 4, IndexLevels index = {}) {
  auto schema = arrow::schema({arrow::field("k", arrow::large_utf8()), arrow::field("x", arrow::int64()),
                               arrow::field("y", arrow::float64()), arrow::field("z", arrow::int64())});
  const bool count_rows = index.empty();
  return *ScanNode::Make(std::make_shared<FakeSource>(schema, partitions),
                         {.index = std::move(index), .count_rows = count_rows});
}

}  // namespace swath::expr
