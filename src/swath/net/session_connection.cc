#include "swath/net/session_connection.h"

#include <utility>

namespace swath::net {
namespace {

constexpr int64_t kWriteBatchBytes = int64_t{1} << 20;
constexpr std::chrono::seconds kLinger{2};

Time Now() {
  static SystemClock clock;
  return clock.now_ns();
}

}  // namespace

SessionConnection::SessionConnection(std::shared_ptr<Wire> wire, Introduction peer, const SessionOptions& options,
                                     std::shared_ptr<void> token)
    : wire_(std::move(wire)),
      peer_(std::move(peer)),
      options_(options),
      token_(std::move(token)),
      session_(options, Now()) {}

std::shared_ptr<Connection> SessionConnection::Open(std::shared_ptr<Wire> wire, Introduction peer,
                                                    const SessionOptions& options, std::shared_ptr<void> token) {
  wire->SetLimits({});
  auto connection = std::make_shared<SessionConnection>(wire, std::move(peer), options, std::move(token));
  connection->stop_hook_ = wire->lane()->AddStopHook(
      [connection] { connection->End(Status::Cancelled("the network of this process stops")); });
  connection->Tick();
  wire->SetReceiver(connection);
  return {connection.get(), [connection](Connection*) { connection->Close({}); }};
}

void SessionConnection::Start(std::shared_ptr<ConnectionHandler> handler) {
  wire_->lane()->Post([self = shared_from_this(), handler = std::move(handler)]() mutable {
    CHECK(self->handler_ == nullptr);
    self->handler_ = std::move(handler);
    self->Deliver(std::exchange(self->waiting_, {}));
    if (self->ended_ && !std::exchange(self->end_told_, true)) {
      std::exchange(self->handler_, nullptr)->OnClosed(self->end_);
    }
  });
}

Status SessionConnection::Send(Parcel parcel) {
  const std::scoped_lock lock(mutex_);
  if (ended_) return Status::IOError("the connection to ", wire_->peer_address(), " is closed");
  const Status status = session_.Send(std::move(parcel));
  if (status.IsCapacityError()) refused_ = true;
  if (status.ok()) PostFlush();
  return status;
}

void SessionConnection::Consumed(const Delivery& message) {
  const std::scoped_lock lock(mutex_);
  session_.Consumed(message);
  PostFlush();
}

void SessionConnection::Consumed(const Piece& piece) {
  const std::scoped_lock lock(mutex_);
  session_.Consumed(piece);
  PostFlush();
}

void SessionConnection::Close(std::string why) {
  {
    const std::scoped_lock lock(mutex_);
    if (ended_) return;
    session_.Finish(std::move(why));
  }
  wire_->lane()->Post([self = shared_from_this()] {
    if (self->ended_) return;
    if (self->linger_ == nullptr) {
      self->linger_ = self->wire_->lane()->After(kLinger, [weak = self->weak_from_this()] {
        if (const auto connection = weak.lock()) connection->End(Status::IOError("closed with unsent messages"));
      });
    }
    self->Flush();
  });
}

void SessionConnection::Abort(const Status& why) {
  wire_->lane()->Post([self = shared_from_this(), why] { self->End(why); });
}

int64_t SessionConnection::queued_bytes() const {
  const std::scoped_lock lock(mutex_);
  return session_.queued_bytes();
}

int64_t SessionConnection::silent_ns() const {
  const std::scoped_lock lock(mutex_);
  return Now() - session_.heard();
}

void SessionConnection::PostFlush() {
  if (writing_ || flush_posted_ || ended_) return;
  flush_posted_ = true;
  wire_->lane()->Post([self = shared_from_this()] { self->Flush(); });
}

void SessionConnection::Flush() {
  std::vector<Frame> frames;
  bool finished;
  bool tell_writable = false;
  {
    const std::scoped_lock lock(mutex_);
    flush_posted_ = false;
    if (writing_ || ended_) return;
    session_.Pop(kWriteBatchBytes, Now(), &frames);
    finished = session_.finished();
    writing_ = !frames.empty();
    if (refused_ && session_.writable() && session_.queued_bytes() <= options_.queue_bytes_max / 2) {
      refused_ = false;
      tell_writable = true;
    }
  }
  if (!frames.empty()) {
    wire_->Write(std::move(frames), [self = shared_from_this()](const Status& status) { self->Written(status); });
  } else if (finished) {
    End(Status::OK());
    return;
  }
  if (tell_writable && handler_ != nullptr) handler_->OnWritable();
}

void SessionConnection::Written(const Status& status) {
  {
    const std::scoped_lock lock(mutex_);
    writing_ = false;
    if (ended_) return;
  }
  if (!status.ok()) {
    OnWireEnd(status);
    return;
  }
  Flush();
}

// The timer holds no reference: the receiver of the wire and the stop hook do.
void SessionConnection::Tick() {
  Status status;
  {
    const std::scoped_lock lock(mutex_);
    if (ended_) return;
    status = session_.Tick(Now());
  }
  if (!status.ok()) {
    End(status);
    return;
  }
  Flush();
  if (ended_) return;
  tick_ = wire_->lane()->After(std::chrono::nanoseconds(options_.heartbeat_ns / 2), [weak = weak_from_this()] {
    if (const auto connection = weak.lock()) connection->Tick();
  });
}

void SessionConnection::OnWireFrame(Frame frame) {
  std::vector<SessionEvent> events;
  Status status;
  const bool opens = frame.type == FrameKind::kCredit;
  {
    const std::scoped_lock lock(mutex_);
    if (ended_) return;
    status = session_.OnFrame(std::move(frame), Now(), &events);
  }
  if (!status.ok()) {
    End(status);
    return;
  }
  if (opens) Flush();
  if (handler_ == nullptr) {
    for (SessionEvent& event : events) waiting_.push_back(std::move(event));
    return;
  }
  Deliver(std::move(events));
}

void SessionConnection::Deliver(std::vector<SessionEvent> events) {
  for (SessionEvent& event : events) {
    const auto handler = handler_;  // a call may end the connection
    if (auto* gone = std::get_if<PeerGone>(&event)) {
      End(gone->why.empty() ? Status::OK() : Status::IOError("the other side closed the connection: ", gone->why));
      return;
    }
    if (handler == nullptr || ended_) return;
    if (auto* message = std::get_if<Delivery>(&event)) {
      const Delivery consumed = options_.manual_credit ? Delivery{} : *message;
      handler->OnMessage(std::move(*message));
      if (!options_.manual_credit) Consumed(consumed);
    } else if (auto* piece = std::get_if<Piece>(&event)) {
      const Piece consumed = options_.manual_credit ? Piece{} : *piece;
      handler->OnPiece(std::move(*piece));
      if (!options_.manual_credit) Consumed(consumed);
    }
  }
}

void SessionConnection::OnWireEnd(const Status& why) {
  bool finished;
  {
    const std::scoped_lock lock(mutex_);
    finished = session_.finished();
  }
  if (finished) {  // the peer was faster to close than we to see our goodbye written
    End(Status::OK());
  } else {
    End(why.ok() ? Status::IOError("the connection to ", wire_->peer_address(), " was lost") : why);
  }
}

void SessionConnection::End(const Status& why) {
  {
    const std::scoped_lock lock(mutex_);
    if (std::exchange(ended_, true)) return;
  }
  const auto self = shared_from_this();  // the wire may hold the last reference
  end_ = why;
  tick_ = nullptr;
  linger_ = nullptr;
  token_ = nullptr;
  wire_->lane()->RemoveStopHook(stop_hook_);
  wire_->Shutdown();
  if (handler_ != nullptr && !std::exchange(end_told_, true)) std::exchange(handler_, nullptr)->OnClosed(end_);
}

}  // namespace swath::net
