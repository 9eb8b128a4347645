#include "swath/net/transport.h"

#include <atomic>
#include <future>

#include <fmt/format.h>

#include "swath/base/log.h"
#include "swath/net/session_connection.h"
#include "swath/net/wires.h"

namespace swath::net {
namespace {

// What a listener shares with its connections; they may outlive it.
struct ListenerCore {
  ListenOptions options;
  OnConnection on_connection;
  Address address;
  std::atomic<int> connections{0};
  std::atomic<bool> stopped{false};
};

std::shared_ptr<void> CountConnection(const std::shared_ptr<ListenerCore>& core) {
  ++core->connections;
  return {nullptr, [core](void*) { --core->connections; }};
}

void Accept(const std::shared_ptr<ListenerCore>& core, const std::shared_ptr<Wire>& wire) {
  if (core->stopped) {
    wire->Shutdown();
    return;
  }
  const std::string peer = wire->peer_address();
  AcceptHandshake(
      wire, core->options, core->address.scheme != Scheme::kInproc, CountConnection(core),
      [core, peer](Result<std::shared_ptr<Connection>> result) {
        if (!result.ok()) {
          Log(LogLevel::kWarning, "connection refused", {{"peer", peer}, {"why", result.status().message()}});
        } else if (!core->stopped) {
          core->on_connection(std::move(*result));
        }
      });
}

class CountingListener : public Listener {
 public:
  CountingListener(std::shared_ptr<ListenerCore> core, std::unique_ptr<WireSource> source)
      : core_(std::move(core)), source_(std::move(source)) {}
  ~CountingListener() override { core_->stopped = true; }
  const Address& address() const override { return source_->address(); }
  int connection_count() const override { return core_->connections; }

 private:
  const std::shared_ptr<ListenerCore> core_;
  const std::unique_ptr<WireSource> source_;
};

}  // namespace

Status CheckListenSafety(const Address& address, const ListenOptions& options) {
  if (address.scheme == Scheme::kInproc) return Status::OK();
  const std::string text = address.ToString();
  if (!address.is_loopback() && (options.credentials.empty() || address.scheme != Scheme::kTls)) {
    return Status::Invalid(fmt::format(
        "will not listen on {}: other machines can reach it, and whoever connects may run code here. Listen on "
        "127.0.0.1 instead, or use tls://{} with a token (a cluster makes its own certificate)",
        text, text.substr(text.find("://") + 3)));
  }
  if (options.credentials.empty()) {
    return Status::Invalid(
        fmt::format("will not listen on {} without a token: other users of this machine could run code here", text));
  }
  if (address.scheme == Scheme::kTls && options.tls == nullptr) {
    return Status::Invalid(fmt::format("will not listen on {} without a certificate: give ListenOptions::tls", text));
  }
  return Status::OK();
}

Result<std::unique_ptr<Listener>> Listen(Reactor* reactor, const Address& address, ListenOptions options,
                                         OnConnection on_connection) {
  RETURN_IF_ERROR(CheckListenSafety(address, options));
  auto core = std::make_shared<ListenerCore>();
  core->options = std::move(options);
  core->on_connection = std::move(on_connection);
  core->address = address;
  const OnWire on_wire = [core](std::shared_ptr<Wire> wire) { Accept(core, wire); };
  std::unique_ptr<WireSource> source;
  if (address.scheme == Scheme::kInproc) {
    ASSIGN_OR_RETURN(source, ListenInproc(reactor, address, on_wire));
  } else {
    const auto admit = [core] { return !core->stopped && core->connections < core->options.connections_max; };
    ASSIGN_OR_RETURN(source, ListenAsio(reactor, address, core->options, admit, on_wire));
  }
  return std::make_unique<CountingListener>(std::move(core), std::move(source));
}

void Dial(Reactor* reactor, const Address& address, DialOptions options,
          std::function<void(Result<std::shared_ptr<Connection>>)> done) {
  const auto finish = [address, done = std::move(done)](Result<std::shared_ptr<Connection>> result) {
    if (result.ok()) {
      done(std::move(result));
      return;
    }
    const Status& why = result.status();
    done(why.WithMessage(fmt::format("cannot connect to {}: {}", address.ToString(), why.message())));
  };
  const auto on_wire = [options, finish](Result<std::shared_ptr<Wire>> wire) {
    if (!wire.ok()) {
      finish(wire.status());
    } else {
      DialHandshake(std::move(*wire), options.self, options.token, options.session, finish);
    }
  };
  if (address.scheme == Scheme::kInproc) {
    DialInproc(reactor, address, on_wire);
  } else {
    DialAsio(reactor, address, options, on_wire);
  }
}

Result<std::shared_ptr<Connection>> DialAndWait(Reactor* reactor, const Address& address, DialOptions options) {
  auto promise = std::make_shared<std::promise<Result<std::shared_ptr<Connection>>>>();
  auto future = promise->get_future();
  Dial(reactor, address, std::move(options),
       [promise](Result<std::shared_ptr<Connection>> result) { promise->set_value(std::move(result)); });
  return future.get();
}

}  // namespace swath::net
