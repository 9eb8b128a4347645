// swath._core for bags. A bag is a core.Node; python/swath/bag makes Dask's Bag and Item of it. What each function does
// with items happens in C++: Python hands over whole lists and gets whole lists.
//
// Expressions (what a traced lambda becomes; functions and meaning: ops/bag_expression.h)
//   BagExpression(tree)      tree: ("item",) | ("acc",) | ("literal", value) | (function, tree, …); a plain None, bool,
//                            int, float, str, bytes stands for its literal. KeyError: unknown function, TypeError: no
//                            native literal (int beyond 64 bits, a set, an object). str(e), ==, hash(e), e.token
//
// Functions of Python
//   BagHost(function, name, token="", executor="", wants_block=False)
//                            One step: function(iterator, *sides) -> iterable. Steps of one task are chained: each gets
//                            the iterator that the one before returned, the last result becomes a list. With several
//                            item inputs (zip, product, merges) the first function gets one iterator each. wants_block:
//                            called with block=<number of the partition>. executor: "threads" (in process),
//                            "processes",
//                            "" as configured. token: equal tokens are equal functions; "": unlike any other.
//   Every `host` argument below is a BagHost with the *same meaning* as the native step: it runs where a partition is
//   opaque or native code cannot be exact. host=None: then such a partition is an error.
//   sides: [Node]: every block of each is handed to `function` after the iterators, as computed values.
//
// Sources
//   bag_read_text(paths, blocksize=0, compression="infer", encoding="utf-8", errors="strict", linedelimiter=None,
//                 files_per_partition=0, include_path=False) -> Node        items: lines with their end, as Dask's
//   bag_from_items(items: list, bounds: [int]) -> Node    partition p: items[bounds[p]:bounds[p + 1]]; columnar when
//   plain bag_range(count, npartitions) -> Node bag_from_values(values: Values) -> Node               computed blocks
//   (persist) bag_from_nodes(nodes: [Node]) -> Node                 each block of each node is a partition: concat,
//   from_delayed
//                                                         (a list of items, any iterable, or a table's rows as tuples)
// Steps -> Node
//   bag_map(bag, expression, host, sides=[])              pluck, starmap, loads, str methods: all are expressions
//   bag_filter(bag, expression, host, sides=[])           bag_remove likewise
//   bag_flatten(bag, host)
//   bag_sample(bag, probability, seed: (int, int), host)  host needs wants_block
//   bag_host(bag, host, sides=[])                         any function of Python: opaque lambdas, map_partitions
//   bag_zip(bags, host)  bag_product(a, b, host)          tuples; host(*iterators)
//   bag_partitions(bag, numbers)                          only these, in this order
//   bag_repartition(bag, npartitions)
//   bag_accumulate(bag, host)                             host(iterator, previous) -> (items, last): previous is ()
//   before
//                                                         the first item and (last,) after
// Reductions -> Node of one partition
//   bag_reduce(bag, sink, partial, combine, finish, split_every=8)
//       sink: None (Python only) or a dict: {"kind": name, and of these what the kind needs: "k", "key", "fold",
//             "initial", "combine", "combine_initial", "ddof"} (key, fold, combine: BagExpression). Kinds and the form
//             of their partials: ops/bag_pipeline.h: take count sum min max mean variance any all frequencies distinct
//             topk fold foldby
//       partial(iterator) -> items of the partial, in that form; combine(*iterators) -> items of one partial out of
//       several; finish(*iterators) -> items of the result. BagHosts. split_every=0: all at once.
//   bag_groupby(bag, key, parts, partition, merge)        -> Node of `parts` partitions of (key, [items])
//       partition(iterator) -> `parts` lists of (key, item); merge(*iterators over (key, item)) -> (key, [items]).
//       Where both occur keys must meet: bag_hash(key) % parts is the native choice.
//   bag_hash(object) -> int | None                        None: not a native key
// Out
//   bag_write_text(bag, paths, compression, host, encoding="utf-8") -> Node of paths, one a partition, lines joined by
//   "\n";
//                                                         host(iterator) -> texts that go into the file
//   bag_to_frame(bag, schema, host) -> DataFrame          schema: an object with __arrow_c_schema__; records by name,
//   tuples
//                                                         by position; host(iterator) -> an object with
//                                                         __arrow_c_stream__
//   bag_items(values: Values) -> list                     all items of all partitions
//   bag_partition_items(values: Values) -> [list]         one list a partition
//   bag_npartitions(bag) -> int      bag_item_type(bag) -> "text" | "int" | "float" | "bool" | "items" | "python"
// explain() says of every step whether it is native or Python.
#include "bag.h"

