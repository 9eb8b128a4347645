#include <algorithm>

#include "arrow/compute/initialize.h"
#include "arrow/io/interfaces.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "arrow/util/compression.h"
#include "parquet/arrow/writer.h"
#include "parquet/exception.h"
#include "parquet/properties.h"

#include "swath/io/formats/hive_writer.h"
#include "swath/io/formats/pandas_metadata.h"
#include "swath/io/formats/write_targets.h"
#include "swath/io/stores/store.h"

namespace swath::io {
namespace {

using ops::PartitionWriter;
using ops::WriteTarget;

class ParquetPartitionWriter : public PartitionWriter {
 public:
  ParquetPartitionWriter(std::unique_ptr<PendingFile> file, std::unique_ptr<parquet::arrow::FileWriter> writer,
                         std::string path)
      : file_(std::move(file)), writer_(std::move(writer)), path_(std::move(path)) {}

  Status Write(const std::shared_ptr<arrow::RecordBatch>& batch) override {
    return Named([&] { return writer_->WriteRecordBatch(*batch); });
  }
  Result<int64_t> Finish() override {
    RETURN_IF_ERROR(Named([&] { return writer_->Close(); }));
    return file_->Commit();
  }

 private:
  template <typename Action>
  Status Named(Action action) const {
    try {
      const Status status = action();
      return status.ok() ? status : status.WithMessage("cannot write '", path_, "': ", status.message());
    } catch (const parquet::ParquetException& error) {
      return Status::IOError("cannot write '", path_, "': ", error.what());
    }
  }

  std::unique_ptr<PendingFile> file_;
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
  std::string path_;
};

class ParquetTarget : public WriteTarget {
 public:
  ParquetTarget(std::shared_ptr<const Store> store, std::string path, int64_t first, bool one_file,
                ops::ParquetWriteOptions options, arrow::Compression::type compression)
      : store_(std::move(store)),
        path_(std::move(path)),
        first_(first),
        one_file_(one_file),
        options_(std::move(options)),
        compression_(compression) {}

  std::string_view format() const override { return "parquet"; }
  std::string Path(int64_t partition) const override {
    if (one_file_) return path_;
    return path_ + (path_.ends_with('/') ? "" : "/") + "part." + std::to_string(first_ + partition) + ".parquet";
  }

  Result<std::unique_ptr<PartitionWriter>> Open(int64_t partition, const std::shared_ptr<arrow::Schema>& schema,
                                                arrow::MemoryPool* pool) const override {
    if (options_.partition_on.empty()) return OpenFile(Path(partition), schema, pool);
    const std::string path = Path(partition);
    const size_t slash = path.find_last_of('/');
    const std::string root = slash == std::string::npos ? "." : path.substr(0, slash);
    const std::string name = path.substr(slash + 1);
    return std::make_unique<HiveWriter>(
        options_.partition_on, schema,
        [this, root, name, pool](const std::string& folder, const std::shared_ptr<arrow::Schema>& rest)
            -> Result<std::unique_ptr<PartitionWriter>> {
          RETURN_IF_ERROR(store_->MakeFolder(root + "/" + folder));
          return OpenFile(root + "/" + folder + "/" + name, rest, pool);
        },
        pool);
  }

  std::string Fingerprint() const override {
    std::string text = "parquet|" + Path(0) + "|" + options_.compression;
    for (const std::string& key : options_.partition_on) text += "|" + key;
    return text;
  }
  std::string ToString() const override { return "to_parquet(" + path_ + ", " + options_.compression + ")"; }

