#include "bag_items.h"

#include <array>
#include <cstring>
#include <memory>
#include <utility>

#include "arrow/array.h"
#include "arrow/table.h"
#include "arrow/type.h"

#include "swath/data/memory_pool.h"
#include "swath/ops/bag_column.h"

#include "arrow_interop.h"
#include "calls.h"
#include "errors.h"

namespace swath::python {
namespace {

using ops::BagItem;
using ops::ItemKind;

constexpr int kDeepest = 200;

// Keys of records come again and again: their str objects are kept. Guarded by the GIL.
class KeyCache {
 public:
  PyObject* Get(std::string_view text) {  // a new reference
    if (text.size() > 64) return PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), nullptr);
    uint64_t start = 0;
    std::memcpy(&start, text.data(), std::min<size_t>(8, text.size()));
    Slot& slot = slots_[((start ^ text.size()) * 0x9E3779B97F4A7C15ull) >> 56];
    if (slot.object == nullptr || slot.text != text) {
      PyObject* made = PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), nullptr);
      if (made == nullptr) return nullptr;
      PyUnicode_InternInPlace(&made);
      Py_XDECREF(slot.object);
      slot.object = made;
      slot.text = text;
    }
    Py_INCREF(slot.object);
    return slot.object;
  }

 private:
  struct Slot {
    std::string text;
    PyObject* object = nullptr;
  };
  std::array<Slot, 256> slots_;
};

KeyCache& Keys() {
  static auto* keys = new KeyCache;
  return *keys;
}

// A new reference, or null with the Python error set.
PyObject* ToPython(const BagItem& item);

PyObject* RecordToPython(const BagItem& item) {
  PyObject* dict = PyDict_New();
  for (uint32_t i = 0; dict != nullptr && i < item.size; ++i) {
    const BagItem& key = item.items[2 * i];
    PyObject* k = key.is_text() ? Keys().Get(key.view()) : ToPython(key);
    PyObject* v = k ? ToPython(item.items[2 * i + 1]) : nullptr;
    if (v == nullptr || PyDict_SetItem(dict, k, v) != 0) Py_CLEAR(dict);
    Py_XDECREF(k);
    Py_XDECREF(v);
  }
  return dict;
}

PyObject* ToPython(const BagItem& item) {
  switch (item.kind) {
    case ItemKind::kNone:
      Py_RETURN_NONE;
    case ItemKind::kBool:
      return PyBool_FromLong(item.boolean);
    case ItemKind::kInt:
      return PyLong_FromLongLong(item.integer);
    case ItemKind::kFloat:
      return PyFloat_FromDouble(item.number);
    case ItemKind::kText:
      return PyUnicode_DecodeUTF8(item.text, item.size, nullptr);
    case ItemKind::kBytes:
      return PyBytes_FromStringAndSize(item.text, item.size);
    case ItemKind::kList:
    case ItemKind::kTuple: {
      const bool tuple = item.kind == ItemKind::kTuple;
      PyObject* made = tuple ? PyTuple_New(item.size) : PyList_New(item.size);
      for (uint32_t i = 0; made != nullptr && i < item.size; ++i) {
        PyObject* value = ToPython(item.items[i]);
        if (value == nullptr) {
          Py_CLEAR(made);
        } else if (tuple) {
          PyTuple_SET_ITEM(made, i, value);
        } else {
          PyList_SET_ITEM(made, i, value);
        }
      }
      return made;
    }
    case ItemKind::kRecord:
      return RecordToPython(item);
    default:
      PyErr_SetString(PyExc_RuntimeError, "an item of a bag is no value");
      return nullptr;
  }
}

