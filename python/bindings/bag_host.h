// Functions of Python as steps of bags (ops/bag_host.h).
#pragma once

#include <memory>
#include <string>

#include <nanobind/nanobind.h>

#include "swath/ops/bag_host.h"

namespace swath::python {

namespace nb = nanobind;

// `swath._core.BagHost`. Immutable; the function may be dropped by any thread.
class PyBagHost : public ops::HostStep {
 public:
  PyBagHost(nb::object function, std::string name, const std::string& token, std::string executor, bool wants_block);
  std::string_view name() const override { return name_; }
  const Token& token() const override { return token_; }
  std::string_view language() const override { return "python"; }
  nb::handle function() const { return function_; }
  const std::string& executor() const { return executor_; }
  bool wants_block() const { return wants_block_; }
  Result<ops::FunctionCallPtr> Compose(std::span<const ops::HostLink> chain, int32_t item_inputs,
                                       ops::HostResult result) const override;

 private:
  nb::handle function_;
  std::shared_ptr<void> owner_;
  std::string name_;
  Token token_;
  std::string executor_;
  bool wants_block_;
};

// What repartition() does with opaque partitions: items one after the other, or piece[block] of pieces[block].
ops::FunctionCallPtr MakeConcatCall(std::vector<int64_t> piece, std::vector<int64_t> pieces);
// accumulate: step(iterator, previous) -> (items, last), and its items.
ops::FunctionCallPtr MakeAccumulateCall(const std::shared_ptr<const PyBagHost>& host);
ops::FunctionCallPtr MakePickCall();

void BindBagHost(nb::module_& module);

}  // namespace swath::python
