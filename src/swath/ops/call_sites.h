// CallSites: which line of the user's program wrote each call of a column expression, so that a task that fails in one
// of them can name it. Calls are found by their structure (hash, then equality): no part of the identity of an
// expression, never sent back into it. Value type; small: one entry a call.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "arrow/compute/expression.h"

namespace swath::ops {

class CallSites {
 public:
  // Remembers where `call` was written; the first place stays. An empty place is not remembered.
  void Add(const arrow::compute::Expression& call, std::string_view location);
  void Unite(const CallSites& other);
  // "file.py:12", or empty when it is not known.
  std::string_view Find(const arrow::compute::Expression& call) const;
  bool empty() const { return sites_.empty(); }

 private:
  struct Site {
    arrow::compute::Expression call;
    std::string location;
  };
  std::vector<Site>::const_iterator Position(const arrow::compute::Expression& call) const;
  std::vector<Site> sites_;  // ascending by hash
};

}  // namespace swath::ops
