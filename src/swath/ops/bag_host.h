// Steps of a bag that are functions of the user's language. The engine composes them into one call a task and knows no
// more of them. Every native step carries one too: what runs in its place when a partition holds what native code does
// not do exactly as the language does.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "swath/base/status.h"
#include "swath/base/token.h"
#include "swath/ops/function_call.h"

namespace swath::ops {

class HostStep;
using HostStepPtr = std::shared_ptr<const HostStep>;

// A step in its chain: some functions read values beside the items (a Delayed, an Item).
struct HostLink {
  HostStepPtr step;
  int32_t side_first = 0;  // numbers of its values among the side inputs of the task
  int32_t side_count = 0;
  bool picks_part = false;  // opaque partitions are lists of parts: the items are those of the part of the task's block
};

// What a composed call answers.
enum class HostResult : uint8_t {
  kItems,     // a partition in any form
  kColumnar,  // a Partition; TypeError when the items have no columnar form
  kTable,     // the last step makes a table: a Partition of it
};

class HostStep {
 public:
  virtual ~HostStep() = default;
  virtual std::string_view name() const = 0;      // for plans and errors
  virtual const Token& token() const = 0;         // equal tokens: equal functions
  virtual std::string_view language() const = 0;  // "python", "c++": for plans
  // `chain` (steps of one language, this one the first) as one call. Its inputs are `item_inputs` partitions (-1: all;
  // whose iterators are the arguments of the first step: more than one where bags are zipped or merged) and then the
  // side inputs. Partitions arrive as Partition, HostObject, Object or Pieces.
  virtual Result<FunctionCallPtr> Compose(std::span<const HostLink> chain, int32_t item_inputs,
                                          HostResult result) const = 0;
};

}  // namespace swath::ops
