// xz for streams: what Arrow has no codec for.
#pragma once

#include <memory>

#include "arrow/io/interfaces.h"

#include "swath/base/status.h"

namespace swath::io {

std::shared_ptr<arrow::io::InputStream> MakeXzInput(std::shared_ptr<arrow::io::InputStream> input);
Result<std::shared_ptr<arrow::io::OutputStream>> MakeXzOutput(std::shared_ptr<arrow::io::OutputStream> output);

}  // namespace swath::io
