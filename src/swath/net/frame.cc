#include "swath/net/frame.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "arrow/buffer.h"
#include "arrow/memory_pool.h"

#include "swath/net/crc32c.h"

namespace swath::net {
namespace {

constexpr uint32_t kMagic = 0x48545753;  // "SWTH"

template <typename T>
void Put(FrameHeader* header, size_t at, T number) {
  std::memcpy(header->data() + at, &number, sizeof number);
}
template <typename T>
T Get(const FrameHeader& header, size_t at) {
  T number;
  std::memcpy(&number, header.data() + at, sizeof number);
  return number;
}

}  // namespace

int64_t Frame::size() const {
  int64_t size = 0;
  for (const BufferPtr& part : parts) size += part->size();
  return size;
}

BufferPtr Frame::Joined() const {
  if (parts.size() == 1) return parts.front();
  return arrow::Buffer::FromString(JoinedText());
}

std::string Frame::JoinedText() const {
  std::string text;
  text.reserve(static_cast<size_t>(size()));
  for (const BufferPtr& part : parts) text.append(reinterpret_cast<const char*>(part->data()), part->size());
  return text;
}

FrameHeader EncodeFrameHeader(const Frame& frame, bool checksum) {
  FrameHeader header{};
  const int64_t size = frame.size();
  CHECK(size <= (frame.type == FrameKind::kPiece ? kPieceBytesMax : kControlBytesMax));
  uint32_t crc = 0;
  if (checksum) {
    for (const BufferPtr& part : frame.parts) crc = Crc32c(crc, part->data(), static_cast<size_t>(part->size()));
  }
  Put(&header, 0, kMagic);
  Put(&header, 4, kFrameVersion);
  Put(&header, 5, static_cast<uint8_t>(frame.type));
  Put(&header, 6, frame.kind);
  Put(&header, 8, frame.stream);
  Put(&header, 12, static_cast<uint32_t>(size));
  Put(&header, 16, crc);
  Put(&header, 20, Crc32c(0, header.data(), 20));
  return header;
}

Result<std::optional<Frame>> FrameDecoder::Next(std::span<const uint8_t>* bytes) {
  RETURN_IF_ERROR(broken_);
  if (payload_ == nullptr) {
    const auto take = std::min<size_t>(bytes->size(), static_cast<size_t>(kFrameHeaderBytes - header_filled_));
    std::copy_n(bytes->data(), take, header_.data() + header_filled_);
    header_filled_ += static_cast<int64_t>(take);
    *bytes = bytes->subspan(take);
    if (header_filled_ < kFrameHeaderBytes) return std::nullopt;
    if (broken_ = ParseHeader(); !broken_.ok()) return broken_;
  }
  const std::span<uint8_t> space = PayloadSpace();
  const size_t take = std::min(space.size(), bytes->size());
  if (take > 0) std::memcpy(space.data(), bytes->data(), take);
  *bytes = bytes->subspan(take);
  return Filled(take);
}

Status FrameDecoder::ParseHeader() {
  if (const auto magic = Get<uint32_t>(header_, 0); magic != kMagic) {
    return Status::IOError(fmt::format("not the Swath protocol: a frame begins with {:08x}, not \"SWTH\"", magic));
  }
  if (Crc32c(0, header_.data(), 20) != Get<uint32_t>(header_, 20)) {
    return Status::IOError("damaged frame: the checksum of its header does not match");
  }
  if (const auto version = Get<uint8_t>(header_, 4); version != kFrameVersion) {
    return Status::IOError(fmt::format("frame version {}; this side speaks {}", version, kFrameVersion));
  }
  const auto type = Get<uint8_t>(header_, 5);
  if (type == 0 || type > static_cast<uint8_t>(kLastFrameKind)) {
    return Status::IOError(fmt::format("unknown frame type {}", type));
  }
  frame_.type = static_cast<FrameKind>(type);
  frame_.kind = Get<uint16_t>(header_, 6);
  frame_.stream = Get<uint32_t>(header_, 8);
  frame_.parts.clear();
  const int64_t length = Get<uint32_t>(header_, 12);
  const int64_t limit = frame_.type == FrameKind::kPiece ? limits_.piece_bytes : limits_.control_bytes;
  if (length > limit) {
    return Status::IOError(
        fmt::format("oversize frame: {} bytes of type {}; at most {} are accepted", length, type, limit));
  }
  payload_crc_ = Get<uint32_t>(header_, 16);
  ASSIGN_OR_RETURN(payload_, arrow::AllocateBuffer(length, pool_ != nullptr ? pool_ : arrow::default_memory_pool()));
  payload_filled_ = 0;
  return Status::OK();
}

std::span<uint8_t> FrameDecoder::PayloadSpace() {
  if (payload_ == nullptr) return {};
  return {payload_->mutable_data() + payload_filled_, static_cast<size_t>(payload_->size() - payload_filled_)};
}

Result<std::optional<Frame>> FrameDecoder::Filled(size_t size) {
  payload_filled_ += static_cast<int64_t>(size);
  DCHECK(payload_filled_ <= payload_->size());
  if (payload_filled_ < payload_->size()) return std::nullopt;
  if (checksum_ && Crc32c(0, payload_->data(), static_cast<size_t>(payload_->size())) != payload_crc_) {
    broken_ =
        Status::IOError(fmt::format("damaged frame: the checksum of its {} bytes does not match", payload_->size()));
    return broken_;
  }
  Frame frame = std::move(frame_);
  frame.parts = {std::move(payload_)};
  frame_ = {};
  payload_ = nullptr;
  header_filled_ = 0;
  return frame;
}

int64_t FrameDecoder::allocated_bytes() const { return payload_ == nullptr ? 0 : payload_->size(); }

}  // namespace swath::net
