// The handshake on a wire: one frame each way, then the wire belongs to the connection.
#include <utility>

#include <fmt/format.h>

#include "swath/base/log.h"
#include "swath/net/session_connection.h"

namespace swath::net {
namespace {

struct HandshakePlan {
  bool listens = false;
  Introduction self = {};
  Secret secret = {};                        // of the dialler
  std::vector<Credential> credentials = {};  // of the listener
  bool token_needed = true;
  SessionOptions session = {};
  std::chrono::nanoseconds timeout = kHandshakeTimeout;
  std::shared_ptr<void> token = nullptr;
};

class Handshaker : public WireReceiver, public std::enable_shared_from_this<Handshaker> {
 public:
  Handshaker(std::shared_ptr<Wire> wire, HandshakePlan plan, HandshakeDone done)
      : wire_(std::move(wire)), plan_(std::move(plan)), done_(std::move(done)) {}

  void Run() {
    const auto self = shared_from_this();
    timer_ = wire_->lane()->After(plan_.timeout, [weak = weak_from_this()] {
      if (const auto handshaker = weak.lock()) {
        handshaker->Fail(Status::IOError(fmt::format(
            "no handshake within {:g} s", std::chrono::duration<double>(handshaker->plan_.timeout).count())));
      }
    });
    stop_hook_ =
        wire_->lane()->AddStopHook([self] { self->Fail(Status::Cancelled("the network of this process stops")); });
    wire_->SetLimits(FrameLimits::Handshake());
    if (!plan_.listens) {
      wire_->Write({EncodeHello(plan_.self, plan_.secret)}, [self](const Status& status) {
        if (!status.ok()) self->Fail(status);
      });
    }
    wire_->SetReceiver(self);
  }

  void OnWireFrame(Frame frame) override {
    if (done_ == nullptr) return;
    if (answered_) {  // the peer was faster than the end of our write
      early_.push_back(std::move(frame));
      return;
    }
    if (!plan_.listens) {
      auto peer = CheckWelcome(frame, plan_.self);
      if (!peer.ok()) {
        Fail(peer.status());
        return;
      }
      Succeed(std::move(*peer));
      return;
    }
    answered_ = true;
    auto peer = plan_.token_needed ? CheckHello(frame, plan_.self, plan_.credentials) : CheckWithoutToken(frame);
    Frame answer = peer.ok() ? EncodeWelcome(plan_.self) : EncodeRefusal(peer.status().message());
    wire_->Write({std::move(answer)},
                 [self = shared_from_this(), peer = std::move(peer)](const Status& status) mutable {
                   if (!peer.ok()) {
                     self->Fail(peer.status());
                   } else if (!status.ok()) {
                     self->Fail(status);
                   } else {
                     self->Succeed(std::move(*peer));
                   }
                 });
  }

  void OnWireEnd(const Status& why) override {
    Fail(why.ok() ? Status::IOError("the other side closed the connection during the handshake") : why);
  }

 private:
  // Whatever token the peer shows is right: inproc has no strangers.
  Result<Introduction> CheckWithoutToken(const Frame& frame) const {
    const std::string text = frame.JoinedText();
    Secret shown;
    if (text.size() >= Secret::kBytes) {
      std::array<uint8_t, Secret::kBytes> bytes;
      std::copy_n(text.end() - Secret::kBytes, Secret::kBytes, bytes.begin());
      shown = Secret(bytes);
    }
    return CheckHello(frame, plan_.self, {{shown, {Role::kClient, Role::kWorker, Role::kScheduler, Role::kViewer}}});
  }

  void Succeed(Introduction peer) {
    if (done_ == nullptr) return;
    const auto done = Leave();
    const auto wire = wire_;
    auto early = std::exchange(early_, {});
    // Frames come later than this call, so that `done` can start the connection first.
    auto connection = SessionConnection::Open(wire, std::move(peer), plan_.session, std::move(plan_.token));
    auto* receiver = static_cast<SessionConnection*>(connection.get());
    for (Frame& frame : early) receiver->OnWireFrame(std::move(frame));
    done(std::move(connection));
  }

  void Fail(const Status& why) {
    if (done_ == nullptr) return;
    const auto self = shared_from_this();
    const auto done = Leave();
    wire_->Shutdown();
    done(why);
  }

  HandshakeDone Leave() {
    timer_ = nullptr;
    wire_->lane()->RemoveStopHook(stop_hook_);
    return std::exchange(done_, nullptr);
  }

  const std::shared_ptr<Wire> wire_;
  HandshakePlan plan_;
  HandshakeDone done_;
  bool answered_ = false;
  std::vector<Frame> early_;
  std::unique_ptr<LaneTimer> timer_;
  int64_t stop_hook_ = 0;
};

}  // namespace

void DialHandshake(std::shared_ptr<Wire> wire, const Introduction& self, const Secret& token,
                   const SessionOptions& session, HandshakeDone done) {
  HandshakePlan plan{.self = self, .secret = token, .session = session};
  std::make_shared<Handshaker>(std::move(wire), std::move(plan), std::move(done))->Run();
}

void AcceptHandshake(std::shared_ptr<Wire> wire, const ListenOptions& options, bool token_needed,
                     std::shared_ptr<void> token, HandshakeDone done) {
  HandshakePlan plan{.listens = true,
                     .self = options.self,
                     .credentials = options.credentials,
                     .token_needed = token_needed,
                     .session = options.session,
                     .timeout = options.handshake_timeout,
                     .token = std::move(token)};
  std::make_shared<Handshaker>(std::move(wire), std::move(plan), std::move(done))->Run();
}

}  // namespace swath::net
