// Wire: what a transport provides: frames both ways on one lane. Everything above it (handshake, session) is the same
// for all transports. All calls and callbacks on the lane's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "swath/net/frame.h"
#include "swath/net/reactor.h"

namespace swath::net {

class WireReceiver {
 public:
  virtual ~WireReceiver() = default;
  virtual void OnWireFrame(Frame frame) = 0;
  virtual void OnWireEnd(const Status& why) = 0;  // nothing follows; OK: the peer closed between frames
};

class Wire {
 public:
  virtual ~Wire() = default;
  virtual const std::shared_ptr<Lane>& lane() const = 0;
  virtual const std::string& peer_address() const = 0;
  // Reading starts with the first receiver; later ones take over from the next frame on.
  virtual void SetReceiver(std::shared_ptr<WireReceiver> receiver) = 0;
  virtual void SetLimits(FrameLimits limits) = 0;
  // One at a time; `done` comes when the frames' buffers are free again.
  virtual void Write(std::vector<Frame> frames, std::function<void(const Status&)> done) = 0;
  virtual void Shutdown() = 0;  // closes; no callback follows except a pending Write's
};

}  // namespace swath::net
