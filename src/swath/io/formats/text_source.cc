#include "swath/io/formats/text_source.h"

#include <algorithm>
#include <filesystem>

#include "arrow/array.h"
#include "arrow/builder.h"
#include "arrow/compute/expression.h"
#include "arrow/io/interfaces.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "swath/base/token.h"
#include "swath/base/units.h"
#include "swath/io/formats/input_streams.h"
#include "swath/io/formats/text_lines.h"
#include "swath/io/formats/text_stream.h"
#include "swath/io/stores/store.h"
#include "swath/ops/bag_column.h"

namespace swath::io {
namespace {

using ops::BatchReader;
using ops::ScanSource;

// A part of a file: lines that begin in [begin, end).
struct TextPiece {
  size_t file = 0;
  int64_t begin = 0;
  int64_t end = 0;
};

struct TextPlan {
  std::shared_ptr<const Store> store;
  std::vector<FileInfo> files;
  TextReadOptions options;
  std::string encoding;
  TextErrors errors = TextErrors::kStrict;
  LineRule rule;
  std::vector<std::vector<TextPiece>> partitions;
  std::shared_ptr<arrow::Schema> schema;
};

class TextReader : public BatchReader {
 public:
  TextReader(std::shared_ptr<const TextPlan> plan, int64_t partition, arrow::MemoryPool* pool)
      : plan_(std::move(plan)), pieces_(plan_->partitions[static_cast<size_t>(partition)]), pool_(pool) {}

  Result<std::shared_ptr<arrow::RecordBatch>> Next() override {
    for (;;) {
      if (!lines_) {
        if (next_ == pieces_.size()) return nullptr;
        RETURN_IF_ERROR(OpenPiece(pieces_[next_++]));
      }
      ASSIGN_OR_RETURN(auto lines, lines_->Next());
      if (!lines) {
        lines = LastPart();
        lines_.reset();
        if (!lines) continue;
      }
      return Batch(std::move(lines));
    }
  }

 private:
  Status OpenPiece(const TextPiece& piece) {
    const std::string& path = plan_->files[piece.file].path;
    ASSIGN_OR_RETURN(const std::string compression, TextCompression(plan_->options.compression, path));
    const auto& rule = plan_->rule;
    const bool ascii = plan_->encoding == "ascii";
    bool checked = false;
    std::shared_ptr<arrow::io::InputStream> text;
    bool skip_first = false;
    int64_t end = INT64_MAX;
    if (plan_->options.blocksize > 0) {
      ASSIGN_OR_RETURN(auto file, plan_->store->Open(path));
      // A line that begins at `begin` is ours: look for its delimiter before.
      const int64_t start = std::max<int64_t>(0, piece.begin - static_cast<int64_t>(rule.delimiter.size()));
      skip_first = piece.begin > 0;
      end = piece.end - start;
      text = std::make_shared<RangeInput>(std::move(file), start);
    } else {
      ASSIGN_OR_RETURN(text, OpenDecompressed(*plan_->store, path, compression));
    }
    if (plan_->encoding == "utf-8-sig") {
      if (piece.begin == 0) RETURN_IF_ERROR(SkipMark(&text, path, compression));
    } else if (plan_->encoding != "utf-8" && !ascii) {
      text = DecodedStream(std::move(text), plan_->encoding, plan_->errors, path);
      checked = true;
    }
    lines_ =
        std::make_unique<TextLines>(std::move(text), rule, skip_first, end, checked, plan_->errors, ascii, path, pool_);
    path_ = std::filesystem::absolute(path).lexically_normal().string();
    any_ = false;
    return Status::OK();
  }

  // Leaves out the byte order mark.
  Status SkipMark(std::shared_ptr<arrow::io::InputStream>* text, const std::string& path,
                  const std::string& compression) {
    char mark[3];
    ASSIGN_OR_RETURN(const int64_t got, (*text)->Read(3, mark));
    if (got == 3 && std::string_view(mark, 3) == "\xEF\xBB\xBF") return Status::OK();
    ASSIGN_OR_RETURN(*text, OpenDecompressed(*plan_->store, path, compression));
    return Status::OK();
  }

  // What stands behind the last delimiter of a file that is split at a text of the user's: empty when the file ends
  // with it, as str.split() gives it.
  std::shared_ptr<arrow::Array> LastPart() {
    const bool split = plan_->rule.kind == LineRule::Kind::kDelimiter && plan_->options.blocksize == 0 &&
                       plan_->rule.delimiter != "\n" && plan_->rule.delimiter != "\r" &&
                       plan_->rule.delimiter != "\r\n";
    if (!split || !any_ || !lines_->ends_with_delimiter()) return nullptr;
    return arrow::MakeArrayFromScalar(arrow::LargeStringScalar(""), 1).ValueOr(nullptr);
  }

