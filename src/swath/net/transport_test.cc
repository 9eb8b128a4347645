// One suite for all transports: what net/connection.h promises, and what net/transport.h refuses.
#include "swath/net/transport.h"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <future>
#include <map>
#include <optional>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arrow/buffer.h"

#include "swath/base/env.h"

namespace swath::net {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using ::testing::HasSubstr;

constexpr auto kPatience = 30s;  // how long a test waits for what must happen

BufferPtr Text(std::string text) { return arrow::Buffer::FromString(std::move(text)); }

// Writes down what happens to a connection.
class Recorder : public ConnectionHandler {
 public:
  explicit Recorder(std::weak_ptr<Connection> echo_to = {}) : echo_to_(std::move(echo_to)) {}
  void OnMessage(Delivery message) override {
    if (const auto connection = echo_to_.lock()) {
      EXPECT_TRUE(connection->Send({message.kind, message.body}).ok());
    }
    const std::scoped_lock lock(mutex_);
    message_bytes_ += message.body->size();
    messages_.push_back(std::move(message));
    changed_.notify_all();
  }
  void OnPiece(Piece piece) override {
    const std::scoped_lock lock(mutex_);
    pieces_[piece.stream].push_back(std::move(piece));
    changed_.notify_all();
  }
  void OnWritable() override {
    const std::scoped_lock lock(mutex_);
    ++writable_;
    changed_.notify_all();
  }
  void OnClosed(const Status& why) override {
    const std::scoped_lock lock(mutex_);
    EXPECT_FALSE(closed_.has_value()) << "closed twice";
    closed_ = why;
    changed_.notify_all();
  }
  template <typename Condition>
  bool Wait(Condition condition, std::chrono::nanoseconds patience = kPatience) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return condition(*this); });
  }
  bool WaitMessages(size_t count) {
    return Wait([&](const Recorder& r) { return r.messages_.size() >= count; });
  }
  Status WaitClosed() {
    EXPECT_TRUE(Wait([](const Recorder& r) { return r.closed_.has_value(); })) << "not closed";
    const std::scoped_lock lock(mutex_);
    return closed_.value_or(Status::OK());
  }
  std::weak_ptr<Connection> echo_to_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Delivery> messages_;
  int64_t message_bytes_ = 0;
  std::map<uint32_t, std::vector<Piece>> pieces_;
  int writable_ = 0;
  std::optional<Status> closed_;
};

bool IsTimeout(const Status& status) {
  const auto detail = ErrorDetail::Of(status);
  return detail != nullptr && detail->kind == ErrorKind::kTimeout;
}

class TransportTest : public testing::TestWithParam<std::string> {
 protected:
  static void SetUpTestSuite() {
    authority_ = std::make_unique<CertificateAuthority>(CertificateAuthority::Make("test").ValueOrDie());
    identity_ = std::make_shared<TlsIdentity>(authority_->Issue("node").ValueOrDie());
    token_ = Secret::Random().ValueOrDie();
  }
  Address AnyAddress() const {
    return Address::Parse(GetParam() == "inproc" ? "inproc://here" : GetParam() + "://127.0.0.1:0").ValueOrDie();
  }
  ListenOptions ServerOptions() const {
    return {.self = {.role = Role::kScheduler, .name = "server"},
            .credentials = {{token_, {Role::kClient, Role::kWorker}}},
            .tls = identity_};
  }
  DialOptions ClientOptions() const {
    return {.self = {.role = Role::kClient, .name = "client"},
            .token = token_,
            .tls_fingerprint = authority_->fingerprint()};
  }
  void StartServer(const ListenOptions& options) {
    listener_ = Listen(&reactor_, AnyAddress(), options, [this](std::shared_ptr<Connection> connection) {
                  auto recorder = std::make_shared<Recorder>(echo_ ? connection : nullptr);
                  connection->Start(recorder);
                  const std::scoped_lock lock(mutex_);
                  accepted_.emplace_back(std::move(connection), std::move(recorder));
                  changed_.notify_all();
                }).ValueOrDie();
  }
  // Both ends of a connection.
  void Connect(const ListenOptions& listen, const DialOptions& dial) {
    StartServer(listen);
    client_ = DialAndWait(&reactor_, listener_->address(), dial).ValueOrDie();
    client_->Start(client_record_);
    std::tie(server_, server_record_) = WaitAccepted();
  }
  void Connect() { Connect(ServerOptions(), ClientOptions()); }
  std::pair<std::shared_ptr<Connection>, std::shared_ptr<Recorder>> WaitAccepted() {
    std::unique_lock lock(mutex_);
    CHECK(changed_.wait_for(lock, kPatience, [&] { return !accepted_.empty(); }));
    auto last = accepted_.back();
    accepted_.pop_back();
    return last;
  }

