// Writing lines of text: one file a partition, under the names given.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "swath/base/status.h"
#include "swath/ops/write_target.h"

namespace swath::io {

struct TextWriteOptions {
  std::string compression = "infer";  // as of TextReadOptions
  bool last_endline = false;          // a "\n" behind the last line too
};

// The texts of the first column (large_string), with "\n" between them, as UTF-8. Partition p goes to paths[p], whose
// folder is made when missing.
Result<std::shared_ptr<const ops::WriteTarget>> MakeTextTarget(std::vector<std::string> paths,
                                                               const TextWriteOptions& options = {});

}  // namespace swath::io
