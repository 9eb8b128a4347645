#include "arrow_interop.h"

#include <string>
#include <utility>

#include "arrow/api.h"
#include "arrow/c/bridge.h"

#include "errors.h"

namespace swath::python {
namespace {

constexpr const char* kSchemaName = "arrow_schema";
constexpr const char* kArrayName = "arrow_array";
constexpr const char* kStreamName = "arrow_array_stream";

// A capsule that owns a C struct of the Arrow interface and releases what the consumer left in it.
template <typename T>
nb::object OwnedCapsule(std::unique_ptr<T> value, const char* name, PyCapsule_Destructor destructor) {
  nb::object capsule = nb::steal(PyCapsule_New(value.get(), name, destructor));
  if (!capsule.is_valid()) throw nb::python_error();
  value.release();
  return capsule;
}

template <typename T>
void Destroy(PyObject* capsule, const char* name) {
  auto* value = static_cast<T*>(PyCapsule_GetPointer(capsule, name));
  if (!value) return PyErr_Clear();
  if (value->release) value->release(value);
  delete value;
}

nb::object SchemaCapsule(std::unique_ptr<ArrowSchema> schema) {
  return OwnedCapsule(std::move(schema), kSchemaName,
                      [](PyObject* capsule) { Destroy<ArrowSchema>(capsule, kSchemaName); });
}

nb::object ExportStream(const std::shared_ptr<arrow::Table>& table) {
  auto stream = std::make_unique<ArrowArrayStream>();
  CheckOk(arrow::ExportRecordBatchReader(std::make_shared<arrow::TableBatchReader>(table), stream.get()));
  return OwnedCapsule(std::move(stream), kStreamName,
                      [](PyObject* capsule) { Destroy<ArrowArrayStream>(capsule, kStreamName); });
}

nb::object ExportArray(const arrow::Array& array) {
  auto schema = std::make_unique<ArrowSchema>();
  auto data = std::make_unique<ArrowArray>();
  CheckOk(arrow::ExportArray(array, data.get(), schema.get()));
  return nb::make_tuple(
      SchemaCapsule(std::move(schema)),
      OwnedCapsule(std::move(data), kArrayName, [](PyObject* capsule) { Destroy<ArrowArray>(capsule, kArrayName); }));
}

template <typename T>
T* CapsulePointer(nb::handle capsule, const char* name) {
  auto* pointer = static_cast<T*>(PyCapsule_GetPointer(capsule.ptr(), name));
  if (!pointer) throw nb::python_error();
  return pointer;
}

nb::object CallProtocol(nb::handle object, const char* method, const char* expected) {
  if (!nb::hasattr(object, method)) {
    throw nb::type_error((std::string("expected ") + expected + " (an object with " + method + "), not " +
                          nb::cast<std::string>(nb::str(object.type().attr("__name__"))))
                             .c_str());
  }
  return object.attr(method)();
}

}  // namespace

nb::object ExportSchema(const arrow::Schema& schema) {
  auto out = std::make_unique<ArrowSchema>();
  CheckOk(arrow::ExportSchema(schema, out.get()));
  return SchemaCapsule(std::move(out));
}

std::shared_ptr<arrow::Table> ImportTable(nb::handle object) {
  nb::object capsule = CallProtocol(object, "__arrow_c_stream__", "a table");
  auto* stream = CapsulePointer<ArrowArrayStream>(capsule, kStreamName);
  Result<std::shared_ptr<arrow::Table>> table = [&]() -> Result<std::shared_ptr<arrow::Table>> {
    nb::gil_scoped_release release;
    ASSIGN_OR_RETURN(auto reader, arrow::ImportRecordBatchReader(stream));
    return reader->ToTable();
  }();
  return ValueOrRaise(std::move(table));
}

std::shared_ptr<arrow::Array> ImportArray(nb::handle object) {
  auto capsules = nb::cast<nb::tuple>(CallProtocol(object, "__arrow_c_array__", "an array"));
  return ValueOrRaise(arrow::ImportArray(CapsulePointer<ArrowArray>(capsules[1], kArrayName),
                                         CapsulePointer<ArrowSchema>(capsules[0], kSchemaName)));
}

std::shared_ptr<arrow::DataType> ImportType(nb::handle object) {
  nb::object capsule = CallProtocol(object, "__arrow_c_schema__", "a data type");
  return ValueOrRaise(arrow::ImportType(CapsulePointer<ArrowSchema>(capsule, kSchemaName)));
}

nb::object ScalarToPython(const std::shared_ptr<arrow::Scalar>& scalar) {
  if (!scalar || !scalar->is_valid) return nb::none();
  switch (scalar->type->id()) {
    case arrow::Type::BOOL:
      return nb::bool_(static_cast<const arrow::BooleanScalar&>(*scalar).value);
    case arrow::Type::INT64:
      return nb::int_(static_cast<const arrow::Int64Scalar&>(*scalar).value);
    case arrow::Type::INT32:
      return nb::int_(static_cast<const arrow::Int32Scalar&>(*scalar).value);
    case arrow::Type::DOUBLE:
      return nb::float_(static_cast<const arrow::DoubleScalar&>(*scalar).value);
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING: {
      const auto view = static_cast<const arrow::BaseBinaryScalar&>(*scalar).view();
      return nb::str(view.data(), view.size());
    }
    default:
      return nb::cast(ArrowArrayOut{ValueOrRaise(arrow::MakeArrayFromScalar(*scalar, 1))});
  }
}

void BindArrow(nb::module_& module) {
  nb::class_<ArrowStream>(module, "ArrowStream", "A table; pyarrow.table() takes it without a copy.")
      .def(
          "__arrow_c_stream__", [](const ArrowStream& self, nb::handle) { return ExportStream(self.table); },
          nb::arg("requested_schema").none() = nb::none())
      .def_prop_ro("num_rows", [](const ArrowStream& self) { return self.table->num_rows(); });
  nb::class_<ArrowArrayOut>(module, "ArrowArray", "An array; pyarrow.array() takes it without a copy.")
      .def(
          "__arrow_c_array__", [](const ArrowArrayOut& self, nb::handle) { return ExportArray(*self.array); },
          nb::arg("requested_schema").none() = nb::none())
      .def("__len__", [](const ArrowArrayOut& self) { return self.array->length(); });
}

}  // namespace swath::python
