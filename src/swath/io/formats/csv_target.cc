// CSV as pandas writes it: minimal quoting, repr floats, empty for missing, dates without a time when all are
// midnights.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>

#include "arrow/array.h"
#include "arrow/compute/api_scalar.h"
#include "arrow/compute/cast.h"
#include "arrow/compute/exec.h"
#include "arrow/compute/initialize.h"
#include "arrow/io/compressed.h"
#include "arrow/io/interfaces.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "arrow/type_traits.h"
#include "arrow/util/compression.h"

#include "swath/base/number_text.h"
#include "swath/io/formats/write_targets.h"
#include "swath/io/stores/store.h"

namespace swath::io {
namespace {

using ops::CsvWriteOptions;
using ops::PartitionWriter;
using ops::WriteTarget;

constexpr size_t kFlushBytes = 1 << 20;

// Appends the field of one row.
using FieldWriter = std::function<void(int64_t row, std::string* out)>;

class FieldQuoter {
 public:
  explicit FieldQuoter(const CsvWriteOptions& options) : options_(options) {}
  void Append(std::string_view text, bool is_text, std::string* out) const {
    const bool all = options_.quoting == CsvWriteOptions::Quoting::kAll;
    const bool needed = options_.quoting == CsvWriteOptions::Quoting::kMinimal && is_text && NeedsQuotes(text);
    if (!all && !needed) {
      *out += text;
      return;
    }
    *out += options_.quotechar;
    for (const char c : text) {
      if (c == options_.quotechar) *out += c;
      *out += c;
    }
    *out += options_.quotechar;
  }

 private:
  bool NeedsQuotes(std::string_view text) const {
    for (const char c : text) {
      if (c == options_.sep || c == options_.quotechar || c == '\n' || c == '\r') return true;
    }
    return false;
  }
  const CsvWriteOptions& options_;
};

Result<std::shared_ptr<arrow::Array>> AsText(const std::shared_ptr<arrow::Array>& array, const CsvWriteOptions& options,
                                             arrow::MemoryPool* pool) {
  namespace cp = arrow::compute;
  cp::ExecContext context(pool);
  context.set_use_threads(false);
  const auto type = array->type();
  if (type->id() == arrow::Type::TIMESTAMP) {
    const auto& timestamp = static_cast<const arrow::TimestampType&>(*type);
    std::string format = options.date_format;
    std::shared_ptr<arrow::Array> moments = array;
    if (format.empty() || format.find("%f") == std::string::npos) {
      const cp::RoundTemporalOptions day(1, cp::CalendarUnit::DAY), second(1, cp::CalendarUnit::SECOND);
      const auto only = [&](const cp::RoundTemporalOptions& unit) -> Result<bool> {
        ASSIGN_OR_RETURN(const arrow::Datum floored, cp::CallFunction("floor_temporal", {array}, &unit, &context));
        ASSIGN_OR_RETURN(const arrow::Datum same, cp::CallFunction("equal", {floored, array}, &context));
        return static_cast<const arrow::BooleanArray&>(*same.make_array()).false_count() == 0;
      };
      ASSIGN_OR_RETURN(const bool seconds, only(second));
      ASSIGN_OR_RETURN(const bool days, only(day));
      if (format.empty()) {
        format = days ? "%Y-%m-%d" : "%Y-%m-%d %H:%M:%S";
        if (!timestamp.timezone().empty()) format = "%Y-%m-%d %H:%M:%S%Ez";
      }
      if (seconds) {
        ASSIGN_OR_RETURN(moments, cp::Cast(*array, arrow::timestamp(arrow::TimeUnit::SECOND, timestamp.timezone()),
                                           cp::CastOptions::Unsafe(), &context));
      }
    }
    const cp::StrftimeOptions strftime(format);
    ASSIGN_OR_RETURN(const arrow::Datum text, cp::CallFunction("strftime", {moments}, &strftime, &context));
    return cp::Cast(*text.make_array(), arrow::large_utf8(), cp::CastOptions::Safe(), &context);
  }
  return cp::Cast(*array, arrow::large_utf8(), cp::CastOptions::Safe(), &context);
}

template <typename ArrayType>
FieldWriter NumberWriter(const arrow::Array& array) {
  const auto* values = static_cast<const ArrayType&>(array).raw_values();
  return [values](int64_t row, std::string* out) {
    char digits[24];
    const auto result = std::to_chars(digits, digits + sizeof digits, values[row]);
    out->append(digits, result.ptr);
  };
}

class CsvPartitionWriter : public PartitionWriter {
 public:
  CsvPartitionWriter(std::unique_ptr<PendingFile> file, std::shared_ptr<arrow::util::Codec> codec,
                     std::shared_ptr<arrow::io::OutputStream> out, const CsvWriteOptions& options,
                     arrow::MemoryPool* pool)
      : file_(std::move(file)),
        codec_(std::move(codec)),
        out_(std::move(out)),
        options_(options),
        quoter_(options_),
        pool_(pool) {}

