// FrameView: a table as columns over a row root, the node below it whose rows they are. Projections (select, assign,
// rename, arithmetic) never change rows, so all columns that were made from one root are expressions over the root's
// columns: they combine without alignment, and one task computes them all.
//
//   df = read_csv(…)            root = scan            columns = its own
//   d  = df.assign(y=df.x * 2)  root = scan            columns = …, y: x * 2
//   f  = d[df.x > 0]            root = filter(x > 0)   columns = …, y: x * 2
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "swath/expr/frame/frame_node.h"

namespace swath::expr {

struct FrameView {
  FramePtr root;
  std::vector<NamedColumn> columns;  // those of the index among them
  const NamedColumn* Find(std::string_view name) const;
  // As Find; KeyError with the nearest names of the columns that are not of the index.
  Result<NamedColumn> Get(std::string_view name) const;
};

FrameView ViewOf(const FramePtr& frame);
// As ViewOf, but through projections with another index too: the same rows, whatever they are called.
FrameView RowsOf(const FramePtr& frame);
// The table of a view: the root itself when the view is all of it, else a projection. The index columns of the root
// come last where `columns` has none of that name.
Result<FramePtr> FrameOf(const FrameView& view);

// Brings columns of several roots over one: the same root, or roots with as many partitions (and the same divisions
// where both are known), paired by position. `columns` are rewritten over the returned root.
struct RootedColumn {
  FramePtr root;  // null: reads scalars and literals only
  Column column;
};
Result<FramePtr> Unite(std::vector<RootedColumn>* columns);

}  // namespace swath::expr
