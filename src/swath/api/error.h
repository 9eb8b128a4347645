// The exceptions of the public C++ API. Inside Swath errors are values (base/status.h); at this edge a failed Status
// becomes an exception of NumPy's and pandas' classes, so that `x + y` reads naturally. Each keeps the whole Status:
// code, message, and the ErrorDetail with the task's key, worker, traceback and the user's line.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "swath/base/status.h"

namespace swath {

// The base of all. what() is the message without the class's name.
class Error : public std::runtime_error {
 public:
  explicit Error(Status status);
  const Status& status() const { return status_; }
  // What a failed task carries; null when the error arose before any task ran.
  std::shared_ptr<const ErrorDetail> detail() const { return ErrorDetail::Of(status_); }

 private:
  Status status_;
};

class ValueError : public Error {
  using Error::Error;
};
class TypeError : public Error {
  using Error::Error;
};
class KeyError : public Error {
  using Error::Error;
};
class IndexError : public Error {
  using Error::Error;
};
class NotImplementedError : public Error {
  using Error::Error;
};
class MemoryError : public Error {
  using Error::Error;
};
class OSError : public Error {
  using Error::Error;
};
class FileNotFoundError : public OSError {
  using OSError::OSError;
};
class CancelledError : public Error {
  using Error::Error;
};

// Throws the class that belongs to a failed status.
[[noreturn]] void ThrowError(const Status& status);

inline void ThrowIfError(const Status& status) {
  if (!status.ok()) [[unlikely]]
    ThrowError(status);
}
// The value, or the exception.
template <typename T>
T ValueOrThrow(Result<T> result) {
  if (!result.ok()) [[unlikely]]
    ThrowError(result.status());
  return std::move(result).ValueUnsafe();
}

}  // namespace swath
