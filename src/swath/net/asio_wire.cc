// The transports tcp and tls. Small parts of frames are gathered in one buffer, large ones go to the socket from where
// they are; large payloads are read straight into place.
#include <array>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "arrow/buffer.h"

#include "swath/base/log.h"
#include "swath/net/wires.h"

namespace swath::net {
namespace asio = boost::asio;
namespace {

using asio::ip::tcp;
using TlsStream = asio::ssl::stream<tcp::socket>;
using ErrorCode = boost::system::error_code;

constexpr size_t kStagingBytes = 64 << 10;
constexpr int64_t kGatherBytes = 4 << 10;  // parts up to this size are copied together

asio::io_context& ContextOf(const Lane& lane) {
  return *static_cast<asio::io_context*>(const_cast<Lane&>(lane).io_context());
}

Status ToStatus(const ErrorCode& error) { return Status::IOError(error.message()); }

std::string TextOf(Scheme scheme, const tcp::endpoint& endpoint) {
  return Address{scheme, endpoint.address().to_string(), endpoint.port()}.ToString();
}

// No delay for small messages; a connection that the kernel knows to be dead ends within the session's time.
void SetOptions(tcp::socket* socket, const SessionOptions& session) {
  ErrorCode ignored;
  socket->set_option(tcp::no_delay(true), ignored);
  socket->set_option(asio::socket_base::keep_alive(true), ignored);
  const auto milliseconds = static_cast<unsigned>(session.dead_ns / 1'000'000);
  setsockopt(socket->native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

// What a Write sends: runs of gathered bytes and parts in place, in order.
class WriteBatch {
 public:
  WriteBatch(std::vector<Frame> frames, bool checksum) : frames_(std::move(frames)) {
    struct Run {
      const BufferPtr* part;  // null: gathered bytes
      size_t begin, size;
    };
    std::vector<Run> runs;
    const auto gather = [&](const void* data, size_t size) {
      if (runs.empty() || runs.back().part != nullptr) runs.push_back({nullptr, gathered_.size(), 0});
      gathered_.append(static_cast<const char*>(data), size);
      runs.back().size += size;
    };
    for (const Frame& frame : frames_) {
      const FrameHeader header = EncodeFrameHeader(frame, checksum);
      gather(header.data(), header.size());
      for (const BufferPtr& part : frame.parts) {
        if (part->size() <= kGatherBytes) {
          gather(part->data(), static_cast<size_t>(part->size()));
        } else {
          runs.push_back({&part, 0, static_cast<size_t>(part->size())});
        }
      }
    }
    for (const Run& run : runs) {
      buffers_.emplace_back(
          run.part == nullptr ? static_cast<const void*>(gathered_.data() + run.begin) : (*run.part)->data(), run.size);
    }
  }
  const std::vector<asio::const_buffer>& buffers() const { return buffers_; }

 private:
  std::vector<Frame> frames_;
  std::string gathered_;
  std::vector<asio::const_buffer> buffers_;
};

template <typename Stream>
class AsioWire : public Wire, public std::enable_shared_from_this<AsioWire<Stream>> {
 public:
  AsioWire(std::shared_ptr<Lane> lane, Stream stream, std::string peer_address, std::shared_ptr<asio::ssl::context> tls)
      : lane_(std::move(lane)),
        tls_(std::move(tls)),
        stream_(std::move(stream)),
        peer_address_(std::move(peer_address)),
        decoder_(FrameLimits::Handshake(), kChecksum),
        staging_(std::make_unique<std::array<uint8_t, kStagingBytes>>()) {}

  const std::shared_ptr<Lane>& lane() const override { return lane_; }
  const std::string& peer_address() const override { return peer_address_; }
  void SetLimits(FrameLimits limits) override { decoder_.SetLimits(limits); }
  void SetReceiver(std::shared_ptr<WireReceiver> receiver) override {
    const bool first = receiver_ == nullptr;
    receiver_ = std::move(receiver);
    if (first) Read();
  }

  void Write(std::vector<Frame> frames, std::function<void(const Status&)> done) override {
    auto batch = std::make_shared<WriteBatch>(std::move(frames), kChecksum);
    const auto& buffers = batch->buffers();
    asio::async_write(stream_, buffers,
                      [self = this->shared_from_this(), batch, done = std::move(done)](const ErrorCode& error, size_t) {
                        done(error ? ToStatus(error) : Status::OK());
                      });
  }

  void Shutdown() override {
    receiver_ = nullptr;
    if (std::exchange(closed_, true)) return;
    ErrorCode ignored;
    auto& socket = stream_.lowest_layer();
    socket.shutdown(tcp::socket::shutdown_both, ignored);
    socket.close(ignored);
  }

 private:
  static constexpr bool kChecksum = std::is_same_v<Stream, tcp::socket>;  // TLS has its own

  void Read() {
    const std::span<uint8_t> space = decoder_.PayloadSpace();
    const bool in_place = space.size() >= kStagingBytes;
    const asio::mutable_buffer target =
        in_place ? asio::buffer(space.data(), space.size()) : asio::buffer(staging_->data(), staging_->size());
    stream_.async_read_some(target, [self = this->shared_from_this(), in_place](const ErrorCode& error, size_t size) {
      self->OnRead(error, size, in_place);
    });
  }

  void OnRead(const ErrorCode& error, size_t size, bool in_place) {
    if (closed_ || receiver_ == nullptr) return;
    if (error) {
      const bool end = error == asio::error::eof || error == asio::error::connection_reset ||
                       error == asio::ssl::error::stream_truncated;
      End(end ? Status::OK() : ToStatus(error));
      return;
    }
    std::span<const uint8_t> bytes;
    Result<std::optional<Frame>> frame = std::nullopt;
    if (in_place) {
      frame = decoder_.Filled(size);
    } else {
      bytes = std::span<const uint8_t>(staging_->data(), size);
      frame = decoder_.Next(&bytes);
    }
    for (;; frame = decoder_.Next(&bytes)) {
      if (!frame.ok()) {
        End(frame.status());
        return;
      }
      if (frame->has_value()) {
        const auto receiver = receiver_;
        receiver->OnWireFrame(std::move(**frame));
        if (closed_ || receiver_ == nullptr) return;
      }
      if (bytes.empty()) break;
    }
    Read();
  }

  void End(const Status& why) {
    const auto receiver = receiver_;
    receiver->OnWireEnd(why);
  }

  const std::shared_ptr<Lane> lane_;  // outlives the stream
  const std::shared_ptr<asio::ssl::context> tls_;
  Stream stream_;
  const std::string peer_address_;
  FrameDecoder decoder_;
  std::unique_ptr<std::array<uint8_t, kStagingBytes>> staging_;
  std::shared_ptr<WireReceiver> receiver_;
  bool closed_ = false;
};

// ---- TLS

Result<std::shared_ptr<asio::ssl::context>> ServerContext(const TlsIdentity& identity) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_3_VERSION);
  ErrorCode error;
  context->use_certificate_chain(asio::buffer(identity.chain_pem), error);
  if (!error) context->use_private_key(asio::buffer(identity.key_pem), asio::ssl::context::pem, error);
  if (error) return Status::Invalid("the certificate cannot be used: ", error.message());
  return context;
}

// Nothing is trusted but the authority with the fingerprint, which the peer sends along; OpenSSL checks that it signed
// the peer's certificate and that both are valid today.
std::shared_ptr<asio::ssl::context> ClientContext(const std::string& fingerprint, std::shared_ptr<std::string> why) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_3_VERSION);
  context->set_verify_mode(asio::ssl::verify_peer);
  context->set_verify_callback([fingerprint, why](bool good, asio::ssl::verify_context& verify) {
    X509_STORE_CTX* store = verify.native_handle();
    const int error = X509_STORE_CTX_get_error(store);
    if (good) return true;
    if (error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN) {
      std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
      unsigned size = 0;
      X509_digest(X509_STORE_CTX_get_current_cert(store), EVP_sha256(), digest.data(), &size);
      std::string seen = "sha256:";
      for (unsigned i = 0; i < size; ++i) seen += fmt::format("{:02x}", digest[i]);
      if (seen == fingerprint) {
        X509_STORE_CTX_set_error(store, X509_V_OK);
        return true;
      }
      *why = fmt::format("the certificate is of another cluster: its authority is {}, expected {}", seen, fingerprint);
    } else {
      *why = fmt::format("the certificate is not valid: {}", X509_verify_cert_error_string(error));
    }
    return false;
  });
  return context;
}

