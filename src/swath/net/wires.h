// What the transports offer to net/transport.cc. Internal.
#pragma once

#include <functional>
#include <memory>

#include "swath/net/transport.h"
#include "swath/net/wire.h"

namespace swath::net {

// A wire that came in; called on its lane.
using OnWire = std::function<void(std::shared_ptr<Wire>)>;
using WireDone = std::function<void(Result<std::shared_ptr<Wire>>)>;

// Where wires come in; stops when destroyed, on any thread.
class WireSource {
 public:
  virtual ~WireSource() = default;
  virtual const Address& address() const = 0;
};

// tcp and tls. `admit` is asked on the listener's lane before the TLS handshake: false closes at once.
Result<std::unique_ptr<WireSource>> ListenAsio(Reactor* reactor, const Address& address, const ListenOptions& options,
                                               std::function<bool()> admit, OnWire on_wire);
void DialAsio(Reactor* reactor, const Address& address, const DialOptions& options, WireDone done);

Result<std::unique_ptr<WireSource>> ListenInproc(Reactor* reactor, const Address& address, OnWire on_wire);
void DialInproc(Reactor* reactor, const Address& address, WireDone done);

}  // namespace swath::net