  void WriteHeader(const arrow::Schema& schema) {
    for (int i = 0; i < schema.num_fields(); ++i) {
      if (i > 0) text_ += options_.sep;
      const auto given = options_.header_names.find(schema.field(i)->name());
      quoter_.Append(given != options_.header_names.end() ? given->second : schema.field(i)->name(), true, &text_);
    }
    text_ += options_.lineterminator;
  }

  Status Write(const std::shared_ptr<arrow::RecordBatch>& batch) override {
    std::vector<std::shared_ptr<arrow::Array>> owners;
    std::vector<FieldWriter> fields;
    for (const auto& column : batch->columns()) {
      ASSIGN_OR_RETURN(auto field, WriterOf(column, &owners));
      fields.push_back(std::move(field));
    }
    for (int64_t row = 0; row < batch->num_rows(); ++row) {
      for (size_t c = 0; c < fields.size(); ++c) {
        if (c > 0) text_ += options_.sep;
        fields[c](row, &text_);
      }
      text_ += options_.lineterminator;
      if (text_.size() >= kFlushBytes) RETURN_IF_ERROR(Flush());
    }
    return Status::OK();
  }

  Result<int64_t> Finish() override {
    RETURN_IF_ERROR(Flush());
    if (codec_)
      RETURN_IF_ERROR(out_->Close());  // writes the end of the compressed stream, and closes the file below it
    return file_->Commit();
  }

 private:
  Status Flush() {
    RETURN_IF_ERROR(out_->Write(text_.data(), static_cast<int64_t>(text_.size())));
    text_.clear();
    return Status::OK();
  }

  Result<FieldWriter> WriterOf(const std::shared_ptr<arrow::Array>& array,
                               std::vector<std::shared_ptr<arrow::Array>>* owners) {
    FieldWriter value;
    switch (array->type_id()) {
      case arrow::Type::INT64:
        value = NumberWriter<arrow::Int64Array>(*array);
        break;
      case arrow::Type::INT32:
        value = NumberWriter<arrow::Int32Array>(*array);
        break;
      case arrow::Type::UINT64:
        value = NumberWriter<arrow::UInt64Array>(*array);
        break;
      case arrow::Type::DOUBLE: {
        const double* values = static_cast<const arrow::DoubleArray&>(*array).raw_values();
        value = [this, values](int64_t row, std::string* out) {
          if (std::isnan(values[row])) {
            *out += options_.na_rep;
          } else {
            AppendFloat(values[row], out);
          }
        };
        break;
      }
      case arrow::Type::FLOAT: {
        const float* values = static_cast<const arrow::FloatArray&>(*array).raw_values();
        value = [this, values](int64_t row, std::string* out) {
          if (std::isnan(values[row])) {
            *out += options_.na_rep;
          } else {
            AppendFloat(values[row], out);
          }
        };
        break;
      }
      case arrow::Type::BOOL: {
        const auto* flags = static_cast<const arrow::BooleanArray*>(array.get());
        value = [flags](int64_t row, std::string* out) { *out += flags->Value(row) ? "True" : "False"; };
        break;
      }
      default: {
        ASSIGN_OR_RETURN(auto text, AsText(array, options_, pool_));
        const auto* texts = static_cast<const arrow::LargeStringArray*>(text.get());
        owners->push_back(std::move(text));
        value = [this, texts](int64_t row, std::string* out) { quoter_.Append(texts->GetView(row), true, out); };
      }
    }
    const arrow::Array* nulls = array.get();
    const bool quote_numbers =
        options_.quoting == CsvWriteOptions::Quoting::kAll && arrow::is_primitive(array->type_id());
    return FieldWriter([this, nulls, value = std::move(value), quote_numbers](int64_t row, std::string* out) {
      if (nulls->IsNull(row)) {
        quoter_.Append(options_.na_rep, false, out);
      } else if (quote_numbers) {
        std::string text;
        value(row, &text);
        quoter_.Append(text, false, out);
      } else {
        value(row, out);
      }
    });
  }

