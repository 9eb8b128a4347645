// The intern table: token -> the living node. Weak references, in shards by token so that threads seldom meet; a shard
// is swept of dead entries when it has doubled since the last sweep, which makes the sweep O(1) per insertion.
#include <array>
#include <mutex>
#include <unordered_map>

#include "swath/expr/node.h"

namespace swath::expr {
namespace {

struct Shard {
  std::mutex mutex;
  std::unordered_map<Token, std::weak_ptr<const Node>> nodes;
  size_t sweep_at = 64;
};

std::array<Shard, 16>& Shards() {
  static auto* shards = new std::array<Shard, 16>;  // never destroyed: static collections may live longer than we
  return *shards;
}

}  // namespace

NodePtr Intern(NodePtr node) {
  Shard& shard = Shards()[node->token().high % 16];
  std::lock_guard lock(shard.mutex);
  std::weak_ptr<const Node>& slot = shard.nodes[node->token()];
  if (NodePtr living = slot.lock()) return living;
  slot = node;
  if (shard.nodes.size() >= shard.sweep_at) {
    std::erase_if(shard.nodes, [](const auto& entry) { return entry.second.expired(); });
    shard.sweep_at = std::max<size_t>(64, shard.nodes.size() * 2);
  }
  return node;
}

}  // namespace swath::expr
