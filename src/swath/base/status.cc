#include "swath/base/status.h"

#include <stdexcept>

#include "swath/base/internal_error.h"

namespace swath {

std::string ErrorDetail::ToString() const {
  std::string text;
  if (!key.empty()) text += "task " + key;
  if (!worker.empty()) text += (text.empty() ? "on " : " on ") + worker;
  if (!location.empty()) text += (text.empty() ? "written at " : ", written at ") + location;
  return text;
}

std::shared_ptr<const ErrorDetail> ErrorDetail::Of(const Status& status) {
  if (status.ok() || !status.detail() || std::string_view(status.detail()->type_id()) != kTypeId) return nullptr;
  return std::static_pointer_cast<const ErrorDetail>(status.detail());
}

namespace {
std::shared_ptr<ErrorDetail> CopyDetail(const Status& status) {
  auto old = ErrorDetail::Of(status);
  return old ? std::make_shared<ErrorDetail>(*old) : std::make_shared<ErrorDetail>();
}
}  // namespace

Status WithKey(const Status& status, std::string_view key) {
  if (status.ok()) return status;
  auto detail = CopyDetail(status);
  detail->key = key;
  return status.WithDetail(std::move(detail));
}

Status WithLocation(const Status& status, std::string_view location) {
  if (status.ok()) return status;
  auto detail = CopyDetail(status);
  if (!detail->location.empty()) return status;
  detail->location = location;
  return status.WithDetail(std::move(detail));
}

Status FileNotFound(std::string_view path, std::string_view why) {
  auto detail = std::make_shared<ErrorDetail>();
  detail->kind = ErrorKind::kFileNotFound;
  return Status::IOError("'", path, "': ", why).WithDetail(std::move(detail));
}

namespace internal {
void CheckFailed(const char* file, int line, const char* condition) {
  throw InternalError(std::string(file) + ":" + std::to_string(line) + ": broken invariant: " + condition);
}
}  // namespace internal
}  // namespace swath
