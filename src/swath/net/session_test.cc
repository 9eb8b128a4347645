// The session without a network: what it refuses, how it shares a connection, and when it takes a peer for dead.
#include "swath/net/session.h"

#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "arrow/buffer.h"

namespace swath::net {
namespace {

using ::testing::HasSubstr;

constexpr Time kSecond = 1'000'000'000;

BufferPtr Zeros(int64_t size) { return arrow::Buffer::FromString(std::string(static_cast<size_t>(size), '\0')); }
BufferPtr Number(int64_t number) {
  return arrow::Buffer::FromString(std::string(reinterpret_cast<const char*>(&number), sizeof number));
}
Frame MakeFrame(FrameKind type, uint32_t stream, BufferPtr payload, uint16_t kind = 0) {
  Frame frame{.type = type, .kind = kind, .stream = stream};
  frame.parts.push_back(std::move(payload));
  return frame;
}

class SessionTest : public testing::Test {
 protected:
  Status Take(Frame frame) { return session_.OnFrame(std::move(frame), 0, &events_); }
  std::vector<Frame> PopAll() {
    std::vector<Frame> frames;
    session_.Pop(int64_t{1} << 30, 0, &frames);
    return frames;
  }
  Session session_{{}, 0};
  std::vector<SessionEvent> events_;
};

TEST_F(SessionTest, RefusesWhatThePeerMayNotSend) {
  const auto why = [&](Frame frame) { return Take(std::move(frame)).message(); };
  EXPECT_THAT(why(MakeFrame(FrameKind::kHello, 0, Zeros(0))), HasSubstr("a handshake after the handshake"));
  EXPECT_THAT(why(MakeFrame(FrameKind::kPiece, 5, Zeros(1))), HasSubstr("unknown payload"));
  EXPECT_THAT(why(MakeFrame(FrameKind::kCredit, 0, Zeros(3))), HasSubstr("credit of a wrong size"));
  EXPECT_THAT(why(MakeFrame(FrameKind::kCredit, 0, Number(1))), HasSubstr("more than was sent"));
  EXPECT_THAT(why(MakeFrame(FrameKind::kCredit, 0, Number(-1))), HasSubstr("more than was sent"));
  EXPECT_TRUE(Take(MakeFrame(FrameKind::kCredit, 9, Number(1))).ok());  // of a payload that is complete
  ASSERT_TRUE(Take(MakeFrame(FrameKind::kMessage, 5, Zeros(10))).ok());
  EXPECT_THAT(why(MakeFrame(FrameKind::kMessage, 5, Zeros(10))), HasSubstr("two payloads of one number"));
  EXPECT_THAT(why(MakeFrame(FrameKind::kPiece, 5, Zeros(0))), HasSubstr("an empty piece"));
  EXPECT_THAT(why(MakeFrame(FrameKind::kPiece, 5, Zeros(kStreamWindow + 1))), HasSubstr("more of a payload"));
  ASSERT_TRUE(Take(MakeFrame(FrameKind::kPiece, 5, Zeros(kStreamWindow))).ok());
  EXPECT_THAT(why(MakeFrame(FrameKind::kPiece, 5, Zeros(1))), HasSubstr("more of a payload"));
  EXPECT_TRUE(Take(MakeFrame(FrameKind::kMessage, 0, Zeros(kControlBytesMax))).ok());
  EXPECT_THAT(why(MakeFrame(FrameKind::kMessage, 0, Zeros(kControlBytesMax))), HasSubstr("more messages"));
}

TEST_F(SessionTest, TooManyPayloads) {
  for (uint32_t stream = 1; stream <= 1024; ++stream) {
    ASSERT_TRUE(Take(MakeFrame(FrameKind::kMessage, stream, Zeros(0))).ok());
    ASSERT_TRUE(session_.Send({1, nullptr, {Zeros(1)}}).ok());
  }
  EXPECT_THAT(Take(MakeFrame(FrameKind::kMessage, 2000, Zeros(0))).message(),
              HasSubstr("too many unfinished payloads"));
  EXPECT_TRUE(session_.Send({1, nullptr, {Zeros(1)}}).IsCapacityError());
  EXPECT_EQ(PopAll().size(), 2048U);
  EXPECT_TRUE(session_.Send({1, nullptr, {Zeros(1)}}).ok());
}

TEST_F(SessionTest, ConsumedBytesComeBackAsCredit) {
  ASSERT_TRUE(Take(MakeFrame(FrameKind::kMessage, 1, Zeros(0))).ok());
  int64_t returned = 0;
  for (int i = 0; i < 100; ++i) {  // far more than a window, because it is consumed
    events_.clear();
    ASSERT_TRUE(Take(MakeFrame(FrameKind::kPiece, 1, Zeros(1 << 20))).ok()) << i;
    session_.Consumed(std::get<Piece>(events_.at(0)));
    for (const Frame& frame : PopAll()) {
      ASSERT_EQ(frame.type, FrameKind::kCredit);
      int64_t bytes;
      std::memcpy(&bytes, frame.parts[0]->data(), sizeof bytes);
      returned += bytes;
    }
  }
  EXPECT_EQ(returned, int64_t{100} << 20);
}

TEST_F(SessionTest, PayloadsTakeTurnsAndMessagesOvertake) {
  ASSERT_TRUE(session_.Send({1, nullptr, {Zeros(3 << 20)}}).ok());
  ASSERT_TRUE(session_.Send({2, nullptr, {Zeros(3 << 20)}}).ok());
  std::vector<Frame> frames;
  session_.Pop(1000, 0, &frames);  // both messages, one piece
  ASSERT_TRUE(session_.Send({3, Zeros(1)}).ok());
  session_.Pop(int64_t{1} << 30, 0, &frames);
  std::string order;
  for (const Frame& frame : frames) {
    order += frame.type == FrameKind::kMessage ? static_cast<char>('A' + frame.kind - 1)
                                               : static_cast<char>('0' + frame.stream);
  }
  EXPECT_EQ(order, "AB1C21212");
}

TEST_F(SessionTest, HeartbeatsAndDeath) {
  EXPECT_TRUE(session_.Tick(kSecond / 2).ok());
  EXPECT_TRUE(PopAll().empty());
  EXPECT_TRUE(session_.Tick(kSecond).ok());
  const auto frames = PopAll();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].type, FrameKind::kHeartbeat);
  Time now = kSecond;
  for (; now < 10 * kSecond; now += kSecond / 2) ASSERT_TRUE(session_.Tick(now).ok()) << now;
  const Status dead = session_.Tick(now);
  EXPECT_THAT(dead.message(), HasSubstr("no sign of life from the peer for 10.0 s"));
  EXPECT_EQ(ErrorDetail::Of(dead)->kind, ErrorKind::kTimeout);
}