#include <array>
#include <memory>
#include <optional>
#include <utility>

#include <nanobind/nanobind.h>
#include <nanobind/stl/array.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "swath/expr/bag/bag_source.h"
#include "swath/expr/bag/bag_steps.h"
#include "swath/io/formats/text_source.h"

#include "bag_items.h"
#include "bindings.h"
#include "calls.h"
#include "errors.h"
#include "runtime.h"

namespace swath::python {
namespace {

using expr::BagPtr;
using ops::BagStep;
expr::HostFunction FunctionOf(nb::handle host, const std::vector<PyNode>& sides) {
  expr::HostFunction function{HostOf(host), {}};
  for (const PyNode& side : sides) function.sides.push_back(side.node);
  return function;
}

// --- sources

PyNode ReadText(const std::vector<std::string>& paths, int64_t blocksize, std::string compression, std::string encoding,
                std::string errors, std::optional<std::string> linedelimiter, int64_t files_per_partition,
                bool include_path) {
  const CallScope scope;
  const io::TextReadOptions options{.blocksize = blocksize,
                                    .files_per_partition = files_per_partition,
                                    .compression = std::move(compression),
                                    .encoding = std::move(encoding),
                                    .errors = std::move(errors),
                                    .linedelimiter = std::move(linedelimiter),
                                    .include_path = include_path};
  return NodeOf(expr::BagScanNode::Make(ValueOrRaise(io::MakeTextSource(paths, options))));
}

PyNode FromItems(nb::list items, const std::vector<int64_t>& bounds) {
  const CallScope scope;
  PyObject* const* objects = reinterpret_cast<PyListObject*>(items.ptr())->ob_item;
  std::vector<Value> values;
  for (size_t p = 0; p + 1 < bounds.size(); ++p) {
    if (bounds[p] < 0 || bounds[p + 1] < bounds[p] || bounds[p + 1] > static_cast<int64_t>(items.size())) {
      throw nb::value_error("bounds must ascend within the items");
    }
    if (auto partition = PartitionFromPython(objects + bounds[p], bounds[p + 1] - bounds[p])) {
      values.emplace_back(std::move(*partition));
    } else {
      values.push_back(ValueFromPython(nb::steal(PyList_GetSlice(items.ptr(), bounds[p], bounds[p + 1]))));
    }
  }
  return NodeOf(expr::BagValuesNode::Make(std::move(values)));
}

PyNode Range(int64_t count, int64_t npartitions) {
  const CallScope scope;
  return NodeOf(expr::BagScanNode::Make(ValueOrRaise(io::MakeRangeSource(count, npartitions))));
}

PyNode FromNodes(const std::vector<PyNode>& nodes) {
  const CallScope scope;
  std::vector<expr::NodePtr> list;
  for (const PyNode& node : nodes) list.push_back(node.node);
  return NodeOf(expr::BagBlocksNode::Make(std::move(list)));
}

// --- steps

PyNode Step(BagStep::Kind kind, const PyNode& bag, const OptionalExpression& expression, nb::handle host,
            const std::vector<PyNode>& sides) {
  const CallScope scope;
  std::optional<BagStep> step;
  if (expression) step = BagStep{.kind = kind, .expression = expression->expression};
  return NodeOf(expr::BagStepNode::Make(BagOf(bag), std::move(step), FunctionOf(host, sides)));
}

template <BagStep::Kind kind>
PyNode ExpressionStep(const PyNode& bag, const OptionalExpression& expression, nb::handle host,
                      const std::vector<PyNode>& sides) {
  return Step(kind, bag, expression, host, sides);
}

PyNode Flatten(const PyNode& bag, nb::handle host) {
  const CallScope scope;
  return NodeOf(expr::BagStepNode::Make(BagOf(bag), BagStep{.kind = BagStep::Kind::kFlatten}, FunctionOf(host, {})));
}

PyNode Sample(const PyNode& bag, double probability, std::array<uint64_t, 2> seed, nb::handle host) {
  const CallScope scope;
  BagStep step{.kind = BagStep::Kind::kSample, .probability = probability, .seed = seed};
  return NodeOf(expr::BagStepNode::Make(BagOf(bag), std::move(step), FunctionOf(host, {})));
}

PyNode Join(const std::vector<PyNode>& bags, bool product, nb::handle host) {
  const CallScope scope;
  std::vector<BagPtr> list;
  for (const PyNode& bag : bags) list.push_back(BagOf(bag));
  return NodeOf(expr::BagJoinNode::Make(std::move(list), product, HostOf(host)));
}

PyNode Repartition(const PyNode& bag, int64_t npartitions) {
  const CallScope scope;
  const BagPtr input = BagOf(bag);
  auto plan = ValueOrRaise(expr::PlanRepartition(input->npartitions(), npartitions));
  return NodeOf(expr::BagRepartitionNode::Make(input, npartitions,
                                               MakeConcatCall(std::move(plan.piece), std::move(plan.pieces))));
}

PyNode Accumulate(const PyNode& bag, nb::handle host) {
  const CallScope scope;
  const auto function = HostOf(host);
  if (!function) throw nb::type_error("accumulate needs a function");
  return NodeOf(
      expr::BagAccumulateNode::Make(BagOf(bag), {MakeAccumulateCall(function), MakePickCall(), function->token()}));
}

using nb::arg;

void BindSources(nb::module_& module) {
  module.def("bag_read_text", &ReadText, arg("paths"), arg("blocksize") = 0, arg("compression") = "infer",
             arg("encoding") = "utf-8", arg("errors") = "strict", arg("linedelimiter").none() = nb::none(),
             arg("files_per_partition") = 0, arg("include_path") = false);
  module.def("bag_from_items", &FromItems, arg("items"), arg("bounds"));
  module.def("bag_range", &Range, arg("count"), arg("npartitions"));
  module.def(
      "bag_from_values", [](const PyValues& values) { return NodeOf(expr::BagValuesNode::Make(values.values)); },
      arg("values"));
  module.def("bag_from_nodes", &FromNodes, arg("nodes"));
}

void BindSteps(nb::module_& module) {
  const auto def = [&](const char* name, auto function) {
    module.def(name, function, arg("bag"), arg("expression").none(), arg("host").none() = nb::none(),
               arg("sides") = std::vector<PyNode>());
  };
  def("bag_map", &ExpressionStep<BagStep::Kind::kMap>);
  def("bag_filter", &ExpressionStep<BagStep::Kind::kFilter>);
  def("bag_remove", &ExpressionStep<BagStep::Kind::kRemove>);
  module.def(
      "bag_host",
      [](const PyNode& bag, nb::handle host, const std::vector<PyNode>& sides) {
        return Step(BagStep::Kind::kMap, bag, std::nullopt, host, sides);
      },
      arg("bag"), arg("host"), arg("sides") = std::vector<PyNode>());
  module.def("bag_flatten", &Flatten, arg("bag"), arg("host").none() = nb::none());
  module.def("bag_sample", &Sample, arg("bag"), arg("probability"), arg("seed"), arg("host").none() = nb::none());
  module.def(
      "bag_zip", [](const std::vector<PyNode>& bags, nb::handle host) { return Join(bags, false, host); }, arg("bags"),
      arg("host").none() = nb::none());
  module.def(
      "bag_product",
      [](const PyNode& a, const PyNode& b, nb::handle host) {
        return Join({a, b}, true, host);
      },
      arg("a"), arg("b"), arg("host").none() = nb::none());
  module.def(
      "bag_partitions",
      [](const PyNode& bag, std::vector<int64_t> numbers) {
        return NodeOf(expr::BagSelectNode::Make(BagOf(bag), std::move(numbers)));
      },
      arg("bag"), arg("numbers"));
  module.def("bag_repartition", &Repartition, arg("bag"), arg("npartitions"));
  module.def("bag_accumulate", &Accumulate, arg("bag"), arg("host"));
}

}  // namespace

PyNode NodeOf(Result<BagPtr> bag) { return {ValueOrRaise(std::move(bag))}; }

BagPtr BagOf(const PyNode& node) {
  BagPtr bag = expr::ToBag(node.node);
  if (!bag) throw nb::type_error("this expression is not a bag");
  return bag;
}

std::shared_ptr<const PyBagHost> HostOf(nb::handle host) {
  return host.is_none() ? nullptr : nb::cast<std::shared_ptr<PyBagHost>>(host);
}

void BindBag(nb::module_& module) {
  BindBagExpression(module);
  BindBagHost(module);
  BindSources(module);
  BindSteps(module);
  BindBagResults(module);
}

}  // namespace swath::python
