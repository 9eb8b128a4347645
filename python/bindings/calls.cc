#include "calls.h"

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "arrow/buffer.h"
#include "arrow/table.h"

#include "swath/base/status.h"

#include "arrow_interop.h"
#include "numpy_bridge.h"
#include "runtime.h"

namespace swath::python {
namespace {

// The state of this thread in the interpreter, made once and kept: making one costs more than a small call.
//
// Free-threaded Python (Py_GIL_DISABLED) has no lock, but the same states: "to hold the GIL" is then to be attached,
// and everything here means the same. A thread that stays attached over a batch delays others only when they stop the
// world (garbage collection); whatever waits calls ops::EndCallBatch first, which detaches. What the GIL guards
// otherwise has a GilMutex (calls.h).
thread_local PyThreadState* thread_state = nullptr;

void TakeGil() {
  if (thread_state != nullptr) {
    PyEval_RestoreThread(thread_state);
    return;
  }
  PyGILState_Ensure();  // never released: the state lives as long as the thread
  thread_state = PyThreadState_Get();
}

void GiveGilBack() { PyEval_SaveThread(); }

nb::object PickleModule() { return nb::module_::import_("pickle"); }

// cloudpickle where installed (functions, classes of __main__), pickle otherwise.
nb::object Dumps() {
  PyObject* module = PyImport_ImportModule("cloudpickle");
  if (module == nullptr) {
    PyErr_Clear();
    return PickleModule().attr("dumps");
  }
  return nb::steal(module).attr("dumps");
}

// What is to be dropped under the GIL.
struct Dropped {
  void* pointer;
  void (*drop)(void*);
};
struct DropQueue {
  std::mutex mutex;
  std::vector<Dropped> waiting;
};
DropQueue& GetDropQueue() {
  static auto* queue = new DropQueue;
  return *queue;
}

int DropWaiting(void*) {
  std::vector<Dropped> waiting;
  {
    std::lock_guard lock(GetDropQueue().mutex);
    waiting.swap(GetDropQueue().waiting);
  }
  for (const Dropped& dropped : waiting) dropped.drop(dropped.pointer);
  return 0;
}

bool InterpreterAlive() {
#if PY_VERSION_HEX >= 0x030D0000
  return !Py_IsFinalizing() && Py_IsInitialized();
#else
  return !_Py_IsFinalizing() && Py_IsInitialized();
#endif
}

class PyHostObject : public HostObject {
 public:
  explicit PyHostObject(nb::object object) : nbytes_(Measure(object)), object_(object.release()) {}
  ~PyHostObject() override {
    DropWithGil(object_.ptr(), [](void* object) { Py_DECREF(static_cast<PyObject*>(object)); });
  }

  int64_t nbytes() const override { return nbytes_; }
  nb::handle object() const { return object_; }

  Result<Object> Serialize() const override {
    const GilForCall gil;
    try {
      nb::list buffers;
      const nb::object bytes =
          Dumps()(object_, nb::arg("protocol") = 5, nb::arg("buffer_callback") = buffers.attr("append"));
      Object result{.format = "pickle5", .bytes = BytesOf(bytes), .buffers = {}};
      for (nb::handle buffer : buffers) result.buffers.push_back(BytesOf(buffer.attr("raw")()));
      return result;
    } catch (nb::python_error& error) {
      return Status::TypeError("an object of type ", nb::cast<std::string>(nb::str(object_.type().attr("__name__"))),
                               " cannot be pickled: ", error.what());
    }
  }

 private:
  // Cheap: the bytes of what is big as a rule; 0 for the rest.
  static int64_t Measure(nb::handle object) {
    PyObject* o = object.ptr();
    if (PyLong_CheckExact(o) || PyFloat_CheckExact(o) || o == Py_None) return 0;
    if (PyBytes_CheckExact(o)) return PyBytes_GET_SIZE(o);
    if (PyUnicode_CheckExact(o)) return PyUnicode_GET_LENGTH(o) * PyUnicode_KIND(o);
    if (PyList_CheckExact(o) || PyTuple_CheckExact(o) || PyDict_CheckExact(o)) return 8 * PyObject_Size(o);
    PyObject* nbytes = PyObject_GetAttrString(o, "nbytes");  // NumPy, pyarrow
    if (nbytes == nullptr) {
      PyErr_Clear();
      return 0;
    }
    const int64_t bytes = PyLong_Check(nbytes) ? PyLong_AsLongLong(nbytes) : 0;
    Py_DECREF(nbytes);
    if (PyErr_Occurred()) PyErr_Clear();
    return bytes < 0 ? 0 : bytes;
  }

