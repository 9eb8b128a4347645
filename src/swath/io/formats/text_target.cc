#include "swath/io/formats/text_target.h"

#include "arrow/array.h"
#include "arrow/io/interfaces.h"
#include "arrow/record_batch.h"

#include "swath/io/formats/text_stream.h"
#include "swath/io/stores/store.h"

namespace swath::io {
namespace {

class TextPartitionWriter : public ops::PartitionWriter {
 public:
  TextPartitionWriter(std::unique_ptr<PendingFile> file, std::shared_ptr<arrow::io::OutputStream> out, bool compressed,
                      bool last_endline)
      : file_(std::move(file)), out_(std::move(out)), compressed_(compressed), last_endline_(last_endline) {}

  Status Write(const std::shared_ptr<arrow::RecordBatch>& batch) override {
    const auto& lines = static_cast<const arrow::LargeStringArray&>(*batch->column(0));
    std::string text;
    text.reserve(static_cast<size_t>(lines.total_values_length() + lines.length()));
    for (int64_t row = 0; row < lines.length(); ++row) {
      if (started_) text += '\n';
      started_ = true;
      text += lines.GetView(row);
    }
    return out_->Write(text.data(), static_cast<int64_t>(text.size()));
  }

  Result<int64_t> Finish() override {
    if (last_endline_) RETURN_IF_ERROR(out_->Write("\n", 1));
    if (compressed_) RETURN_IF_ERROR(out_->Close());  // writes the end of the compressed stream
    return file_->Commit();
  }

 private:
  std::unique_ptr<PendingFile> file_;
  std::shared_ptr<arrow::io::OutputStream> out_;
  bool compressed_;
  bool last_endline_;
  bool started_ = false;
};

class TextTarget : public ops::WriteTarget {
 public:
  TextTarget(std::shared_ptr<const Store> store, std::vector<std::string> paths, TextWriteOptions options)
      : store_(std::move(store)), paths_(std::move(paths)), options_(std::move(options)) {}
  std::string_view format() const override { return "text"; }
  std::string Path(int64_t partition) const override { return paths_[static_cast<size_t>(partition)]; }

  Result<std::unique_ptr<ops::PartitionWriter>> Open(int64_t partition, const std::shared_ptr<arrow::Schema>&,
                                                     arrow::MemoryPool* pool) const override {
    ASSIGN_OR_RETURN(const std::string compression, TextCompression(options_.compression, Path(partition)));
    ASSIGN_OR_RETURN(auto file, store_->Create(Path(partition)));
    ASSIGN_OR_RETURN(auto out, CompressedOut(file->stream(), compression, pool));
    return std::make_unique<TextPartitionWriter>(std::move(file), std::move(out), !compression.empty(),
                                                 options_.last_endline);
  }

  std::string Fingerprint() const override {
    std::string all = "text|" + options_.compression + (options_.last_endline ? "|end" : "");
    for (const std::string& path : paths_) all += "|" + path;
    return all;
  }
  std::string ToString() const override {
    return "to_textfiles(" + paths_.front() + (paths_.size() > 1 ? ", …)" : ")");
  }

 private:
  std::shared_ptr<const Store> store_;
  std::vector<std::string> paths_;
  TextWriteOptions options_;
};

}  // namespace

Result<std::shared_ptr<const ops::WriteTarget>> MakeTextTarget(std::vector<std::string> paths,
                                                               const TextWriteOptions& options) {
  if (paths.empty()) return Status::Invalid("no paths are given");
  ASSIGN_OR_RETURN(const auto store, StoreOf(paths.front()));
  RETURN_IF_ERROR(TextCompression(options.compression, "").status());
  for (const std::string& path : paths) {
    const size_t slash = path.find_last_of('/');
    if (slash != std::string::npos && slash > 0) RETURN_IF_ERROR(store->MakeFolder(path.substr(0, slash)));
  }
  return std::make_shared<TextTarget>(store, std::move(paths), options);
}

}  // namespace swath::io
