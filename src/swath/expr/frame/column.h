// Column: a column expression with its type: what a Series holds, what filters and projections evaluate. Pure and
// immutable.
//
// The expression is Arrow's, unbound, over the columns of one row root (frame_view.h). A lazy scalar inside it (`df.x -
// df.x.mean()`) is the field "$<token>" of the one-row table in `scalars` with that token; lowering turns it into a
// task input "$k". Types follow pandas 3: see column_functions.h.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "arrow/compute/expression.h"
#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/base/token.h"
#include "swath/ops/call_sites.h"

namespace swath::expr {

class FrameNode;
using FramePtr = std::shared_ptr<const FrameNode>;

struct Column {
  arrow::compute::Expression expression = {};
  std::shared_ptr<arrow::DataType> type = {};
  std::vector<FramePtr> scalars = {};  // one-row tables, each once, in the order of first use
  bool weak = false;                   // a Python number: takes the type of the column beside it
  ops::CallSites sites = {};           // the lines that wrote the calls; not part of the identity

  bool is_literal() const { return expression.literal() != nullptr; }
};

struct NamedColumn {
  std::string name;
  Column column;
};

Column FieldColumn(const std::string& name, std::shared_ptr<arrow::DataType> type);
Column LiteralColumn(std::shared_ptr<arrow::Scalar> value, bool weak = false);
// The value of the first column of `one_row`, a table that always has exactly one row.
Column ScalarColumn(const FramePtr& one_row);
std::string ScalarField(const FramePtr& one_row);  // "$<token>"
inline bool IsScalarField(std::string_view name) { return name.starts_with('$'); }

// `expression(arguments…)` of type `type`; the scalars of the arguments are united.
Column MakeCall(std::string_view function, std::vector<Column> arguments, std::shared_ptr<arrow::DataType> type,
                std::shared_ptr<arrow::compute::FunctionOptions> options = nullptr);
// A value as another type. Makes Arrow's functions ready first: expressions are written before any runtime exists.
Result<std::shared_ptr<arrow::Scalar>> CastLiteral(const arrow::Scalar& value,
                                                   const std::shared_ptr<arrow::DataType>& type);
// The column cast to `type` (itself when it has that type). `safe`: overflow and truncation are errors of the task.
Column Cast(Column column, const std::shared_ptr<arrow::DataType>& type, bool safe = false);
std::vector<FramePtr> UniteScalars(const std::vector<FramePtr>& a, const std::vector<FramePtr>& b);

// Replaces every field of `column` that is named in `fields` by that column's expression; other fields stay.
Column Substitute(const Column& column, const std::vector<NamedColumn>& fields);
// The names of the fields that the expression reads, each once, in order; "$…" of scalars among them.
std::vector<std::string> FieldsOf(const arrow::compute::Expression& expression);
void AddToToken(const Column& column, TokenBuilder* builder);

}  // namespace swath::expr
