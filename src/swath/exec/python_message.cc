#include "swath/exec/python_message.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "swath/data/memory_pool.h"

namespace swath::exec {
namespace {

constexpr int64_t kDataAlignment = 16;
constexpr int64_t kWordBytes = sizeof(int64_t);
// A result below this is copied into the pool: cheaper than a mapping, and it holds no file descriptor.
constexpr int64_t kMappedBytesMin = 256 << 10;

Status Broken(std::string_view what) { return Status::IOError("a child sent a message that is none: ", what); }

int64_t BodyOffsetOfData(int64_t words) {
  return (words * kWordBytes + kDataAlignment - 1) / kDataAlignment * kDataAlignment;
}

// Mapped results hold descriptors; half of what the process may open is left to others.
bool MayHoldAnotherSegment() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return true;
  return SharedSegment::open_count() < static_cast<int64_t>(limit.rlim_cur) / 2;
}

Result<std::shared_ptr<arrow::Buffer>> ReadAll(const UniqueFd& fd, int64_t size) {
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> buffer, arrow::AllocateBuffer(size, Pool()));
  for (int64_t done = 0; done < size;) {
    const ssize_t got = pread(fd.get(), buffer->mutable_data() + done, static_cast<size_t>(size - done), done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Broken("shared memory shorter than announced");
    done += got;
  }
  return buffer;
}

}  // namespace

void MessageWriter::Reference(int64_t segment, int64_t offset, int64_t size) {
  words_.insert(words_.end(), {segment, offset, size});
}

int64_t MessageWriter::SegmentNumber(const SharedSegmentPtr& segment) {
  const auto number = std::find(segments_.begin(), segments_.end(), segment) - segments_.begin();
  if (number == std::ssize(segments_)) segments_.push_back(segment);
  return number;
}

void MessageWriter::Inline(const uint8_t* data, int64_t size) {
  data_.resize((data_.size() + kDataAlignment - 1) / kDataAlignment * kDataAlignment);
  Reference(kInData, static_cast<int64_t>(data_.size()), size);
  if (size > 0) data_.append(reinterpret_cast<const char*>(data), static_cast<size_t>(size));
}

void MessageWriter::Text(std::string_view text) {
  Inline(reinterpret_cast<const uint8_t*>(text.data()), static_cast<int64_t>(text.size()));
}

void MessageWriter::Bytes(const std::shared_ptr<arrow::Buffer>& buffer, const uint8_t* data, int64_t size) {
  if (size <= kInlineBytesMax) return Inline(data, size);
  auto shared = FindShared(*buffer);
  if (shared) {
    shared->offset += data - buffer->data();
  } else if (copies_ != nullptr) {
    shared = copies_->Find(buffer, data, size);
  }
  if (shared) return Reference(SegmentNumber(shared->segment), shared->offset, size);
  pending_.push_back({words_.size(), buffer, {data, static_cast<size_t>(size)}});
  Reference(kNull, 0, size);
}

void MessageWriter::Bytes(const std::shared_ptr<arrow::Buffer>& buffer) {
  if (buffer == nullptr) return Reference(kNull, 0, 0);
  Bytes(buffer, buffer->data(), buffer->size());
}

Status MessageWriter::CopyPending() {
  if (pending_.empty()) return Status::OK();
  std::vector<std::span<const uint8_t>> parts;
  std::vector<int64_t> offsets;
  for (const Pending& pending : pending_) parts.push_back(pending.bytes);
  ASSIGN_OR_RETURN(const SharedSegmentPtr segment, SharedSegment::Copy(parts, &offsets));
  const int64_t number = SegmentNumber(segment);
  for (size_t i = 0; i < pending_.size(); ++i) {
    const Pending& pending = pending_[i];
    words_[pending.word] = number;
    words_[pending.word + 1] = offsets[i];
    const auto size = static_cast<int64_t>(pending.bytes.size());
    if (copies_ != nullptr) copies_->Add(pending.buffer, pending.bytes.data(), {segment, offsets[i], size});
  }
  pending_.clear();
  return Status::OK();
}

Result<Message> MessageWriter::Finish() && {
  RETURN_IF_ERROR(CopyPending());
  std::vector<int64_t> words{static_cast<int64_t>(segments_.size())};
  for (const SharedSegmentPtr& segment : segments_) words.push_back(segment->size());
  words.insert(words.end(), words_.begin(), words_.end());
  std::string body(static_cast<size_t>(BodyOffsetOfData(static_cast<int64_t>(words.size()))), '\0');
  std::memcpy(body.data(), words.data(), words.size() * sizeof(int64_t));
  body += data_;

  Message message{{}, std::move(segments_)};
  MessageHeader header{.kind = kind_, .words = static_cast<uint32_t>(words.size())};
  if (static_cast<int64_t>(body.size() + sizeof header) > kPacketBytesMax) {
    const std::span<const uint8_t> part(reinterpret_cast<const uint8_t*>(body.data()), body.size());
    std::vector<int64_t> offsets;
    ASSIGN_OR_RETURN(SharedSegmentPtr segment, SharedSegment::Copy({&part, 1}, &offsets));
    message.segments.push_back(std::move(segment));
    header.flags |= kBodyInSegment;
    body.clear();
  }
  header.descriptors = static_cast<uint32_t>(message.segments.size());
  message.packet.assign(reinterpret_cast<const char*>(&header), sizeof header);
  message.packet += body;
  return message;
}

