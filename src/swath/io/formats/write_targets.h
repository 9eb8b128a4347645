// Where tables are written: one file a partition, or one named file.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "swath/base/status.h"
#include "swath/ops/csv_options.h"
#include "swath/ops/parquet_options.h"
#include "swath/ops/write_target.h"

namespace swath::io {

// `path` is a folder (made when missing): files "part.0.parquet", "part.1.parquet", …
// `overwrite`: Parquet files that are there are removed first. `append`: numbering goes on after them. Neither: files
// of the same name are replaced, others stay (as Dask does).
struct ParquetFolder {
  bool overwrite = false;
  bool append = false;
};
Result<std::shared_ptr<const ops::WriteTarget>> MakeParquetTarget(const std::string& path,
                                                                  const ops::ParquetWriteOptions& options = {},
                                                                  const ParquetFolder& folder = {});
// One Parquet file called `path`, whatever the partition's number; its folder is made when missing, a file of that name
// replaced.
Result<std::shared_ptr<const ops::WriteTarget>> MakeParquetFileTarget(const std::string& path,
                                                                      const ops::ParquetWriteOptions& options = {});

// `path`: with a "*" it is the file name with the partition's number in place of the star; with options.single_file the
// file; else a folder with "000.part" … `partitions` gives the width of the numbers.
Result<std::shared_ptr<const ops::WriteTarget>> MakeCsvTarget(const std::string& path, int64_t partitions,
                                                              const ops::CsvWriteOptions& options = {});

}  // namespace swath::io
