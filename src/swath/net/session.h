// Session: what happens on an established connection, without sockets, threads or a clock: queues, flow control, signs
// of life. A connection feeds it frames and the time and sends the frames that it pops.
//
//   Send ─▶ message queue ─▶ ┐                        window of messages: kMessageWindow bytes not yet consumed
//           payloads ─▶ pieces, one payload after another ┼─▶ Pop          window of each payload: kStreamWindow
//           credit, heartbeats, goodbye ─▶ ┘
//
// The receiver returns credit for what it has consumed, so that a slow one holds at most the windows, while heartbeats
// still pass: nobody ever stops reading a socket. Messages keep their order and overtake pieces; a payload's pieces
// come after their message, in order. A peer that breaks these rules gets an error (the caller closes).
// Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "swath/base/env.h"
#include "swath/net/frame.h"

namespace swath::net {

inline constexpr int64_t kMessageWindow = int64_t{32} << 20;
inline constexpr int64_t kStreamWindow = int64_t{4} << 20;

struct SessionOptions {
  int64_t queue_bytes_max = int64_t{64} << 20;  // of bodies; beyond it Send answers CapacityError
  int64_t piece_bytes = int64_t{1} << 20;       // of one piece, at most
  int32_t payloads_max = 1024;                  // unfinished, in each direction; the peer's limit must not be smaller
  Time heartbeat_ns = 1'000'000'000;            // something is sent at least so often
  Time dead_ns = 10'000'000'000;                // without a sign of life the peer counts as dead
  bool manual_credit = false;                   // else what a handler has returned from counts as consumed
};

// To send: a body of at most kControlBytesMax, and any amount of raw bytes that are sent after it in pieces. The
// buffers are not copied and must not change.
struct Parcel {
  uint16_t kind = 0;
  BufferPtr body = nullptr;  // null: empty
  std::vector<BufferPtr> payload = {};
};

// A message that arrived; its payload comes in pieces of that stream.
struct Delivery {
  uint16_t kind = 0;
  BufferPtr body;
  uint32_t stream = 0;  // 0: no payload
};
struct Piece {
  uint32_t stream = 0;
  BufferPtr bytes;
  bool last = false;
};
struct PeerGone {
  std::string why;  // empty: as planned
};
using SessionEvent = std::variant<Delivery, Piece, PeerGone>;

class Session {
 public:
  Session(const SessionOptions& options, Time now) : options_(options), heard_(now), sent_(now), ticked_(now) {}

  // Invalid: a body that is too large. CapacityError: the queue is full; try again when the connection says writable.
  Status Send(Parcel parcel);
  // The receiver is done with it.
  void Consumed(const Delivery& message);
  void Consumed(const Piece& piece);
  // After all that is queued comes a goodbye; Send is refused from now on.
  void Finish(std::string why);

  Status OnFrame(Frame frame, Time now, std::vector<SessionEvent>* events);
  // Now and then, at least twice a heartbeat. ErrorKind::kTimeout: no sign of life.
  Status Tick(Time now);
  // Appends frames to send, of about `bytes_max` in all; at least one if any may be sent.
  void Pop(int64_t bytes_max, Time now, std::vector<Frame>* out);

  bool writable() const { return queued_bytes_ < options_.queue_bytes_max && !finishing_ && !TooManyPayloads(); }
  bool finished() const { return said_goodbye_; }
  int64_t queued_bytes() const { return queued_bytes_; }
  Time heard() const { return heard_; }

 private:
  struct Outgoing {  // a payload on its way
    uint32_t stream;
    std::deque<BufferPtr> buffers;
    int64_t offset = 0;  // in the first buffer
    int64_t credit = kStreamWindow;
  };
  struct Incoming {
    int64_t window = kStreamWindow;  // what the peer may still send
    int64_t consumed = 0;            // not yet given back
  };
  bool TooManyPayloads() const { return outgoing_count_ >= options_.payloads_max; }
  Status OnMessage(Frame frame, std::vector<SessionEvent>* events);
  Status OnPiece(Frame frame, std::vector<SessionEvent>* events);
  Status OnCredit(const Frame& frame);
  void PushCredit(uint32_t stream, int64_t bytes);
  bool PopPiece(std::vector<Frame>* out, int64_t* bytes);

  const SessionOptions options_;
  Time heard_, sent_, ticked_;
  std::deque<Frame> control_;
  std::deque<Frame> messages_;
  std::unordered_map<uint32_t, std::deque<BufferPtr>> waiting_payloads_;  // of messages still in the queue
  std::list<Outgoing> outgoing_;                                          // the next to be served in front
  int64_t outgoing_count_ = 0;                                            // waiting and on their way
  int64_t queued_bytes_ = 0;
  int64_t message_credit_ = kMessageWindow;
  uint32_t last_stream_ = 0;
  int64_t message_window_ = kMessageWindow;
  int64_t messages_consumed_ = 0;
  std::unordered_map<uint32_t, Incoming> incoming_;
  bool finishing_ = false;
  bool said_goodbye_ = false;
  std::string goodbye_;
};

}  // namespace swath::net
