// A table that is already in memory as a ScanSource: from_pandas, from_dict, tests.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/ops/scan_source.h"

namespace swath::io {

// `table` cut into partitions of rows [bounds[i], bounds[i + 1]). Strings become large_string. `fingerprint`: the
// identity of the data; empty: every source is its own.
Result<std::shared_ptr<const ops::ScanSource>> MakeMemorySource(std::shared_ptr<arrow::Table> table,
                                                                std::vector<int64_t> bounds,
                                                                std::string fingerprint = {});
// One partition a table; all of one schema.
Result<std::shared_ptr<const ops::ScanSource>> MakeMemorySource(std::vector<std::shared_ptr<arrow::Table>> partitions,
                                                                std::string fingerprint = {});

}  // namespace swath::io
