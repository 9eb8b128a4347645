// A 128-bit structural hash: the identity of an expression. Equal tokens mean equal expressions.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace swath {

struct Token {
  uint64_t high = 0;
  uint64_t low = 0;
  friend auto operator<=>(const Token&, const Token&) = default;
  std::string ToString() const;  // 32 hexadecimal digits
};

// Feeds values into a token. Order matters; lengths are hashed, so that ("ab", "c") differs from ("a", "bc").
class TokenBuilder {
 public:
  explicit TokenBuilder(std::string_view domain) { Add(domain); }
  TokenBuilder& Add(std::string_view bytes);
  TokenBuilder& Add(int64_t value) { return AddRaw(&value, sizeof value); }
  TokenBuilder& Add(double value) { return AddRaw(&value, sizeof value); }
  TokenBuilder& Add(const Token& token) { return AddRaw(&token, sizeof token); }
  TokenBuilder& Add(std::span<const int64_t> values) {
    Add(static_cast<int64_t>(values.size()));
    return AddRaw(values.data(), values.size_bytes());
  }
  Token Finish() const { return state_; }

 private:
  TokenBuilder& AddRaw(const void* data, size_t size);
  Token state_;
};

}  // namespace swath

template <>
struct std::hash<swath::Token> {
  size_t operator()(const swath::Token& token) const noexcept { return token.low; }
};
