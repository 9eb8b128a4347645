// The only exception thrown inside the engine: a broken invariant of our own (CHECK). Caught at the three edges:
// bindings and api, the task boundary, and server loops.
#pragma once

#include <stdexcept>

namespace swath {

class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

}  // namespace swath
