// What went wrong in a call of a Python child, as a Status: an exception of the function, or the end of its process.
#pragma once

#include <cstdint>
#include <string>

#include "swath/base/status.h"
#include "swath/exec/python_child.h"

namespace swath::exec {

// An exception as the child tells it.
struct ChildException {
  static Result<ChildException> Read(MessageReader* reply);
  std::string type;  // "package.module.Name"
  std::string message;
  std::string traceback;
  std::string pickled;             // empty when it cannot be pickled
  std::string unpicklable_reason;  // why
  bool interrupted = false;        // it is the answer to our interrupt
  bool function_loaded = true;     // false: the child does not know the function
};

// kUserFunction with traceback and the pickled exception.
Status UserException(const std::string& function, ChildException exception);
// kKilled or kTimeout or Cancelled, for every end but a reply.
Status CallEnded(const std::string& function, const CallOutcome& outcome, const CallWatch& watch);

}  // namespace swath::exec
