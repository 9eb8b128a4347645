#include <tuple>

#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "errors.h"
#include "frame.h"

namespace swath::python {
namespace {

// function, column, output, ddof, min_count: python/swath/dataframe/groupby.py `Spec`.
using Spec = std::tuple<std::string, std::string, std::string, int64_t, int64_t>;

DataFrame Aggregate(const GroupBy& self, const std::vector<Spec>& specs) {
  std::vector<NamedAggregation> aggregations;
  for (const auto& [function, column, output, ddof, min_count] : specs) {
    aggregations.push_back(
        {.output = output, .column = column, .function = function, .ddof = ddof, .min_count = min_count});
  }
  return self.aggregate(aggregations);
}

// `keys`: Series of the frame, each with the name of its index level.
GroupBy MakeGroupBy(const DataFrame& frame, nb::handle keys, const std::vector<std::string>& names, bool sort,
                    bool dropna, bool observed) {
  std::vector<expr::NamedColumn> columns;
  size_t number = 0;
  for (nb::handle key : nb::borrow<nb::sequence>(keys)) {
    columns.push_back({names.at(number++), nb::cast<const Series&>(key).column()});
  }
  return GroupBy(frame.node(), std::move(columns), {.sort = sort, .dropna = dropna, .observed = observed});
}

}  // namespace

void BindGroupBy(nb::module_& module) {
  nb::class_<GroupBy>(module, "GroupBy").def("aggregate", [](const GroupBy& self, const std::vector<Spec>& specs) {
    CallScope scope;
    return Aggregate(self, specs);
  });
  module.def("groupby", [](const DataFrame& frame, nb::handle keys, const std::vector<std::string>& names, bool sort,
                           bool dropna, bool observed) {
    CallScope scope;
    return MakeGroupBy(frame, keys, names, sort, dropna, observed);
  });
}

}  // namespace swath::python
