// The one implementation of Connection: a Session on a Wire, made by a Handshaker.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "swath/net/connection.h"
#include "swath/net/transport.h"
#include "swath/net/wire.h"

namespace swath::net {

class SessionConnection : public Connection,
                          public WireReceiver,
                          public std::enable_shared_from_this<SessionConnection> {
 public:
  SessionConnection(std::shared_ptr<Wire> wire, Introduction peer, const SessionOptions& options,
                    std::shared_ptr<void> token);
  // Takes the wire over; on the lane. The handle closes the connection when it is dropped.
  static std::shared_ptr<Connection> Open(std::shared_ptr<Wire> wire, Introduction peer, const SessionOptions& options,
                                          std::shared_ptr<void> token);

  const Introduction& peer() const override { return peer_; }
  const std::string& peer_address() const override { return wire_->peer_address(); }
  void Start(std::shared_ptr<ConnectionHandler> handler) override;
  Status Send(Parcel parcel) override;
  void Consumed(const Delivery& message) override;
  void Consumed(const Piece& piece) override;
  void Close(std::string why) override;
  void Abort(const Status& why) override;
  int64_t queued_bytes() const override;
  int64_t silent_ns() const override;

  void OnWireFrame(Frame frame) override;
  void OnWireEnd(const Status& why) override;

 private:
  void PostFlush();  // with the mutex held
  void Flush();
  void Written(const Status& status);
  void Tick();
  void Deliver(std::vector<SessionEvent> events);
  void End(const Status& why);  // on the lane; once

  const std::shared_ptr<Wire> wire_;
  const Introduction peer_;
  const SessionOptions options_;
  std::shared_ptr<void> token_;  // the listener's count of connections
  mutable std::mutex mutex_;
  Session session_;
  bool flush_posted_ = false;
  bool writing_ = false;
  bool refused_ = false;  // a Send since the queue was full: OnWritable is owed
  bool ended_ = false;
  // Of the lane.
  std::shared_ptr<ConnectionHandler> handler_;
  std::vector<SessionEvent> waiting_;  // before Start
  Status end_;
  bool end_told_ = false;
  std::unique_ptr<LaneTimer> tick_, linger_;
  int64_t stop_hook_ = 0;
};

// Runs one side of the handshake on a fresh wire; calls `done` once, within the time. On the lane.
using HandshakeDone = std::function<void(Result<std::shared_ptr<Connection>>)>;
void DialHandshake(std::shared_ptr<Wire> wire, const Introduction& self, const Secret& token,
                   const SessionOptions& session, HandshakeDone done);
void AcceptHandshake(std::shared_ptr<Wire> wire, const ListenOptions& options, bool token_needed,
                     std::shared_ptr<void> token, HandshakeDone done);

}  // namespace swath::net
