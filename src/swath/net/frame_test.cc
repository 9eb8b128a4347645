// Frames: round trips under any cut of the byte stream, refusals, bounded memory, and mutated bytes.
#include "swath/net/frame.h"

#include <algorithm>
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "arrow/buffer.h"

#include "swath/base/env.h"
#include "swath/net/crc32c.h"

namespace swath::net {
namespace {

using ::testing::HasSubstr;

std::string RandomText(Rng* rng, size_t size) {
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>((*rng)());
  return text;
}

Frame RandomFrame(Rng* rng) {
  Frame frame{.type = static_cast<FrameKind>(1 + rng->Below(static_cast<uint64_t>(kLastFrameKind))),
              .kind = static_cast<uint16_t>((*rng)()),
              .stream = static_cast<uint32_t>((*rng)())};
  for (uint64_t part = rng->Below(4); part > 0; --part) {
    frame.parts.push_back(arrow::Buffer::FromString(RandomText(rng, rng->Chance(0.2) ? 0 : rng->Below(3000))));
  }
  return frame;
}

void Append(const Frame& frame, bool checksum, std::string* out) {
  const FrameHeader header = EncodeFrameHeader(frame, checksum);
  out->append(header.begin(), header.end());
  *out += frame.JoinedText();
}

std::span<const uint8_t> Bytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// All frames of `text` fed in pieces of random size, half of them through PayloadSpace.
Result<std::vector<Frame>> DecodeAll(const std::string& text, Rng* rng, FrameDecoder* decoder) {
  std::vector<Frame> frames;
  std::span<const uint8_t> rest = Bytes(text);
  while (!rest.empty()) {
    auto piece = rest.first(std::min<size_t>(rest.size(), 1 + rng->Below(rng->Chance(0.5) ? 20 : 5000)));
    rest = rest.subspan(piece.size());
    while (!piece.empty()) {
      std::optional<Frame> frame;
      if (const auto space = decoder->PayloadSpace(); !space.empty() && rng->Chance(0.5)) {
        const size_t take = std::min(space.size(), piece.size());
        std::copy_n(piece.data(), take, space.data());
        piece = piece.subspan(take);
        ASSIGN_OR_RETURN(frame, decoder->Filled(take));
      } else {
        ASSIGN_OR_RETURN(frame, decoder->Next(&piece));
      }
      if (frame) frames.push_back(std::move(*frame));
    }
  }
  return frames;
}

Status FirstError(const std::string& text, FrameLimits limits = {}, bool checksum = true) {
  FrameDecoder decoder(limits, checksum);
  Rng rng(1);
  return DecodeAll(text, &rng, &decoder).status();
}

TEST(Crc32c, KnownValuesAndBothPaths) {
  EXPECT_EQ(Crc32c(0, "123456789", 9), 0xE3069283U);  // the check value of the polynomial
  EXPECT_EQ(Crc32c(0, "", 0), 0U);
  Rng rng(3);
  for (int round = 0; round < 200; ++round) {
    const std::string text = RandomText(&rng, rng.Below(300));
    const size_t cut = rng.Below(text.size() + 1);
    const uint32_t whole = Crc32c(0, text.data(), text.size());
    EXPECT_EQ(internal::Crc32cByTables(0, text.data(), text.size()), whole);
    EXPECT_EQ(Crc32c(Crc32c(0, text.data(), cut), text.data() + cut, text.size() - cut), whole);
  }
}

TEST(Frame, RoundTripUnderEveryCut) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    Rng rng(seed);
    const bool checksum = rng.Chance(0.5);
    std::vector<Frame> sent;
    std::string text;
    for (uint64_t n = 1 + rng.Below(8); n > 0; --n) {
      sent.push_back(RandomFrame(&rng));
      Append(sent.back(), checksum, &text);
    }
    FrameDecoder decoder({}, checksum);
    const std::vector<Frame> received = DecodeAll(text, &rng, &decoder).ValueOrDie();
    ASSERT_EQ(received.size(), sent.size());
    for (size_t i = 0; i < sent.size(); ++i) {
      EXPECT_EQ(received[i].type, sent[i].type);
      EXPECT_EQ(received[i].kind, sent[i].kind);
      EXPECT_EQ(received[i].stream, sent[i].stream);
      EXPECT_EQ(received[i].JoinedText(), sent[i].JoinedText());
    }
    EXPECT_FALSE(decoder.in_frame());
    EXPECT_EQ(decoder.allocated_bytes(), 0);
  }
}

