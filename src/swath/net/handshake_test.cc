// Addresses, secrets and the handshake's decisions.
#include "swath/net/handshake.h"

#include <cstdlib>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "arrow/buffer.h"

#include "swath/base/env.h"
#include "swath/net/address.h"

namespace swath::net {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Address, ParsesAndPrints) {
  for (const char* text : {"tcp://127.0.0.1:8786", "tls://[::1]:0", "inproc://a b", "tcp://node-3.example.org:65535"}) {
    EXPECT_EQ(Address::Parse(text).ValueOrDie().ToString(), text);
  }
  EXPECT_EQ(Address::Parse("localhost:1").ValueOrDie(), (Address{Scheme::kTcp, "localhost", 1}));
  for (const char* text : {"", "tcp://", "tcp://host", "udp://host:1", "tcp://host:65536", "tcp://host:x", "tcp://:5",
                           "inproc://", "tcp://::1:80", "tcp://host:-1", "tcp://host:"}) {
    const Status status = Address::Parse(text).status();
    EXPECT_TRUE(status.IsInvalid()) << text;
    EXPECT_THAT(status.message(), HasSubstr("tcp://HOST:PORT"));
  }
}

TEST(Address, KnowsLoopback) {
  for (const char* text :
       {"tcp://127.0.0.1:0", "tcp://127.9.9.9:0", "tls://localhost:0", "tcp://[::1]:0", "inproc://x"}) {
    EXPECT_TRUE(Address::Parse(text).ValueOrDie().is_loopback()) << text;
  }
  for (const char* text :
       {"tcp://0.0.0.0:0", "tcp://[::]:0", "tcp://10.0.0.1:0", "tcp://127.evil.org:0", "tcp://host:0"}) {
    EXPECT_FALSE(Address::Parse(text).ValueOrDie().is_loopback()) << text;
  }
}

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "swath-net-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

TEST(Secret, FilesAreForTheOwnerOnly) {
  const Folder folder;
  const std::string path = folder / "token";
  const Secret secret = Secret::Random().ValueOrDie();
  umask(0);
  ASSERT_TRUE(secret.WriteFile(path).ok());
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600U);
  EXPECT_TRUE(Secret::ReadFile(path).ValueOrDie().Equals(secret));
  ASSERT_EQ(chmod(path.c_str(), 0640), 0);
  const Status open = Secret::ReadFile(path).status();
  EXPECT_TRUE(open.IsInvalid());
  EXPECT_THAT(open.message(), HasSubstr("mode 0640"));
  EXPECT_THAT(open.message(), HasSubstr("chmod 600"));
  EXPECT_FALSE(Secret::ReadFile(folder / "none").ok());
}

TEST(Secret, ParseAndCompare) {
  const Secret a = Secret::Random().ValueOrDie();
  EXPECT_TRUE(Secret::Parse(a.ToHex()).ValueOrDie().Equals(a));
  EXPECT_FALSE(Secret::Random().ValueOrDie().Equals(a));
  for (size_t i = 0; i < Secret::kBytes; ++i) {
    auto bytes = a.bytes();
    bytes[i] ^= 1;
    EXPECT_FALSE(Secret(bytes).Equals(a));
  }
  EXPECT_THAT(Secret::Parse("hunter2").status().message(), Not(HasSubstr("hunter2")));
  EXPECT_FALSE(Secret::Parse(std::string(64, 'g')).ok());
}

class HandshakeTest : public testing::Test {
 protected:
  const Secret token_ = Secret::Random().ValueOrDie();
  const Secret viewer_ = Secret::Random().ValueOrDie();
  const Introduction scheduler_{.role = Role::kScheduler, .name = "s"};
  const std::vector<Credential> credentials_ = {{token_, {Role::kClient, Role::kWorker}}, {viewer_, {Role::kViewer}}};
  std::string Why(const Introduction& peer, const Secret& token) const {
    return CheckHello(EncodeHello(peer, token), scheduler_, credentials_).status().message();
  }
};

TEST_F(HandshakeTest, BothSidesLearnWhoIsThere) {
  const Introduction worker{.version = {1, 7}, .role = Role::kWorker, .name = "w\n1"};
  const Introduction seen = CheckHello(EncodeHello(worker, token_), scheduler_, credentials_).ValueOrDie();
  EXPECT_EQ(seen.role, Role::kWorker);
  EXPECT_EQ(seen.version, (ProtocolVersion{1, 7}));
  EXPECT_EQ(seen.name, "w?1");
  EXPECT_EQ(CheckWelcome(EncodeWelcome(scheduler_), worker).ValueOrDie().name, "s");
}

TEST_F(HandshakeTest, RefusalsAreReadable) {
  EXPECT_THAT(Why({.role = Role::kClient}, Secret()), HasSubstr("wrong token"));
  EXPECT_THAT(Why({.role = Role::kClient}, viewer_), HasSubstr("does not let a client in"));
  EXPECT_THAT(Why({.role = Role::kViewer}, token_), HasSubstr("does not let a viewer in"));
  EXPECT_EQ(Why({.version = {2, 0}, .role = Role::kClient}, token_),
            "client speaks protocol 2.0, this scheduler speaks 1.0: install the same Swath on both");
  EXPECT_THAT(CheckWelcome(EncodeRefusal("wrong token"), {}).status().message(), HasSubstr("refused: wrong token"));
  EXPECT_THAT(CheckWelcome(EncodeWelcome({.version = {3, 1}, .role = Role::kScheduler}), {}).status().message(),
              HasSubstr("scheduler speaks protocol 3.1, this client speaks 1.0"));
  EXPECT_FALSE(CheckHello(EncodeWelcome(scheduler_), scheduler_, credentials_).ok());
}

TEST_F(HandshakeTest, MutatedHellosAreNeverAccepted) {
  const std::string good = EncodeHello({.role = Role::kWorker, .name = "worker"}, token_).JoinedText();
  Rng rng(5);
  for (int round = 0; round < 5000; ++round) {
    std::string bad = good;
    const size_t token_begin = good.size() - Secret::kBytes;
    if (rng.Chance(0.5)) bad.resize(rng.Below(good.size()));
    for (uint64_t n = 1 + rng.Below(4); n > 0 && !bad.empty(); --n)
      bad[rng.Below(bad.size())] ^= static_cast<char>(1 + rng.Below(255));
    Frame frame{.type = FrameKind::kHello, .parts = {arrow::Buffer::FromString(bad)}};
    const auto result = CheckHello(frame, scheduler_, credentials_);
    if (bad.size() == good.size() && bad.substr(token_begin) == good.substr(token_begin)) continue;  // another name
    EXPECT_FALSE(result.ok());
  }
}

}  // namespace
}  // namespace swath::net