// ---- Listening

class AsioSource : public WireSource, public std::enable_shared_from_this<AsioSource> {
 public:
  AsioSource(Reactor* reactor, const Address& address, const ListenOptions& options, std::function<bool()> admit,
             OnWire on_wire, std::shared_ptr<asio::ssl::context> tls)
      : reactor_(reactor),
        lane_(reactor->NextLane()),
        acceptor_(ContextOf(*lane_)),
        address_(address),
        session_(options.session),
        handshake_timeout_(options.handshake_timeout),
        admit_(std::move(admit)),
        on_wire_(std::move(on_wire)),
        tls_(std::move(tls)) {}

  Status Bind() {
    ErrorCode error;
    tcp::resolver resolver(ContextOf(*lane_));
    const auto found = resolver.resolve(address_.host, std::to_string(address_.port),
                                        tcp::resolver::passive | tcp::resolver::numeric_service, error);
    if (error || found.empty()) return Failed(error.message());
    const tcp::endpoint endpoint = found.begin()->endpoint();
    // The name was judged; what it means must be judged, too: "localhost" may point elsewhere.
    if (address_.is_loopback() && !endpoint.address().is_loopback())
      return Failed("the name is not this machine's loopback");
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) return Failed(error.message());
    address_.port = acceptor_.local_endpoint().port();
    lane_->Post([self = shared_from_this()] {
      self->stop_hook_ = self->lane_->AddStopHook([self] { self->Close(); });
      self->AcceptNext();
    });
    return Status::OK();
  }

  void Stop() {
    lane_->Post([self = shared_from_this()] { self->Close(); });
  }
  const Address& address() const override { return address_; }

 private:
  Status Failed(std::string_view why) const {
    return Status::IOError(fmt::format("cannot listen on {}: {}", address_.ToString(), why));
  }
  void Close() {
    ErrorCode ignored;
    acceptor_.close(ignored);
    retry_ = nullptr;
    on_wire_ = nullptr;
    lane_->RemoveStopHook(stop_hook_);
  }

  void AcceptNext() {
    if (!acceptor_.is_open()) return;
    auto lane = reactor_->NextLane();
    acceptor_.async_accept(ContextOf(*lane),
                           [self = shared_from_this(), lane](const ErrorCode& error, tcp::socket socket) {
                             self->Accepted(error, lane, std::move(socket));
                           });
  }

  void Accepted(const ErrorCode& error, const std::shared_ptr<Lane>& lane, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (error) {  // out of file descriptors, mostly: go on when some are free again
      Log(LogLevel::kError, "cannot accept a connection",
          {{"address", address_.ToString()}, {"error", error.message()}});
      retry_ = lane_->After(std::chrono::milliseconds(100), [self = weak_from_this()] {
        if (const auto source = self.lock()) source->AcceptNext();
      });
      return;
    }
    if (admit_()) {
      ErrorCode ignored;
      std::string peer = TextOf(address_.scheme, socket.remote_endpoint(ignored));
      SetOptions(&socket, session_);
      auto shared = std::make_shared<tcp::socket>(std::move(socket));
      lane->Post([self = shared_from_this(), on_wire = on_wire_, lane, shared, peer]() mutable {
        self->Open(on_wire, lane, std::move(*shared), peer);
      });
    } else {
      Log(LogLevel::kWarning, "connection refused",
          {{"address", address_.ToString()}, {"why", "too many connections"}});
    }
    AcceptNext();
  }

  // On the connection's lane.
  void Open(const OnWire& on_wire, const std::shared_ptr<Lane>& lane, tcp::socket socket, const std::string& peer) {
    if (tls_ == nullptr) {
      on_wire(std::make_shared<AsioWire<tcp::socket>>(lane, std::move(socket), peer, nullptr));
      return;
    }
    auto stream = std::make_shared<TlsStream>(std::move(socket), *tls_);
    auto timer = std::make_shared<std::unique_ptr<LaneTimer>>();
    auto hook = std::make_shared<int64_t>(0);
    const auto give_up = [stream] {
      ErrorCode ignored;
      stream->lowest_layer().close(ignored);
    };
    *timer = lane->After(handshake_timeout_, give_up);
    *hook = lane->AddStopHook(give_up);
    stream->async_handshake(
        asio::ssl::stream_base::server, [on_wire, lane, stream, timer, hook, peer, tls = tls_](const ErrorCode& error) {
          *timer = nullptr;
          lane->RemoveStopHook(*hook);
          if (error) {
            Log(LogLevel::kWarning, "connection refused", {{"peer", peer}, {"why", error.message()}});
            return;
          }
          on_wire(std::make_shared<AsioWire<TlsStream>>(lane, std::move(*stream), peer, tls));
        });
  }

  Reactor* const reactor_;
  const std::shared_ptr<Lane> lane_;
  tcp::acceptor acceptor_;
  Address address_;
  const SessionOptions session_;
  const std::chrono::nanoseconds handshake_timeout_;
  const std::function<bool()> admit_;
  OnWire on_wire_;
  const std::shared_ptr<asio::ssl::context> tls_;
  std::unique_ptr<LaneTimer> retry_;
  int64_t stop_hook_ = 0;
};

