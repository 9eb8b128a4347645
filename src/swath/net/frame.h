// Frames: what a connection is made of. A header of 24 bytes, then the payload. Little endian.
//
//   0 magic "SWTH" │ 4 version │ 5 type │ 6 kind (u16) │ 8 stream (u32) │ 12 length (u32) │ 16 payload CRC │ 20 header
//   CRC
//
// The header's CRC32C covers its first 20 bytes and is always there: a flipped bit in a length must not cost a wait.
// The payload's CRC32C is checked on connections without TLS and 0 on those with it (TLS has its own). Whatever a peer
// sends, a decoder answers with frames or with a Status, and never holds more than one frame of allowed size.
// Pure: no sockets, no clock. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "arrow/type_fwd.h"

#include "swath/base/status.h"

namespace swath::net {

using BufferPtr = std::shared_ptr<arrow::Buffer>;

inline constexpr int64_t kControlBytesMax = int64_t{16} << 20;
inline constexpr int64_t kPieceBytesMax = int64_t{64} << 20;
inline constexpr uint8_t kFrameVersion = 1;

enum class FrameKind : uint8_t {
  kHello = 1,  // handshake (net/handshake.h): dialler -> listener
  kWelcome,    // listener -> dialler
  kRefusal,    // either way, text; the sender then closes
  kMessage,    // kind = the application's; stream != 0: a payload of that stream follows in pieces
  kPiece,      // of the payload `stream`; kind 1: the last one
  kCredit,     // the receiver has consumed bytes of `stream` (0: of messages); payload u64
  kHeartbeat,
  kGoodbye,  // text, empty: as planned; nothing follows
};
inline constexpr FrameKind kLastFrameKind = FrameKind::kGoodbye;

struct FrameLimits {
  int64_t control_bytes = kControlBytesMax;  // of every type but kPiece
  int64_t piece_bytes = kPieceBytesMax;
  // Before a peer has shown its token.
  static constexpr FrameLimits Handshake() { return {.control_bytes = 4096, .piece_bytes = 0}; }
};

// A frame on its way: the payload is the parts one after the other; they are not copied.
struct Frame {
  FrameKind type = FrameKind::kHeartbeat;
  uint16_t kind = 0;
  uint32_t stream = 0;
  std::vector<BufferPtr> parts = {};

  int64_t size() const;      // of the payload
  BufferPtr Joined() const;  // the payload as one buffer: the part itself when there is one, never null
  std::string JoinedText() const;
};

inline constexpr int64_t kFrameHeaderBytes = 24;
using FrameHeader = std::array<uint8_t, kFrameHeaderBytes>;
// The frame's header; `checksum`: with the payload's CRC. Frames must keep to the default limits (CHECKed).
FrameHeader EncodeFrameHeader(const Frame& frame, bool checksum);

class FrameDecoder {
 public:
  FrameDecoder(FrameLimits limits, bool checksum, arrow::MemoryPool* pool = nullptr)
      : limits_(limits), checksum_(checksum), pool_(pool) {}

  // Takes bytes from the front of `bytes` up to the end of a frame, and returns that frame, or nothing when all bytes
  // are used up. IOError says what is wrong (magic, version, type, length with its limit, checksum); the decoder is
  // then broken and answers the same for ever.
  Result<std::optional<Frame>> Next(std::span<const uint8_t>* bytes);

  // In the middle of a payload: where its next bytes belong, so that a socket can read straight into place; empty
  // between frames. Report what was written there by Filled, which may complete the frame.
  std::span<uint8_t> PayloadSpace();
  Result<std::optional<Frame>> Filled(size_t size);

  void SetLimits(FrameLimits limits) { limits_ = limits; }  // for the headers to come
  int64_t allocated_bytes() const;                          // of the unfinished frame
  bool in_frame() const { return header_filled_ > 0; }

 private:
  Status ParseHeader();

  FrameLimits limits_;
  bool checksum_;
  arrow::MemoryPool* pool_;
  Status broken_;
  FrameHeader header_{};
  int64_t header_filled_ = 0;
  Frame frame_;
  uint32_t payload_crc_ = 0;
  std::shared_ptr<arrow::Buffer> payload_;  // null until the header is complete
  int64_t payload_filled_ = 0;
};

}  // namespace swath::net
