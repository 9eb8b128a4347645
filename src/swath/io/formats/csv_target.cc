// Writing CSV as pandas writes it. (Arrow's writer quotes every string and has no na_rep per type, so that rows are formatted here.)
#include "arrow/compute/initialize.h"
#include "arrow/io/compressed.h"
#include "arrow/io/interfaces.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "arrow/util/compression.h"
#include "swath/io/formats/csv_format.h"
#include "swath/io/formats/write_targets.h"
#include "swath/io/stores/store.h"

namespace swath::io {
namespace {

Result<arrow::Compression::type> CodecOf(const std::string& compression, const std::string& path) {
  const auto ends = [&](const char* suffix) { return compression == "infer" && path.ends_with(suffix); };
  if (compression == "gzip" || ends(".gz")) return arrow::Compression::GZIP;
  if (compression == "zstd" || ends(".zst")) return arrow::Compression::ZSTD;
  if (compression == "bz2" || ends(".bz2")) return arrow::Compression::BZ2;
  if (compression == "infer" || compression == "none" || compression.empty()) return arrow::Compression::UNCOMPRESSED;
  return Status::Invalid("compression='", compression, "': it must be one of 'infer', 'gzip', 'bz2', 'zstd', 'none'");
}

class CsvPartitionWriter : public ops::PartitionWriter {
 public:
  // `codec`: of a compressed stream, which needs it while it lives; else null.
  CsvPartitionWriter(std::unique_ptr<PendingFile> file, std::shared_ptr<arrow::util::Codec> codec, std::shared_ptr<arrow::io::OutputStream> stream,
                     const ops::CsvWriteOptions& options)
      : file_(std::move(file)), codec_(std::move(codec)), stream_(std::move(stream)), options_(options) {}

  Status WriteHeader(const arrow::Schema& schema) {
    std::string line;
    for (int i = 0; i < schema.num_fields(); ++i) {
      if (i) line += options_.sep;
      const std::string& name = schema.field(i)->name();
      const auto at = options_.header_names.find(name);
      AppendQuoted(at == options_.header_names.end() ? name : at->second, options_, &line);
    }
    return stream_->Write(line + options_.lineterminator);
  }

  Status Write(const std::shared_ptr<arrow::RecordBatch>& batch) override {
    std::vector<std::unique_ptr<CellWriter>> cells;
    for (const auto& column : batch->columns()) {
      ASSIGN_OR_RETURN(auto writer, CellWriter::Make(column, options_));
      cells.push_back(std::move(writer));
    }
    text_.clear();
    for (int64_t row = 0; row < batch->num_rows(); ++row) {
      for (size_t i = 0; i < cells.size(); ++i) {
        if (i) text_ += options_.sep;
        cells[i]->Append(row, &text_);
      }
      text_ += options_.lineterminator;
      if (text_.size() > (1 << 20)) {
        RETURN_IF_ERROR(stream_->Write(text_.data(), static_cast<int64_t>(text_.size())));
        text_.clear();
      }
    }
    return stream_->Write(text_.data(), static_cast<int64_t>(text_.size()));
  }

  Result<int64_t> Finish() override {
    if (codec_) RETURN_IF_ERROR(stream_->Close());  // the end of the compressed stream; KeepOpen leaves the file to Commit
    return file_->Commit();
  }

 private:
  std::unique_ptr<PendingFile> file_;
  std::shared_ptr<arrow::util::Codec> codec_;
  std::shared_ptr<arrow::io::OutputStream> stream_;
  ops::CsvWriteOptions options_;
  std::string text_;
};

// Passes everything on but Close, so that the file below stays open for Commit.
class KeepOpen : public arrow::io::OutputStream {
 public:
  explicit KeepOpen(std::shared_ptr<arrow::io::OutputStream> below) : below_(std::move(below)) { set_mode(arrow::io::FileMode::WRITE); }
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  arrow::Result<int64_t> Tell() const override { return below_->Tell(); }
  arrow::Status Write(const void* data, int64_t size) override { return below_->Write(data, size); }
  using arrow::io::OutputStream::Write;
  arrow::Status Flush() override { return below_->Flush(); }

 private:
  std::shared_ptr<arrow::io::OutputStream> below_;
  bool closed_ = false;
};

class CsvTarget : public ops::WriteTarget {
 public:
  CsvTarget(std::shared_ptr<const Store> store, std::string path, int64_t partitions, ops::CsvWriteOptions options)
      : store_(std::move(store)), path_(std::move(path)), width_(std::to_string(std::max<int64_t>(partitions - 1, 0)).size()), options_(std::move(options)) {}

  std::string_view format() const override { return "csv"; }
  std::string Path(int64_t partition) const override {
    if (options_.single_file) return path_;
    std::string number = std::to_string(partition);
    number.insert(0, width_ - std::min(width_, number.size()), '0');
    const size_t star = path_.find('*');
    if (star != std::string::npos) return path_.substr(0, star) + number + path_.substr(star + 1);
    return path_ + (path_.ends_with('/') ? "" : "/") + number + ".part";
  }

  Result<std::unique_ptr<ops::PartitionWriter>> Open(int64_t partition, const std::shared_ptr<arrow::Schema>& schema,
                                                     arrow::MemoryPool* pool) const override {
    RETURN_IF_ERROR(arrow::compute::Initialize());
    const std::string path = Path(partition);
    ASSIGN_OR_RETURN(const auto codec, CodecOf(options_.compression, path));
    ASSIGN_OR_RETURN(auto file, store_->Create(path));
    std::shared_ptr<arrow::io::OutputStream> stream = file->stream();
    std::shared_ptr<arrow::util::Codec> compressor;
    if (codec != arrow::Compression::UNCOMPRESSED) {
      ASSIGN_OR_RETURN(compressor, arrow::util::Codec::Create(codec));
      ASSIGN_OR_RETURN(stream, arrow::io::CompressedOutputStream::Make(compressor.get(), std::make_shared<KeepOpen>(file->stream()), pool));
    }
    auto writer = std::make_unique<CsvPartitionWriter>(std::move(file), std::move(compressor), std::move(stream), options_);
    if (options_.header && (!options_.header_first_partition_only || partition == 0)) RETURN_IF_ERROR(writer->WriteHeader(*schema));
    return writer;
  }

  std::string Fingerprint() const override {
    return "csv|" + path_ + "|" + std::string({options_.sep, options_.quotechar}) + options_.na_rep + std::to_string(options_.header) +
           std::to_string(options_.single_file) + options_.compression + options_.date_format + std::to_string(static_cast<int>(options_.quoting));
  }
  std::string ToString() const override { return "to_csv(" + path_ + ")"; }

 private:
  std::shared_ptr<const Store> store_;
  std::string path_;
  size_t width_;
  ops::CsvWriteOptions options_;
};

}  // namespace

Result<std::shared_ptr<const ops::WriteTarget>> MakeCsvTarget(const std::string& path, int64_t partitions, const ops::CsvWriteOptions& options) {
  ASSIGN_OR_RETURN(const auto store, StoreOf(path));
  RETURN_IF_ERROR(CodecOf(options.compression, path).status());
  std::string folder = path;
  if (options.single_file || path.find('*') != std::string::npos) {
    const size_t slash = path.find_last_of('/');
    folder = slash == std::string::npos ? "" : path.substr(0, slash);
  }
  if (!folder.empty() && !store->IsFolder(folder)) RETURN_IF_ERROR(store->MakeFolder(folder));
  return std::make_shared<CsvTarget>(store, path, partitions, options);
}

}  // namespace swath::io
