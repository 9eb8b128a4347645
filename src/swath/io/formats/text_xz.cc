#include "swath/io/formats/text_xz.h"

#include <vector>

#include <lzma.h>

#include "arrow/buffer.h"

namespace swath::io {
namespace {

constexpr size_t kBufferBytes = 256 << 10;

Status XzFailed(lzma_ret code, const char* what) {
  if (code == LZMA_MEM_ERROR) return Status::OutOfMemory("xz: out of memory to ", what);
  const char* why = code == LZMA_FORMAT_ERROR ? "this is no xz file"
                    : code == LZMA_BUF_ERROR  ? "the file ends too early"
                                              : "the data is damaged";
  return Status::IOError("cannot ", what, " xz: ", why);
}

class XzInput : public arrow::io::InputStream {
 public:
  explicit XzInput(std::shared_ptr<arrow::io::InputStream> input) : input_(std::move(input)), raw_(kBufferBytes) {
    begun_ = lzma_stream_decoder(&stream_, UINT64_MAX, LZMA_CONCATENATED);
  }
  ~XzInput() override { lzma_end(&stream_); }
  arrow::Status Close() override { return input_->Close(); }
  bool closed() const override { return input_->closed(); }
  arrow::Result<int64_t> Tell() const override { return position_; }

  arrow::Result<int64_t> Read(int64_t nbytes, void* out) override {
    if (begun_ != LZMA_OK) return XzFailed(begun_, "read");
    stream_.next_out = static_cast<uint8_t*>(out);
    stream_.avail_out = static_cast<size_t>(nbytes);
    while (stream_.avail_out > 0 && !ended_) {
      if (stream_.avail_in == 0 && !input_ended_) {
        ASSIGN_OR_RETURN(const int64_t got, input_->Read(static_cast<int64_t>(raw_.size()), raw_.data()));
        stream_.next_in = raw_.data();
        stream_.avail_in = static_cast<size_t>(got);
        input_ended_ = got == 0;
      }
      const lzma_ret code = lzma_code(&stream_, input_ended_ ? LZMA_FINISH : LZMA_RUN);
      ended_ = code == LZMA_STREAM_END;
      if (code != LZMA_OK && !ended_) return XzFailed(code, "read");
    }
    const int64_t got = nbytes - static_cast<int64_t>(stream_.avail_out);
    position_ += got;
    return got;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t nbytes) override {
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::ResizableBuffer> buffer, arrow::AllocateResizableBuffer(nbytes));
    ASSIGN_OR_RETURN(const int64_t got, Read(nbytes, buffer->mutable_data()));
    RETURN_IF_ERROR(buffer->Resize(got));
    return std::shared_ptr<arrow::Buffer>(std::move(buffer));
  }

 private:
  std::shared_ptr<arrow::io::InputStream> input_;
  std::vector<uint8_t> raw_;
  lzma_stream stream_ = LZMA_STREAM_INIT;
  lzma_ret begun_ = LZMA_OK;
  bool input_ended_ = false;
  bool ended_ = false;
  int64_t position_ = 0;
};

class XzOutput : public arrow::io::OutputStream {
 public:
  explicit XzOutput(std::shared_ptr<arrow::io::OutputStream> output) : output_(std::move(output)), raw_(kBufferBytes) {}
  ~XzOutput() override { lzma_end(&stream_); }
  Status Begin() {
    const lzma_ret code = lzma_easy_encoder(&stream_, LZMA_PRESET_DEFAULT, LZMA_CHECK_CRC64);
    return code == LZMA_OK ? Status::OK() : XzFailed(code, "write");
  }
  arrow::Status Write(const void* data, int64_t nbytes) override {
    position_ += nbytes;
    stream_.next_in = static_cast<const uint8_t*>(data);
    stream_.avail_in = static_cast<size_t>(nbytes);
    while (stream_.avail_in > 0) RETURN_IF_ERROR(Step(LZMA_RUN).status());
    return arrow::Status::OK();
  }
  arrow::Status Close() override {
    for (bool ended = false; !ended;) {
      ASSIGN_OR_RETURN(ended, Step(LZMA_FINISH));
    }
    return output_->Close();
  }
  bool closed() const override { return output_->closed(); }
  arrow::Result<int64_t> Tell() const override { return position_; }

 private:
  Result<bool> Step(lzma_action action) {
    stream_.next_out = raw_.data();
    stream_.avail_out = raw_.size();
    const lzma_ret code = lzma_code(&stream_, action);
    if (code != LZMA_OK && code != LZMA_STREAM_END) return XzFailed(code, "write");
    RETURN_IF_ERROR(output_->Write(raw_.data(), static_cast<int64_t>(raw_.size() - stream_.avail_out)));
    return code == LZMA_STREAM_END;
  }

  std::shared_ptr<arrow::io::OutputStream> output_;
  std::vector<uint8_t> raw_;
  lzma_stream stream_ = LZMA_STREAM_INIT;
  int64_t position_ = 0;
};

}  // namespace

std::shared_ptr<arrow::io::InputStream> MakeXzInput(std::shared_ptr<arrow::io::InputStream> input) {
  return std::make_shared<XzInput>(std::move(input));
}

Result<std::shared_ptr<arrow::io::OutputStream>> MakeXzOutput(std::shared_ptr<arrow::io::OutputStream> output) {
  auto stream = std::make_shared<XzOutput>(std::move(output));
  RETURN_IF_ERROR(stream->Begin());
  return stream;
}

}  // namespace swath::io
