#include "swath/expr/frame/map_partitions.h"

#include <utility>

#include "arrow/scalar.h"
#include "arrow/type.h"

#include "swath/expr/array/array_node.h"
#include "swath/expr/delayed/delayed_node.h"

namespace swath::expr {
namespace {

Token TokenOf(const std::vector<NodePtr>& inputs, std::span<const NodePtr> calls, const FrameType& type,
              const PartitionMapping& mapping) {
  TokenBuilder token("map_partitions");
  token.Add(std::string_view(mapping.identity)).Add(type.npartitions).Add(int64_t{mapping.call_each});
  token.Add(static_cast<int64_t>(inputs.size()));
  for (const NodePtr& input : inputs) token.Add(input->token());
  for (const NodePtr& call : calls) token.Add(call->token());
  for (const auto& field : type.schema->fields())
    token.Add(std::string_view(field->name())).Add(std::string_view(field->type()->ToString()));
  for (const IndexLevel& level : type.index)
    token.Add(std::string_view(level.column)).Add(std::string_view(level.label ? "=" + *level.label : ""));
  for (const auto& division : type.divisions) token.Add(std::string_view(division->ToString()));
  for (const auto& input : mapping.reads) {
    token.Add(static_cast<int64_t>(input.size()));
    for (const auto& task : input) {
      token.Add(static_cast<int64_t>(task.size()));
      for (const int64_t block : task) token.Add(block);
    }
  }
  return token.Finish();
}

Status CheckReads(const std::vector<NodePtr>& inputs, size_t call_count, int64_t npartitions,
                  const PartitionMapping& mapping) {
  CHECK(mapping.reads.size() == inputs.size());
  if (mapping.call_each && static_cast<int64_t>(call_count) != npartitions)
    return Status::Invalid(mapping.label, ": ", call_count, " calls for ", npartitions, " partitions");
  for (size_t i = 0; i < inputs.size(); ++i) {
    const int64_t blocks = BlockCountOf(*inputs[i]);
    if (mapping.reads[i].empty()) {
      if (blocks == 1 || blocks == npartitions) continue;
      return Status::Invalid(mapping.label, ": argument ", i, " has ", blocks, " partitions, the others ", npartitions,
                             "; they must have as many, or one");
    }
    CHECK(static_cast<int64_t>(mapping.reads[i].size()) == npartitions);
    for (const auto& task : mapping.reads[i]) {
      for (const int64_t block : task) {
        if (block < 0 || block >= blocks)
          return Status::IndexError(mapping.label, ": partition ", block, " of an argument that has ", blocks);
      }
    }
  }
  return Status::OK();
}

}  // namespace

int64_t BlockCountOf(const Node& collection) {
  if (const auto* frame = dynamic_cast<const FrameNode*>(&collection)) return frame->npartitions();
  const auto* array = dynamic_cast<const ArrayNode*>(&collection);
  return array ? array->grid().block_count() : 1;
}

Result<NodePtr> MapPartitionsNode::WithInputs(std::vector<NodePtr> inputs) const {
  std::vector<NodePtr> calls(call_inputs().begin(), call_inputs().end());
  ASSIGN_OR_RETURN(FramePtr node, Make(std::move(inputs), std::move(calls), type(), mapping_));
  return node;
}

Result<FramePtr> MapPartitionsNode::Make(std::vector<NodePtr> inputs, std::vector<NodePtr> calls, FrameType type,
                                         std::shared_ptr<const PartitionMapping> mapping) {
  for (const NodePtr& call : calls) {
    if (!AsDelayed(call.get())) return Status::TypeError(mapping->label, ": '", call->Describe(), "' is not a call");
  }
  RETURN_IF_ERROR(CheckReads(inputs, calls.size(), type.npartitions, *mapping));
  const Token token = TokenOf(inputs, calls, type, *mapping);
  return InternAs<FrameNode>(std::shared_ptr<const MapPartitionsNode>(
      new MapPartitionsNode(token, std::move(inputs), std::move(calls), std::move(type), std::move(mapping))));
}

}  // namespace swath::expr
