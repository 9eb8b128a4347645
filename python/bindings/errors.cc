#include "errors.h"

#include <cerrno>
#include <cstring>
#include <exception>
#include <unordered_map>

#include "arrow/util/io_util.h"

#include "swath/api/error.h"
#include "swath/base/internal_error.h"

namespace swath::python {
namespace {

// The folder of the Python package with a final '/', set at import.
std::string& PackageFolder() {
  static auto* folder = new std::string;
  return *folder;
}

// "tour.py:12" -> the whole path, so that a note can quote the line. Guarded by the GIL.
std::unordered_map<std::string, std::string>& PathOfFile() {
  static auto* paths = new std::unordered_map<std::string, std::string>;
  return *paths;
}

bool IsOurs(const char* path) {
  const std::string& folder = PackageFolder();
  if (folder.empty() || std::strncmp(path, folder.data(), folder.size()) != 0) return false;
  const char* rest = path + folder.size();
  return std::strcmp(rest, "demo.py") != 0 &&
         std::strcmp(rest, "tour.py") != 0;  // examples inside the package are user code
}

nb::object ExceptionClass(const Status& status, const ErrorDetail* detail) {
  // NumPy's class for a Python int that does not fit the array's dtype (NEP 50).
  if (status.IsInvalid() && status.message().starts_with("Python integer ")) return nb::borrow(PyExc_OverflowError);
  switch (status.code()) {
    case arrow::StatusCode::OutOfMemory:
      return nb::borrow(PyExc_MemoryError);
    case arrow::StatusCode::KeyError:
      return nb::borrow(PyExc_KeyError);
    case arrow::StatusCode::TypeError:
      return nb::borrow(PyExc_TypeError);
    case arrow::StatusCode::Invalid:
      return nb::borrow(PyExc_ValueError);
    case arrow::StatusCode::CapacityError:
      return nb::borrow(PyExc_ValueError);
    case arrow::StatusCode::IndexError:
      return nb::borrow(PyExc_IndexError);
    case arrow::StatusCode::NotImplemented:
      return nb::borrow(PyExc_NotImplementedError);
    case arrow::StatusCode::AlreadyExists:
      return nb::borrow(PyExc_FileExistsError);
    case arrow::StatusCode::Cancelled:
      return nb::module_::import_("concurrent.futures").attr("CancelledError");
    case arrow::StatusCode::IOError:
      return nb::borrow(detail && detail->kind == ErrorKind::kFileNotFound ? PyExc_FileNotFoundError : PyExc_OSError);
    default:
      break;
  }
  if (detail && detail->kind == ErrorKind::kTimeout) return nb::borrow(PyExc_TimeoutError);
  return nb::borrow(PyExc_RuntimeError);
}

nb::object MakeException(const Status& status, const ErrorDetail* detail) {
  if (detail && detail->exception)
    return nb::borrow(static_cast<PyObject*>(const_cast<void*>(detail->exception.get())));
  if (detail && !detail->pickled.empty()) {
    nb::bytes bytes(detail->pickled.data(), detail->pickled.size());
    return nb::module_::import_("pickle").attr("loads")(bytes);
  }
  nb::object type = ExceptionClass(status, detail);
  nb::str message(status.message().data(), status.message().size());
  if (status.IsIOError() || status.IsAlreadyExists()) {
    int number = arrow::internal::ErrnoFromStatus(status);
    if (detail && detail->kind == ErrorKind::kFileNotFound) number = ENOENT;
    if (status.IsAlreadyExists()) number = EEXIST;
    if (number != 0) return type(number, message);
  }
  return type(message);
}

void AddNotes(nb::handle exception, const ErrorDetail& detail) {
  const nb::object known = nb::getattr(exception, "__notes__", nb::list());  // an exception may be raised again
  auto add = [&](const std::string& text) {
    const nb::str note(text.data(), text.size());
    if (!PySequence_Contains(known.ptr(), note.ptr())) exception.attr("add_note")(note);
  };
  if (!detail.location.empty()) {
    std::string note = "created at " + detail.location;
    const size_t colon = detail.location.rfind(':');
    if (colon != std::string::npos) {
      auto path = PathOfFile().find(detail.location.substr(0, colon));
      const int line = std::atoi(detail.location.c_str() + colon + 1);
      if (path != PathOfFile().end()) {
        nb::object text = nb::module_::import_("linecache").attr("getline")(path->second, line).attr("strip")();
        if (nb::len(text) > 0) note += ": " + nb::cast<std::string>(text);
      }
    }
    add(note);
  }
  if (!detail.key.empty()) add("in task " + detail.key + (detail.worker.empty() ? "" : " on " + detail.worker));
  if (!detail.traceback.empty()) add(detail.traceback);
}

}  // namespace

void Raise(const Status& status) {
  std::shared_ptr<const ErrorDetail> detail = ErrorDetail::Of(status);
  nb::object exception = MakeException(status, detail.get());
  if (detail) AddNotes(exception, *detail);
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.ptr())), exception.ptr());
  throw nb::python_error();
}

std::string UserLocation() {
  PyFrameObject* frame = PyEval_GetFrame();  // borrowed
  Py_XINCREF(frame);
  std::string location;
  while (frame) {
    PyCodeObject* code = PyFrame_GetCode(frame);
    const char* path = PyUnicode_AsUTF8(code->co_filename);
    if (path && !IsOurs(path)) {
      const char* slash = std::strrchr(path, '/');
      const char* name = slash ? slash + 1 : path;
      const int line = PyFrame_GetLineNumber(frame);
      location = name;
      std::string& known = PathOfFile()[location];
      if (known != path) known = path;
      location += ':';
      location += std::to_string(line);
      Py_DECREF(code);
      break;
    }
    Py_DECREF(code);
    PyFrameObject* back = PyFrame_GetBack(frame);
    Py_DECREF(frame);
    frame = back;
  }
  Py_XDECREF(frame);
  PyErr_Clear();
  return location;
}

void BindErrors(nb::module_& module) {
  nb::object file = nb::module_::import_("swath").attr("__file__");
  std::string folder = nb::cast<std::string>(file);
  folder.resize(folder.rfind('/') + 1);
  PackageFolder() = folder;
  nb::register_exception_translator([](const std::exception_ptr& pointer, void*) {
    try {
      std::rethrow_exception(pointer);
    } catch (const Error& error) {
      try {
        Raise(error.status());
      } catch (nb::python_error& python) {
        python.restore();
      }
    }
  });
  module.def("user_location", &UserLocation, "The line of the innermost frame outside this package: 'tour.py:12'.");
}

}  // namespace swath::python
