// Python functions on partitions of tables: `swath._core.map_partitions`.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrow/array.h"
#include "arrow/scalar.h"
#include "arrow/table.h"

#include "swath/expr/frame/map_partitions.h"

#include "arrow_interop.h"
#include "bindings.h"
#include "block_calls.h"
#include "errors.h"
#include "frame.h"

namespace swath::python {
namespace {

using Reads = std::vector<std::vector<int64_t>>;

DataFrame MapPartitions(nb::object function, std::string name, std::string label,
                        const std::vector<std::pair<PyNode, Reads>>& inputs, const std::vector<PyNode>& calls,
                        bool call_each, const std::string& result, nb::handle schema,
                        const std::vector<std::pair<std::string, std::optional<std::string>>>& index,
                        int64_t npartitions, nb::handle divisions, std::string token, bool takes_piece,
                        bool in_process) {
  expr::FrameType type{
      .schema = ImportTable(schema)->schema(), .index = {}, .npartitions = npartitions, .divisions = {}};
  for (const auto& [column, level] : index) type.index.push_back({column, level});
  if (!divisions.is_none()) {
    const auto values = ImportArray(divisions);
    for (int64_t i = 0; i < values->length(); ++i) type.divisions.push_back(ValueOrRaise(values->GetScalar(i)));
  }
  auto mapping = std::make_shared<expr::PartitionMapping>();
  mapping->call = MakeCheckedCall({.function = std::move(function),
                                   .name = std::move(name),
                                   .label = label,
                                   .result = BlockResultFrom(result),
                                   .schema = type.schema,
                                   .takes_piece = takes_piece,
                                   .in_process = in_process});
  mapping->label = std::move(label);
  mapping->identity = result + token;
  mapping->call_each = call_each;
  std::vector<expr::NodePtr> nodes, call_nodes;
  for (const auto& [input, reads] : inputs) {
    nodes.push_back(input.node);
    mapping->reads.push_back(reads);
  }
  for (const PyNode& call : calls) call_nodes.push_back(call.node);
  CallScope scope;
  return DataFrame(ValueOrRaise(
      expr::MapPartitionsNode::Make(std::move(nodes), std::move(call_nodes), std::move(type), std::move(mapping))));
}

}  // namespace

void BindFrameFunctions(nb::module_& module) {
  module.def("map_partitions", &MapPartitions,
             "A table of what function(values, partition number) returns. inputs: (node, for each partition of the "
             "result the blocks that it reads; nothing: the one of its number). schema: an empty table.",
             nb::arg("function").none(), nb::arg("name"), nb::arg("label"), nb::arg("inputs"), nb::arg("calls"),
             nb::arg("call_each"), nb::arg("result"), nb::arg("schema"), nb::arg("index"), nb::arg("npartitions"),
             nb::arg("divisions").none(), nb::arg("token"), nb::arg("takes_piece") = false,
             nb::arg("in_process") = false);
}

}  // namespace swath::python