  static inline std::unique_ptr<CertificateAuthority> authority_;
  static inline std::shared_ptr<const TlsIdentity> identity_;
  static inline Secret token_;
  bool echo_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<std::shared_ptr<Connection>, std::shared_ptr<Recorder>>> accepted_;
  Reactor reactor_{2};
  std::unique_ptr<Listener> listener_;
  std::shared_ptr<Recorder> client_record_ = std::make_shared<Recorder>();
  std::shared_ptr<Recorder> server_record_;
  std::shared_ptr<Connection> client_, server_;
};

TEST_P(TransportTest, ManyMessagesArriveInOrder) {
  echo_ = true;
  Connect();
  EXPECT_EQ(server_->peer().name, "client");
  EXPECT_EQ(client_->peer().name, "server");
  EXPECT_EQ(client_->peer().role, Role::kScheduler);
  Rng rng(7);
  std::vector<std::string> sent;
  for (int i = 0; i < 5000; ++i) {
    sent.push_back(std::to_string(i) + std::string(rng.Chance(0.02) ? rng.Below(100'000) : rng.Below(50), 'x'));
    ASSERT_TRUE(client_->Send({static_cast<uint16_t>(i), Text(sent.back())}).ok());
  }
  ASSERT_TRUE(client_record_->WaitMessages(sent.size()));
  for (size_t i = 0; i < sent.size(); ++i) {
    ASSERT_EQ(client_record_->messages_[i].kind, static_cast<uint16_t>(i));
    ASSERT_EQ(client_record_->messages_[i].body->ToString(), sent[i]);
  }
}

TEST_P(TransportTest, LargePayloadsComeInBoundedPieces) {
  Connect();
  Rng rng(3);
  std::vector<BufferPtr> payload;
  std::string whole;
  for (const size_t size : {0UL, 1UL, 5'000'000UL, 17UL, 20'000'001UL}) {
    std::string text(size, '\0');
    for (size_t i = 0; i < size; i += 1 + size / 1000) text[i] = static_cast<char>(rng());
    whole += text;
    payload.push_back(Text(std::move(text)));
  }
  ASSERT_TRUE(client_->Send({1, Text("first"), payload}).ok());
  ASSERT_TRUE(client_->Send({2, Text("second"), {Text("tiny")}}).ok());
  ASSERT_TRUE(client_->Send({3, nullptr, {Text("")}}).ok());
  ASSERT_TRUE(server_record_->Wait([](const Recorder& r) {
    return r.pieces_.size() == 3 &&
           std::all_of(r.pieces_.begin(), r.pieces_.end(), [](const auto& p) { return p.second.back().last; });
  }));
  ASSERT_EQ(server_record_->messages_.size(), 3U);
  const auto joined = [&](size_t message) {
    std::string text;
    for (const Piece& piece : server_record_->pieces_[server_record_->messages_[message].stream]) {
      EXPECT_LE(piece.bytes->size(), SessionOptions{}.piece_bytes);
      text += piece.bytes->ToString();
    }
    return text;
  };
  EXPECT_TRUE(joined(0) == whole);
  EXPECT_EQ(joined(1), "tiny");
  EXPECT_EQ(joined(2), "");
  EXPECT_EQ(server_record_->messages_[2].body->size(), 0);
  if (GetParam() == "inproc") {  // nothing was copied
    EXPECT_EQ(server_record_->pieces_[server_record_->messages_[1].stream].front().bytes->ToString(), "tiny");
    const auto& first = server_record_->pieces_[server_record_->messages_[0].stream];
    EXPECT_EQ(first.back().bytes->data() + first.back().bytes->size(), payload.back()->data() + payload.back()->size());
  }
}

TEST_P(TransportTest, SlowReaderStaysBoundedAndAlive) {
  ListenOptions listen = ServerOptions();
  listen.session = {.heartbeat_ns = 50'000'000, .dead_ns = 500'000'000, .manual_credit = true};
  DialOptions dial = ClientOptions();
  dial.session = {.queue_bytes_max = 4 << 20, .heartbeat_ns = 50'000'000, .dead_ns = 500'000'000};
  Connect(listen, dial);
  const BufferPtr body = Text(std::string(256 << 10, 'b'));
  int64_t sent = 0;
  const auto send_until_full = [&] {
    Status status;
    while ((status = client_->Send({1, body})).ok()) ++sent;
    EXPECT_TRUE(status.IsCapacityError()) << status;
  };
  // Full, and nothing moves any more: all that fits the window has arrived.
  const int64_t in_window = kMessageWindow / (body->size() + 64);
  send_until_full();
  for (;;) {
    const bool moved = server_record_->Wait(
        [&](const Recorder& r) { return static_cast<int64_t>(r.messages_.size()) >= in_window; }, 100ms);
    send_until_full();
    if (moved) break;
  }
  EXPECT_LE(client_->queued_bytes(), (4 << 20) + body->size() + 64);
  const int writable = client_record_->writable_;
  // Longer than dead_ns: heartbeats pass although nothing is consumed.
  EXPECT_FALSE(server_record_->Wait([](const Recorder& r) { return r.closed_.has_value(); }, 1200ms));
  EXPECT_FALSE(client_record_->closed_.has_value());
  EXPECT_EQ(static_cast<int64_t>(server_record_->messages_.size()), in_window);
  EXPECT_LE(server_record_->message_bytes_, kMessageWindow);
  EXPECT_FALSE(client_record_->Wait([&](const Recorder& r) { return r.writable_ > writable; }, 1ms));
  // The reader goes on: the rest comes, and the sender hears that there is room.
  for (size_t done = 0; static_cast<int64_t>(done) < sent; ++done) {
    ASSERT_TRUE(server_record_->WaitMessages(done + 1));
    Delivery message;
    {
      const std::scoped_lock lock(server_record_->mutex_);
      message = server_record_->messages_[done];
    }
    server_->Consumed(message);
  }
  EXPECT_TRUE(client_record_->Wait([&](const Recorder& r) { return r.writable_ > writable; }));
}

TEST_P(TransportTest, SlowReaderOfAPayloadHoldsOneWindow) {
  ListenOptions listen = ServerOptions();
  listen.session.manual_credit = true;
  Connect(listen, ClientOptions());
  const BufferPtr large = Text(std::string(12 << 20, 'p'));
  ASSERT_TRUE(client_->Send({1, nullptr, {large}}).ok());
  ASSERT_TRUE(client_->Send({2, nullptr, {Text("other")}}).ok());  // is not held up
  ASSERT_TRUE(server_record_->WaitMessages(2));
  const uint32_t slow = server_record_->messages_[0].stream;
  const uint32_t fast = server_record_->messages_[1].stream;
  ASSERT_TRUE(
      server_record_->Wait([&](Recorder& r) { return !r.pieces_[fast].empty() && r.pieces_[slow].size() >= 4; }));
  EXPECT_FALSE(server_record_->Wait([&](Recorder& r) { return r.pieces_[slow].size() > 4; }, 200ms));
  int64_t received = 0;
  for (size_t i = 0; received < large->size(); ++i) {
    ASSERT_TRUE(server_record_->Wait([&](Recorder& r) { return r.pieces_[slow].size() > i; }));
    Piece piece;
    {
      const std::scoped_lock lock(server_record_->mutex_);
      piece = server_record_->pieces_[slow][i];
    }
    received += piece.bytes->size();
    EXPECT_EQ(piece.last, received == large->size());
    server_->Consumed(piece);
  }
}

TEST_P(TransportTest, CloseSendsWhatIsQueuedAndSaysWhy) {
  Connect();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(client_->Send({1, Text(std::string(10'000, 'x'))}).ok());
  client_->Close("retired");
  EXPECT_FALSE(client_->Send({1, nullptr}).ok());
  EXPECT_THAT(server_record_->WaitClosed().message(), HasSubstr("closed the connection: retired"));
  EXPECT_EQ(server_record_->messages_.size(), 100U);
  EXPECT_TRUE(client_record_->WaitClosed().ok());
  EXPECT_TRUE(server_->Send({1, nullptr}).IsIOError());
}

TEST_P(TransportTest, DroppingTheLastReferenceCloses) {
  Connect();
  ASSERT_TRUE(client_->Send({1, Text("last words")}).ok());
  client_ = nullptr;
  EXPECT_TRUE(server_record_->WaitClosed().ok());
  EXPECT_EQ(server_record_->messages_.size(), 1U);
}

TEST_P(TransportTest, LostConnectionsAreErrors) {
  Connect();
  client_->Abort(Status::IOError("given up"));
  EXPECT_THAT(client_record_->WaitClosed().message(), HasSubstr("given up"));
  const Status lost = server_record_->WaitClosed();
  EXPECT_TRUE(lost.IsIOError());
  EXPECT_THAT(lost.message(), HasSubstr("was lost"));
}

TEST_P(TransportTest, SilentPeersAreDead) {
  ListenOptions listen = ServerOptions();
  listen.session = {.heartbeat_ns = 50'000'000, .dead_ns = 300'000'000};
  DialOptions dial = ClientOptions();
  dial.session = {.heartbeat_ns = 3'600'000'000'000, .dead_ns = 7'200'000'000'000};  // says nothing for an hour
  Connect(listen, dial);
  const Status dead = server_record_->WaitClosed();
  EXPECT_TRUE(IsTimeout(dead)) << dead;
  EXPECT_THAT(dead.message(), HasSubstr("no sign of life"));
}

TEST_P(TransportTest, StoppingTheReactorClosesConnections) {
  auto far = std::make_unique<Reactor>(1);
  if (GetParam() == "inproc") GTEST_SKIP() << "inproc has one reactor";
  StartServer(ServerOptions());
  auto connection = DialAndWait(far.get(), listener_->address(), ClientOptions()).ValueOrDie();
  connection->Start(client_record_);
  const auto [server, record] = WaitAccepted();
  far = nullptr;
  EXPECT_TRUE(client_record_->WaitClosed().IsCancelled());
  EXPECT_FALSE(connection->Send({1, nullptr}).ok());
  EXPECT_TRUE(record->WaitClosed().IsIOError());
}

TEST_P(TransportTest, WrongTokensVersionsAndRolesAreRefusedInWords) {
  StartServer(ServerOptions());
  const auto why = [&](auto change) {
    DialOptions options = ClientOptions();
    change(&options);
    return DialAndWait(&reactor_, listener_->address(), options).status().message();
  };
  EXPECT_THAT(why([](DialOptions* o) {
                o->self.version = {9, 1};
              }),
              HasSubstr("client speaks protocol 9.1, this scheduler speaks 1.0"));
  if (GetParam() == "inproc") return;  // no strangers within a process
  EXPECT_THAT(
      why([](DialOptions* o) { o->token = Secret(); }),
      testing::AllOf(HasSubstr("cannot connect to " + listener_->address().ToString()), HasSubstr("wrong token")));
  EXPECT_THAT(why([](DialOptions* o) { o->self.role = Role::kViewer; }), HasSubstr("does not let a viewer in"));
}

TEST_P(TransportTest, OversizeBodiesAndMissingListeners) {
  Connect();
  const Status oversize = client_->Send({1, Text(std::string((16 << 20) + 1, 'x'))});
  EXPECT_TRUE(oversize.IsInvalid());
  EXPECT_THAT(oversize.message(), HasSubstr("at most 16777216"));
  ASSERT_TRUE(client_->Send({1, Text(std::string(16 << 20, 'x'))}).ok());
  EXPECT_TRUE(server_record_->WaitMessages(1));
  const Address gone = listener_->address();
  listener_ = nullptr;
  // The listener closes on its lane; a dial may still meet it there for a moment.
  Status status;
  for (int i = 0; i < 1000 && (status = DialAndWait(&reactor_, gone, ClientOptions()).status()).ok(); ++i) {
  }
  EXPECT_TRUE(status.IsIOError());
  EXPECT_THAT(status.message(), HasSubstr("cannot connect to " + gone.ToString()));
}

INSTANTIATE_TEST_SUITE_P(Transports, TransportTest, testing::Values("inproc", "tcp", "tls"),
                         [](const auto& info) { return info.param; });

// ---- What strangers do to a socket

class SocketTest : public TransportTest {
 protected:
  // A TCP connection that knows nothing of our protocol.
  int RawSocket() const {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(listener_->address().port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    return fd;
  }
  // True when the other side closes the connection in time.
  static bool WaitEnd(int fd) {
    const timeval patience{30, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    char bytes[4096];
    ssize_t got;
    while ((got = read(fd, bytes, sizeof bytes)) > 0) {
    }
    return got == 0 || errno == ECONNRESET;
  }
};

TEST_P(SocketTest, GarbageIsRefusedAndOthersAreServed) {
  StartServer(ServerOptions());
  Rng rng(11);
  for (int round = 0; round < 20; ++round) {
    const int fd = RawSocket();
    std::string garbage(1 + rng.Below(3000), '\0');
    for (char& c : garbage) c = static_cast<char>(rng());
    if (round % 4 == 1) garbage = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    if (round % 4 == 2) {  // a right header of a frame that is too large before the handshake
      const FrameHeader header =
          EncodeFrameHeader({.type = FrameKind::kMessage, .parts = {Text(std::string(5000, 'x'))}}, true);
      garbage.assign(header.begin(), header.end());
    }
    if (garbage.size() < 24) garbage.resize(24);
    ASSERT_EQ(send(fd, garbage.data(), garbage.size(), MSG_NOSIGNAL), static_cast<ssize_t>(garbage.size()));
    if (GetParam() == "tls" && round % 4 == 0) shutdown(fd, SHUT_WR);  // may look like the beginning of a record
    EXPECT_TRUE(WaitEnd(fd));
    close(fd);
  }
  EXPECT_TRUE(DialAndWait(&reactor_, listener_->address(), ClientOptions()).ok());
}

TEST_P(SocketTest, SilentStrangersAreDropped) {
  ListenOptions options = ServerOptions();
  options.handshake_timeout = 200ms;
  StartServer(options);
  const int fd = RawSocket();
  EXPECT_TRUE(WaitEnd(fd));
  close(fd);
}

TEST_P(SocketTest, ConnectionsAreCounted) {
  ListenOptions options = ServerOptions();
  options.connections_max = 1;
  StartServer(options);
  auto first = DialAndWait(&reactor_, listener_->address(), ClientOptions()).ValueOrDie();
  auto [server, record] = WaitAccepted();
  EXPECT_EQ(listener_->connection_count(), 1);
  EXPECT_FALSE(DialAndWait(&reactor_, listener_->address(), ClientOptions()).ok());
  first = nullptr;
  EXPECT_TRUE(record->WaitClosed().ok());
  Status status;
  for (int i = 0; i < 1000 && !(status = DialAndWait(&reactor_, listener_->address(), ClientOptions()).status()).ok();
       ++i) {
  }
  EXPECT_TRUE(status.ok()) << status;
}

// A process of its own that dials and waits; made before this process has threads.
TEST(ProcessTest, KilledAndFrozenPeers) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "TSan ends a forked child that starts threads";
#endif
  for (const int signal : {SIGKILL, SIGSTOP}) {
    int pipes[2];
    ASSERT_EQ(pipe(pipes), 0);
    const Secret token = Secret::Random().ValueOrDie();
    const pid_t child = fork();
    if (child == 0) {
      uint16_t port = 0;
      if (read(pipes[0], &port, sizeof port) != sizeof port) _exit(1);
      Reactor reactor;
      const auto connection = DialAndWait(&reactor, {Scheme::kTcp, "127.0.0.1", port}, {.token = token});
      for (;;) pause();
    }
    {
      Reactor reactor;
      auto recorder = std::make_shared<Recorder>();
      std::promise<std::shared_ptr<Connection>> accepted;
      ListenOptions options{.credentials = {{token, {Role::kClient}}}};
      options.session = {.heartbeat_ns = 100'000'000, .dead_ns = 800'000'000};
      const auto listener =
          Listen(&reactor, {Scheme::kTcp, "127.0.0.1", 0}, options, [&](std::shared_ptr<Connection> c) {
            c->Start(recorder);
            accepted.set_value(std::move(c));
          }).ValueOrDie();
      const uint16_t port = listener->address().port;
      ASSERT_EQ(write(pipes[1], &port, sizeof port), static_cast<ssize_t>(sizeof port));
      const auto connection = accepted.get_future().get();
      kill(child, signal);
      const Status why = recorder->WaitClosed();
      EXPECT_TRUE(why.IsIOError()) << why;
      EXPECT_EQ(IsTimeout(why), signal == SIGSTOP) << why;
    }
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    close(pipes[0]);
    close(pipes[1]);
  }
}

INSTANTIATE_TEST_SUITE_P(Sockets, SocketTest, testing::Values("tcp", "tls"),
                         [](const auto& info) { return info.param; });

// ---- Safe by default

TEST(ListenSafety, OpenAddressesNeedTokenAndTls) {
  Reactor reactor;
  const CertificateAuthority authority = CertificateAuthority::Make("safety").ValueOrDie();
  const auto identity = std::make_shared<const TlsIdentity>(authority.Issue("n").ValueOrDie());
  const std::vector<Credential> credentials = {{Secret::Random().ValueOrDie(), {Role::kClient}}};
  const auto why = [&](const char* address, const ListenOptions& options) {
    return Listen(&reactor, Address::Parse(address).ValueOrDie(), options, [](auto) {}).status();
  };
  for (const char* open : {"tcp://0.0.0.0:0", "tcp://[::]:0", "tcp://192.0.2.1:0"}) {
    const Status status = why(open, {.credentials = credentials, .tls = identity});
    EXPECT_TRUE(status.IsInvalid());
    EXPECT_THAT(status.message(), testing::AllOf(HasSubstr("127.0.0.1"), HasSubstr("tls://"), HasSubstr("token")));
  }
  EXPECT_TRUE(why("tls://0.0.0.0:0", {.tls = identity}).IsInvalid());
  EXPECT_THAT(why("tcp://127.0.0.1:0", {}).message(), HasSubstr("without a token"));
  EXPECT_THAT(why("tls://127.0.0.1:0", {.credentials = credentials}).message(), HasSubstr("without a certificate"));
  EXPECT_TRUE(why("tls://0.0.0.0:0", {.credentials = credentials, .tls = identity}).ok());
  EXPECT_THAT(why("tcp://192.0.2.1:0", {.credentials = credentials}).message(), HasSubstr("will not listen"));
  const auto first =
      Listen(&reactor, Address::Parse("tcp://127.0.0.1:0").ValueOrDie(), {.credentials = credentials}, [](auto) {
      }).ValueOrDie();
  EXPECT_THAT(why(first->address().ToString().c_str(), {.credentials = credentials}).message(), HasSubstr("in use"));
}

TEST(Tls, OnlyTheClustersValidCertificatesAreTrusted) {
  Reactor reactor;
  const Secret token = Secret::Random().ValueOrDie();
  const CertificateAuthority ours = CertificateAuthority::Make("ours").ValueOrDie();
  const CertificateAuthority other = CertificateAuthority::Make("other").ValueOrDie();
  const auto dial = [&](const TlsIdentity& identity, const std::string& fingerprint, const char* scheme = "tls") {
    const auto listener =
        Listen(&reactor, Address::Parse("tls://127.0.0.1:0").ValueOrDie(),
               {.credentials = {{token, {Role::kClient}}}, .tls = std::make_shared<TlsIdentity>(identity)}, [](auto) {})
            .ValueOrDie();
    Address address = listener->address();
    address.scheme = Address::Parse(std::string(scheme) + "://h:0").ValueOrDie().scheme;
    return DialAndWait(&reactor, address, {.token = token, .tls_fingerprint = fingerprint}).status();
  };
  EXPECT_TRUE(dial(ours.Issue("a").ValueOrDie(), ours.fingerprint()).ok());
  EXPECT_THAT(dial(other.Issue("a").ValueOrDie(), ours.fingerprint()).message(), HasSubstr("of another cluster"));
  EXPECT_THAT(dial(ours.Issue("a", std::chrono::hours(-1)).ValueOrDie(), ours.fingerprint()).message(),
              HasSubstr("expired"));
  EXPECT_THAT(dial(ours.Issue("a").ValueOrDie(), "").message(), HasSubstr("fingerprint"));
  EXPECT_FALSE(dial(ours.Issue("a").ValueOrDie(), "", "tcp").ok());
  // A certificate of another authority, shown together with ours (which is public): the signature tells.
  TlsIdentity forged = other.Issue("a").ValueOrDie();
  forged.chain_pem =
      forged.chain_pem.substr(0, forged.chain_pem.find("-----END CERTIFICATE-----") + 26) + ours.certificate_pem();
  EXPECT_FALSE(dial(forged, ours.fingerprint()).ok());
}

}  // namespace
}  // namespace swath::net
