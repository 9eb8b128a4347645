// Reading lines of text files: a ScanSource with the column "item" (large_string) and, on request, "path". Partitions
// are whole files, groups of files, or byte ranges of about `blocksize` bytes that are cut where lines begin.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "swath/base/status.h"
#include "swath/ops/scan_source.h"

namespace swath::io {

struct TextReadOptions {
  int64_t blocksize = 0;              // bytes of a partition; 0: whole files. Not for compressed files
  int64_t files_per_partition = 0;    // 0: one. Not with blocksize
  std::string compression = "infer";  // "none", "gzip", "bz2", "xz", "zstd", "lz4", "brotli"
  std::string encoding = "utf-8";
  std::string errors = "strict";  // "ignore", "replace"
  // Where lines end. Lines keep their ends. None: "\n", "\r\n" and "\r", and all become "\n"; "": the same, unchanged;
  // else exactly this text.
  std::optional<std::string> linedelimiter = std::nullopt;
  bool include_path = false;
};

// `paths`: files, globs or folders. FileNotFound, and Invalid for options that do not fit.
Result<std::shared_ptr<const ops::ScanSource>> MakeTextSource(const std::vector<std::string>& paths,
                                                              const TextReadOptions& options = {});

// 0, 1, … count - 1 as the int64 column "item", in partitions of equal size within one, as Dask's db.range.
Result<std::shared_ptr<const ops::ScanSource>> MakeRangeSource(int64_t count, int64_t partitions);

}  // namespace swath::io
