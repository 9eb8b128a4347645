// How fast the machines' messages are written, read, and sent over a loopback connection.
#include <condition_variable>
#include <mutex>

#include <benchmark/benchmark.h>

#include "arrow/buffer.h"

#include "swath/cluster/wire/messages.h"
#include "swath/net/transport.h"

namespace swath::cluster {
namespace {

CommandBatch Commands(int64_t count) {
  CommandBatch batch;
  for (int64_t i = 0; i < count; ++i) {
    batch.list.push_back(sched::RunTask{3, 1, {graph::TaskId(2, i), 7, 1}, static_cast<uint32_t>(i), 0});
  }
  return batch;
}

void BM_EncodeCommands(benchmark::State& state) {
  const CommandBatch batch = Commands(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(Encode(batch));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_EncodeCommands)->Arg(1)->Arg(1000);

void BM_DecodeCommands(benchmark::State& state) {
  const std::string bytes = Encode(Commands(state.range(0)));
  for (auto _ : state) {
    const auto batch = DecodeCommands(bytes);
    if (!batch.ok() || static_cast<int64_t>(batch->list.size()) != state.range(0)) state.SkipWithError("wrong answer");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_DecodeCommands)->Arg(1)->Arg(1000);

class Counter : public net::ConnectionHandler {
 public:
  void OnMessage(net::Delivery) override { Add(1); }
  void OnPiece(net::Piece piece) override { Add(piece.last ? 1 : 0); }
  void OnClosed(const Status&) override {}
  void WaitFor(int64_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return count_ >= count; });
  }

 private:
  void Add(int64_t count) {
    const std::scoped_lock lock(mutex_);
    count_ += count;
    changed_.notify_one();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  int64_t count_ = 0;
};

// Both ends of a connection in one process, each on a lane of its own.
struct Loopback {
  explicit Loopback(const std::string& address) {
    const net::Secret token = net::Secret::Random().ValueOrDie();
    const auto authority = net::CertificateAuthority::Make("bench").ValueOrDie();
    listener = net::Listen(&reactor, net::Address::Parse(address).ValueOrDie(),
                           {.credentials = {{token, {net::Role::kClient}}},
                            .tls = std::make_shared<net::TlsIdentity>(authority.Issue("bench").ValueOrDie())},
                           [this](std::shared_ptr<net::Connection> c) {
                             c->Start(received);
                             server = std::move(c);
                           })
                   .ValueOrDie();
    client =
        net::DialAndWait(&reactor, listener->address(), {.token = token, .tls_fingerprint = authority.fingerprint()})
            .ValueOrDie();
    client->Start(std::make_shared<Counter>());
  }
  net::Reactor reactor{2};
  std::shared_ptr<Counter> received = std::make_shared<Counter>();
  std::unique_ptr<net::Listener> listener;
  std::shared_ptr<net::Connection> client, server;
};

constexpr const char* kAddresses[] = {"inproc://bench", "tcp://127.0.0.1:0", "tls://127.0.0.1:0"};

void BM_SmallMessages(benchmark::State& state) {
  Loopback loopback(kAddresses[state.range(0)]);
  const auto body = arrow::Buffer::FromString(Encode(Commands(1)));
  int64_t sent = 0;
  for (auto _ : state) {
    for (int i = 0; i < 10'000; ++i) {
      if (!loopback.client->Send({1, body}).ok()) state.SkipWithError("queue full");
    }
    loopback.received->WaitFor(sent += 10'000);
  }
  state.SetItemsProcessed(sent);
}
BENCHMARK(BM_SmallMessages)->DenseRange(0, 2)->UseRealTime();

void BM_Payload(benchmark::State& state) {
  Loopback loopback(kAddresses[state.range(0)]);
  const auto payload = arrow::Buffer::FromString(std::string(64 << 20, 'x'));
  int64_t sent = 0;
  for (auto _ : state) {
    if (!loopback.client->Send({1, nullptr, {payload}}).ok()) state.SkipWithError("queue full");
    loopback.received->WaitFor(sent += 2);  // the message, the last piece
  }
  state.SetBytesProcessed(sent / 2 * payload->size());
}
BENCHMARK(BM_Payload)->DenseRange(0, 2)->UseRealTime();

}  // namespace
}  // namespace swath::cluster
