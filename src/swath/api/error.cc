#include "swath/api/error.h"

namespace swath {

Error::Error(Status status) : std::runtime_error(status.message()), status_(std::move(status)) {}

void ThrowError(const Status& status) {
  switch (status.code()) {
    case arrow::StatusCode::Invalid:
      throw ValueError(status);
    case arrow::StatusCode::TypeError:
      throw TypeError(status);
    case arrow::StatusCode::KeyError:
      throw KeyError(status);
    case arrow::StatusCode::IndexError:
      throw IndexError(status);
    case arrow::StatusCode::NotImplemented:
      throw NotImplementedError(status);
    case arrow::StatusCode::OutOfMemory:
      throw MemoryError(status);
    case arrow::StatusCode::IOError: {
      const auto detail = ErrorDetail::Of(status);
      if (detail && detail->kind == ErrorKind::kFileNotFound) throw FileNotFoundError(status);
      throw OSError(status);
    }
    case arrow::StatusCode::Cancelled:
      throw CancelledError(status);
    default:
      throw Error(status);
  }
}

}  // namespace swath