 private:
  Result<std::unique_ptr<PartitionWriter>> OpenFile(const std::string& path,
                                                    const std::shared_ptr<arrow::Schema>& schema,
                                                    arrow::MemoryPool* pool) const {
    parquet::WriterProperties::Builder properties;
    properties.compression(compression_)->max_row_group_length(options_.row_group_rows)->memory_pool(pool);
    if (options_.compression_level) properties.compression_level(*options_.compression_level);
    if (!options_.use_dictionary) properties.disable_dictionary();
    if (!options_.write_statistics) properties.disable_statistics();
    parquet::ArrowWriterProperties::Builder arrow_properties;
    arrow_properties.store_schema()->set_use_threads(false);
    const auto with_metadata = options_.write_pandas_metadata ? WithPandasMetadata(schema, options_) : schema;
    ASSIGN_OR_RETURN(auto file, store_->Create(path));
    ASSIGN_OR_RETURN(auto writer, parquet::arrow::FileWriter::Open(*with_metadata, pool, file->stream(),
                                                                   properties.build(), arrow_properties.build()));
    return std::make_unique<ParquetPartitionWriter>(std::move(file), std::move(writer), path);
  }

  std::shared_ptr<const Store> store_;
  std::string path_;
  int64_t first_;
  bool one_file_;
  ops::ParquetWriteOptions options_;
  arrow::Compression::type compression_;
};

Result<arrow::Compression::type> CompressionOf(const std::string& name) {
  if (name == "none" || name.empty()) return arrow::Compression::UNCOMPRESSED;
  if (name == "lz4") return arrow::Compression::LZ4;  // Parquet's raw blocks; Arrow's own name means the frame format
  auto kind = arrow::util::Codec::GetCompressionType(name);
  if (!kind.ok())
    return Status::Invalid("unknown compression '", name, "'; snappy, gzip, brotli, lz4, zstd and none are accepted");
  return *kind;
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

}  // namespace

Result<std::shared_ptr<const WriteTarget>> MakeParquetTarget(const std::string& path,
                                                             const ops::ParquetWriteOptions& options,
                                                             const ParquetFolder& folder) {
  RETURN_IF_ERROR(arrow::compute::Initialize());
  ASSIGN_OR_RETURN(const auto store, StoreOf(path));
  ASSIGN_OR_RETURN(const auto compression, CompressionOf(options.compression));
  if (!store->IsFolder(path)) RETURN_IF_ERROR(store->MakeFolder(path));
  ASSIGN_OR_RETURN(std::vector<FileInfo> present, store->List(path));
  std::erase_if(present, [](const FileInfo& file) { return !file.path.ends_with(".parquet"); });
  int64_t first = 0;
  if (!present.empty() && folder.overwrite) {
    for (const FileInfo& file : present) RETURN_IF_ERROR(store->Remove(file.path));
  } else if (!present.empty() && folder.append) {
    first = static_cast<int64_t>(present.size());
    const auto taken = [&](int64_t number) {
      const std::string name = "/part." + std::to_string(number) + ".parquet";
      return std::any_of(present.begin(), present.end(),
                         [&](const FileInfo& file) { return file.path.ends_with(name); });
    };
    for (const FileInfo& file : present) {  // behind the highest number there
      const size_t dot = file.path.find("part.", file.path.find_last_of('/') + 1);
      if (dot == std::string::npos) continue;
      first = std::max<int64_t>(first, std::atoll(file.path.c_str() + dot + 5) + 1);
    }
    while (taken(first)) ++first;
  }
  return std::make_shared<ParquetTarget>(store, path, first, false, options, compression);
}

Result<std::shared_ptr<const WriteTarget>> MakeParquetFileTarget(const std::string& path,
                                                                 const ops::ParquetWriteOptions& options) {
  RETURN_IF_ERROR(arrow::compute::Initialize());
  ASSIGN_OR_RETURN(const auto store, StoreOf(path));
  ASSIGN_OR_RETURN(const auto compression, CompressionOf(options.compression));
  if (const std::string folder = FolderOf(path); !folder.empty()) RETURN_IF_ERROR(store->MakeFolder(folder));
  return std::make_shared<ParquetTarget>(store, path, 0, true, options, compression);
}

}  // namespace swath::io
