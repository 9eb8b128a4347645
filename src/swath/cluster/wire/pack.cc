#include "swath/cluster/wire/pack.h"

#include <bit>
#include <cstring>

#include <fmt/format.h>
#include <msgpack.hpp>

namespace swath::cluster {

struct Writer::Packer {
  msgpack::sbuffer buffer;
  msgpack::packer<msgpack::sbuffer> pack{buffer};
};

Writer::Writer() : packer_(std::make_unique<Packer>()) {}
Writer::~Writer() = default;
void Writer::Array(size_t count) { packer_->pack.pack_array(static_cast<uint32_t>(count)); }
void Writer::Int(int64_t number) { packer_->pack.pack_int64(number); }
void Writer::Bool(bool value) { value ? packer_->pack.pack_true() : packer_->pack.pack_false(); }
void Writer::Float(double number) {  // msgpack-cxx makes integers of whole numbers: -0.0 would lose its sign
  const auto bits = std::bit_cast<uint64_t>(number);
  char bytes[9] = {static_cast<char>(0xcb)};
  for (int i = 0; i < 8; ++i) bytes[i + 1] = static_cast<char>(bits >> (56 - 8 * i));
  packer_->buffer.write(bytes, sizeof bytes);
}
void Writer::Text(std::string_view text) {
  packer_->pack.pack_str(static_cast<uint32_t>(text.size()));
  packer_->pack.pack_str_body(text.data(), static_cast<uint32_t>(text.size()));
}
void Writer::Bytes(std::string_view bytes) {
  packer_->pack.pack_bin(static_cast<uint32_t>(bytes.size()));
  packer_->pack.pack_bin_body(bytes.data(), static_cast<uint32_t>(bytes.size()));
}
void Writer::Ints(std::span<const int64_t> numbers) {
  std::string bytes;
  uint64_t last = 0;
  for (const int64_t number : numbers) {
    const uint64_t step = static_cast<uint64_t>(number) - last;  // wraps
    last = static_cast<uint64_t>(number);
    uint64_t zigzag = step << 1 ^ (0 - (step >> 63));
    for (; zigzag >= 0x80; zigzag >>= 7) bytes += static_cast<char>(zigzag | 0x80);
    bytes += static_cast<char>(zigzag);
  }
  Bytes(bytes);
}
std::string Writer::Finish() { return {packer_->buffer.data(), packer_->buffer.size()}; }

// Makes tokens of a message; false stops the parser.
struct TokenVisitor : msgpack::null_visitor {
  TokenVisitor(Reader* to, ReaderLimits most) : reader(to), limits(most) {}
  Reader* reader;
  ReaderLimits limits;
  size_t depth = 0;