TEST_F(SessionTest, APauseOfThisProcessIsNotThePeersDeath) {
  ASSERT_TRUE(session_.Tick(kSecond).ok());
  Time now = 100 * kSecond;  // stopped in between: the peer's bytes wait in the socket
  EXPECT_TRUE(session_.Tick(now).ok());
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(session_.Tick(now += kSecond / 2).ok());
  EXPECT_FALSE(session_.Tick(now += kSecond / 2).ok());  // but half of the time is all that it gets
}

TEST_F(SessionTest, GoodbyeComesLast) {
  ASSERT_TRUE(session_.Send({1, nullptr, {Zeros(6 << 20)}}).ok());
  session_.Finish("retired");
  EXPECT_FALSE(session_.Send({1, nullptr}).ok());
  for (const Frame& frame : PopAll()) EXPECT_NE(frame.type, FrameKind::kGoodbye);  // the window is used up
  EXPECT_FALSE(session_.finished());
  ASSERT_TRUE(Take(MakeFrame(FrameKind::kCredit, 1, Number(4 << 20))).ok());
  const auto frames = PopAll();
  ASSERT_FALSE(frames.empty());
  EXPECT_EQ(frames.back().type, FrameKind::kGoodbye);
  EXPECT_EQ(frames.back().JoinedText(), "retired");
  EXPECT_TRUE(session_.finished());
}

}  // namespace
}  // namespace swath::net
