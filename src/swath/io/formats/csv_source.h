// Reading CSV files as partitions: byte ranges of about `blocksize` bytes that start and end between records (newlines
// inside quotes are no boundaries), each read in pieces by a serial parser that converts only the columns asked for.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "swath/base/status.h"
#include "swath/ops/csv_options.h"
#include "swath/ops/scan_source.h"

namespace swath::io {

// `paths`: files, globs ("data/*.csv"; sorted in natural order) or folders. Looks at the files' sizes, at their quoting
// where it makes boundaries ambiguous, and at the head of the first file to infer the types. FileNotFound for a missing
// file or a glob that matches nothing; Invalid names unknown columns, option values or files with other columns.
Result<std::shared_ptr<const ops::ScanSource>> MakeCsvSource(const std::vector<std::string>& paths,
                                                             const ops::CsvReadOptions& options = {});

}  // namespace swath::io
