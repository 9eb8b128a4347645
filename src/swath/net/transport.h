// Listening and dialling on the transports inproc, tcp and tls. A connection is handed out only after the handshake:
// version, role and token are checked, and with TLS the certificate.
//
// Safe by default: a listener on an address that other machines can reach needs a token and TLS, else it does not
// start; on loopback it still needs a token.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "swath/net/address.h"
#include "swath/net/certificates.h"
#include "swath/net/connection.h"
#include "swath/net/reactor.h"

namespace swath::net {

struct ListenOptions {
  Introduction self = {};
  std::vector<Credential> credentials = {};          // at least one, except for inproc
  std::shared_ptr<const TlsIdentity> tls = nullptr;  // for tls://
  SessionOptions session = {};
  std::chrono::nanoseconds handshake_timeout = kHandshakeTimeout;
  int connections_max = 10'000;  // more are refused, those in the handshake included
};

class Listener {
 public:
  virtual ~Listener() = default;               // stops; connections stay
  virtual const Address& address() const = 0;  // with the port that was really taken
  virtual int connection_count() const = 0;    // open ones and those in the handshake
};

using OnConnection = std::function<void(std::shared_ptr<Connection>)>;

// Begins to accept. `on_connection` is called on the connection's lane, where it should Start it. Errors: Invalid for
// an unsafe address (with what to do), IOError for one in use or not of this machine. The reactor must outlive it.
Result<std::unique_ptr<Listener>> Listen(Reactor* reactor, const Address& address, ListenOptions options,
                                         OnConnection on_connection);
// Invalid unless `options` are safe for `address`: what Listen asks first.
Status CheckListenSafety(const Address& address, const ListenOptions& options);

struct DialOptions {
  Introduction self = {};
  Secret token = {};
  std::string tls_fingerprint = {};  // "sha256:…" of the cluster's CA: for tls://
  SessionOptions session = {};
  std::chrono::nanoseconds timeout = std::chrono::seconds(10);  // from the name's lookup to the welcome
};

// Calls `done` once, on the connection's lane, with the connection or what went wrong: who was called, why it failed.
void Dial(Reactor* reactor, const Address& address, DialOptions options,
          std::function<void(Result<std::shared_ptr<Connection>>)> done);
// The same, waiting. Never on a lane.
Result<std::shared_ptr<Connection>> DialAndWait(Reactor* reactor, const Address& address, DialOptions options);

}  // namespace swath::net
