// The op "source.values": blocks that the client already holds (from_array, from_pandas, scattered data). Task t
// returns values[t].
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "swath/data/value.h"
#include "swath/ops/op_params.h"

namespace swath::ops {

struct ValuesParams : public OpParams {
  static constexpr std::string_view kOp = "source.values";
  std::vector<Value> values;  // one a block, in block order

  ValuesParams() = default;
  explicit ValuesParams(std::vector<Value> blocks) : values(std::move(blocks)) {}
  std::string ToString() const override { return "values(" + std::to_string(values.size()) + " blocks)"; }
};

}  // namespace swath::ops