TEST(Frame, EveryFlippedBitIsSeen) {
  std::string good;
  Append({.type = FrameKind::kMessage, .kind = 7, .stream = 9, .parts = {arrow::Buffer::FromString("hello, world")}},
         true, &good);
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ 1 << bit % 8);
    EXPECT_TRUE(FirstError(bad).IsIOError()) << "bit " << bit;
  }
}

// The header of a frame that claims `length` bytes, with a right checksum.
std::string Header(FrameKind type, uint32_t length, uint8_t version = kFrameVersion, uint8_t raw_type = 0) {
  FrameHeader header = EncodeFrameHeader({.type = type}, true);
  header[4] = version;
  if (raw_type != 0) header[5] = raw_type;
  std::memcpy(header.data() + 12, &length, sizeof length);
  const uint32_t crc = Crc32c(0, header.data(), 20);
  std::memcpy(header.data() + 20, &crc, sizeof crc);
  return {header.begin(), header.end()};
}

TEST(Frame, RefusalsSayWhatIsAccepted) {
  EXPECT_THAT(FirstError("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").message(), HasSubstr("not the Swath protocol"));
  EXPECT_THAT(FirstError(Header(FrameKind::kMessage, (16 << 20) + 1)).message(),
              HasSubstr("oversize frame: 16777217 bytes of type 4; at most 16777216"));
  EXPECT_THAT(FirstError(Header(FrameKind::kPiece, (64 << 20) + 1)).message(), HasSubstr("at most 67108864"));
  EXPECT_THAT(FirstError(Header(FrameKind::kHello, 4097), FrameLimits::Handshake()).message(),
              HasSubstr("at most 4096"));
  EXPECT_THAT(FirstError(Header(FrameKind::kPiece, 1), FrameLimits::Handshake()).message(), HasSubstr("at most 0"));
  EXPECT_THAT(FirstError(Header(FrameKind::kMessage, 0, 2)).message(),
              HasSubstr("frame version 2; this side speaks 1"));
  EXPECT_THAT(FirstError(Header(FrameKind::kMessage, 0, 1, 200)).message(), HasSubstr("unknown frame type 200"));
}

TEST(Frame, RefusedLengthsAreNotAllocated) {
  FrameDecoder decoder({}, true);
  const std::string text = Header(FrameKind::kPiece, UINT32_MAX);
  auto bytes = Bytes(text);
  const Status first = decoder.Next(&bytes).status();
  EXPECT_TRUE(first.IsIOError());
  EXPECT_EQ(decoder.allocated_bytes(), 0);
  auto more = Bytes(text);
  EXPECT_EQ(decoder.Next(&more).status(), first);  // broken for ever
}

TEST(Frame, MutatedStreamsNeverPassTheLimits) {
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    SCOPED_TRACE(seed);
    Rng rng(seed);
    std::string text;
    for (uint64_t n = 1 + rng.Below(3); n > 0; --n) Append(RandomFrame(&rng), false, &text);
    for (uint64_t n = rng.Below(6); n > 0; --n) text[rng.Below(text.size())] = static_cast<char>(rng());
    if (rng.Chance(0.3)) text.resize(rng.Below(text.size() + 1));
    const FrameLimits limits{.control_bytes = static_cast<int64_t>(rng.Below(5000)), .piece_bytes = 100};
    FrameDecoder decoder(limits, false);
    const auto frames = DecodeAll(text, &rng, &decoder);
    EXPECT_LE(decoder.allocated_bytes(), std::max(limits.control_bytes, limits.piece_bytes));
    if (!frames.ok()) continue;
    for (const Frame& frame : *frames) {
      EXPECT_LE(frame.size(), frame.type == FrameKind::kPiece ? limits.piece_bytes : limits.control_bytes);
    }
  }
}

}  // namespace
}  // namespace swath::net
