// What a child prints: whole lines go on to this process's standard output and error, the last ones are kept for the
// error of a call that ends its process. Not thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "swath/exec/python_segment.h"

namespace swath::exec {

class ChildOutput {
 public:
  // Reads from `from` (non-blocking) and writes to `to`.
  ChildOutput(UniqueFd from, int to) : from_(std::move(from)), to_(to) {}
  int fd() const { return from_.get(); }
  // Takes what is there and passes whole lines on; false at the end of the stream.
  bool Drain();
  // Passes on an unfinished line too.
  void Flush();
  // Forgets the lines kept so far: a new call begins.
  void Begin() { tail_.clear(); }
  const std::string& tail() const { return tail_; }

 private:
  UniqueFd from_;
  int to_;
  std::string line_;  // unfinished
  std::string tail_;
};

}  // namespace swath::exec
