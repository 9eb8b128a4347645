// Operand: what can stand beside a Series in an expression: another Series, a lazy Scalar, or one value. Implicitly
// made from all of them, so that `df["x"] + 1` and `call("clip", {s, 0, 10})` read naturally. Cheap to copy.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "arrow/type_fwd.h"

#include "swath/expr/frame/column.h"

namespace swath {

class Series;
class Scalar;

class Operand {
 public:
  // NOLINTBEGIN(google-explicit-constructor)
  Operand(const Series& series);
  Operand(const Scalar& scalar);
  Operand(bool value);
  Operand(int value);
  Operand(int64_t value);
  Operand(double value);
  Operand(const char* text);
  Operand(std::string text);
  // One typed value; null: a missing one. `weak`: a Python number, which takes the type of the column beside it (NEP
  // 50).
  Operand(std::shared_ptr<arrow::Scalar> value, bool weak = false);
  // NOLINTEND(google-explicit-constructor)

  const expr::Column& column() const { return column_; }
  const expr::FramePtr& root() const { return root_; }  // null: not of a table (a value or a Scalar)

 private:
  expr::FramePtr root_;
  expr::Column column_;
};

}  // namespace swath
