#include "bag_host.h"

#include <mutex>
#include <utility>
#include <vector>

#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>

#include "arrow/table.h"

#include "swath/expr/delayed/delayed_node.h"
#include "swath/ops/bag_column.h"
#include "swath/ops/python_call.h"

#include "arrow_interop.h"
#include "bag_items.h"
#include "calls.h"
#include "errors.h"
#include "numpy_bridge.h"

namespace swath::python {
namespace {

nb::object PickPart(nb::object parts, int64_t block) {
  return nb::steal(PySequence_GetItem(parts.ptr(), static_cast<Py_ssize_t>(block)));
}

// A chain of Python functions as one call: swath._bag_chain.Chain, which runs here or, pickled, in a child.
class BagCall : public ops::FunctionCall {
 public:
  // `chain`: (values, block) -> result. Needs the GIL.
  BagCall(nb::object chain, std::string name, int32_t item_inputs, bool picks_part, ops::HostResult result,
          std::string executor)
      : chain_(chain.ptr()),
        owner_(KeepAlive(chain)),
        name_(std::move(name)),
        item_inputs_(item_inputs),
        picks_part_(picks_part),
        result_(result),
        executor_(std::move(executor)) {}
  std::string_view name() const override { return name_; }

  Result<Value> Call(std::span<const Value> inputs, const ops::CallContext& context) const override {
    const bool in_child =
        context.python != nullptr && (executor_ == "processes" || (executor_.empty() && context.python_in_processes));
    if (in_child && !picks_part_) return CallInChild(inputs, context);
    const GilForCall gil;
    try {
      nb::list values;
      for (size_t i = 0; i < inputs.size(); ++i) {
        const bool items = item_inputs_ < 0 || i < static_cast<size_t>(item_inputs_);
        nb::object value = items ? IteratePartition(inputs[i]) : SideToPython(inputs[i]);
        if (items && picks_part_ && !inputs[i].partition()) value = PickPart(std::move(value), context.block);
        values.append(value);
      }
      return ResultFrom(nb::borrow(chain_)(values, context.block));
    } catch (nb::python_error& error) {
      error.restore();
      return StatusOfPythonError();
    }
  }

 private:
  Result<Value> ResultFrom(nb::object made) const {
    if (result_ == ops::HostResult::kItems) return ValueFromPython(std::move(made));
    if (result_ == ops::HostResult::kTable) return Value(Partition{ImportTable(made)});
    if (!PyList_CheckExact(made.ptr())) return Status::TypeError("'", name_, "' did not make a list of items");
    const auto count = static_cast<int64_t>(PyList_GET_SIZE(made.ptr()));
    auto partition = PartitionFromPython(reinterpret_cast<PyListObject*>(made.ptr())->ob_item, count);
    if (!partition) return Status::TypeError("'", name_, "' made items that cannot be written");
    return Value(std::move(*partition));
  }

  Result<Value> CallInChild(std::span<const Value> inputs, const ops::CallContext& context) const {
    ASSIGN_OR_RETURN(const ops::PythonFunctionPtr function, Pickled());
    ASSIGN_OR_RETURN(Value made, context.python->Call(function, inputs, context.block, context.cancelled));
    if (result_ == ops::HostResult::kItems || made.partition()) return made;
    const GilForCall gil;
    try {
      return ResultFrom(ValueToPython(made));
    } catch (nb::python_error& error) {
      error.restore();
      return StatusOfPythonError();
    }
  }

  Result<ops::PythonFunctionPtr> Pickled() const {
    ops::EndCallBatch();  // a thread that kept the GIL must not wait for one that wants it
    const std::lock_guard lock(mutex_);
    if (pickled_) return pickled_;
    const GilForCall gil;
    ASSIGN_OR_RETURN(Object bytes, ValueFromPython(nb::borrow(chain_)).host()->Serialize());
    pickled_ = std::make_shared<ops::PythonFunction>(
        ops::PythonFunction{.name = name_, .pickled = std::move(bytes), .time_limit = {}, .memory_limit_bytes = 0});
    return pickled_;
  }

  nb::handle chain_;
  std::shared_ptr<void> owner_;
  std::string name_;
  int32_t item_inputs_;
  bool picks_part_;
  ops::HostResult result_;
  std::string executor_;
  mutable std::mutex mutex_;  // taken without the GIL only
  mutable ops::PythonFunctionPtr pickled_;
};

// A call that is a C++ function on Python objects.
template <typename Function>
class ObjectCall : public ops::FunctionCall {
 public:
  ObjectCall(std::string name, Function function) : name_(std::move(name)), function_(std::move(function)) {}
  std::string_view name() const override { return name_; }
  Result<Value> Call(std::span<const Value> inputs, const ops::CallContext& context) const override {
    const GilForCall gil;
    try {
      return ValueFromPython(function_(inputs, context.block));
    } catch (nb::python_error& error) {
      error.restore();
      return StatusOfPythonError();
    }
  }

