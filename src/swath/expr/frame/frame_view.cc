#include "swath/expr/frame/frame_view.h"

#include <algorithm>

#include "arrow/type.h"

#include "swath/base/nearest.h"
#include "swath/expr/frame/project.h"
#include "swath/expr/frame/zip.h"

namespace swath::expr {
namespace {

std::vector<NamedColumn> OwnColumns(const FrameNode& frame) {
  std::vector<NamedColumn> columns;
  for (const auto& field : frame.schema()->fields())
    columns.push_back({field->name(), FieldColumn(field->name(), field->type())});
  return columns;
}

// `columns`, which are over the table of `below`, over its root.
FrameView Composed(FrameView below, std::vector<NamedColumn> columns) {
  for (NamedColumn& column : columns) column.column = Substitute(column.column, below.columns);
  return {std::move(below.root), std::move(columns)};
}

bool IsAllOf(const FrameNode& root, const std::vector<NamedColumn>& columns) {
  if (root.schema()->num_fields() != static_cast<int>(columns.size())) return false;
  for (size_t i = 0; i < columns.size(); ++i) {
    const arrow::FieldRef* reference = columns[i].column.expression.field_ref();
    const std::string& name = root.schema()->field(static_cast<int>(i))->name();
    if (columns[i].name != name || !reference || !reference->name() || *reference->name() != name) return false;
  }
  return true;
}

// The roots of `columns`, each once, in the order of first use.
std::vector<FramePtr> RootsOf(const std::vector<RootedColumn>& columns) {
  std::vector<FramePtr> roots;
  for (const RootedColumn& column : columns) {
    const auto same = [&](const FramePtr& root) { return root->token() == column.root->token(); };
    if (column.root && std::none_of(roots.begin(), roots.end(), same)) roots.push_back(column.root);
  }
  return roots;
}

}  // namespace

const NamedColumn* FrameView::Find(std::string_view name) const {
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const NamedColumn& column) { return column.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

Result<NamedColumn> FrameView::Get(std::string_view name) const {
  if (const NamedColumn* column = Find(name)) return *column;
  std::vector<std::string> names;
  for (const NamedColumn& column : columns) {
    if (!root->is_index_column(column.name)) names.push_back(column.name);
  }
  return Status::KeyError("'", name, "'", DidYouMean(name, names));
}

FrameView ViewOf(const FramePtr& frame) {
  if (frame->op() != ProjectNode::kOp) return {frame, OwnColumns(*frame)};
  const auto& project = static_cast<const ProjectNode&>(*frame);
  if (!project.is_view()) return {frame, OwnColumns(*frame)};
  return Composed(ViewOf(project.input()), project.columns());
}

FrameView RowsOf(const FramePtr& frame) {
  if (frame->op() != ProjectNode::kOp) return {frame, OwnColumns(*frame)};
  const auto& project = static_cast<const ProjectNode&>(*frame);
  return Composed(RowsOf(project.input()), project.columns());
}

Result<FramePtr> FrameOf(const FrameView& view) {
  std::vector<NamedColumn> columns = view.columns;
  for (const IndexLevel& level : view.root->index()) {
    if (view.Find(level.column)) continue;
    ASSIGN_OR_RETURN(const auto field, view.root->FieldOf(level.column));
    columns.push_back({level.column, FieldColumn(level.column, field->type())});
  }
  if (IsAllOf(*view.root, columns)) return view.root;
  return ProjectNode::Make(view.root, std::move(columns), view.root->index());
}

Result<FramePtr> Unite(std::vector<RootedColumn>* columns) {
  const std::vector<FramePtr> roots = RootsOf(*columns);
  if (roots.empty()) return Status::Invalid("an expression of a table needs at least one Series");
  if (roots.size() == 1) return roots[0];
  std::vector<std::vector<std::string>> names;  // per root, per column of it: its name in the pairing
  ASSIGN_OR_RETURN(FramePtr pairing, ZipNode::Make(roots, &names));
  for (RootedColumn& column : *columns) {
    if (!column.root) continue;
    size_t number = 0;
    while (roots[number]->token() != column.root->token()) ++number;
    std::vector<NamedColumn> fields;
    for (int i = 0; i < roots[number]->schema()->num_fields(); ++i) {
      const auto& field = roots[number]->schema()->field(i);
      fields.push_back({field->name(), FieldColumn(names[number][static_cast<size_t>(i)], field->type())});
    }
    column.column = Substitute(column.column, fields);
    column.root = pairing;
  }
  return pairing;
}

}  // namespace swath::expr
