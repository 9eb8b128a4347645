// Which type each column of a CSV file gets: what the user says, else pandas' rules over a sample of the first file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "swath/base/status.h"
#include "swath/io/formats/csv_plan.h"

namespace swath::io {

// Fills plan->columns (one a name, in order) from `data`, the records of the sample; the last one is left out unless
// `complete`.
//   int64 ▸ uint64 ▸ float64 ▸ bool ▸ large_string: the first that takes every value; ints with missing values, and
//   columns without any value, are float64; parse_dates columns are timestamp[us], with UTC where the text has offsets.
Status InferColumns(std::string_view data, bool complete, const std::vector<std::string>& names, CsvPlan* plan);

}  // namespace swath::io