Result<MessageReader> MessageReader::Make(std::string packet, std::vector<UniqueFd> descriptors,
                                          std::span<const SharedSegmentPtr> request) {
  MessageReader reader;
  if (packet.size() < sizeof reader.header_) return Broken("too short");
  std::memcpy(&reader.header_, packet.data(), sizeof reader.header_);
  if (reader.header_.descriptors != descriptors.size()) return Broken("file descriptors are missing");
  reader.request_.assign(request.begin(), request.end());
  if ((reader.header_.flags & kBodyInSegment) == 0) {
    RETURN_IF_ERROR(reader.ReadBody(std::string_view(packet).substr(sizeof reader.header_)));
  } else {
    if (descriptors.empty()) return Broken("its body is missing");
    struct stat about {};
    if (fstat(descriptors.back().get(), &about) != 0) return Broken("its body has no size");
    ASSIGN_OR_RETURN(const auto body, ReadAll(descriptors.back(), about.st_size));
    descriptors.pop_back();
    RETURN_IF_ERROR(reader.ReadBody(std::string_view(*body)));
  }
  RETURN_IF_ERROR(reader.TakeDescriptors(std::move(descriptors)));
  return reader;
}

Status MessageReader::ReadBody(std::string_view body) {
  const int64_t data_begin = BodyOffsetOfData(header_.words);
  if (data_begin > static_cast<int64_t>(body.size())) return Broken("words are missing");
  words_.resize(header_.words);
  std::memcpy(words_.data(), body.data(), words_.size() * sizeof(int64_t));
  data_ = body.substr(static_cast<size_t>(data_begin));
  return Status::OK();
}

Status MessageReader::TakeDescriptors(std::vector<UniqueFd> descriptors) {
  ASSIGN_OR_RETURN(const int64_t count, Word());
  if (count != static_cast<int64_t>(descriptors.size())) return Broken("segments without descriptors");
  for (UniqueFd& fd : descriptors) {
    ASSIGN_OR_RETURN(const int64_t size, Word());
    if (size < 0) return Broken("a negative size");
    if (size < kMappedBytesMin || !MayHoldAnotherSegment()) {
      ASSIGN_OR_RETURN(auto buffer, ReadAll(fd, size));
      segments_.push_back(std::move(buffer));
    } else {
      ASSIGN_OR_RETURN(const auto segment, SharedSegment::Adopt(std::move(fd), size));
      ASSIGN_OR_RETURN(auto buffer, segment->View());
      segments_.push_back(std::move(buffer));
    }
  }
  return Status::OK();
}

Result<int64_t> MessageReader::Word() {
  if (next_ >= words_.size()) return Broken("words are missing");
  return words_[next_++];
}

Result<std::shared_ptr<arrow::Buffer>> MessageReader::Bytes() {
  ASSIGN_OR_RETURN(const int64_t segment, Word());
  ASSIGN_OR_RETURN(const int64_t offset, Word());
  ASSIGN_OR_RETURN(const int64_t size, Word());
  const auto fits = [&](int64_t total) {
    return offset >= 0 && size >= 0 && offset <= total && size <= total - offset;
  };
  if (segment == kNull) return nullptr;
  if (segment == kInData) {
    if (!fits(static_cast<int64_t>(data_.size()))) return Broken("bytes outside of its data");
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> buffer, arrow::AllocateBuffer(size, Pool()));
    if (size > 0) std::memcpy(buffer->mutable_data(), data_.data() + offset, static_cast<size_t>(size));
    return buffer;
  }
  if (segment >= kOfRequest) {  // an argument, or a part of one
    const auto number = static_cast<uint64_t>(segment - kOfRequest);
    if (number >= request_.size()) return Broken("an unknown segment");
    ASSIGN_OR_RETURN(const auto whole, request_[number]->View());
    if (!fits(whole->size())) return Broken("bytes outside of a segment");
    return arrow::SliceBuffer(whole, offset, size);
  }
  if (segment < 0 || static_cast<size_t>(segment) >= segments_.size()) return Broken("an unknown segment");
  const auto& whole = segments_[static_cast<size_t>(segment)];
  if (!fits(whole->size())) return Broken("bytes outside of a segment");
  return arrow::SliceMutableBuffer(whole, offset, size);
}

Result<std::string> MessageReader::Text() {
  ASSIGN_OR_RETURN(const auto bytes, Bytes());
  return bytes ? bytes->ToString() : std::string();
}

}  // namespace swath::exec
