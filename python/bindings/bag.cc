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
#include "bindings.h"

namespace swath::python {

void BindBag(nanobind::module_&) {}

}  // namespace swath::python
