// Python functions as calls of the engine (ops/function_call.h), and Python objects as values.
#pragma once

#include <memory>
#include <mutex>

#include <nanobind/nanobind.h>

#include "swath/data/value.h"
#include "swath/ops/function_call.h"

namespace swath::python {

namespace nb = nanobind;

// The GIL on any thread. A thread of the engine keeps it over a row of calls (ops::CallBatch): taking it costs more
// than a small call. Does nothing where the thread holds it already.
class GilForCall {
 public:
  GilForCall();
  ~GilForCall();
  GilForCall(const GilForCall&) = delete;
  GilForCall& operator=(const GilForCall&) = delete;

 private:
  bool give_back_ = false;
};

// Guards a few shared tables: the GIL does it, except where there is none.
#ifdef Py_GIL_DISABLED
using GilMutex = std::mutex;
#else
struct GilMutex {
  void lock() {}
  void unlock() {}
};
#endif

// drop(pointer) under the GIL: now where this thread holds it, else soon on the main thread; never once the
// interpreter ends.
void DropWithGil(void* pointer, void (*drop)(void*));

// The memory of an object with the buffer interface; keeps the object. Needs the GIL.
std::shared_ptr<arrow::Buffer> BytesOf(nb::handle bytes_like);

// Any Python object as a value that holds it. Needs the GIL.
Value ValueFromPython(nb::object object);
// A value as a Python object: what ValueFromPython held; a Chunk as a NumPy array on its memory; a Partition as a
// pyarrow.Table; pickled bytes unpickled; Pieces as a list; nothing as None. Needs the GIL.
nb::object ValueToPython(const Value& value);
// What ValueFromPython held (borrowed: lives as long as the value); null for other values.
PyObject* HeldObject(const Value& value);
// What PyErr_Fetch gives, as a Status that keeps the exception object: kUserFunction. Needs the GIL; clears the error.
Status StatusOfPythonError();

// function(values, block) -> any object, where `values` is a list of the inputs by ValueToPython. For bridges between
// collections and calls; runs in this process. Needs the GIL to be made.
ops::FunctionCallPtr MakeBlockCall(nb::object function, std::string name, bool as_values = false);

}  // namespace swath::python
