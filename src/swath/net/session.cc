#include "swath/net/session.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "arrow/buffer.h"

namespace swath::net {
namespace {

// What a message takes of the window: an empty one is not free.
int64_t CostOf(int64_t body_bytes) { return body_bytes + 64; }

BufferPtr EmptyBuffer() {
  static const BufferPtr empty = arrow::Buffer::FromString("");
  return empty;
}

Status Broken(std::string_view what) { return Status::IOError(fmt::format("the peer breaks the protocol: {}", what)); }

constexpr uint16_t kLastPiece = 1;

}  // namespace

Status Session::Send(Parcel parcel) {
  const int64_t size = parcel.body == nullptr ? 0 : parcel.body->size();
  if (size > kControlBytesMax) {
    return Status::Invalid(
        fmt::format("a message body of {} bytes; at most {}: send large data as its payload", size, kControlBytesMax));
  }
  if (finishing_) return Status::IOError("the connection is closing");
  if (!writable()) {
    return Status::CapacityError(
        fmt::format("the send queue is full: {} bytes, {} payloads", queued_bytes_, outgoing_count_));
  }
  Frame frame{.type = FrameKind::kMessage, .kind = parcel.kind};
  frame.parts.push_back(parcel.body == nullptr ? EmptyBuffer() : std::move(parcel.body));
  if (!parcel.payload.empty()) {
    do {
      ++last_stream_;
    } while (last_stream_ == 0 || waiting_payloads_.contains(last_stream_));
    frame.stream = last_stream_;
    std::deque<BufferPtr>& buffers = waiting_payloads_[last_stream_];
    for (BufferPtr& buffer : parcel.payload) {
      if (buffer->size() > 0) buffers.push_back(std::move(buffer));
    }
    ++outgoing_count_;
  }
  queued_bytes_ += CostOf(size);
  messages_.push_back(std::move(frame));
  return Status::OK();
}

void Session::Finish(std::string why) {
  if (finishing_) return;
  finishing_ = true;
  goodbye_ = std::move(why);
}

void Session::PushCredit(uint32_t stream, int64_t bytes) {
  std::string text(sizeof bytes, '\0');
  std::memcpy(text.data(), &bytes, sizeof bytes);
  control_.push_back(
      {.type = FrameKind::kCredit, .stream = stream, .parts = {arrow::Buffer::FromString(std::move(text))}});
}

// Credit goes back a quarter of a window at a time: what is kept back never stops the peer.
void Session::Consumed(const Delivery& message) {
  messages_consumed_ += CostOf(message.body->size());
  if (messages_consumed_ < kMessageWindow / 4) return;
  message_window_ += messages_consumed_;
  PushCredit(0, std::exchange(messages_consumed_, 0));
}

void Session::Consumed(const Piece& piece) {
  const auto found = incoming_.find(piece.stream);
  if (found == incoming_.end()) return;  // complete
  Incoming& incoming = found->second;
  incoming.consumed += piece.bytes->size();
  if (incoming.consumed < kStreamWindow / 4) return;
  incoming.window += incoming.consumed;
  PushCredit(piece.stream, std::exchange(incoming.consumed, 0));
}

Status Session::OnFrame(Frame frame, Time now, std::vector<SessionEvent>* events) {
  heard_ = std::max(heard_, now);
  switch (frame.type) {
    case FrameKind::kMessage:
      return OnMessage(std::move(frame), events);
    case FrameKind::kPiece:
      return OnPiece(std::move(frame), events);
    case FrameKind::kCredit:
      return OnCredit(frame);
    case FrameKind::kHeartbeat:
      return Status::OK();
    case FrameKind::kGoodbye:
      events->push_back(PeerGone{frame.JoinedText()});
      return Status::OK();
    case FrameKind::kHello:
    case FrameKind::kWelcome:
    case FrameKind::kRefusal:
      break;
  }
  return Broken("a handshake after the handshake");
}

Status Session::OnMessage(Frame frame, std::vector<SessionEvent>* events) {
  const int64_t cost = CostOf(frame.size());
  if (cost > message_window_) return Broken("more messages than this side has asked for");
  message_window_ -= cost;
  if (frame.stream != 0) {
    if (static_cast<int64_t>(incoming_.size()) >= options_.payloads_max) return Broken("too many unfinished payloads");
    if (!incoming_.try_emplace(frame.stream).second) return Broken("two payloads of one number");
  }
  events->push_back(Delivery{frame.kind, frame.Joined(), frame.stream});
  return Status::OK();
}

Status Session::OnPiece(Frame frame, std::vector<SessionEvent>* events) {
  const auto found = incoming_.find(frame.stream);
  if (found == incoming_.end()) return Broken("a piece of an unknown payload");
  const int64_t size = frame.size();
  const bool last = (frame.kind & kLastPiece) != 0;
  if (size > found->second.window) return Broken("more of a payload than this side has asked for");
  if (size == 0 && !last) return Broken("an empty piece");
  found->second.window -= size;
  if (last) incoming_.erase(found);
  events->push_back(Piece{frame.stream, frame.Joined(), last});
  return Status::OK();
}

Status Session::OnCredit(const Frame& frame) {
  int64_t bytes = 0;
  const std::string text = frame.JoinedText();
  if (text.size() != sizeof bytes) return Broken("credit of a wrong size");
  std::memcpy(&bytes, text.data(), sizeof bytes);
  const auto outgoing = std::find_if(outgoing_.begin(), outgoing_.end(),
                                     [&](const Outgoing& payload) { return payload.stream == frame.stream; });
  if (frame.stream != 0 && outgoing == outgoing_.end()) return Status::OK();  // sent completely
  int64_t& credit = frame.stream == 0 ? message_credit_ : outgoing->credit;
  const int64_t window = frame.stream == 0 ? kMessageWindow : kStreamWindow;
  if (bytes < 0 || bytes > window - credit) return Broken("credit for more than was sent");
  credit += bytes;
  return Status::OK();
}

Status Session::Tick(Time now) {
  // After a pause of this process (stopped, swapped out) the silence is our own: give the peer's bytes time to be read.
  if (now - ticked_ > options_.dead_ns / 2) heard_ = std::max(heard_, now - options_.dead_ns / 2);
  ticked_ = now;
  if (now - heard_ >= options_.dead_ns) {
    auto detail = std::make_shared<ErrorDetail>();
    detail->kind = ErrorKind::kTimeout;
    return Status(arrow::StatusCode::IOError,
                  fmt::format("no sign of life from the peer for {:.1f} s", static_cast<double>(now - heard_) / 1e9),
                  std::move(detail));
  }
  if (now - sent_ >= options_.heartbeat_ns && control_.empty()) control_.push_back({.type = FrameKind::kHeartbeat});
  return Status::OK();
}

void Session::Pop(int64_t bytes_max, Time now, std::vector<Frame>* out) {
  const size_t before = out->size();
  int64_t bytes = 0;
  for (; !control_.empty(); control_.pop_front()) out->push_back(std::move(control_.front()));
  while (!messages_.empty() && bytes < bytes_max) {
    Frame& frame = messages_.front();
    const int64_t cost = CostOf(frame.size());
    if (cost > message_credit_) break;
    message_credit_ -= cost;
    queued_bytes_ -= cost;
    bytes += cost;
    if (frame.stream != 0) {
      const auto payload = waiting_payloads_.find(frame.stream);
      outgoing_.push_back({.stream = frame.stream, .buffers = std::move(payload->second)});
      waiting_payloads_.erase(payload);
    }
    out->push_back(std::move(frame));
    messages_.pop_front();
  }
  bool first = true;  // messages never starve payloads
  while ((first || bytes < bytes_max) && PopPiece(out, &bytes)) first = false;
  if (finishing_ && !said_goodbye_ && messages_.empty() && outgoing_.empty()) {
    said_goodbye_ = true;
    out->push_back({.type = FrameKind::kGoodbye, .parts = {arrow::Buffer::FromString(goodbye_)}});
  }
  if (out->size() > before) sent_ = now;
}

bool Session::PopPiece(std::vector<Frame>* out, int64_t* bytes) {
  auto payload = std::find_if(outgoing_.begin(), outgoing_.end(), [](const Outgoing& candidate) {
    return candidate.credit > 0 || candidate.buffers.empty();
  });
  if (payload == outgoing_.end()) return false;
  Frame frame{.type = FrameKind::kPiece, .stream = payload->stream};
  int64_t room = std::min({payload->credit, options_.piece_bytes, kPieceBytesMax});
  while (room > 0 && !payload->buffers.empty()) {
    const BufferPtr& buffer = payload->buffers.front();
    const int64_t take = std::min(room, buffer->size() - payload->offset);
    const bool whole = take == buffer->size();
    frame.parts.push_back(whole ? buffer : arrow::SliceBuffer(buffer, payload->offset, take));
    room -= take;
    *bytes += take;
    payload->credit -= take;
    payload->offset += take;
    if (payload->offset == buffer->size()) {
      payload->buffers.pop_front();
      payload->offset = 0;
    }
  }
  if (payload->buffers.empty()) {
    frame.kind = kLastPiece;
    outgoing_.erase(payload);
    --outgoing_count_;
  } else {
    outgoing_.splice(outgoing_.end(), outgoing_, payload);  // the others are next
  }
  out->push_back(std::move(frame));
  return true;
}

}  // namespace swath::net
