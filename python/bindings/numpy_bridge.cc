#include "numpy_bridge.h"

#include <cstring>
#include <mutex>
#include <utility>
#include <vector>

#include "arrow/buffer.h"

#include "errors.h"
#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#define NPY_TARGET_VERSION NPY_2_0_API_VERSION
#include <numpy/arrayobject.h>

namespace swath::python {
namespace {

void EnsureNumpy() {
  if (PyArray_API == nullptr && _import_array() < 0) throw nb::python_error();
}

struct Graveyard {
  std::mutex mutex;
  std::vector<PyObject*> objects;
};
Graveyard& Dead() {
  static auto* dead = new Graveyard;
  return *dead;
}

int DropDead(void*) {
  ReleaseDropped();
  return 0;
}

bool Finalizing() {
#if PY_VERSION_HEX >= 0x030D0000
  return Py_IsFinalizing() || !Py_IsInitialized();
#else
  return _Py_IsFinalizing() || !Py_IsInitialized();
#endif
}

// Borrowed memory of a Python object.
class PythonBuffer : public arrow::Buffer {
 public:
  PythonBuffer(const uint8_t* data, int64_t size, std::shared_ptr<void> owner)
      : arrow::Buffer(data, size), owner_(std::move(owner)) {}

 private:
  std::shared_ptr<void> owner_;
};

struct Holder {
  std::shared_ptr<arrow::Buffer> buffer;
};
constexpr const char* kCapsuleName = "swath.buffer";

// The lowest address that the array touches and how many bytes there are up to the highest.
std::pair<int64_t, int64_t> Extent(const Chunk& chunk) {
  int64_t low = 0, high = chunk.dtype().itemsize;
  for (int64_t axis = 0; axis < chunk.ndim(); ++axis) {
    if (chunk.shape()[axis] == 0) return {0, 0};
    const int64_t reach = (chunk.shape()[axis] - 1) * chunk.strides()[axis];
    (reach < 0 ? low : high) += reach;
  }
  return {low, high};
}

}  // namespace

void ReleaseDropped() {
  std::vector<PyObject*> objects;
  {
    std::lock_guard lock(Dead().mutex);
    objects.swap(Dead().objects);
  }
  for (PyObject* object : objects) Py_DECREF(object);
}

std::shared_ptr<void> KeepAlive(nb::handle object) {
  return {object.inc_ref().ptr(), [](void* pointer) {
            auto* held = static_cast<PyObject*>(pointer);
            if (Finalizing()) return;
            if (PyGILState_Check()) {
              Py_DECREF(held);
              return;
            }
            {
              std::lock_guard lock(Dead().mutex);
              Dead().objects.push_back(held);
            }
            Py_AddPendingCall(&DropDead, nullptr);  // a full queue means that a call is pending already
          }};
}

DType DTypeFromPython(nb::handle dtype) {
  EnsureNumpy();
  PyArray_Descr* descr = nullptr;
  if (!PyArray_DescrConverter(dtype.ptr(), &descr)) throw nb::python_error();
  nb::object holder = nb::steal(reinterpret_cast<PyObject*>(descr));
  switch (descr->type_num) {
    case NPY_BOOL:
      return Kind::kBool;
    case NPY_FLOAT:
      return Kind::kFloat32;
    case NPY_DOUBLE:
      return Kind::kFloat64;
    case NPY_HALF:
      return Kind::kFloat16;
    case NPY_CFLOAT:
      return Kind::kComplex64;
    case NPY_CDOUBLE:
      return Kind::kComplex128;
    case NPY_OBJECT:
      throw nb::type_error("swath arrays hold numbers, booleans, dates and fixed-width strings; got dtype object");
    default:
      break;
  }
  std::string text = nb::cast<std::string>(holder.attr("str"));
  if (text[0] == '>') text[0] = '<';  // big-endian data are converted on the way in
  Result<DType> parsed = DType::Parse(text);
  if (!parsed.ok()) throw nb::type_error((parsed.status().message() + " (dtype " + text + ")").c_str());
  return *parsed;
}

nb::object DTypeToPython(const DType& dtype) {
  EnsureNumpy();
  nb::str text(dtype.ToString().c_str());
  PyArray_Descr* descr = nullptr;
  if (!PyArray_DescrConverter(text.ptr(), &descr)) throw nb::python_error();
  return nb::steal(reinterpret_cast<PyObject*>(descr));
}

Chunk ChunkFromNumpy(nb::handle object) {
  EnsureNumpy();
  if (!PyArray_Check(object.ptr())) throw nb::type_error("expected a numpy.ndarray");
  nb::object array = nb::borrow(object);
  auto* raw = reinterpret_cast<PyArrayObject*>(array.ptr());
  DType dtype = DTypeFromPython(reinterpret_cast<PyObject*>(PyArray_DESCR(raw)));
  if (!PyArray_ISNOTSWAPPED(raw) || !PyArray_ISALIGNED(raw)) {
    nb::object target =
        nb::steal(reinterpret_cast<PyObject*>(PyArray_DescrNewByteorder(PyArray_DESCR(raw), NPY_NATIVE)));
    auto* descr = reinterpret_cast<PyArray_Descr*>(target.release().ptr());  // the next call steals it
    array = nb::steal(PyArray_FromArray(raw, descr, NPY_ARRAY_CARRAY_RO | NPY_ARRAY_ENSURECOPY));
    if (!array.is_valid()) throw nb::python_error();
    raw = reinterpret_cast<PyArrayObject*>(array.ptr());
  }
  const int ndim = PyArray_NDIM(raw);
  Shape shape(PyArray_DIMS(raw), PyArray_DIMS(raw) + ndim);
  Shape strides(PyArray_STRIDES(raw), PyArray_STRIDES(raw) + ndim);
  const auto [low, high] = Extent(Chunk(dtype, shape, strides, 0, nullptr));
  const auto* data = static_cast<const uint8_t*>(PyArray_DATA(raw)) + low;
  auto buffer = std::make_shared<PythonBuffer>(data, high - low, KeepAlive(array));
  return Chunk(dtype, std::move(shape), std::move(strides), -low, std::move(buffer));
}

nb::object ChunkToNumpy(Chunk chunk) {
  EnsureNumpy();
  nb::object dtype = DTypeToPython(chunk.dtype());
  auto holder = std::make_unique<Holder>(Holder{chunk.buffer()});
  std::vector<npy_intp> shape(chunk.shape().begin(), chunk.shape().end());
  std::vector<npy_intp> strides(chunk.strides().begin(), chunk.strides().end());
  void* data = const_cast<uint8_t*>(chunk.data());
  chunk = Chunk();
  const bool ours = holder->buffer && holder->buffer.use_count() == 1 && holder->buffer->is_mutable();
  auto* descr = reinterpret_cast<PyArray_Descr*>(dtype.release().ptr());
  nb::object array = nb::steal(PyArray_NewFromDescr(&PyArray_Type, descr, static_cast<int>(shape.size()), shape.data(),
                                                    strides.data(), data, ours ? NPY_ARRAY_WRITEABLE : 0, nullptr));
  if (!array.is_valid()) throw nb::python_error();
  PyObject* capsule = PyCapsule_New(holder.get(), kCapsuleName, [](PyObject* self) {
    delete static_cast<Holder*>(PyCapsule_GetPointer(self, kCapsuleName));
  });
  if (!capsule) throw nb::python_error();
  holder.release();
  auto* raw = reinterpret_cast<PyArrayObject*>(array.ptr());
  if (PyArray_SetBaseObject(raw, capsule) < 0) throw nb::python_error();
  PyArray_UpdateFlags(raw, NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_F_CONTIGUOUS | NPY_ARRAY_ALIGNED);
  return array;
}

}  // namespace swath::python
