#include "swath/exec/python_errors.h"

#include <algorithm>
#include <utility>

#include "swath/base/units.h"

namespace swath::exec {
namespace {

Status Make(ErrorKind kind, std::string message, std::string traceback, std::string pickled = {}) {
  auto detail = std::make_shared<ErrorDetail>();
  detail->kind = kind;
  detail->traceback = std::move(traceback);
  detail->pickled = std::move(pickled);
  return Status(arrow::StatusCode::UnknownError, std::move(message), std::move(detail));
}

// "\nlast output:\n  | line" or nothing.
std::string LastOutput(std::string text) {
  constexpr int kLinesMax = 20;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  if (text.empty()) return {};
  size_t begin = text.size();
  for (int line = 0; line < kLinesMax && begin != std::string::npos; ++line)
    begin = begin == 0 ? std::string::npos : text.rfind('\n', begin - 1);
  text = begin == std::string::npos ? text : text.substr(begin + 1);
  std::string quoted = "\nlast output of the process:\n  | ";
  for (const char c : text) {
    quoted += c;
    if (c == '\n') quoted += "  | ";
  }
  return quoted;
}

std::string Peak(const CallOutcome& outcome) {
  return outcome.peak_bytes > 0 ? "; peak memory " + FormatBytes(outcome.peak_bytes) : std::string();
}

std::string Limit(const CallWatch& watch) {
  return watch.memory_limit_bytes > 0 ? ", limit " + FormatBytes(watch.memory_limit_bytes) : std::string();
}

}  // namespace

Result<ChildException> ChildException::Read(MessageReader* reply) {
  ChildException exception;
  for (std::string* text :
       {&exception.type, &exception.message, &exception.traceback, &exception.pickled, &exception.unpicklable_reason}) {
    ASSIGN_OR_RETURN(*text, reply->Text());
  }
  ASSIGN_OR_RETURN(const int64_t interrupted, reply->Word());
  ASSIGN_OR_RETURN(const int64_t loaded, reply->Word());
  exception.interrupted = interrupted != 0;
  exception.function_loaded = loaded != 0;
  return exception;
}

Status UserException(const std::string& function, ChildException exception) {
  std::string message = exception.type + (exception.message.empty() ? "" : ": " + exception.message);
  if (exception.pickled.empty()) {
    message = "function '" + function + "' raised " + message;
    if (!exception.unpicklable_reason.empty())
      message += "\nthe exception itself cannot be sent from the child process: " + exception.unpicklable_reason;
  }
  return Make(ErrorKind::kUserFunction, std::move(message), std::move(exception.traceback),
              std::move(exception.pickled));
}

Status CallEnded(const std::string& function, const CallOutcome& outcome, const CallWatch& watch) {
  const std::string name = "function '" + function + "'";
  const std::string output = LastOutput(outcome.output);
  switch (outcome.end) {
    case CallOutcome::End::kCancelled:
      return Status::Cancelled("the computation was cancelled");
    case CallOutcome::End::kTimedOut: {
      const double seconds = std::chrono::duration<double>(watch.time_limit).count();
      return Make(ErrorKind::kTimeout,
                  name + " ran longer than its time limit of " + FormatTime(seconds) + " and was stopped" +
                      Peak(outcome) + output,
                  outcome.traceback);
    }
    case CallOutcome::End::kOutOfMemory:
      return Make(
          ErrorKind::kKilled,
          name + " was killed because its child process used too much memory" + Peak(outcome) + Limit(watch) + output,
          outcome.traceback);
    case CallOutcome::End::kNeverStarted:
      return Make(ErrorKind::kKilled, "a child process for Python functions could not start: " + outcome.cause + output,
                  outcome.traceback);
    default:
      return Make(ErrorKind::kKilled,
                  name + " ended its child process: " + outcome.cause + Peak(outcome) + Limit(watch) + output,
                  outcome.traceback);
  }
}

}  // namespace swath::exec
