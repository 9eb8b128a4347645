// Items of bags <-> Python objects, whole lists at a time. Everything here needs the GIL.
#pragma once

#include <optional>

#include <nanobind/nanobind.h>

#include "swath/data/value.h"
#include "swath/ops/bag_item.h"

namespace swath::python {

namespace nb = nanobind;

// The object as a native item: None, bool, int of 64 bits, float, str, bytes, list, tuple, dict, of exactly these
// types, all the way down. Text points into the object, the rest into the arena. False for anything else.
bool ItemFromPython(PyObject* object, ops::ItemArena* arena, ops::BagItem* item, int depth = 0);
nb::object ItemToPython(const ops::BagItem& item);

// A columnar partition of the items, or nothing when one of them is no native item.
std::optional<Partition> PartitionFromPython(PyObject* const* items, int64_t count);
// The items of a table as a list.
nb::object TableItemsToPython(const std::shared_ptr<arrow::Table>& table);
// An iterator that makes the objects one by one: they die young, so that neither the memory nor the garbage collector
// sees a whole partition of them.
nb::object IterateTable(std::shared_ptr<arrow::Table> table);
// The items of a partition in any form as something to iterate once.
nb::object IteratePartition(const Value& value);
// The items of a partition in any form: a list, or another iterable that a function of Python made.
nb::object PartitionToPython(const Value& value);
// What a function beside the items gets: a list for a partition of a bag, else as ValueToPython.
nb::object SideToPython(const Value& value);

void BindBagItems(nb::module_& module);

}  // namespace swath::python
