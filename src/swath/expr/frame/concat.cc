#include "swath/expr/frame/concat.h"

#include <algorithm>

#include "arrow/scalar.h"
#include "arrow/type.h"

#include "swath/expr/frame/pandas_types.h"

namespace swath::expr {
namespace {

Result<std::shared_ptr<arrow::DataType>> CommonType(const arrow::Field& a, const arrow::Field& b) {
  const TypeKind kind_a = KindOf(*a.type()), kind_b = KindOf(*b.type());
  if (a.type()->Equals(*b.type()) || kind_b == TypeKind::kNull) return a.type();
  if (kind_a == TypeKind::kNull) return b.type();
  if (IsNumber(kind_a) && IsNumber(kind_b)) return PromoteNumbers(*a.type(), false, *b.type(), false);
  const auto is_text = [](TypeKind kind) { return kind == TypeKind::kText || kind == TypeKind::kCategory; };
  if (is_text(kind_a) && is_text(kind_b)) return TextType();
  return Status::TypeError("concat: column '", a.name(), "' is ", PandasName(*a.type()), " in one table and ",
                           PandasName(*b.type()), " in another; make them one dtype with astype()");
}

Divisions JoinDivisions(const std::vector<FramePtr>& frames) {
  Divisions joined;
  for (const FramePtr& frame : frames) {
    if (frame->divisions().empty()) return {};
    if (!joined.empty()) return {};  // whether they follow each other is known to the caller only
    joined = frame->divisions();
  }
  return joined;
}

}  // namespace

Result<FramePtr> ConcatNode::Make(const std::vector<FramePtr>& frames, bool inner) {
  if (frames.empty()) return Status::Invalid("No objects to concatenate");
  if (frames.size() == 1) return frames[0];
  std::vector<std::string> order;
  for (const FramePtr& frame : frames) {
    for (const auto& field : frame->schema()->fields()) {
      if (std::find(order.begin(), order.end(), field->name()) == order.end()) order.push_back(field->name());
    }
  }
  arrow::FieldVector fields;
  FrameType type;
  for (const std::string& name : order) {
    std::shared_ptr<arrow::Field> united;
    bool everywhere = true;
    for (const FramePtr& frame : frames) {
      const auto field = frame->schema()->GetFieldByName(name);
      everywhere &= field != nullptr;
      if (!field) continue;
      if (!united) {
        united = arrow::field(name, field->type());
        continue;
      }
      ASSIGN_OR_RETURN(const auto common, CommonType(*united, *field));
      united = arrow::field(name, common);
    }
    if (inner && !everywhere) continue;
    // Integers and booleans cannot hold missing values in pandas.
    const TypeKind kind = KindOf(*united->type());
    if (!everywhere && IsInteger(kind)) united = united->WithType(arrow::float64());
    fields.push_back(std::move(united));
  }
  type.schema = arrow::schema(std::move(fields));
  type.index = LevelsIn(frames[0]->index(), *type.schema);
  type.npartitions = 0;
  for (const FramePtr& frame : frames) type.npartitions += frame->npartitions();
  type.divisions = JoinDivisions(frames);
  return Build({frames.begin(), frames.end()}, std::move(type));
}

Result<FramePtr> ConcatNode::Build(std::vector<NodePtr> inputs, FrameType type) {
  TokenBuilder builder(kOp);
  for (const NodePtr& input : inputs) builder.Add(input->token());
  builder.Add(type.schema->ToString());
  return InternAs<FrameNode>(
      std::shared_ptr<const ConcatNode>(new ConcatNode(builder.Finish(), std::move(inputs), std::move(type))));
}

Result<NodePtr> ConcatNode::WithInputs(std::vector<NodePtr> inputs) const {
  FrameType same = type();
  same.npartitions = 0;
  for (const NodePtr& input : inputs) same.npartitions += AsFrame(input)->npartitions();
  ASSIGN_OR_RETURN(FramePtr node, Build(std::move(inputs), std::move(same)));
  return node;
}

ColumnSet ConcatNode::InputColumns(const ColumnSet& needed, size_t input) const {
  ColumnSet columns;
  for (const std::string& name : AsFrame(inputs_[input])->schema()->field_names()) {
    if (needed.contains(name)) columns.insert(name);
  }
  return columns;
}

Result<NodePtr> ConcatNode::Restrict(const ColumnSet& needed, std::vector<NodePtr> inputs) const {
  FrameType less = type();
  arrow::FieldVector fields;
  for (const auto& field : schema()->fields()) {
    if (needed.contains(field->name())) fields.push_back(field);
  }
  less.schema = arrow::schema(std::move(fields));
  less.index = LevelsIn(less.index, *less.schema);
  ASSIGN_OR_RETURN(FramePtr node, Build(std::move(inputs), std::move(less)));
  return node;
}

int64_t ConcatNode::EstimatedBytes() const {
  int64_t bytes = 0;
  for (const NodePtr& input : inputs_) bytes += AsFrame(input)->EstimatedBytes() * AsFrame(input)->npartitions();
  return bytes / std::max<int64_t>(npartitions(), 1);
}

Result<FramePtr> StackNode::Make(const std::vector<FramePtr>& rows, ops::StackRowParams params) {
  TokenBuilder builder(kOp);
  for (const FramePtr& row : rows) builder.Add(row->token());
  arrow::FieldVector fields;
  for (const std::string& label : params.labels) builder.Add(label);
  for (size_t o = 0; o < params.names.size(); ++o) {
    fields.push_back(arrow::field(params.names[o], params.types[o]));
    builder.Add(params.names[o]).Add(params.types[o]->ToString());
    for (const std::string& cell : params.cells[o]) builder.Add(cell);
  }
  fields.push_back(arrow::field(params.label_column, TextType()));
  FrameType type{arrow::schema(std::move(fields)), {{params.label_column, std::nullopt}}, 1, {}};
  return InternAs<FrameNode>(std::shared_ptr<const StackNode>(
      new StackNode(builder.Finish(), {rows.begin(), rows.end()}, std::move(type), std::move(params))));
}

Result<NodePtr> StackNode::WithInputs(std::vector<NodePtr> inputs) const {
  std::vector<FramePtr> rows;
  for (const NodePtr& input : inputs) rows.push_back(AsFrame(input));
  ASSIGN_OR_RETURN(FramePtr node, Make(rows, params_));
  return node;
}

}  // namespace swath::expr
