#include "swath/expr/frame/rows.h"

#include <algorithm>

#include "arrow/scalar.h"
#include "arrow/type.h"

namespace swath::expr {
namespace {

std::vector<int64_t> EvenCuts(int64_t from, int64_t pieces) {
  std::vector<int64_t> cuts;
  for (int64_t p = 0; p <= pieces; ++p) cuts.push_back(from * p / pieces);
  return cuts;
}

}  // namespace

Result<FramePtr> LimitNode::Make(const FramePtr& input, int64_t rows, int64_t partitions, bool tail) {
  rows = std::max<int64_t>(rows, 0);
  if (!tail) {
    if (partitions == -1) partitions = input->npartitions();
    if (partitions < 1 || partitions > input->npartitions()) {
      return Status::Invalid("head(npartitions=", partitions, ") of a table with ", input->npartitions(),
                             " partitions; -1 means all of them");
    }
  }
  const Token token =
      TokenBuilder(kOp).Add(input->token()).Add(rows).Add(tail ? 0 : partitions).Add(int64_t{tail}).Finish();
  FrameType type{input->schema(), input->index(), 1, {}};
  return InternAs<FrameNode>(std::shared_ptr<const LimitNode>(
      new LimitNode(token, {input}, std::move(type), rows, tail ? 1 : partitions, tail)));
}

Result<NodePtr> LimitNode::WithInputs(std::vector<NodePtr> inputs) const {
  ASSIGN_OR_RETURN(FramePtr node, Make(AsFrame(inputs[0]), rows_, partitions_, tail_));
  return node;
}

Result<FramePtr> CountNode::Make(const FramePtr& input) {
  const Token token = TokenBuilder(kOp).Add(input->token()).Finish();
  FrameType type{arrow::schema({arrow::field("count", arrow::int64())}), {}, 1, {}};
  return InternAs<FrameNode>(std::shared_ptr<const CountNode>(new CountNode(token, {input}, std::move(type))));
}

Result<NodePtr> CountNode::WithInputs(std::vector<NodePtr> inputs) const {
  ASSIGN_OR_RETURN(FramePtr node, Make(AsFrame(inputs[0])));
  return node;
}

Result<FramePtr> PartitionsNode::Make(const FramePtr& input, std::vector<int64_t> numbers) {
  const int64_t count = input->npartitions();
  for (int64_t& number : numbers) {
    if (number < -count || number >= count) {
      return Status::IndexError("partition ", number, " of a table with ", count, " partitions");
    }
    if (number < 0) number += count;
  }
  if (numbers.empty()) return Status::IndexError("no partition is selected; a table has at least one");
  const Token token = TokenBuilder(kOp).Add(input->token()).Add(std::span<const int64_t>(numbers)).Finish();
  FrameType type{input->schema(), input->index(), static_cast<int64_t>(numbers.size()), {}};
  bool neighbours = !input->divisions().empty();
  for (size_t i = 1; i < numbers.size(); ++i) neighbours &= numbers[i] == numbers[i - 1] + 1;
  if (neighbours) {
    const auto first = input->divisions().begin() + numbers.front();
    type.divisions.assign(first, first + static_cast<int64_t>(numbers.size()) + 1);
  }
  return InternAs<FrameNode>(
      std::shared_ptr<const PartitionsNode>(new PartitionsNode(token, {input}, std::move(type), std::move(numbers))));
}

Result<NodePtr> PartitionsNode::WithInputs(std::vector<NodePtr> inputs) const {
  ASSIGN_OR_RETURN(FramePtr node, Make(AsFrame(inputs[0]), numbers_));
  return node;
}

std::string PartitionsNode::Details() const {
  std::vector<std::string> texts;
  for (int64_t number : numbers_) texts.push_back(std::to_string(number));
  return ColumnList(texts);
}

Result<FramePtr> RepartitionNode::Make(const FramePtr& input, int64_t npartitions) {
  if (npartitions < 1) return Status::Invalid("repartition(npartitions=", npartitions, "): it must be at least 1");
  const int64_t before = input->npartitions();
  if (npartitions == before) return input;
  const bool joins = npartitions < before;
  std::vector<int64_t> bounds = joins ? EvenCuts(before, npartitions) : EvenCuts(npartitions, before);
  Divisions divisions;
  if (joins && !input->divisions().empty()) {
    for (int64_t bound : bounds) divisions.push_back(input->divisions()[static_cast<size_t>(bound)]);
  }
  return MakeWithBounds(input, std::move(bounds), joins, std::move(divisions));
}

Result<FramePtr> RepartitionNode::MakeWithBounds(const FramePtr& input, std::vector<int64_t> bounds, bool joins,
                                                 Divisions divisions) {
  const int64_t before = input->npartitions();
  bool valid = bounds.size() > 1 && bounds.front() == 0 &&
               (joins ? bounds.back() == before : static_cast<int64_t>(bounds.size()) == before + 1);
  for (size_t i = 1; valid && i < bounds.size(); ++i) valid = bounds[i] > bounds[i - 1] - (joins ? 1 : 0);
  if (!valid) return Status::Invalid("the bounds of a repartition do not cover the ", before, " partitions");
  const int64_t after = joins ? static_cast<int64_t>(bounds.size()) - 1 : bounds.back();
  if (!divisions.empty() && static_cast<int64_t>(divisions.size()) != after + 1)
    return Status::Invalid(divisions.size(), " divisions of ", after, " partitions");
  TokenBuilder builder(kOp);
  builder.Add(input->token()).Add(std::span<const int64_t>(bounds)).Add(int64_t{joins});
  for (const auto& division : divisions) builder.Add(division->ToString());
  FrameType type{input->schema(), input->index(), after, std::move(divisions)};
  return InternAs<FrameNode>(std::shared_ptr<const RepartitionNode>(
      new RepartitionNode(builder.Finish(), {input}, std::move(type), std::move(bounds), joins)));
}

Result<NodePtr> RepartitionNode::WithInputs(std::vector<NodePtr> inputs) const {
  ASSIGN_OR_RETURN(FramePtr node, MakeWithBounds(AsFrame(inputs[0]), bounds_, joins_, divisions()));
  return node;
}

int64_t RepartitionNode::EstimatedBytes() const {
  return input()->EstimatedBytes() * input()->npartitions() / npartitions();
}

}  // namespace swath::expr
