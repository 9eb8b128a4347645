// swath._core for bags: reductions, tables, files, items. See bag.cc.
#include <memory>
#include <optional>
#include <utility>

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrow/type.h"

#include "swath/api/dataframe.h"
#include "swath/expr/bag/bag_reduce.h"
#include "swath/io/formats/text_target.h"

#include "arrow_interop.h"
#include "bag.h"
#include "bag_items.h"
#include "errors.h"

namespace swath::python {
namespace {

using expr::BagPtr;
using ops::BagSink;

// --- reductions

BagSink SinkOf(const nb::dict& options) {
  static constexpr std::pair<std::string_view, BagSink::Kind> kKinds[] = {
      {"take", BagSink::Kind::kTake},         {"count", BagSink::Kind::kCount},
      {"sum", BagSink::Kind::kSum},           {"min", BagSink::Kind::kMin},
      {"max", BagSink::Kind::kMax},           {"mean", BagSink::Kind::kMean},
      {"variance", BagSink::Kind::kVariance}, {"any", BagSink::Kind::kAny},
      {"all", BagSink::Kind::kAll},           {"frequencies", BagSink::Kind::kFrequencies},
      {"distinct", BagSink::Kind::kDistinct}, {"topk", BagSink::Kind::kTopK},
      {"fold", BagSink::Kind::kFold},         {"foldby", BagSink::Kind::kFoldBy}};
  const auto kind = nb::cast<std::string>(options["kind"]);
  BagSink sink;
  bool known = false;
  for (const auto& [name, value] : kKinds) {
    if (kind != name) continue;
    sink.kind = value;
    known = true;
  }
  if (!known) throw nb::key_error(("no native reduction of bags: " + kind).c_str());
  for (auto [name, value] : options) {
    const auto option = nb::cast<std::string>(name);
    if (option == "kind" || value.is_none()) continue;
    if (option == "k" || option == "ddof") {
      sink.k = nb::cast<int64_t>(value);
    } else if (option == "key") {
      sink.key = nb::cast<PyBagExpression>(value).expression;
    } else if (option == "fold") {
      sink.fold = nb::cast<PyBagExpression>(value).expression;
    } else if (option == "combine") {
      sink.combine = nb::cast<PyBagExpression>(value).expression;
    } else if (option == "initial") {
      sink.initial = LiteralFromPython(value);
    } else if (option == "combine_initial") {
      sink.combine_initial = LiteralFromPython(value);
    } else {
      throw nb::key_error(("no option of a reduction: " + option).c_str());
    }
  }
  const bool folds = sink.kind == BagSink::Kind::kFold || sink.kind == BagSink::Kind::kFoldBy;
  if (folds && !sink.fold) throw nb::type_error("a native fold needs an expression");
  return sink;
}

PyNode Reduce(const PyNode& bag, nb::handle sink, nb::handle partial, nb::handle combine, nb::handle finish,
              int64_t split_every) {
  const CallScope scope;
  std::optional<BagSink> native;
  if (!sink.is_none()) native = SinkOf(nb::cast<nb::dict>(sink));
  return NodeOf(expr::BagReduceNode::Make(BagOf(bag), std::move(native),
                                          {HostOf(partial), HostOf(combine), HostOf(finish)}, split_every));
}

PyNode GroupBy(const PyNode& bag, const OptionalExpression& key, int64_t parts, nb::handle partition,
               nb::handle merge) {
  const CallScope scope;
  return NodeOf(expr::BagGroupNode::Make(BagOf(bag), key ? key->expression : nullptr, parts,
                                         {HostOf(partition), nullptr, HostOf(merge)}));
}

// --- out

PyNode WriteText(const PyNode& bag, std::vector<std::string> paths, std::string compression, nb::handle host,
                 bool last_endline) {
  const CallScope scope;
  const BagPtr input = BagOf(bag);
  if (static_cast<int64_t>(paths.size()) != input->npartitions()) {
    throw nb::value_error("to_textfiles needs one path a partition");
  }
  auto target = ValueOrRaise(
      io::MakeTextTarget(std::move(paths), {.compression = std::move(compression), .last_endline = last_endline}));
  return NodeOf(expr::BagWriteNode::Make(input, std::move(target), HostOf(host)));
}

DataFrame ToFrame(const PyNode& bag, nb::handle schema, nb::handle host) {
  const CallScope scope;
  const auto type = ImportType(schema);
  if (type->id() != arrow::Type::STRUCT) throw nb::type_error("the schema of a table is needed");
  return DataFrame(ValueOrRaise(expr::BagTableNode::Make(BagOf(bag), arrow::schema(type->fields()), HostOf(host))));
}

nb::object AllItems(const PyValues& values) {
  nb::object all = nb::steal(PyList_New(0));
  for (const Value& value : values.values) {
    nb::object items = PartitionToPython(value);
    if (values.values.size() == 1 && PyList_CheckExact(items.ptr())) return items;
    all = nb::steal(PySequence_InPlaceConcat(all.ptr(), items.ptr()));
    if (!all.is_valid()) throw nb::python_error();
  }
  return all;
}

nb::list PartitionItems(const PyValues& values) {
  nb::list list;
  for (const Value& value : values.values) {
    nb::object items = nb::steal(PySequence_List(PartitionToPython(value).ptr()));
    if (!items.is_valid()) throw nb::python_error();
    list.append(items);
  }
  return list;
}

std::string ItemType(const PyNode& bag) { return std::string(ToString(BagOf(bag)->items())); }

using nb::arg;

}  // namespace

void BindBagResults(nb::module_& module) {
  module.def("bag_reduce", &Reduce, arg("bag"), arg("sink").none(), arg("partial").none() = nb::none(),
             arg("combine").none() = nb::none(), arg("finish").none() = nb::none(), arg("split_every") = 8);
  module.def("bag_groupby", &GroupBy, arg("bag"), arg("key").none(), arg("parts"), arg("partition").none() = nb::none(),
             arg("merge").none() = nb::none());
  module.def("bag_write_text", &WriteText, arg("bag"), arg("paths"), arg("compression") = "infer",
             arg("host").none() = nb::none(), arg("last_endline") = false);
  module.def("bag_to_frame", &ToFrame, arg("bag"), arg("schema"), arg("host").none() = nb::none());
  module.def("bag_items", &AllItems, arg("values"));
  module.def("bag_partition_items", &PartitionItems, arg("values"));
  module.def(
      "bag_npartitions", [](const PyNode& bag) { return BagOf(bag)->npartitions(); }, arg("bag"));
  module.def("bag_item_type", &ItemType, arg("bag"));
}

}  // namespace swath::python
