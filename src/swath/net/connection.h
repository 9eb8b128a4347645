// Connection: messages both ways between two processes (or within one) that have shaken hands. The same contract over
// every transport (net/transport_test.cc).
//
// - Send never blocks and never copies buffers. When the queue is full it answers CapacityError; OnWritable tells when
//   to go on.
// - Messages arrive in order; payloads of any size arrive in bounded pieces. A receiver that is slow to consume holds
//   at most the windows (net/session.h); the sender's queue then fills.
// - Both sides hear of the end exactly once: OK for a goodbye, IOError for a lost connection, ErrorKind::kTimeout when
//   the peer gave no sign of life for SessionOptions::dead_ns (frozen, cut off, half open).
// Thread-safe. Dropping the last reference closes the connection after what is queued has been sent.
#pragma once

#include <memory>
#include <string>

#include "swath/net/handshake.h"
#include "swath/net/session.h"

namespace swath::net {

// Called on the connection's lane, one call at a time; must not block for long (other connections share the lane).
// May use the connection. Held by it until OnClosed has returned.
class ConnectionHandler {
 public:
  virtual ~ConnectionHandler() = default;
  virtual void OnMessage(Delivery message) = 0;
  virtual void OnPiece(Piece piece) {}
  virtual void OnWritable() {}                   // after a CapacityError: half of the queue is free again
  virtual void OnClosed(const Status& why) = 0;  // the last call
};

class Connection {
 public:
  virtual ~Connection() = default;
  virtual const Introduction& peer() const = 0;
  virtual const std::string& peer_address() const = 0;  // "tcp://127.0.0.1:40312", for people
  // Deliveries begin; once. Until then they wait (within the windows).
  virtual void Start(std::shared_ptr<ConnectionHandler> handler) = 0;
  virtual Status Send(Parcel parcel) = 0;
  // With SessionOptions::manual_credit: the receiver is done with it.
  virtual void Consumed(const Delivery& message) = 0;
  virtual void Consumed(const Piece& piece) = 0;
  // Sends what is queued (for at most two seconds), says goodbye with `why`, closes. At once answers; OnClosed follows.
  virtual void Close(std::string why = {}) = 0;
  // Closes without a word: what is queued is lost and the peer sees a lost connection.
  virtual void Abort(const Status& why) = 0;
  virtual int64_t queued_bytes() const = 0;
  virtual int64_t silent_ns() const = 0;  // since the last sign of life
};

}  // namespace swath::net
