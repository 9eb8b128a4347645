// Errors as values. Swath uses Arrow's Status and Result everywhere below `api/`: a failed task is data that is
// stored, sent and raised elsewhere. ErrorDetail carries what must survive that trip.
// The code chooses the exception class at the edge: Invalid -> ValueError, TypeError -> TypeError, KeyError ->
// KeyError, IndexError -> IndexError, NotImplemented -> NotImplementedError, OutOfMemory -> MemoryError,
// IOError -> OSError (FileNotFoundError when ErrorDetail.kind says so), Cancelled -> CancelledError.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "arrow/result.h"  // IWYU pragma: export
#include "arrow/status.h"  // IWYU pragma: export

namespace swath {

using arrow::Status;  // NOLINT(misc-unused-using-decls)
template <typename T>
using Result = arrow::Result<T>;

enum class ErrorKind : uint8_t {
  kGeneric,
  kFileNotFound,
  kKilled,  // the executor of a user function died
  kTimeout,
  kLost,          // the data or its worker is gone
  kUserFunction,  // an exception of a user's function; `pickled` may hold it
};

// What a failed task carries besides code and message. Immutable once attached to a Status.
class ErrorDetail : public arrow::StatusDetail {
 public:
  static constexpr const char* kTypeId = "swath::ErrorDetail";
  ErrorKind kind = ErrorKind::kGeneric;
  std::string key;                        // the task that failed
  std::string worker;                     // where it ran
  std::string traceback;                  // of the user's function, as text
  std::string location;                   // "file.py:12" where the expression was written
  std::string pickled;                    // the exception object, opaque
  std::shared_ptr<const void> exception;  // the exception object itself, while it is still in its process

  const char* type_id() const override { return kTypeId; }
  std::string ToString() const override;

  // The detail of a status, or null.
  static std::shared_ptr<const ErrorDetail> Of(const Status& status);
};

// Returns `status` with `key` recorded in its detail (its other fields kept). OK stays OK.
Status WithKey(const Status& status, std::string_view key);
// Returns `status` with the user's source location recorded in its detail, unless one is already there.
Status WithLocation(const Status& status, std::string_view location);
Status FileNotFound(std::string_view path, std::string_view why);

namespace internal {
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);
}  // namespace internal
}  // namespace swath

#define SWATH_CONCAT_INNER(a, b) a##b
#define SWATH_CONCAT(a, b) SWATH_CONCAT_INNER(a, b)
#define RETURN_IF_ERROR(expression)               \
  do {                                            \
    ::arrow::Status swath_status_ = (expression); \
    if (!swath_status_.ok()) [[unlikely]]         \
      return swath_status_;                       \
  } while (false)
#define ASSIGN_OR_RETURN_INNER(result, target, expression) \
  auto&& result = (expression);                            \
  if (!result.ok()) [[unlikely]]                           \
    return std::move(result).status();                     \
  target = std::move(result).ValueUnsafe()
#define ASSIGN_OR_RETURN(target, expression) \
  ASSIGN_OR_RETURN_INNER(SWATH_CONCAT(swath_result_, __COUNTER__), target, expression)

// A broken invariant of our own. Stays on in release builds; throws swath::InternalError (never aborts a user's
// Python).
#define CHECK(condition) \
  (static_cast<bool>(condition) ? (void)0 : ::swath::internal::CheckFailed(__FILE__, __LINE__, #condition))
#ifdef NDEBUG
#define DCHECK(condition) ((void)0)
#else
#define DCHECK(condition) CHECK(condition)
#endif
