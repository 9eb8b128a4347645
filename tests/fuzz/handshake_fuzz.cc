// A stranger's first frame, on both sides.
#include "arrow/buffer.h"

#include "swath/net/address.h"
#include "swath/net/handshake.h"

using namespace swath;  // NOLINT(google-build-using-namespace)

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  static const net::Secret token = net::Secret::Random().ValueOrDie();
  net::Frame frame{.type = static_cast<net::FrameKind>(1 + data[0] % 8)};
  frame.parts.push_back(std::make_shared<arrow::Buffer>(data + 1, static_cast<int64_t>(size - 1)));
  const net::Introduction self{.role = net::Role::kScheduler, .name = "s"};
  if (net::CheckHello(frame, self, {{token, {net::Role::kClient}}}).ok()) __builtin_trap();  // nobody guesses 256 bits
  (void)net::CheckWelcome(frame, self);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto address = net::Address::Parse(text); address.ok()) {
    if (!(net::Address::Parse(address->ToString()).ValueOr(net::Address{}) == *address)) __builtin_trap();
  }
  (void)net::Secret::Parse(text);
  return 0;
}
