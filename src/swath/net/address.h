// Address: where a listener is, as text: "tcp://127.0.0.1:8786", "tls://[::1]:0" (port 0: any free one),
// "inproc://name". Without a scheme: tcp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "swath/base/status.h"

namespace swath::net {

enum class Scheme : uint8_t { kInproc, kTcp, kTls };

struct Address {
  Scheme scheme = Scheme::kTcp;
  std::string host = {};  // of inproc: the name
  uint16_t port = 0;

  static Result<Address> Parse(std::string_view text);
  std::string ToString() const;
  // Only reachable from this machine: inproc, 127.0.0.0/8, ::1, "localhost".
  bool is_loopback() const;
  friend bool operator==(const Address&, const Address&) = default;
};

}  // namespace swath::net