 private:
  std::string name_;
  Function function_;
};

template <typename Function>
ops::FunctionCallPtr MakeObjectCall(std::string name, Function function) {
  return std::make_shared<ObjectCall<Function>>(std::move(name), std::move(function));
}

// The items of a partition as a list of their own.
nb::object ListOf(const Value& value) {
  nb::object list = nb::steal(PySequence_List(PartitionToPython(value).ptr()));
  if (!list.is_valid()) throw nb::python_error();
  return list;
}

}  // namespace

PyBagHost::PyBagHost(nb::object function, std::string name, const std::string& token, std::string executor,
                     bool wants_block)
    : function_(function.ptr()),
      owner_(KeepAlive(function)),
      name_(std::move(name)),
      token_(token.empty() ? expr::UniqueToken() : TokenBuilder("bag host").Add(std::string_view(token)).Finish()),
      executor_(std::move(executor)),
      wants_block_(wants_block) {}

Result<ops::FunctionCallPtr> PyBagHost::Compose(std::span<const ops::HostLink> chain, int32_t item_inputs,
                                                ops::HostResult result) const {
  const ops::CallBatch batch;  // a task that computes must not keep the GIL until the batch of its own thread ends
  const GilForCall gil;
  try {
    nb::list links;
    std::string name;
    std::string executor = executor_;
    bool picks_part = false;
    for (const ops::HostLink& link : chain) {
      const auto* host = dynamic_cast<const PyBagHost*>(link.step.get());
      if (host == nullptr) return Status::TypeError("a step of a bag is of another language than Python");
      links.append(nb::make_tuple(host->function(), link.side_first, link.side_count, host->wants_block()));
      name = host->name();
      if (host->executor() == "threads") executor = "threads";
      picks_part |= link.picks_part;
    }
    nb::object made = nb::module_::import_("swath._bag_chain")
                          .attr("Chain")(nb::tuple(links), item_inputs, result == ops::HostResult::kTable);
    return std::make_shared<BagCall>(std::move(made), std::move(name), item_inputs, picks_part, result, executor);
  } catch (nb::python_error& error) {
    error.restore();
    return StatusOfPythonError();
  }
}

ops::FunctionCallPtr MakeConcatCall(std::vector<int64_t> piece, std::vector<int64_t> pieces) {
  return MakeObjectCall("repartition", [piece = std::move(piece), pieces = std::move(pieces)](
                                           std::span<const Value> inputs, int64_t block) {
    nb::object list = ListOf(inputs[0]);
    for (const Value& value : inputs.subspan(1)) {
      list = nb::steal(PySequence_InPlaceConcat(list.ptr(), ListOf(value).ptr()));
      if (!list.is_valid()) throw nb::python_error();
    }
    if (piece.empty()) return list;
    const auto at = static_cast<size_t>(block);
    const Py_ssize_t size = PyList_GET_SIZE(list.ptr());
    list = nb::steal(PyList_GetSlice(list.ptr(), size * piece[at] / pieces[at], size * (piece[at] + 1) / pieces[at]));
    if (!list.is_valid()) throw nb::python_error();
    return list;
  });
}

ops::FunctionCallPtr MakeAccumulateCall(const std::shared_ptr<const PyBagHost>& host) {
  return MakeObjectCall(std::string(host->name()), [host](std::span<const Value> inputs, int64_t) {
    nb::object previous = nb::make_tuple();
    if (inputs.size() > 1) previous = nb::make_tuple(ValueToPython(inputs[1])[1]);
    return nb::object(nb::borrow(host->function())(nb::iter(PartitionToPython(inputs[0])), previous));
  });
}

ops::FunctionCallPtr MakePickCall() {
  return MakeObjectCall("accumulate",
                        [](std::span<const Value> inputs, int64_t) { return nb::object(ValueToPython(inputs[0])[0]); });
}

void BindBagHost(nb::module_& module) {
  nb::class_<PyBagHost>(module, "BagHost", "A function of Python as a step of a bag.")
      .def(nb::init<nb::object, std::string, const std::string&, std::string, bool>(), nb::arg("function"),
           nb::arg("name"), nb::arg("token") = "", nb::arg("executor") = "", nb::arg("wants_block") = false)
      .def_prop_ro("name", [](const PyBagHost& self) { return std::string(self.name()); })
      .def_prop_ro("function", [](const PyBagHost& self) { return nb::borrow(self.function()); });
  BindBagItems(module);
}

}  // namespace swath::python