class AsioSourceHandle : public WireSource {
 public:
  explicit AsioSourceHandle(std::shared_ptr<AsioSource> source) : source_(std::move(source)) {}
  ~AsioSourceHandle() override { source_->Stop(); }
  const Address& address() const override { return source_->address(); }

 private:
  const std::shared_ptr<AsioSource> source_;
};

// ---- Dialling

class Dialler : public std::enable_shared_from_this<Dialler> {
 public:
  Dialler(std::shared_ptr<Lane> lane, const Address& address, const DialOptions& options, WireDone done)
      : lane_(std::move(lane)),
        resolver_(ContextOf(*lane_)),
        socket_(ContextOf(*lane_)),
        address_(address),
        options_(options),
        done_(std::move(done)) {}

  void Run() {
    const auto self = shared_from_this();
    stop_hook_ = lane_->AddStopHook([self] { self->Finish(Status::Cancelled("the network of this process stops")); });
    timer_ = lane_->After(options_.timeout, [weak = weak_from_this()] {
      if (const auto dialler = weak.lock()) {
        const double seconds = std::chrono::duration<double>(dialler->options_.timeout).count();
        dialler->Finish(Status::IOError(fmt::format("no answer within {:g} s", seconds)));
      }
    });
    if (address_.scheme == Scheme::kTls && options_.tls_fingerprint.empty()) {
      Finish(
          Status::Invalid("the fingerprint of the cluster's authority is missing: it stands in the connection file"));
      return;
    }
    resolver_.async_resolve(address_.host, std::to_string(address_.port),
                            [self](const ErrorCode& error, const tcp::resolver::results_type& found) {
                              if (error) {
                                self->Finish(ToStatus(error));
                              } else if (self->done_ != nullptr) {
                                self->Connect(found);
                              }
                            });
  }