bool ListFromPython(PyObject* object, ops::ItemArena* arena, BagItem* item, int depth) {
  const bool tuple = PyTuple_CheckExact(object);
  const Py_ssize_t count = tuple ? PyTuple_GET_SIZE(object) : PyList_GET_SIZE(object);
  if (count > UINT32_MAX) return false;
  BagItem* items = arena->Items(static_cast<size_t>(count));
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyObject* value = tuple ? PyTuple_GET_ITEM(object, i) : PyList_GET_ITEM(object, i);
    if (!ItemFromPython(value, arena, &items[i], depth + 1)) return false;
  }
  *item =
      tuple ? BagItem::Tuple(items, static_cast<uint32_t>(count)) : BagItem::List(items, static_cast<uint32_t>(count));
  return true;
}

bool RecordFromPython(PyObject* object, ops::ItemArena* arena, BagItem* item, int depth) {
  const Py_ssize_t count = PyDict_Size(object);
  if (count > UINT32_MAX) return false;
  BagItem* pairs = arena->Items(2 * static_cast<size_t>(count));
  PyObject *key = nullptr, *value = nullptr;
  Py_ssize_t position = 0;
  for (Py_ssize_t i = 0; PyDict_Next(object, &position, &key, &value); ++i) {
    if (!ItemFromPython(key, arena, &pairs[2 * i], depth + 1)) return false;
    if (!ItemFromPython(value, arena, &pairs[2 * i + 1], depth + 1)) return false;
  }
  *item = BagItem::Record(pairs, static_cast<uint32_t>(count));
  return true;
}

// A column of one type without decoding item by item; null when it is of another form.
PyObject* PlainColumn(const arrow::ChunkedArray& column) {
  PyObject* list = PyList_New(column.length());
  Py_ssize_t at = 0;
  for (const auto& chunk : column.chunks()) {
    const arrow::Array& array = *chunk;
    for (int64_t row = 0; list != nullptr && row < array.length(); ++row) {
      PyObject* value = nullptr;
      if (array.IsNull(row)) {
        value = Py_None;
        Py_INCREF(value);
      } else if (array.type_id() == arrow::Type::LARGE_STRING) {
        const auto text = static_cast<const arrow::LargeStringArray&>(array).GetView(row);
        value = PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), nullptr);
      } else if (array.type_id() == arrow::Type::INT64) {
        value = PyLong_FromLongLong(static_cast<const arrow::Int64Array&>(array).Value(row));
      } else {
        value = PyFloat_FromDouble(static_cast<const arrow::DoubleArray&>(array).Value(row));
      }
      if (value == nullptr) {
        Py_CLEAR(list);
      } else {
        PyList_SET_ITEM(list, at++, value);
      }
    }
  }
  return list;
}

struct ItemIterator {
  std::unique_ptr<ops::ItemReader> reader;
};

PyObject* NextItem(PyObject* self) {
  BagItem item;
  const Result<bool> more = nb::inst_ptr<ItemIterator>(self)->reader->Next(&item);
  if (!more.ok()) {
    PyErr_SetString(PyExc_RuntimeError, more.status().message().c_str());
    return nullptr;
  }
  return *more ? ToPython(item) : nullptr;
}

PyType_Slot kIteratorSlots[] = {{Py_tp_iter, reinterpret_cast<void*>(&PyObject_SelfIter)},
                                {Py_tp_iternext, reinterpret_cast<void*>(&NextItem)},
                                {0, nullptr}};

}  // namespace

bool ItemFromPython(PyObject* object, ops::ItemArena* arena, BagItem* item, int depth) {
  if (depth > kDeepest) return false;
  if (PyUnicode_CheckExact(object)) {
    Py_ssize_t size = 0;
    const char* text = PyUnicode_AsUTF8AndSize(object, &size);
    if (text == nullptr) PyErr_Clear();  // lone surrogates
    if (text == nullptr || size > UINT32_MAX) return false;
    *item = BagItem::Text({text, static_cast<size_t>(size)});
    return true;
  }
  if (PyLong_CheckExact(object)) {
    int overflow = 0;
    const long long value = PyLong_AsLongLongAndOverflow(object, &overflow);
    *item = BagItem::Int(value);
    return overflow == 0;
  }
  if (PyFloat_CheckExact(object)) {
    *item = BagItem::Float(PyFloat_AS_DOUBLE(object));
    return true;
  }
  if (PyBool_Check(object)) {
    *item = BagItem::Bool(object == Py_True);
    return true;
  }
  if (object == Py_None) {
    *item = BagItem::None();
    return true;
  }
  if (PyTuple_CheckExact(object) || PyList_CheckExact(object)) return ListFromPython(object, arena, item, depth);
  if (PyDict_CheckExact(object)) return RecordFromPython(object, arena, item, depth);
  if (PyBytes_CheckExact(object) && PyBytes_GET_SIZE(object) <= UINT32_MAX) {
    *item = BagItem::Bytes({PyBytes_AS_STRING(object), static_cast<size_t>(PyBytes_GET_SIZE(object))});
    return true;
  }
  return false;
}

