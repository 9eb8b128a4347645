// OpCall: what a task does: the name of an operation of the catalogue and its parameters. Immutable and shared by all
// tasks of a layer; never a function pointer, so that it can be hashed, printed and sent. Kernels (kernels/registry.h)
// are found by the name and downcast the parameters to the type that the op declares.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace swath::ops {

class OpParams {
 public:
  virtual ~OpParams() = default;
  // One line for plans: "sum(axis=1)", "read_csv(flights-*.csv, columns=[carrier])".
  virtual std::string ToString() const = 0;
};

struct OpCall {
  std::string_view op;  // a string literal of the catalogue: "array.tile", "table.pipeline", …
  std::shared_ptr<const OpParams> params;
};

}  // namespace swath::ops
