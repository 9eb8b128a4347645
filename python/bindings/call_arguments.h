// The arguments of a delayed call: literals, results of other calls, and containers with results somewhere inside.
// What a reader found once is built again from results each time that the call runs. Everything here needs the GIL.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include <nanobind/nanobind.h>

#include "swath/expr/node.h"

namespace swath::python {

namespace nb = nanobind;

enum class ArgumentKind : uint8_t {
  kLiteral,
  kSized,  // a literal whose type has `nbytes`
  kNode,   // an expression itself
  kDelayed,
  kCollection,
  kIterator,  // of a list, a tuple or a set: read as a list
  kList,
  kTuple,
  kSet,
  kFrozenSet,
  kDict,
  kSlice,
  kDataclass,
  kLateField,  // inside kDataclass: the name of a field that __init__ does not take
  kCall,       // parts[0](*the other parts): a task inside a task of a hand-written graph
};

struct Argument {
  ArgumentKind kind = ArgumentKind::kLiteral;
  int32_t input = -1;           // >= 0: the result of that input
  nb::object object;            // the literal; of a (named) tuple or dataclass its type
  std::vector<Argument> parts;  // dict: key, value, …; slice: start, stop, step; dataclass: name, value, …

  static Argument Literal(nb::handle object) {
    Argument argument;
    argument.object = nb::borrow(object);
    return argument;
  }
  static Argument Input(int32_t input) {
    Argument argument;
    argument.input = input;
    return argument;
  }
  bool has_input() const { return input >= 0 || !parts.empty(); }
};

// What delayed.py tells: its class, and how a collection becomes a call. Held for ever.
struct CallHooks {
  PyObject* delayed_type = nullptr;
  PyObject* as_call = nullptr;                            // collection -> core.Node of a call that answers it, or None
  std::unordered_map<PyTypeObject*, ArgumentKind> kinds;  // by type; types in it are kept alive
};
CallHooks& GetCallHooks();

// How an object of this type is read, by its type alone.
ArgumentKind KindOfArgument(PyObject* object);

// Is the object a call or a collection, or a container with one somewhere inside?
bool HoldsCalls(nb::handle object);

// Finds the calls in arguments and numbers them, each once.
class ArgumentReader {
 public:
  explicit ArgumentReader(bool traverse) : traverse_(traverse) {}

  Argument Read(nb::handle object);
  std::vector<expr::NodePtr> TakeInputs() { return std::move(inputs_); }
  // Bytes of the literals that were read, as far as their types tell.
  int64_t literal_bytes() const { return literal_bytes_; }

 private:
  Argument NumberOf(const expr::NodePtr& node);
  Argument ReadCollection(nb::handle object);
  Argument ReadContainer(ArgumentKind kind, nb::handle object);
  Argument ReadLarge(nb::handle object);

  bool traverse_;
  int64_t literal_bytes_ = 0;
  std::vector<expr::NodePtr> inputs_;
  std::unordered_map<const expr::Node*, int32_t> number_of_;  // of the first inputs_, when there are many
};

// The argument made of results. Throws what constructors raise.
nb::object BuildArgument(const Argument& argument, PyObject* const* inputs);
// As Python objects: ("input", i), ("literal", object), (kind, [parts], type). python/swath/_pickling.py reads it.
nb::object TemplateOf(const Argument& argument);
// The inverse.
Argument ArgumentOfTemplate(nb::handle form);

}  // namespace swath::python
