#include "swath/expr/node.h"

#include <utility>

namespace swath::expr {
namespace {

thread_local std::string current_location;

}  // namespace

Node::Node(Token token, std::vector<NodePtr> inputs, std::vector<NodePtr> call_inputs)
    : token_(token), inputs_(std::move(inputs)), call_inputs_(std::move(call_inputs)), location_(current_location) {}

LocationScope::LocationScope(std::string location) : previous_(std::exchange(current_location, std::move(location))) {}
LocationScope::~LocationScope() { current_location = std::move(previous_); }
const std::string& LocationScope::Current() { return current_location; }

}  // namespace swath::expr
