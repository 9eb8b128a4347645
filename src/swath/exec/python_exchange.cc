// PythonChild: one call. The calling thread sends, waits for whatever comes first (a reply, output, the end of the
// process, a limit) and returns how it ended.
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <poll.h>
#include <sys/socket.h>

#include "arrow/util/io_util.h"

#include "swath/exec/python_child.h"

namespace swath::exec {
namespace {

using std::chrono::milliseconds;

// How often a running call is looked at: its memory, and whether it is still wanted.
constexpr milliseconds kTick{20};
constexpr milliseconds kCancelGrace{80};    // to answer an interrupt with KeyboardInterrupt
constexpr milliseconds kTimeoutGrace{500};  // the same, where the traceback is worth more
constexpr milliseconds kMemoryGrace{10};    // to say where it was

using Control = std::array<char, CMSG_SPACE(sizeof(int) * kDescriptorsMax)>;

}  // namespace

struct PythonChild::Exchange {
  const Message* request;
  const CallWatch* watch;
  size_t sent_descriptors = 0;
  bool sent = false;
  bool died = false;
  std::vector<UniqueFd> descriptors{};  // of the reply that is coming
  std::optional<MessageReader> reply{};
  bool replied = false;
  CallOutcome::End end = CallOutcome::End::kReplied;  // another one: we are ending the call
  Clock::time_point deadline = Clock::time_point::max();
  Clock::time_point kill_at = Clock::time_point::max();
  Clock::time_point next_tick{};
};

Result<CallOutcome> PythonChild::Call(const Message& request, const CallWatch& watch) {
  output_.Begin();
  error_.Begin();
  peak_bytes_ = PrivateBytes();
  SetMemoryLimit(watch.memory_limit_bytes);
  Exchange exchange{.request = &request, .watch = &watch};
  const auto start = Clock::now();
  if (ready_ && watch.time_limit.count() > 0) exchange.deadline = start + watch.time_limit;
  exchange.next_tick = start + kTick;
  while (!exchange.replied && !exchange.died) {
    if (!exchange.sent) RETURN_IF_ERROR(SendSome(&exchange));
    RETURN_IF_ERROR(WaitForEvents(PollTimeoutMs(Clock::now(), exchange), &exchange));
    if (!exchange.replied && !exchange.died) WatchLimits(Clock::now(), &exchange);
  }
  if (exchange.died) {
    Kill();
    CallOutcome outcome = Obituary();
    outcome.end = exchange.end != CallOutcome::End::kReplied ? exchange.end
                  : ready_                                   ? CallOutcome::End::kDied
                                                             : CallOutcome::End::kNeverStarted;
    return outcome;
  }
  output_.Drain();
  error_.Drain();
  output_.Flush();
  error_.Flush();
  CallOutcome outcome;
  outcome.end = exchange.end == CallOutcome::End::kOutOfMemory ? CallOutcome::End::kReplied : exchange.end;
  outcome.reply = std::move(exchange.reply);
  outcome.peak_bytes = peak_bytes_;
  return outcome;
}

// The packets of the request, as far as the socket takes them.
Status PythonChild::SendSome(Exchange* exchange) {
  const auto& segments = exchange->request->segments;
  while (!exchange->sent) {
    const size_t left = segments.size() - exchange->sent_descriptors;
    const bool last = left <= kDescriptorsMax;
    const size_t count = std::min(left, kDescriptorsMax);
    MessageHeader more{.kind = MessageKind::kMoreDescriptors, .descriptors = static_cast<uint32_t>(count)};
    iovec part{.iov_base = &more, .iov_len = sizeof more};
    if (last) part = {const_cast<char*>(exchange->request->packet.data()), exchange->request->packet.size()};
    alignas(cmsghdr) Control control{};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (count > 0) {
      header.msg_control = control.data();
      header.msg_controllen = CMSG_SPACE(sizeof(int) * count);
      cmsghdr* rights = CMSG_FIRSTHDR(&header);
      rights->cmsg_level = SOL_SOCKET;
      rights->cmsg_type = SCM_RIGHTS;
      rights->cmsg_len = CMSG_LEN(sizeof(int) * count);
      for (size_t i = 0; i < count; ++i) {
        const int fd = segments[exchange->sent_descriptors + i]->fd();
        std::memcpy(CMSG_DATA(rights) + i * sizeof fd, &fd, sizeof fd);
      }
    }
    const ssize_t sent = sendmsg(process_.socket.get(), &header, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == ETOOMANYREFS)) return Status::OK();  // when it has read some
    if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return Status::OK();     // its end is seen elsewhere
    if (sent < 0) return arrow::internal::IOErrorFromErrno(errno, "sending a call to a child process failed");
    exchange->sent_descriptors += count;
    exchange->sent = last;
  }
  return Status::OK();
}

