#include "python_call.h"

#include <array>
#include <utility>

#include "swath/ops/python_call.h"

#include "calls.h"
#include "numpy_bridge.h"

namespace swath::python {
namespace {

// Arguments and inputs of most calls fit; longer ones go to the heap.
constexpr size_t kFew = 8;

// Pointers on the stack, or on the heap when there are many.
class Pointers {
 public:
  explicit Pointers(size_t count) {
    if (count > kFew) heap_.resize(count);
    data_ = count > kFew ? heap_.data() : few_.data();
  }
  PyObject** data() { return data_; }

 private:
  std::array<PyObject*, kFew> few_;
  std::vector<PyObject*> heap_;
  PyObject** data_;
};

}  // namespace

PythonCall::PythonCall(std::unique_ptr<Parts> parts, Options options)
    : parts_(parts.release()), options_(std::move(options)) {
  for (const Argument& argument : parts_->arguments) plain_ &= argument.parts.empty();
}

PythonCall::~PythonCall() {
  DropWithGil(parts_, [](void* parts) { delete static_cast<Parts*>(parts); });
}

Result<Value> PythonCall::Call(std::span<const Value> inputs, const ops::CallContext& context) const {
  for (int attempt = 0;; ++attempt) {
    Result<Value> result = CallOnce(inputs, context);
    const bool cancelled = context.cancelled != nullptr && context.cancelled->load(std::memory_order_relaxed);
    if (result.ok() || attempt >= options_.retries || cancelled) return result;
  }
}

Result<Value> PythonCall::CallOnce(std::span<const Value> inputs, const ops::CallContext& context) const {
  if (context.python_in_processes && context.python != nullptr) return CallInChild(inputs, context);
  const GilForCall gil;
  try {
    return ValueFromPython(CallHere(inputs));
  } catch (nb::python_error& error) {
    error.restore();
    return StatusOfPythonError();
  }
}

nb::object PythonCall::CallHere(std::span<const Value> inputs) const {
  Pointers results(inputs.size());
  std::vector<nb::object> made;  // of inputs that are no Python objects
  for (size_t i = 0; i < inputs.size(); ++i) {
    PyObject* held = HeldObject(inputs[i]);
    if (held == nullptr) {
      made.push_back(ValueToPython(inputs[i]));
      held = made.back().ptr();
    }
    results.data()[i] = held;
  }
  return CallWith(results.data());
}

nb::object PythonCall::CallWith(PyObject* const* inputs) const {
  const std::vector<Argument>& arguments = parts_->arguments;
  Pointers raw(arguments.size() + 1);
  std::vector<nb::object> built;
  if (!plain_) built.reserve(arguments.size());
  PyObject** argument_of = raw.data() + 1;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Argument& argument = arguments[i];
    if (argument.input >= 0) {
      argument_of[i] = inputs[argument.input];
    } else if (argument.parts.empty()) {
      argument_of[i] = argument.object.ptr();
    } else {
      built.push_back(BuildArgument(argument, inputs));
      argument_of[i] = built.back().ptr();
    }
  }
  PyObject* names = parts_->keyword_names.ptr();
  const size_t by_keyword = names != nullptr ? static_cast<size_t>(PyTuple_GET_SIZE(names)) : 0;
  const size_t count = (arguments.size() - by_keyword) | PY_VECTORCALL_ARGUMENTS_OFFSET;
  nb::object result = nb::steal(PyObject_Vectorcall(parts_->function.ptr(), argument_of, count, names));
  if (!result.is_valid()) throw nb::python_error();
  return result;
}

nb::object PythonCall::AsCallable() const {
  nb::list arguments;
  for (const Argument& argument : parts_->arguments) arguments.append(TemplateOf(argument));
  const nb::object names = parts_->keyword_names.is_valid() ? parts_->keyword_names : nb::make_tuple();
  return nb::module_::import_("swath._pickling").attr("Call")(parts_->function, arguments, names);
}

// As a function of the inputs alone: the other arguments are pickled with it.
Result<Value> PythonCall::CallInChild(std::span<const Value> inputs, const ops::CallContext& context) const {
  ops::PythonFunctionPtr function;
  {
    const GilForCall gil;
    if (pickled_ == nullptr) {
      try {
        const nb::object pickled = nb::module_::import_("swath._pickling").attr("pickled_call")(AsCallable());
        nb::list buffers;
        Object bytes{.format = "pickle5", .bytes = BytesOf(pickled[0]), .buffers = {}};
        for (nb::handle buffer : nb::borrow(pickled[1])) bytes.buffers.push_back(BytesOf(buffer));
        pickled_ = std::make_shared<ops::PythonFunction>(ops::PythonFunction{
            .name = options_.name, .pickled = std::move(bytes), .time_limit = {}, .memory_limit_bytes = 0});
      } catch (nb::python_error& error) {
        error.restore();
        return StatusOfPythonError();
      }
    }
    function = pickled_;
  }
  ops::EndCallBatch();
  return context.python->Call(function, inputs, context.block, context.cancelled);
}

}  // namespace swath::python