  std::unique_ptr<PendingFile> file_;
  std::shared_ptr<arrow::util::Codec> codec_;
  std::shared_ptr<arrow::io::OutputStream> out_;
  const CsvWriteOptions options_;
  FieldQuoter quoter_;
  arrow::MemoryPool* pool_;
  std::string text_;
};

class CsvTarget : public WriteTarget {
 public:
  CsvTarget(std::shared_ptr<const Store> store, std::string path, int64_t partitions, CsvWriteOptions options,
            std::shared_ptr<arrow::util::Codec> codec)
      : store_(std::move(store)), path_(std::move(path)), options_(std::move(options)), codec_(std::move(codec)) {
    width_ = std::to_string(std::max<int64_t>(0, partitions - 1)).size();
  }

  std::string_view format() const override { return "csv"; }
  std::string Path(int64_t partition) const override {
    if (options_.single_file) return path_;
    std::string number = std::to_string(partition);
    number.insert(0, width_ > number.size() ? width_ - number.size() : 0, '0');
    const size_t star = path_.find('*');
    if (star != std::string::npos) return path_.substr(0, star) + number + path_.substr(star + 1);
    return path_ + (path_.ends_with('/') ? "" : "/") + number + ".part";
  }

  Result<std::unique_ptr<PartitionWriter>> Open(int64_t partition, const std::shared_ptr<arrow::Schema>& schema,
                                                arrow::MemoryPool* pool) const override {
    ASSIGN_OR_RETURN(auto file, store_->Create(Path(partition)));
    std::shared_ptr<arrow::io::OutputStream> out = file->stream();
    if (codec_) {
      ASSIGN_OR_RETURN(out, arrow::io::CompressedOutputStream::Make(codec_.get(), out, pool));
    }
    auto writer = std::make_unique<CsvPartitionWriter>(std::move(file), codec_, std::move(out), options_, pool);
    if (options_.header && !(options_.header_first_partition_only && partition > 0)) writer->WriteHeader(*schema);
    return writer;
  }

  std::string Fingerprint() const override { return "csv|" + Path(0) + "|" + std::string(1, options_.sep); }
  std::string ToString() const override { return "to_csv(" + path_ + ")"; }

 private:
  std::shared_ptr<const Store> store_;
  std::string path_;
  CsvWriteOptions options_;
  std::shared_ptr<arrow::util::Codec> codec_;
  size_t width_ = 1;
};

Result<std::shared_ptr<arrow::util::Codec>> CodecOf(const std::string& path, const CsvWriteOptions& options) {
  std::string name = options.compression;
  if (name == "infer") {
    name = "none";
    for (const auto& [suffix, codec] :
         {std::pair{".gz", "gzip"}, {".bz2", "bz2"}, {".zst", "zstd"}, {".lz4", "lz4"}, {".br", "brotli"}}) {
      if (path.ends_with(suffix)) name = codec;
    }
  }
  if (name == "none" || name.empty()) return nullptr;
  const auto kind = arrow::util::Codec::GetCompressionType(name);
  if (!kind.ok())
    return Status::Invalid("unknown compression '", name, "'; gzip, bz2, zstd, lz4, brotli and none are accepted");
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::util::Codec> codec, arrow::util::Codec::Create(*kind));
  return codec;
}

}  // namespace

Result<std::shared_ptr<const WriteTarget>> MakeCsvTarget(const std::string& path, int64_t partitions,
                                                         const CsvWriteOptions& options) {
  RETURN_IF_ERROR(arrow::compute::Initialize());
  ASSIGN_OR_RETURN(const auto store, StoreOf(path));
  ASSIGN_OR_RETURN(const auto codec, CodecOf(path, options));
  const bool folder = !options.single_file && path.find('*') == std::string::npos;
  const size_t slash = path.find_last_of('/');
  if (folder) {
    RETURN_IF_ERROR(store->MakeFolder(path));
  } else if (slash != std::string::npos && slash > 0) {
    RETURN_IF_ERROR(store->MakeFolder(path.substr(0, slash)));
  }
  return std::make_shared<CsvTarget>(store, path, partitions, options, codec);
}

}  // namespace swath::io