int PythonChild::PollTimeoutMs(Clock::time_point now, const Exchange& exchange) const {
  auto until = std::min(exchange.deadline, exchange.kill_at);
  const bool looks = exchange.watch->cancelled != nullptr || exchange.watch->memory_limit_bytes > 0 ||
                     !process_.process || !exchange.sent;
  if (looks) until = std::min(until, exchange.next_tick);
  if (until == Clock::time_point::max()) return -1;
  if (until <= now) return 0;
  return static_cast<int>(std::min<int64_t>(std::chrono::ceil<milliseconds>(until - now).count(), 60'000));
}

Status PythonChild::WaitForEvents(int timeout_ms, Exchange* exchange) {
  const auto socket_events = static_cast<int16_t>(exchange->sent ? POLLIN : POLLIN | POLLOUT);
  std::array<pollfd, 4> events{pollfd{process_.socket.get(), socket_events, 0}, pollfd{output_.fd(), POLLIN, 0},
                               pollfd{error_.fd(), POLLIN, 0}, pollfd{process_.process.get(), POLLIN, 0}};
  const int count = poll(events.data(), events.size(), timeout_ms);
  if (count < 0 && errno != EINTR) return arrow::internal::IOErrorFromErrno(errno, "waiting for a child failed");
  if (count > 0) {
    if (events[1].revents != 0) output_.Drain();
    if (events[2].revents != 0) error_.Drain();
    if ((events[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0) RETURN_IF_ERROR(ReceiveSome(exchange));
  }
  // The end of the socket may come before that of the process: both say that no reply will come.
  if (!exchange->replied && !exchange->died &&
      ((count > 0 && events[3].revents != 0) || (!process_.process && !alive()))) {
    RETURN_IF_ERROR(ReceiveSome(exchange));  // a reply sent just before
    exchange->died = !exchange->replied;
  }
  return Status::OK();
}

Status PythonChild::ReceiveSome(Exchange* exchange) {
  received_.resize(static_cast<size_t>(kPacketBytesMax));
  while (!exchange->replied) {
    iovec part{.iov_base = received_.data(), .iov_len = received_.size()};
    alignas(cmsghdr) Control control;
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const ssize_t got = recvmsg(process_.socket.get(), &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return Status::OK();
    if (got <= 0) {
      exchange->died = true;
      return Status::OK();
    }
    for (cmsghdr* rights = CMSG_FIRSTHDR(&header); rights != nullptr; rights = CMSG_NXTHDR(&header, rights)) {
      if (rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS) continue;
      for (size_t at = 0; at + CMSG_LEN(0) < rights->cmsg_len; at += sizeof(int)) {
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(rights) + at, sizeof fd);
        exchange->descriptors.emplace_back(fd);
      }
    }
    if ((header.msg_flags & (MSG_CTRUNC | MSG_TRUNC)) != 0)
      return Status::IOError("a message of a child process was cut: no file descriptors left in this process?");
    RETURN_IF_ERROR(TakePacket(received_.substr(0, static_cast<size_t>(got)), exchange));
  }
  return Status::OK();
}

Status PythonChild::TakePacket(std::string packet, Exchange* exchange) {
  MessageHeader header;
  if (packet.size() < sizeof header) return Status::IOError("a child sent a message that is too short");
  std::memcpy(&header, packet.data(), sizeof header);
  if (header.kind == MessageKind::kMoreDescriptors) return Status::OK();
  if (header.kind == MessageKind::kHello) {
    ready_ = true;
    peak_bytes_ = std::max(peak_bytes_, PrivateBytes());
    if (exchange->watch->time_limit.count() > 0) exchange->deadline = Clock::now() + exchange->watch->time_limit;
    return Status::OK();
  }
  exchange->replied = true;
  ASSIGN_OR_RETURN(auto reply, MessageReader::Make(std::move(packet), std::exchange(exchange->descriptors, {}),
                                                   exchange->request->segments));
  exchange->reply.emplace(std::move(reply));
  return Status::OK();
}

void PythonChild::WatchLimits(Clock::time_point now, Exchange* exchange) {
  const CallWatch& watch = *exchange->watch;
  if (now >= exchange->kill_at) {
    Kill();
    exchange->died = true;
    return;
  }
  if (exchange->end == CallOutcome::End::kReplied && now >= exchange->deadline)
    EndCall(CallOutcome::End::kTimedOut, now + kTimeoutGrace, SIGINT, exchange);
  if (now < exchange->next_tick) return;
  exchange->next_tick = now + kTick;
  const int64_t bytes = PrivateBytes();
  peak_bytes_ = std::max(peak_bytes_, bytes);
  if (exchange->end != CallOutcome::End::kReplied) return;
  if (watch.cancelled != nullptr && watch.cancelled->load(std::memory_order_relaxed)) {
    EndCall(CallOutcome::End::kCancelled, now + kCancelGrace, SIGINT, exchange);
  } else if (watch.memory_limit_bytes > 0 && bytes > watch.memory_limit_bytes) {
    EndCall(CallOutcome::End::kOutOfMemory, now + kMemoryGrace, 0, exchange);
  }
}

// Asks where it is (faulthandler answers, also from within C code), interrupts it, and sets when it is killed.
void PythonChild::EndCall(CallOutcome::End why, Clock::time_point kill_at, int signal, Exchange* exchange) {
  exchange->end = why;
  exchange->deadline = Clock::time_point::max();
  exchange->kill_at = kill_at;
  if (!ready_) return;  // its handlers are not there yet
  kill(process_.pid, SIGUSR1);
  if (signal == 0) return;
  kill(process_.pid, signal);
  interrupted_ = true;
}

}  // namespace swath::exec
