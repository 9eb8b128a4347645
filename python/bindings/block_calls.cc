#include "block_calls.h"

#include <mutex>
#include <utility>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include "arrow/table.h"
#include "arrow/type.h"

#include "swath/expr/array/array_node.h"
#include "swath/ops/python_call.h"

#include "arrow_interop.h"
#include "calls.h"
#include "numpy_bridge.h"

namespace swath::python {
namespace {

using ResultKind = BlockCallSpec::Result;

std::string TextOf(nb::handle object) { return nb::cast<std::string>(object.attr("__str__")()); }

nb::object Numpy() { return nb::module_::import_("numpy"); }

class CheckedCall : public ops::FunctionCall {
 public:
  explicit CheckedCall(BlockCallSpec spec)
      : function_(spec.function.ptr()), owner_(KeepAlive(spec.function)), spec_(std::move(spec)) {
    spec_.function = nb::object();  // owner_ may be dropped on any thread, an nb::object may not
  }

  std::string_view name() const override { return spec_.name; }

  Result<Value> Call(std::span<const Value> inputs, const ops::CallContext& context) const override {
    if (!spec_.takes_piece) return CallOn(inputs, context);
    std::vector<Value> pieces;
    for (const Value& input : inputs) {
      const Pieces* all = input.pieces();
      pieces.push_back(all ? all->values.at(static_cast<size_t>(context.block)) : input);
    }
    return CallOn(pieces, context);
  }

 private:
  Result<Value> CallOn(std::span<const Value> inputs, const ops::CallContext& context) const {
    const bool here = !context.python_in_processes || context.python == nullptr || spec_.in_process || IsIdentity();
    if (!here) return CallInChild(inputs, context);
    const GilForCall gil;
    ReleaseDropped();
    return Guard([&]() -> Result<Value> { return CallHere(inputs, context.block); });
  }

  bool IsIdentity() const { return function_.ptr() == Py_None; }

  // What Python raises, as a Status.
  template <typename Body>
  static Result<Value> Guard(Body body) {
    try {
      return body();
    } catch (nb::python_error& error) {
      error.restore();
      return StatusOfPythonError();
    } catch (nb::builtin_exception& error) {
      return Status::TypeError(error.what());
    }
  }

  Result<Value> CallHere(std::span<const Value> inputs, int64_t block) const {
    if (IsIdentity()) return Check(ValueToPython(inputs.front()), block);
    nb::list values;
    for (const Value& input : inputs) values.append(ValueToPython(input));
    return Check(nb::borrow(function_)(values, block), block);
  }

  Result<Value> CallInChild(std::span<const Value> inputs, const ops::CallContext& context) const {
    ops::PythonFunctionPtr function;
    {
      const GilForCall gil;
      ASSIGN_OR_RETURN(function, Pickled());
    }
    ops::EndCallBatch();
    ASSIGN_OR_RETURN(const Value value, context.python->Call(function, inputs, context.block, context.cancelled));
    if (spec_.result == ResultKind::kObject) return value;
    const GilForCall gil;
    return Guard([&]() -> Result<Value> { return Check(ValueToPython(value), context.block); });
  }

  // Made on first use; a race makes it twice and keeps one.
  Result<ops::PythonFunctionPtr> Pickled() const {
    {
      const std::lock_guard lock(mutex_);
      if (pickled_) return pickled_;
    }
    ASSIGN_OR_RETURN(Object bytes, ValueFromPython(nb::borrow(function_)).host()->Serialize());
    auto made = std::make_shared<ops::PythonFunction>(ops::PythonFunction{
        .name = spec_.name, .pickled = std::move(bytes), .time_limit = {}, .memory_limit_bytes = 0});
    const std::lock_guard lock(mutex_);
    if (!pickled_) pickled_ = std::move(made);
    return pickled_;
  }

  Result<Value> Check(nb::object result, int64_t block) const {
    switch (spec_.result) {
      case ResultKind::kArray:
        return CheckArray(std::move(result), block);
      case ResultKind::kTable:
        return CheckTable(result, block);
      case ResultKind::kPieces: {
        Pieces pieces;
        for (nb::handle item : result) pieces.values.emplace_back(Partition{ImportTable(item)});
        return Value(std::move(pieces));
      }
      default:
        return ValueFromPython(std::move(result));
    }
  }

  std::string BlockName(int64_t block) const {
    std::vector<int64_t> position(static_cast<size_t>(spec_.grid.ndim()));
    spec_.grid.Position(block, position.data());
    return "block " + expr::ShapeToString(position) + " of " + spec_.label;
  }

  Result<Value> CheckArray(nb::object result, int64_t block) const {
    if (!PyObject_IsInstance(result.ptr(), Numpy().attr("ndarray").ptr())) result = Numpy().attr("asarray")(result);
    const auto shape = [&] {
      std::vector<int64_t> lengths;
      for (nb::handle length : result.attr("shape")) lengths.push_back(nb::cast<int64_t>(length));
      return lengths;
    }();
    std::vector<int64_t> expected;
    for (const ops::Range& range : spec_.grid.BlockBox(block)) expected.push_back(range.size());
    if (shape != expected) {
      return Status::Invalid(BlockName(block), " has shape ", expr::ShapeToString(shape), ", but ",
                             expr::ShapeToString(expected),
                             " was declared; say what the function returns with chunks= (and drop_axis=, new_axis=)");
    }
    const nb::object declared = DTypeToPython(spec_.dtype);
    if (!result.attr("dtype").equal(declared)) {
      if (!nb::cast<bool>(Numpy().attr("can_cast")(result.attr("dtype"), declared, "same_kind"))) {
        return Status::TypeError(BlockName(block), " has dtype ", TextOf(result.attr("dtype")), ", but ",
                                 TextOf(declared), " was declared; say what the function returns with dtype=");
      }
      result = result.attr("astype")(declared);
    }
    return Value(ChunkFromNumpy(result));
  }

  Result<Value> CheckTable(nb::handle result, int64_t block) const {
    std::shared_ptr<arrow::Table> table = ImportTable(result);
    if (!table->schema()->Equals(*spec_.schema, false)) {
      return Status::Invalid("partition ", block, " of ", spec_.label, " has the columns ", table->schema()->ToString(),
                             ", but these were declared: ", spec_.schema->ToString());
    }
    return Value(Partition{std::move(table)});
  }

  nb::handle function_;
  std::shared_ptr<void> owner_;
  BlockCallSpec spec_;
  mutable std::mutex mutex_;
  mutable ops::PythonFunctionPtr pickled_;
};

}  // namespace

ops::FunctionCallPtr MakeCheckedCall(BlockCallSpec spec) { return std::make_shared<CheckedCall>(std::move(spec)); }

BlockCallSpec::Result BlockResultFrom(const std::string& name) {
  if (name == "array") return ResultKind::kArray;
  if (name == "table") return ResultKind::kTable;
  if (name == "pieces") return ResultKind::kPieces;
  if (name == "object") return ResultKind::kObject;
  throw nb::value_error(("no result of the kind '" + name + "'").c_str());
}

}  // namespace swath::python
