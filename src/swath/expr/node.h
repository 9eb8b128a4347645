// Node: an immutable expression. Hash-consed: the structural hash (token) is the identity, and Intern makes equal
// expressions one object while any handle lives. Nodes know shape and dtype, or schema and divisions, computed when
// they are made: a wrong shape or column fails at the line that wrote it. MakeX functions return Result. Thread-safe.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "swath/base/status.h"
#include "swath/base/token.h"

namespace swath::expr {

class Node;
using NodePtr = std::shared_ptr<const Node>;

class Node {
 public:
  virtual ~Node() = default;
  virtual std::string_view op() const = 0;   // "elementwise", "reduction", "read_csv", "filter", …
  virtual std::string Describe() const = 0;  // one line for explain(): "add  (10000, 10000) float64"
  // The same node on other inputs (same number and order): how passes rebuild trees.
  virtual Result<NodePtr> WithInputs(std::vector<NodePtr> inputs) const = 0;

  const Token& token() const { return token_; }
  std::span<const NodePtr> inputs() const { return inputs_; }
  // The calls of user functions (DelayedNode) whose results this node reads. Passes do not see them.
  std::span<const NodePtr> call_inputs() const { return call_inputs_; }
  // Where the user wrote it ("tour.py:12"); not part of the identity.
  const std::string& location() const { return location_; }

 protected:
  Node(Token token, std::vector<NodePtr> inputs, std::vector<NodePtr> call_inputs = {});
  Token token_;
  std::vector<NodePtr> inputs_;
  std::vector<NodePtr> call_inputs_;
  std::string location_;
};

// Returns the living node with the same token, or registers `node`.
NodePtr Intern(NodePtr node);
template <typename T>
std::shared_ptr<const T> InternAs(std::shared_ptr<const T> node) {
  return std::static_pointer_cast<const T>(Intern(std::move(node)));
}

// The user's source line of nodes made on this thread while it lives ("file.py:12").
class LocationScope {
 public:
  explicit LocationScope(std::string location);
  ~LocationScope();
  LocationScope(const LocationScope&) = delete;
  LocationScope& operator=(const LocationScope&) = delete;
  static const std::string& Current();

 private:
  std::string previous_;
};

}  // namespace swath::expr