nb::object ItemToPython(const BagItem& item) {
  nb::object object = nb::steal(ToPython(item));
  if (!object.is_valid()) throw nb::python_error();
  return object;
}

std::optional<Partition> PartitionFromPython(PyObject* const* items, int64_t count) {
  ops::ItemColumnBuilder builder(Pool());
  ops::ItemArena arena;
  for (int64_t i = 0; i < count; ++i) {
    arena.Clear();
    BagItem item;
    if (!ItemFromPython(items[i], &arena, &item)) return std::nullopt;
    CheckOk(builder.Append(item));
  }
  return ValueOrRaise(builder.Finish());
}

nb::object TableItemsToPython(const std::shared_ptr<arrow::Table>& table) {
  if (table->num_columns() == 1) {
    const auto type = table->column(0)->type()->id();
    if (type == arrow::Type::LARGE_STRING || type == arrow::Type::INT64 || type == arrow::Type::DOUBLE) {
      nb::object list = nb::steal(PlainColumn(*table->column(0)));
      if (!list.is_valid()) throw nb::python_error();
      return list;
    }
  }
  const auto reader = ValueOrRaise(ops::ItemReader::Make(table, Pool()));
  nb::object list = nb::steal(PyList_New(reader->count()));
  BagItem item;
  for (Py_ssize_t i = 0; ValueOrRaise(reader->Next(&item)); ++i) {
    PyList_SET_ITEM(list.ptr(), i, ItemToPython(item).release().ptr());
  }
  return list;
}

nb::object IterateTable(std::shared_ptr<arrow::Table> table) {
  auto reader = ValueOrRaise(ops::ItemReader::Make(std::move(table), Pool()));
  return nb::cast(ItemIterator{std::move(reader)}, nb::rv_policy::move);
}

nb::object IteratePartition(const Value& value) {
  const Partition* partition = value.partition();
  if (partition && ops::HoldsItems(*partition->table->schema())) return IterateTable(partition->table);
  return ValueToPython(value);
}

nb::object PartitionToPython(const Value& value) {
  const Partition* partition = value.partition();
  if (partition && ops::HoldsItems(*partition->table->schema())) return TableItemsToPython(partition->table);
  return ValueToPython(value);
}

nb::object SideToPython(const Value& value) {
  const Partition* partition = value.partition();
  const bool items = partition && partition->table->num_columns() > 0 &&
                     partition->table->field(0)->name() == ops::kItemColumn &&
                     ops::HoldsItems(*partition->table->schema());
  return items ? TableItemsToPython(partition->table) : ValueToPython(value);
}

void BindBagItems(nb::module_& module) {
  nb::class_<ItemIterator>(module, "BagItems", nb::type_slots(kIteratorSlots), "The items of a partition, one by one.");
  module.def(
      "bag_table_items", [](nb::handle table) { return TableItemsToPython(ImportTable(table)); },
      "The items of a partition of a bag as a list.", nb::arg("table"));
  module.def(
      "bag_iterate_table", [](nb::handle table) { return IterateTable(ImportTable(table)); },
      "The items of a partition of a bag one by one.", nb::arg("table"));
}

}  // namespace swath::python
