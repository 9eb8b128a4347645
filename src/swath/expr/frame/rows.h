// Nodes that choose, count or regroup rows without looking at them: head and tail, some partitions, other partition
// sizes, the number of rows.
#pragma once

#include <vector>

#include "swath/expr/frame/frame_node.h"

namespace swath::expr {

// The first rows of the first `partitions` partitions, or the last rows of the last one. One partition.
class LimitNode : public FrameNode {
 public:
  static constexpr std::string_view kOp = "limit";
  // head: `partitions` in [1, npartitions] or -1 for all; Invalid otherwise. tail: ignored. A negative `rows` is none.
  static Result<FramePtr> Make(const FramePtr& input, int64_t rows, int64_t partitions, bool tail);

  std::string_view op() const override { return tail_ ? "tail" : "head"; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  ColumnSet InputColumns(const ColumnSet& needed, size_t) const override { return needed; }
  FramePtr input() const { return AsFrame(inputs_[0]); }
  int64_t rows() const { return rows_; }
  int64_t partitions() const { return partitions_; }
  bool tail() const { return tail_; }

 protected:
  std::string Details() const override { return std::to_string(rows_); }

 private:
  LimitNode(Token token, std::vector<NodePtr> inputs, FrameType type, int64_t rows, int64_t partitions, bool tail)
      : FrameNode(token, std::move(inputs), std::move(type)), rows_(rows), partitions_(partitions), tail_(tail) {}
  int64_t rows_, partitions_;
  bool tail_;
};

// The number of rows: one row, int64 column "count".
class CountNode : public FrameNode {
 public:
  static constexpr std::string_view kOp = "len";
  static Result<FramePtr> Make(const FramePtr& input);

  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  ColumnSet InputColumns(const ColumnSet&, size_t) const override { return {}; }
  FramePtr input() const { return AsFrame(inputs_[0]); }

 private:
  CountNode(Token token, std::vector<NodePtr> inputs, FrameType type)
      : FrameNode(token, std::move(inputs), std::move(type)) {}
};

// Some partitions, in the order given.
class PartitionsNode : public FrameNode {
 public:
  static constexpr std::string_view kOp = "partitions";
  // Numbers may be negative (from the end); IndexError beyond them.
  static Result<FramePtr> Make(const FramePtr& input, std::vector<int64_t> numbers);

  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  ColumnSet InputColumns(const ColumnSet& needed, size_t) const override { return needed; }
  int64_t EstimatedBytes() const override { return input()->EstimatedBytes(); }
  FramePtr input() const { return AsFrame(inputs_[0]); }
  const std::vector<int64_t>& numbers() const { return numbers_; }

 protected:
  std::string Details() const override;

 private:
  PartitionsNode(Token token, std::vector<NodePtr> inputs, FrameType type, std::vector<int64_t> numbers)
      : FrameNode(token, std::move(inputs), std::move(type)), numbers_(std::move(numbers)) {}
  std::vector<int64_t> numbers_;
};

// The same rows in another number of partitions: neighbours joined, or each cut into pieces of equal size.
class RepartitionNode : public FrameNode {
 public:
  static constexpr std::string_view kOp = "repartition";
  static Result<FramePtr> Make(const FramePtr& input, int64_t npartitions);
  // As bounds() says. `divisions`: what the caller knows of the result, or empty. Invalid unless the bounds ascend from
  // 0 (strictly where partitions are cut) and cover all partitions.
  static Result<FramePtr> MakeWithBounds(const FramePtr& input, std::vector<int64_t> bounds, bool joins,
                                         Divisions divisions = {});

  std::string_view op() const override { return kOp; }
  Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const override;
  ColumnSet InputColumns(const ColumnSet& needed, size_t) const override { return needed; }
  int64_t EstimatedBytes() const override;
  FramePtr input() const { return AsFrame(inputs_[0]); }
  // Joining: output p holds the input partitions [bounds[p], bounds[p + 1]). Cutting: input p becomes the outputs
  // [bounds[p], bounds[p + 1]).
  const std::vector<int64_t>& bounds() const { return bounds_; }
  bool joins() const { return joins_; }

 private:
  RepartitionNode(Token token, std::vector<NodePtr> inputs, FrameType type, std::vector<int64_t> bounds, bool joins)
      : FrameNode(token, std::move(inputs), std::move(type)), bounds_(std::move(bounds)), joins_(joins) {}
  std::vector<int64_t> bounds_;
  bool joins_;
};

}  // namespace swath::expr
