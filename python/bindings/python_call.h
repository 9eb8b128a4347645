// PythonCall: one call of a Python function as a call of the engine, in this process or in a child.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <nanobind/nanobind.h>

#include "swath/ops/function_call.h"
#include "swath/ops/python_call.h"

#include "call_arguments.h"

namespace swath::python {

class PythonCall : public ops::FunctionCall {
 public:
  // The Python parts of a call; made and freed under the GIL.
  struct Parts {
    nb::object function;
    nb::object keyword_names;         // a tuple, or nothing
    std::vector<Argument> arguments;  // positional, then by keyword
  };
  struct Options {
    std::string name;
    std::string key;       // as the user knows it; empty: made of name and token
    std::string location;  // of the user's line
    int retries = 0;
  };
  PythonCall(std::unique_ptr<Parts> parts, Options options);
  ~PythonCall() override;

  std::string_view name() const override { return options_.name; }
  std::string_view location() const override { return options_.location; }
  const std::string& key() const { return options_.key; }
  const Parts& parts() const { return *parts_; }
  // What answers the call of the results of its inputs, in order: a picklable callable (swath._pickling.Call).
  nb::object AsCallable() const;

  Result<Value> Call(std::span<const Value> inputs, const ops::CallContext& context) const override;

 private:
  Result<Value> CallOnce(std::span<const Value> inputs, const ops::CallContext& context) const;
  Result<Value> CallInChild(std::span<const Value> inputs, const ops::CallContext& context) const;
  nb::object CallHere(std::span<const Value> inputs) const;
  nb::object CallWith(PyObject* const* inputs) const;

  Parts* parts_;
  Options options_;
  bool plain_ = true;                       // no argument is a container with results inside
  mutable ops::PythonFunctionPtr pickled_;  // for children; made once, under the GIL
};

// A value that is there already, as a call without inputs.
class PythonValueCall : public ops::FunctionCall {
 public:
  PythonValueCall(Value value, std::string name, std::string key)
      : value_(std::move(value)), name_(std::move(name)), key_(std::move(key)) {}
  std::string_view name() const override { return name_; }
  const std::string& key() const { return key_; }
  const Value& value() const { return value_; }
  Result<Value> Call(std::span<const Value>, const ops::CallContext&) const override { return value_; }

 private:
  Value value_;
  std::string name_;
  std::string key_;
};

}  // namespace swath::python
