// The transport within one process: frames are handed from lane to lane, buffers and all; nothing is copied.
#include <utility>

#include "swath/net/wires.h"

namespace swath::net {

class InprocListener {
 public:
  InprocListener(Reactor* reactor, OnWire on_wire) : reactor_(reactor), on_wire_(std::move(on_wire)) {}
  Reactor* reactor() const { return reactor_; }
  const OnWire& on_wire() const { return on_wire_; }

 private:
  Reactor* reactor_;
  OnWire on_wire_;
};

namespace {

class InprocWire : public Wire, public std::enable_shared_from_this<InprocWire> {
 public:
  InprocWire(std::shared_ptr<Lane> lane, std::string peer_address)
      : lane_(std::move(lane)), peer_address_(std::move(peer_address)) {}
  void Join(const std::shared_ptr<InprocWire>& peer) { peer_ = peer; }  // before either is used

  const std::shared_ptr<Lane>& lane() const override { return lane_; }
  const std::string& peer_address() const override { return peer_address_; }
  void SetReceiver(std::shared_ptr<WireReceiver> receiver) override {
    const bool first = receiver_ == nullptr;
    receiver_ = std::move(receiver);
    if (!first) return;
    self_ = shared_from_this();
    for (Frame& frame : std::exchange(early_, {})) Arrive(std::move(frame));
    if (ended_) PeerShutdown();
  }
  void SetLimits(FrameLimits limits) override { limits_ = limits; }

  void Write(std::vector<Frame> frames, std::function<void(const Status&)> done) override {
    const auto peer = peer_.lock();
    if (closed_ || peer == nullptr) {
      lane_->Post([done = std::move(done)] { done(Status::IOError("the other side is closed")); });
      return;
    }
    peer->lane_->Post([peer, frames = std::move(frames), lane = lane_, done = std::move(done)]() mutable {
      for (Frame& frame : frames) peer->Arrive(std::move(frame));
      lane->Post([done = std::move(done)] { done(Status::OK()); });
    });
  }

  void Shutdown() override {
    if (std::exchange(closed_, true)) return;
    receiver_ = nullptr;
    early_.clear();
    if (const auto peer = peer_.lock()) peer->lane_->Post([peer] { peer->PeerShutdown(); });
    lane_->Post([self = std::exchange(self_, nullptr)] {});
  }

 private:
  void Arrive(Frame frame) {
    if (closed_) return;
    if (receiver_ == nullptr) {
      early_.push_back(std::move(frame));
      return;
    }
    const auto receiver = receiver_;
    const int64_t limit = frame.type == FrameKind::kPiece ? limits_.piece_bytes : limits_.control_bytes;
    if (frame.size() > limit) {
      receiver->OnWireEnd(
          Status::IOError("oversize frame: ", frame.size(), " bytes; at most ", limit, " are accepted"));
      return;
    }
    receiver->OnWireFrame(std::move(frame));
  }
  void PeerShutdown() {
    ended_ = true;
    if (closed_ || receiver_ == nullptr) return;
    const auto receiver = receiver_;
    receiver->OnWireEnd(Status::OK());
  }

  const std::shared_ptr<Lane> lane_;
  const std::string peer_address_;
  std::weak_ptr<InprocWire> peer_;
  std::shared_ptr<InprocWire> self_;  // alive while it is open, as a socket's pending read keeps the other kinds
  std::shared_ptr<WireReceiver> receiver_;
  std::vector<Frame> early_;
  FrameLimits limits_;
  bool closed_ = false;
  bool ended_ = false;  // the peer has gone
};

class InprocSource : public WireSource {
 public:
  InprocSource(Address address, std::shared_ptr<InprocListener> listener)
      : address_(std::move(address)), listener_(std::move(listener)) {}
  ~InprocSource() override { listener_->reactor()->Unregister(address_.host); }
  const Address& address() const override { return address_; }

 private:
  const Address address_;
  const std::shared_ptr<InprocListener> listener_;
};

}  // namespace

Result<std::unique_ptr<WireSource>> ListenInproc(Reactor* reactor, const Address& address, OnWire on_wire) {
  auto listener = std::make_shared<InprocListener>(reactor, std::move(on_wire));
  RETURN_IF_ERROR(reactor->Register(address.host, listener));
  return std::make_unique<InprocSource>(address, std::move(listener));
}

void DialInproc(Reactor* reactor, const Address& address, WireDone done) {
  auto near_lane = reactor->NextLane();
  const auto listener = reactor->Find(address.host);
  if (listener == nullptr) {
    near_lane->Post([done = std::move(done)] { done(Status::IOError("nobody listens there in this process")); });
    return;
  }
  auto far_lane = reactor->NextLane();
  auto near_wire = std::make_shared<InprocWire>(near_lane, address.ToString());
  auto far_wire = std::make_shared<InprocWire>(far_lane, address.ToString() + " (dialler)");
  near_wire->Join(far_wire);
  far_wire->Join(near_wire);
  far_lane->Post([far_wire, listener] { listener->on_wire()(far_wire); });
  near_lane->Post([near_wire, done = std::move(done)] { done(near_wire); });
}

}  // namespace swath::net
