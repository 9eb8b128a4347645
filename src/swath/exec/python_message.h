// Messages between the engine and a Python child (python/swath/_child.py reads and writes the same form).
//
//   packet  := header, body, file descriptors                        one datagram of a SOCK_SEQPACKET socket
//   header  := kind, flags, descriptors of the message, words        4 × uint32
//   body    := words (int64), padding to 16 bytes, data
//   words   := number of segments, their sizes, what the kind says
//   bytes   := segment, offset, size                                 3 words; segment -1: the message's data, -2: null
//
// Small bytes travel in the data, large ones in segments (their descriptors come along, in order). A body too large for
// a packet lies in a segment of its own, the last one (kBodyInSegment). Packets of kind kMoreDescriptors go before a
// message that has more descriptors than fit.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "arrow/buffer.h"

#include "swath/exec/python_copies.h"
#include "swath/exec/python_segment.h"

namespace swath::exec {

enum class MessageKind : uint32_t {
  kHello = 'H',            // child → engine, once: it is ready
  kCall = 'C',             // engine → child
  kResult = 'R',           // child → engine: the call returned
  kException = 'X',        // child → engine: the call raised
  kMoreDescriptors = 'D',  // descriptors of the message that follows
};

struct MessageHeader {
  MessageKind kind = MessageKind::kHello;
  uint32_t flags = 0;
  uint32_t descriptors = 0;  // of the whole message
  uint32_t words = 0;
};
inline constexpr uint32_t kBodyInSegment = 1;
inline constexpr int64_t kInlineBytesMax = 16 << 10;  // of one buffer
inline constexpr int64_t kPacketBytesMax = 64 << 10;
inline constexpr size_t kDescriptorsMax = 200;  // in one packet (Linux: 253)
inline constexpr int64_t kInData = -1;
inline constexpr int64_t kNull = -2;
inline constexpr int64_t kOfRequest = int64_t{1} << 40;  // in a reply: added to the number of a segment of the request

// A message ready to be sent.
struct Message {
  std::string packet;                      // header and body
  std::vector<SharedSegmentPtr> segments;  // in the order of their descriptors
};

// Builds a message. Not thread-safe.
class MessageWriter {
 public:
  // `copies` may be null: nothing is remembered.
  explicit MessageWriter(MessageKind kind, SharedCopies* copies = nullptr) : kind_(kind), copies_(copies) {}

  void Word(int64_t word) { words_.push_back(word); }
  // Bytes that are copied into the message now.
  void Text(std::string_view text);
  // [data, data + size) of `buffer`, which is kept until Finish. No copy when the bytes lie in a segment already.
  void Bytes(const std::shared_ptr<arrow::Buffer>& buffer, const uint8_t* data, int64_t size);
  void Bytes(const std::shared_ptr<arrow::Buffer>& buffer);  // all of it; null allowed

  // Copies what must be copied. OutOfMemory when there is no room for it.
  Result<Message> Finish() &&;

 private:
  struct Pending {  // bytes for the segment that Finish makes
    size_t word;    // where the three words are
    std::shared_ptr<arrow::Buffer> buffer;
    std::span<const uint8_t> bytes;
  };
  void Reference(int64_t segment, int64_t offset, int64_t size);
  int64_t SegmentNumber(const SharedSegmentPtr& segment);
  void Inline(const uint8_t* data, int64_t size);
  Status CopyPending();

  MessageKind kind_;
  SharedCopies* copies_;
  std::vector<int64_t> words_;
  std::string data_;
  std::vector<SharedSegmentPtr> segments_;
  std::vector<Pending> pending_;
};

// Reads a reply. Every access is checked: IOError for what is no message.
class MessageReader {
 public:
  // `descriptors` are those of the reply; `request` the segments of the request that it answers.
  static Result<MessageReader> Make(std::string packet, std::vector<UniqueFd> descriptors,
                                    std::span<const SharedSegmentPtr> request);

  MessageKind kind() const { return header_.kind; }
  Result<int64_t> Word();
  // Null for kNull. Bytes within the data are copied.
  Result<std::shared_ptr<arrow::Buffer>> Bytes();
  Result<std::string> Text();

 private:
  Status ReadBody(std::string_view body);
  Status TakeDescriptors(std::vector<UniqueFd> descriptors);

  MessageHeader header_;
  std::vector<int64_t> words_;
  size_t next_ = 0;
  std::string data_;
  std::vector<std::shared_ptr<arrow::Buffer>> segments_;
  std::vector<SharedSegmentPtr> request_;
};

}  // namespace swath::exec
