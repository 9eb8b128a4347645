#include "swath/expr/frame/zip.h"

#include <algorithm>

#include "arrow/scalar.h"
#include "arrow/type.h"

namespace swath::expr {
namespace {

bool SameDivisions(const Divisions& a, const Divisions& b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) { return x->Equals(*y); });
}

Status CheckAligned(const std::vector<FramePtr>& frames) {
  for (const FramePtr& frame : frames) {
    if (frame->npartitions() != frames[0]->npartitions()) {
      return Status::Invalid(
          "tables of ", frames[0]->npartitions(), " and ", frame->npartitions(),
          " partitions cannot be paired row by row; repartition() one of them, or take both from one table");
    }
    const bool known = !frame->divisions().empty() && !frames[0]->divisions().empty();
    if (known && !SameDivisions(frame->divisions(), frames[0]->divisions())) {
      return Status::Invalid("tables with different divisions cannot be paired row by row");
    }
  }
  return Status::OK();
}

}  // namespace

Result<FramePtr> ZipNode::Make(const std::vector<FramePtr>& frames, Names* names) {
  Names columns;
  ColumnSet taken;
  names->clear();
  for (const FramePtr& frame : frames) {
    columns.push_back(frame->schema()->field_names());
    names->emplace_back();
    for (const std::string& name : columns.back()) {
      std::string free = name;
      for (int number = 2; !taken.insert(free).second; ++number) free = name + "#" + std::to_string(number);
      names->back().push_back(std::move(free));
    }
  }
  return Build(frames, std::move(columns), *names);
}

Result<FramePtr> ZipNode::Build(const std::vector<FramePtr>& frames, Names columns, Names names) {
  RETURN_IF_ERROR(CheckAligned(frames));
  TokenBuilder builder(kOp);
  arrow::FieldVector fields;
  for (size_t i = 0; i < frames.size(); ++i) {
    builder.Add(frames[i]->token());
    for (size_t c = 0; c < columns[i].size(); ++c) {
      ASSIGN_OR_RETURN(const auto field, frames[i]->FieldOf(columns[i][c]));
      fields.push_back(arrow::field(names[i][c], field->type()));
      builder.Add(columns[i][c]).Add(names[i][c]);
    }
  }
  FrameType type{arrow::schema(std::move(fields)), frames[0]->index(), frames[0]->npartitions(),
                 frames[0]->divisions()};
  type.index = LevelsIn(type.index, *type.schema);
  std::vector<NodePtr> inputs(frames.begin(), frames.end());
  return InternAs<FrameNode>(std::shared_ptr<const ZipNode>(
      new ZipNode(builder.Finish(), std::move(inputs), std::move(type), std::move(columns), std::move(names))));
}

Result<NodePtr> ZipNode::WithInputs(std::vector<NodePtr> inputs) const {
  std::vector<FramePtr> frames;
  for (const NodePtr& input : inputs) frames.push_back(AsFrame(input));
  ASSIGN_OR_RETURN(FramePtr node, Build(frames, columns_, names_));
  return node;
}

ColumnSet ZipNode::InputColumns(const ColumnSet& needed, size_t input) const {
  ColumnSet columns;
  for (size_t c = 0; c < columns_[input].size(); ++c) {
    if (needed.contains(names_[input][c])) columns.insert(columns_[input][c]);
  }
  // The index is compared: rows that only happen to be as many are not paired.
  for (const IndexLevel& level : AsFrame(inputs_[input])->index()) columns.insert(level.column);
  return columns;
}

Result<NodePtr> ZipNode::Restrict(const ColumnSet& needed, std::vector<NodePtr> inputs) const {
  std::vector<FramePtr> frames;
  Names columns(inputs.size()), names(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    frames.push_back(AsFrame(inputs[i]));
    for (size_t c = 0; c < columns_[i].size(); ++c) {
      if (!needed.contains(names_[i][c])) continue;
      columns[i].push_back(columns_[i][c]);
      names[i].push_back(names_[i][c]);
    }
  }
  ASSIGN_OR_RETURN(FramePtr node, Build(frames, std::move(columns), std::move(names)));
  return node;
}

int64_t ZipNode::EstimatedBytes() const {
  int64_t bytes = 0;
  for (const NodePtr& input : inputs_) bytes += AsFrame(input)->EstimatedBytes();
  return bytes;
}

}  // namespace swath::expr