 private:
  void Connect(const tcp::resolver::results_type& found) {
    asio::async_connect(socket_, found, [self = shared_from_this()](const ErrorCode& error, const tcp::endpoint&) {
      if (error) {
        self->Finish(ToStatus(error));
      } else if (self->done_ != nullptr) {
        self->Connected();
      }
    });
  }

  void Connected() {
    SetOptions(&socket_, options_.session);
    const std::string text = address_.ToString();
    if (address_.scheme == Scheme::kTcp) {
      Finish(std::make_shared<AsioWire<tcp::socket>>(lane_, std::move(socket_), text, nullptr));
      return;
    }
    auto why = std::make_shared<std::string>();
    auto tls = ClientContext(options_.tls_fingerprint, why);
    stream_ = std::make_shared<TlsStream>(std::move(socket_), *tls);
    stream_->async_handshake(
        asio::ssl::stream_base::client, [self = shared_from_this(), why, tls, text](const ErrorCode& error) {
          if (error) {
            self->Finish(Status::IOError(why->empty() ? "TLS: " + error.message() : *why));
          } else if (self->done_ != nullptr) {
            self->Finish(std::make_shared<AsioWire<TlsStream>>(self->lane_, std::move(*self->stream_), text, tls));
          }
        });
  }

  void Finish(Result<std::shared_ptr<Wire>> result) {
    if (done_ == nullptr) return;
    const auto self = shared_from_this();
    timer_ = nullptr;
    lane_->RemoveStopHook(stop_hook_);
    if (!result.ok()) {
      ErrorCode ignored;
      resolver_.cancel();
      socket_.close(ignored);
      if (stream_ != nullptr) stream_->lowest_layer().close(ignored);
    }
    std::exchange(done_, nullptr)(std::move(result));
  }

  const std::shared_ptr<Lane> lane_;
  tcp::resolver resolver_;
  tcp::socket socket_;
  std::shared_ptr<TlsStream> stream_;
  const Address address_;
  const DialOptions options_;
  WireDone done_;
  std::unique_ptr<LaneTimer> timer_;
  int64_t stop_hook_ = 0;
};

}  // namespace

Result<std::unique_ptr<WireSource>> ListenAsio(Reactor* reactor, const Address& address, const ListenOptions& options,
                                               std::function<bool()> admit, OnWire on_wire) {
  std::shared_ptr<asio::ssl::context> tls;
  if (address.scheme == Scheme::kTls) {
    ASSIGN_OR_RETURN(tls, ServerContext(*options.tls));
  }
  auto source = std::make_shared<AsioSource>(reactor, address, options, std::move(admit), std::move(on_wire), tls);
  RETURN_IF_ERROR(source->Bind());
  return std::make_unique<AsioSourceHandle>(std::move(source));
}

void DialAsio(Reactor* reactor, const Address& address, const DialOptions& options, WireDone done) {
  auto lane = reactor->NextLane();
  auto dialler = std::make_shared<Dialler>(lane, address, options, std::move(done));
  lane->Post([dialler] { dialler->Run(); });
}

}  // namespace swath::net