  Result<std::shared_ptr<arrow::RecordBatch>> Batch(std::shared_ptr<arrow::Array> lines) {
    any_ = true;
    const int64_t rows = lines->length();
    arrow::ArrayVector columns;
    for (const auto& field : plan_->schema->fields()) {
      if (field->name() == ops::kItemColumn) {
        columns.push_back(lines);
      } else {
        ASSIGN_OR_RETURN(auto paths, arrow::MakeArrayFromScalar(arrow::LargeStringScalar(path_), rows, pool_));
        columns.push_back(std::move(paths));
      }
    }
    return arrow::RecordBatch::Make(plan_->schema, rows, std::move(columns));
  }

  std::shared_ptr<const TextPlan> plan_;
  const std::vector<TextPiece>& pieces_;
  arrow::MemoryPool* pool_;
  size_t next_ = 0;
  std::unique_ptr<TextLines> lines_;
  std::string path_;
  bool any_ = false;  // lines of the piece
};

class TextSource : public ScanSource {
 public:
  explicit TextSource(std::shared_ptr<const TextPlan> plan) : plan_(std::move(plan)) {}
  std::string_view format() const override { return "text"; }
  const std::shared_ptr<arrow::Schema>& schema() const override { return plan_->schema; }
  int64_t partition_count() const override { return static_cast<int64_t>(plan_->partitions.size()); }

  std::string PartitionName(int64_t partition) const override {
    const TextPiece& piece = plan_->partitions[static_cast<size_t>(partition)].front();
    const std::string& path = plan_->files[piece.file].path;
    if (plan_->options.blocksize == 0) return path;
    return path + " [" + FormatBytes(piece.begin) + ", " + FormatBytes(piece.end) + ")";
  }

  int64_t EstimatedBytes(int64_t partition) const override {
    int64_t bytes = 0;
    for (const TextPiece& piece : plan_->partitions[static_cast<size_t>(partition)]) bytes += piece.end - piece.begin;
    return bytes;
  }

  Result<std::shared_ptr<const ScanSource>> WithColumns(std::vector<std::string> columns) const override {
    auto plan = std::make_shared<TextPlan>(*plan_);
    arrow::FieldVector fields;
    for (const std::string& name : columns) {
      const auto field = plan_->schema->GetFieldByName(name);
      if (!field) return Status::KeyError("lines of text have no column '", name, "'");
      fields.push_back(field);
    }
    plan->schema = arrow::schema(std::move(fields));
    return std::make_shared<TextSource>(std::move(plan));
  }

  Result<std::unique_ptr<BatchReader>> Open(int64_t partition, arrow::MemoryPool* pool) const override {
    return std::make_unique<TextReader>(plan_, partition, pool);
  }

  std::string Fingerprint() const override {
    const TextReadOptions& o = plan_->options;
    TokenBuilder token("read_text");
    token.Add(o.blocksize)
        .Add(o.files_per_partition)
        .Add(std::string_view(o.compression))
        .Add(std::string_view(plan_->encoding));
    token.Add(std::string_view(o.errors))
        .Add(std::string_view(o.linedelimiter ? "d" + *o.linedelimiter : ""))
        .Add(plan_->schema->ToString());
    for (const FileInfo& file : plan_->files)
      token.Add(std::string_view(file.path)).Add(file.size).Add(file.modified_ns);
    return token.Finish().ToString();
  }

  std::string ToString() const override {
    const std::string more = plan_->files.size() > 1 ? ", … (" + std::to_string(plan_->files.size()) + " files)" : "";
    return "read_text(" + plan_->files.front().path + more + ")";
  }

 private:
  std::shared_ptr<const TextPlan> plan_;
};

Result<LineRule> RuleOf(const TextReadOptions& options) {
  LineRule rule;
  if (!options.linedelimiter) return rule;
  if (options.linedelimiter->empty()) {
    rule.kind = LineRule::Kind::kUniversalKept;
    return rule;
  }
  rule.kind = LineRule::Kind::kDelimiter;
  rule.delimiter = *options.linedelimiter;
  return rule;
}

Status PlanPartitions(TextPlan* plan) {
  const TextReadOptions& options = plan->options;
  const int64_t group = std::max<int64_t>(1, options.files_per_partition);
  for (size_t file = 0; file < plan->files.size(); ++file) {
    const int64_t size = plan->files[file].size;
    if (options.blocksize == 0) {
      if (static_cast<int64_t>(file) % group == 0) plan->partitions.emplace_back();
      plan->partitions.back().push_back({file, 0, size});
      continue;
    }
    ASSIGN_OR_RETURN(const std::string compression, TextCompression(options.compression, plan->files[file].path));
    if (!compression.empty()) {
      return Status::Invalid("Cannot do chunked reads on compressed files. To read '", plan->files[file].path,
                             "', set blocksize=None");
    }
    const int64_t blocks = std::max<int64_t>(1, (size + options.blocksize - 1) / options.blocksize);
    for (int64_t block = 0; block < blocks; ++block) {
      const int64_t begin = block * options.blocksize;
      plan->partitions.push_back({{file, begin, std::min(size, begin + options.blocksize)}});
    }
  }
  return Status::OK();
}

// The numbers below `count`.
class RangeSource : public ScanSource {
 public:
  RangeSource(int64_t count, int64_t partitions)
      : count_(count),
        partitions_(partitions),
        schema_(arrow::schema({arrow::field(ops::kItemColumn, arrow::int64(), false)})) {}
  std::string_view format() const override { return "range"; }
  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }
  int64_t partition_count() const override { return partitions_; }
  std::string PartitionName(int64_t partition) const override { return "range part " + std::to_string(partition); }
  int64_t EstimatedBytes(int64_t partition) const override { return 8 * (End(partition) - Begin(partition)); }
  Result<std::shared_ptr<const ScanSource>> WithColumns(std::vector<std::string>) const override {
    return std::make_shared<RangeSource>(count_, partitions_);
  }