  int64_t nbytes_;
  nb::handle object_;
};

nb::object Unpickle(const Object& object) {
  if (object.format != "pickle5") throw nb::type_error(("cannot read an object of format " + object.format).c_str());
  const auto view = [](const std::shared_ptr<arrow::Buffer>& buffer) {
    return nb::steal(PyMemoryView_FromMemory(reinterpret_cast<char*>(const_cast<uint8_t*>(buffer->data())),
                                             buffer->size(), PyBUF_READ));
  };
  // Out-of-band buffers become the memory of arrays: they are copied into bytes, which those arrays own.
  nb::list buffers;
  for (const auto& buffer : object.buffers)
    buffers.append(nb::bytes(reinterpret_cast<const char*>(buffer->data()), static_cast<size_t>(buffer->size())));
  return PickleModule().attr("loads")(view(object.bytes), nb::arg("buffers") = buffers);
}

// One function on the blocks of a task.
class BlockCall : public ops::FunctionCall {
 public:
  BlockCall(nb::object function, std::string name, bool as_values)
      : name_(std::move(name)), function_(function.ptr()), owner_(KeepAlive(function)), as_values_(as_values) {}

  std::string_view name() const override { return name_; }

  Result<Value> Call(std::span<const Value> inputs, const ops::CallContext& context) const override {
    const GilForCall gil;
    try {
      nb::object argument;
      if (as_values_) {
        argument = nb::cast(PyValues{{inputs.begin(), inputs.end()}});
      } else {
        nb::list list;
        for (const Value& input : inputs) list.append(ValueToPython(input));
        argument = std::move(list);
      }
      return ValueFromPython(nb::borrow(function_)(argument, context.block));
    } catch (nb::python_error& error) {
      error.restore();
      return StatusOfPythonError();
    }
  }

 private:
  std::string name_;
  nb::handle function_;
  std::shared_ptr<void> owner_;
  bool as_values_;
};

}  // namespace

GilForCall::GilForCall() {
  if (PyGILState_Check()) return;
  TakeGil();
  give_back_ = !ops::KeepUntilBatchEnd(GiveGilBack);
  ReleaseDropped();  // the main thread may be waiting for this run and would let them go only afterwards
}

GilForCall::~GilForCall() {
  if (give_back_) GiveGilBack();
}

void DropWithGil(void* pointer, void (*drop)(void*)) {
  if (!InterpreterAlive()) return;
  if (PyGILState_Check()) {
    drop(pointer);
    return;
  }
  {
    std::lock_guard lock(GetDropQueue().mutex);
    GetDropQueue().waiting.push_back({pointer, drop});
  }
  Py_AddPendingCall(&DropWaiting, nullptr);  // a full queue means that a call is pending already
}

std::shared_ptr<arrow::Buffer> BytesOf(nb::handle bytes_like) {
  Py_buffer view;
  if (PyObject_GetBuffer(bytes_like.ptr(), &view, PyBUF_SIMPLE) != 0) throw nb::python_error();
  const auto* data = static_cast<const uint8_t*>(view.buf);
  const int64_t size = view.len;
  PyBuffer_Release(&view);  // the object's memory stays as long as the object: bytes and pickled buffers do not move
  std::shared_ptr<void> owner = KeepAlive(bytes_like);
  return {new arrow::Buffer(data, size), [owner](arrow::Buffer* buffer) { delete buffer; }};
}

PyObject* HeldObject(const Value& value) {
  const auto* python = dynamic_cast<const PyHostObject*>(value.host());
  return python ? python->object().ptr() : nullptr;
}

Value ValueFromPython(nb::object object) { return HostObjectPtr(std::make_shared<PyHostObject>(std::move(object))); }

nb::object ValueToPython(const Value& value) {
  if (PyObject* held = HeldObject(value)) return nb::borrow(held);
  if (value.host() != nullptr) {
    throw nb::type_error("an object of another language cannot be shown to Python");
  }
  if (const Chunk* chunk = value.chunk()) return ChunkToNumpy(*chunk);
  if (const Partition* partition = value.partition())
    return nb::module_::import_("pyarrow").attr("table")(nb::cast(ArrowStream{partition->table}));
  if (const Object* object = value.object()) return Unpickle(*object);
  if (const Pieces* pieces = value.pieces()) {
    nb::list list;
    for (const Value& piece : pieces->values) list.append(ValueToPython(piece));
    return list;
  }
  return nb::none();
}

Status StatusOfPythonError() {
  PyObject *type = nullptr, *exception = nullptr, *traceback = nullptr;
  PyErr_Fetch(&type, &exception, &traceback);
  PyErr_NormalizeException(&type, &exception, &traceback);
  if (traceback != nullptr) PyException_SetTraceback(exception, traceback);
  auto detail = std::make_shared<ErrorDetail>();
  detail->kind = ErrorKind::kUserFunction;
  detail->exception = KeepAlive(exception);
  std::string message = Py_TYPE(exception)->tp_name;
  PyObject* text = PyObject_Str(exception);
  if (text != nullptr && PyUnicode_GET_LENGTH(text) > 0) {
    const char* utf8 = PyUnicode_AsUTF8(text);
    if (utf8 != nullptr) message = message + ": " + utf8;
  }
  PyErr_Clear();
  Py_XDECREF(text);
  Py_XDECREF(type);
  Py_XDECREF(exception);
  Py_XDECREF(traceback);
  return Status::UnknownError(message).WithDetail(std::move(detail));
}

ops::FunctionCallPtr MakeBlockCall(nb::object function, std::string name, bool as_values) {
  return std::make_shared<BlockCall>(std::move(function), std::move(name), as_values);
}

}  // namespace swath::python
