// Bytes from a socket: the decoder as they are, and a session on frames whose checksums are right (else no random input
// would ever pass the header).
#include <cstring>

#include "arrow/buffer.h"

#include "swath/net/crc32c.h"
#include "swath/net/frame.h"
#include "swath/net/session.h"

using namespace swath;  // NOLINT(google-build-using-namespace)

namespace {

// Feeds everything; aborts when the decoder holds more than it may.
void Feed(std::span<const uint8_t> bytes, net::FrameLimits limits, net::Session* session) {
  net::FrameDecoder decoder(limits, false);
  std::vector<net::SessionEvent> events;
  while (!bytes.empty()) {
    auto frame = decoder.Next(&bytes);
    if (decoder.allocated_bytes() > std::max(limits.control_bytes, limits.piece_bytes)) __builtin_trap();
    if (!frame.ok()) return;
    if (frame->has_value() && !session->OnFrame(std::move(**frame), 0, &events).ok()) return;
  }
  for (const net::SessionEvent& event : events) {
    if (const auto* message = std::get_if<net::Delivery>(&event)) session->Consumed(*message);
    if (const auto* piece = std::get_if<net::Piece>(&event)) session->Consumed(*piece);
  }
  std::vector<net::Frame> out;
  session->Pop(1 << 20, 0, &out);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const net::FrameLimits limits{.control_bytes = 4096, .piece_bytes = 4096};
  net::Session raw({}, 0);
  Feed({data, size}, limits, &raw);
  // type, kind (2), stream, length (2), payload; then the next frame.
  std::string text;
  for (size_t at = 0; at + 6 <= size;) {
    net::Frame frame{.type = static_cast<net::FrameKind>(1 + data[at] % 8),
                     .kind = static_cast<uint16_t>(data[at + 1] | data[at + 2] << 8),
                     .stream = data[at + 3] % 4U};
    size_t length = data[at + 4] | static_cast<size_t>(data[at + 5] & 0xf) << 8;
    at += 6;
    length = std::min(length, size - at);
    frame.parts.push_back(std::make_shared<arrow::Buffer>(data + at, static_cast<int64_t>(length)));
    at += length;
    const net::FrameHeader header = net::EncodeFrameHeader(frame, true);
    text.append(header.begin(), header.end());
    text += frame.JoinedText();
  }
  net::Session session({}, 0);
  for (int i = 0; i < 3; ++i) {
    if (!session.Send({1, nullptr, {arrow::Buffer::FromString(std::string(100, 'x'))}}).ok()) __builtin_trap();
  }
  std::vector<net::Frame> out;
  session.Pop(1 << 20, 0, &out);
  Feed({reinterpret_cast<const uint8_t*>(text.data()), text.size()}, limits, &session);
  return 0;
}