  Result<std::unique_ptr<BatchReader>> Open(int64_t partition, arrow::MemoryPool* pool) const override {
    class Reader : public BatchReader {
     public:
      Reader(int64_t begin, int64_t end, std::shared_ptr<arrow::Schema> schema, arrow::MemoryPool* pool)
          : next_(begin), end_(end), schema_(std::move(schema)), pool_(pool) {}
      Result<std::shared_ptr<arrow::RecordBatch>> Next() override {
        if (next_ == end_) return nullptr;
        const int64_t rows = std::min<int64_t>(end_ - next_, 32 << 10);
        arrow::Int64Builder builder(pool_);
        RETURN_IF_ERROR(builder.Reserve(rows));
        for (int64_t i = 0; i < rows; ++i) builder.UnsafeAppend(next_ + i);
        next_ += rows;
        ASSIGN_OR_RETURN(auto column, builder.Finish());
        return arrow::RecordBatch::Make(schema_, rows, {std::move(column)});
      }

     private:
      int64_t next_;
      int64_t end_;
      std::shared_ptr<arrow::Schema> schema_;
      arrow::MemoryPool* pool_;
    };
    return std::make_unique<Reader>(Begin(partition), End(partition), schema_, pool);
  }
  std::string Fingerprint() const override { return ToString() + "/" + std::to_string(partitions_); }
  std::string ToString() const override { return "range(" + std::to_string(count_) + ")"; }

 private:
  int64_t Begin(int64_t partition) const { return partition * (count_ / partitions_); }
  int64_t End(int64_t partition) const { return partition + 1 == partitions_ ? count_ : Begin(partition + 1); }
  int64_t count_;
  int64_t partitions_;
  std::shared_ptr<arrow::Schema> schema_;
};

}  // namespace

Result<std::shared_ptr<const ScanSource>> MakeTextSource(const std::vector<std::string>& paths,
                                                         const TextReadOptions& options) {
  if (paths.empty()) return Status::Invalid("No files found");
  if (options.blocksize < 0)
    return Status::Invalid("blocksize=", options.blocksize, "; must be a number of bytes, or None");
  if (options.blocksize > 0 && options.files_per_partition > 0) {
    return Status::Invalid("Only one of blocksize or files_per_partition can be set");
  }
  auto plan = std::make_shared<TextPlan>();
  plan->options = options;
  ASSIGN_OR_RETURN(plan->encoding, TextEncoding(options.encoding));
  ASSIGN_OR_RETURN(plan->errors, ParseTextErrors(options.errors));
  ASSIGN_OR_RETURN(plan->rule, RuleOf(options));
  RETURN_IF_ERROR(TextCompression(options.compression, "").status());
  ASSIGN_OR_RETURN(plan->store, StoreOf(paths.front()));
  ASSIGN_OR_RETURN(plan->files, ExpandPaths(*plan->store, paths));
  RETURN_IF_ERROR(PlanPartitions(plan.get()));
  arrow::FieldVector fields = {arrow::field(ops::kItemColumn, arrow::large_utf8(), false)};
  if (options.include_path) fields.push_back(arrow::field(ops::kPathColumn, arrow::large_utf8(), false));
  plan->schema = arrow::schema(std::move(fields));
  return std::make_shared<TextSource>(std::move(plan));
}

Result<std::shared_ptr<const ScanSource>> MakeRangeSource(int64_t count, int64_t partitions) {
  if (count < 0) return Status::Invalid("range(", count, "): the number of items must not be negative");
  if (partitions < 1) return Status::Invalid("npartitions=", partitions, "; must be at least 1");
  return std::make_shared<RangeSource>(count, std::max<int64_t>(1, std::min(partitions, count)));
}

}  // namespace swath::io
