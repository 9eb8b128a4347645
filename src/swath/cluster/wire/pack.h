// MessagePack, written and read strictly. A Reader takes only what the schema asks for next: another kind of value, a
// number out of range, too many elements, too much nesting or bytes left over make it fail once and for all, after
// which every read answers 0 or empty; look at status() (or Done()) at the end. Nothing a peer sends can make it
// allocate more than a small multiple of the message, or do worse. msgpack-cxx stays in pack.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "swath/base/status.h"

namespace swath::cluster {

class Writer {
 public:
  Writer();
  ~Writer();
  void Array(size_t count);
  void Int(int64_t number);
  void Bool(bool value);
  void Float(double number);
  void Text(std::string_view text);
  void Bytes(std::string_view bytes);
  // A list as one binary value: differences of neighbours, zigzag, seven bits a byte. Regular lists take a byte or two
  // an element.
  void Ints(std::span<const int64_t> numbers);
  std::string Finish();

 private:
  struct Packer;
  std::unique_ptr<Packer> packer_;
};

struct ReaderLimits {
  size_t values = size_t{4} << 20;  // in the whole message
  size_t depth = 64;
};

class Reader {
 public:
  // Keeps views of `bytes`.
  explicit Reader(std::string_view bytes, ReaderLimits limits = {});

  // The number of elements that follow; at most `max` (and never more than there are values left).
  size_t Array(size_t max = SIZE_MAX);
  int64_t Int(int64_t min = INT64_MIN, int64_t max = INT64_MAX);
  bool Bool();
  double Float();
  std::string_view Text();
  std::string_view Bytes();
  std::vector<int64_t> Ints(size_t max = size_t{1} << 28);

  void Fail(std::string_view why);  // the first reason stays
  bool ok() const { return status_.ok(); }
  const Status& status() const { return status_; }
  Status Done();  // status(), or an error when values are left

 private:
  friend struct TokenVisitor;
  enum class TokenKind : uint8_t { kInt, kBool, kFloat, kText, kBytes, kArray };
  struct PackToken {
    uint64_t value;  // int64, bool, the bits of a double, the offset of a text, the count of an array
    uint32_t size;   // of a text
    TokenKind kind;
  };
  const PackToken* Take(TokenKind kind, const char* wanted);

  std::string_view bytes_;
  std::vector<PackToken> tokens_;
  size_t next_ = 0;
  Status status_;
};

}  // namespace swath::cluster
