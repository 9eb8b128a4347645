// The first two frames of a connection, before anything else is read: the dialler says version, role, name and token
// (kHello); the listener answers with its own version, role and name (kWelcome) or says why not (kRefusal). Both sides
// thus know in one readable line what is wrong: another major version, a role that does not belong here, a wrong token.
// Pure: bytes in, bytes out. The transports run it, with kHandshakeTimeout and FrameLimits::Handshake().
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "swath/net/frame.h"
#include "swath/net/secret.h"

namespace swath::net {

inline constexpr std::chrono::seconds kHandshakeTimeout{5};
inline constexpr size_t kPeerNameMax = 200;

enum class Role : uint8_t { kClient = 1, kWorker, kScheduler, kViewer };
std::string_view RoleName(Role role);  // "client", …

// Of what is said on the connection (kinds of messages and their bodies), not of the frames. Other majors are refused;
// the smaller minor of both sides counts.
struct ProtocolVersion {
  uint16_t major = 1;
  uint16_t minor = 0;
  friend bool operator==(const ProtocolVersion&, const ProtocolVersion&) = default;
};

// Who one side is.
struct Introduction {
  ProtocolVersion version = {};
  Role role = Role::kClient;
  std::string name = {};  // for people: "worker-3@host"; at most kPeerNameMax bytes
};

// A token and the roles that it opens: one for those who may run code, another for viewers.
struct Credential {
  Secret token;
  std::vector<Role> roles;
};

Frame EncodeHello(const Introduction& self, const Secret& token);
Frame EncodeWelcome(const Introduction& self);
Frame EncodeRefusal(std::string_view why);

// The listener's decision. The error is what the peer is told.
Result<Introduction> CheckHello(const Frame& frame, const Introduction& self,
                                const std::vector<Credential>& credentials);
// The dialler's: kRefusal becomes an error that quotes it.
Result<Introduction> CheckWelcome(const Frame& frame, const Introduction& self);

}  // namespace swath::net
