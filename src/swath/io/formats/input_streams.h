// Streams that readers of text share: a part of a file, and a text that is rewritten as it is read.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "arrow/buffer.h"
#include "arrow/io/interfaces.h"

#include "swath/base/status.h"

namespace swath::io {

// A random access file from `offset` on as a stream, so that partitions never share a position.
class RangeInput : public arrow::io::InputStream {
 public:
  RangeInput(std::shared_ptr<arrow::io::RandomAccessFile> file, int64_t offset)
      : file_(std::move(file)), offset_(offset) {}
  arrow::Status Close() override { return file_->Close(); }
  bool closed() const override { return file_->closed(); }
  arrow::Result<int64_t> Tell() const override { return offset_; }
  arrow::Result<int64_t> Read(int64_t nbytes, void* out) override {
    ASSIGN_OR_RETURN(const int64_t got, file_->ReadAt(offset_, nbytes, out));
    offset_ += got;
    return got;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t nbytes) override {
    ASSIGN_OR_RETURN(auto buffer, file_->ReadAt(offset_, nbytes));
    offset_ += buffer->size();
    return buffer;
  }

 private:
  std::shared_ptr<arrow::io::RandomAccessFile> file_;
  int64_t offset_;
};

// What a derived class makes of another stream, block by block.
class RewrittenInput : public arrow::io::InputStream {
 public:
  explicit RewrittenInput(std::shared_ptr<arrow::io::InputStream> input) : input_(std::move(input)) {}
  arrow::Status Close() override { return input_->Close(); }
  bool closed() const override { return input_->closed(); }
  arrow::Result<int64_t> Tell() const override { return position_; }
  arrow::Result<int64_t> Read(int64_t nbytes, void* out) override {
    while (at_ == text_.size() && !ended_) {
      text_.clear();
      at_ = 0;
      ASSIGN_OR_RETURN(ended_, Refill(&text_));
    }
    const size_t count = std::min(static_cast<size_t>(nbytes), text_.size() - at_);
    std::memcpy(out, text_.data() + at_, count);
    at_ += count;
    position_ += static_cast<int64_t>(count);
    return static_cast<int64_t>(count);
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t nbytes) override {
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::ResizableBuffer> buffer, arrow::AllocateResizableBuffer(nbytes));
    ASSIGN_OR_RETURN(const int64_t got, Read(nbytes, buffer->mutable_data()));
    RETURN_IF_ERROR(buffer->Resize(got));
    return std::shared_ptr<arrow::Buffer>(std::move(buffer));
  }

 protected:
  // Reads a block of input() and appends what becomes of it to the empty `text`, maybe nothing; true: that was the
  // last.
  virtual Result<bool> Refill(std::string* text) = 0;
  arrow::io::InputStream& input() { return *input_; }

 private:
  std::shared_ptr<arrow::io::InputStream> input_;
  std::string text_;
  size_t at_ = 0;
  int64_t position_ = 0;
  bool ended_ = false;
};

}  // namespace swath::io