  bool Add(Reader::TokenKind kind, uint64_t value, uint32_t size = 0) {
    if (reader->tokens_.size() >= limits.values) {
      reader->Fail(fmt::format("more than {} values", limits.values));
      return false;
    }
    reader->tokens_.push_back({value, size, kind});
    return true;
  }
  bool Refuse(const char* what) {
    reader->Fail(fmt::format("a {} where there can be none", what));
    return false;
  }
  bool AddText(Reader::TokenKind kind, const char* text, uint32_t size) {
    return Add(kind, size == 0 ? 0 : static_cast<uint64_t>(text - reader->bytes_.data()), size);
  }
  bool visit_nil() { return Refuse("nil"); }
  bool visit_boolean(bool value) { return Add(Reader::TokenKind::kBool, value ? 1 : 0); }
  bool visit_positive_integer(uint64_t number) {
    return number > INT64_MAX ? Refuse("number above 2^63") : Add(Reader::TokenKind::kInt, number);
  }
  bool visit_negative_integer(int64_t number) { return Add(Reader::TokenKind::kInt, static_cast<uint64_t>(number)); }
  bool visit_float32(float) { return Refuse("float32"); }
  bool visit_float64(double number) { return Add(Reader::TokenKind::kFloat, std::bit_cast<uint64_t>(number)); }
  bool visit_str(const char* text, uint32_t size) { return AddText(Reader::TokenKind::kText, text, size); }
  bool visit_bin(const char* text, uint32_t size) { return AddText(Reader::TokenKind::kBytes, text, size); }
  bool visit_ext(const char*, uint32_t) { return Refuse("extension value"); }
  bool start_map(uint32_t) { return Refuse("map"); }
  bool start_array(uint32_t count) {
    if (++depth > limits.depth) {
      reader->Fail(fmt::format("nested deeper than {}", limits.depth));
      return false;
    }
    return Add(Reader::TokenKind::kArray, count);
  }
  bool end_array() {
    --depth;
    return true;
  }
  void parse_error(size_t offset, size_t) { reader->Fail(fmt::format("no MessagePack at byte {}", offset)); }
  void insufficient_bytes(size_t, size_t) { reader->Fail("cut off"); }
};

Reader::Reader(std::string_view bytes, ReaderLimits limits) : bytes_(bytes) {
  TokenVisitor visitor(this, limits);
  for (size_t offset = 0; offset < bytes.size() && ok();) {
    if (!msgpack::parse(bytes.data(), bytes.size(), offset, visitor)) Fail("no MessagePack");
  }
}

void Reader::Fail(std::string_view why) {
  if (status_.ok()) status_ = Status::IOError("message refused: ", why);
}

const Reader::PackToken* Reader::Take(TokenKind kind, const char* wanted) {
  if (!ok()) return nullptr;
  if (next_ == tokens_.size()) {
    Fail(fmt::format("it ends where {} should follow", wanted));
    return nullptr;
  }
  if (tokens_[next_].kind != kind) {
    Fail(fmt::format("value {} is not {}", next_, wanted));
    return nullptr;
  }
  return &tokens_[next_++];
}

size_t Reader::Array(size_t max) {
  const PackToken* token = Take(TokenKind::kArray, "an array");
  if (token == nullptr) return 0;
  if (token->value > max || token->value > tokens_.size() - next_) {
    Fail(fmt::format("an array of {} elements; at most {} can be here", token->value,
                     std::min(max, tokens_.size() - next_)));
    return 0;
  }
  return token->value;
}

int64_t Reader::Int(int64_t min, int64_t max) {
  const PackToken* token = Take(TokenKind::kInt, "an integer");
  if (token == nullptr) return min > 0 ? min : max < 0 ? max : 0;
  const auto number = static_cast<int64_t>(token->value);
  if (number < min || number > max) {
    Fail(fmt::format("value {} is {}; it must be {} to {}", next_ - 1, number, min, max));
    return min > 0 ? min : max < 0 ? max : 0;
  }
  return number;
}

bool Reader::Bool() {
  const PackToken* token = Take(TokenKind::kBool, "a boolean");
  return token != nullptr && token->value != 0;
}

double Reader::Float() {
  const PackToken* token = Take(TokenKind::kFloat, "a float");
  return token == nullptr ? 0 : std::bit_cast<double>(token->value);
}

std::string_view Reader::Text() {
  const PackToken* token = Take(TokenKind::kText, "a text");
  return token == nullptr ? std::string_view() : bytes_.substr(token->value, token->size);
}

std::string_view Reader::Bytes() {
  const PackToken* token = Take(TokenKind::kBytes, "a binary value");
  return token == nullptr ? std::string_view() : bytes_.substr(token->value, token->size);
}

std::vector<int64_t> Reader::Ints(size_t max) {
  const std::string_view bytes = Bytes();
  std::vector<int64_t> numbers;
  uint64_t last = 0;
  for (size_t at = 0; at < bytes.size();) {
    uint64_t zigzag = 0;
    for (int shift = 0;; shift += 7) {
      if (at == bytes.size() || shift > 63 || (shift == 63 && static_cast<uint8_t>(bytes[at]) > 1)) {
        Fail("a damaged list of integers");
        return {};
      }
      const auto byte = static_cast<uint8_t>(bytes[at++]);
      zigzag |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    last += zigzag >> 1 ^ (0 - (zigzag & 1));
    if (numbers.size() == max) {
      Fail(fmt::format("a list of more than {} integers", max));
      return {};
    }
    numbers.push_back(static_cast<int64_t>(last));
  }
  return numbers;
}

Status Reader::Done() {
  if (ok() && next_ != tokens_.size()) Fail(fmt::format("{} values are left over", tokens_.size() - next_));
  return status_;
}

}  // namespace swath::cluster
