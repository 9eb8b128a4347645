// The text of a CSV file as the parser wants it: decompressed, UTF-8, without comments and without blanks before
// fields.
#include <algorithm>
#include <cstring>

#include "arrow/buffer.h"
#include "arrow/io/compressed.h"
#include "arrow/io/interfaces.h"
#include "arrow/util/compression.h"

#include "swath/io/formats/csv_plan.h"
#include "swath/io/formats/input_streams.h"
#include "swath/io/formats/text_xz.h"

namespace swath::io {
namespace {

std::string CompressionOf(const std::string& path, const ops::CsvReadOptions& options) {
  if (options.compression != "infer") return options.compression == "none" ? "" : options.compression;
  for (const auto& [suffix, name] : {std::pair{".gz", "gzip"},
                                     {".bz2", "bz2"},
                                     {".zst", "zstd"},
                                     {".lz4", "lz4"},
                                     {".br", "brotli"},
                                     {".xz", "xz"}}) {
    if (path.ends_with(suffix)) return name;
  }
  return "";
}

bool IsLatin1(const std::string& encoding) {
  return encoding == "latin-1" || encoding == "latin1" || encoding == "iso-8859-1" || encoding == "cp1252";
}

bool NeedsFilter(const ops::CsvReadOptions& options) {
  return options.comment || options.skipinitialspace || IsLatin1(options.encoding);
}

// Rewrites a text as it is read. Keeps the state between reads.
class FilteredText : public RewrittenInput {
 public:
  FilteredText(std::shared_ptr<arrow::io::InputStream> input, const ops::CsvReadOptions& options)
      : RewrittenInput(std::move(input)), options_(options), latin1_(IsLatin1(options.encoding)) {}

 private:
  Result<bool> Refill(std::string* text) override {
    char raw[64 << 10];
    ASSIGN_OR_RETURN(const int64_t got, input().Read(sizeof raw, raw));
    for (int64_t i = 0; i < got; ++i) Take(raw[i], text);
    return got == 0;
  }

  void Take(char c, std::string* text) {
    const bool at_start = field_start_;
    if (in_comment_) {
      if (c != '\n') return;
      in_comment_ = false;
    }
    if (c == options_.quotechar && options_.quoting) {
      if (quoted_ || at_start) quoted_ = !quoted_;
      field_start_ = false;
    } else if (!quoted_) {
      if (options_.comment && c == *options_.comment) {
        in_comment_ = true;
        return;
      }
      if (options_.skipinitialspace && at_start && c == ' ') return;
      field_start_ = c == options_.sep || c == '\n' || c == '\r';
    }
    const auto byte = static_cast<unsigned char>(c);
    if (latin1_ && byte >= 0x80) {
      text->push_back(static_cast<char>(0xC0 | (byte >> 6)));
      text->push_back(static_cast<char>(0x80 | (byte & 0x3F)));
    } else {
      text->push_back(c);
    }
  }

  const ops::CsvReadOptions& options_;
  const bool latin1_;
  bool quoted_ = false;
  bool field_start_ = true;
  bool in_comment_ = false;
};

}  // namespace

bool IsStream(const std::string& path, const ops::CsvReadOptions& options) {
  return options.blocksize <= 0 || options.nrows || options.escapechar || NeedsFilter(options) ||
         !CompressionOf(path, options).empty();
}

Result<std::shared_ptr<arrow::io::InputStream>> OpenText(const Store& store, const std::string& path,
                                                         const ops::CsvReadOptions& options) {
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::io::InputStream> text, store.Open(path));
  const std::string compression = CompressionOf(path, options);
  if (compression == "xz") {
    text = MakeXzInput(std::move(text));
  } else if (!compression.empty()) {
    const std::string name = compression == "gz" ? "gzip" : compression == "zst" ? "zstd" : compression;
    auto kind = arrow::util::Codec::GetCompressionType(name);
    if (!kind.ok()) {
      return Status::NotImplemented("cannot read '", path, "': unknown compression '", compression,
                                    "'; gzip, bz2, zstd, lz4, brotli and xz are read");
    }
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::util::Codec> codec, arrow::util::Codec::Create(*kind));
    ASSIGN_OR_RETURN(auto decompressed, arrow::io::CompressedInputStream::Make(codec.get(), text));
    // The stream borrows the codec: keep both together.
    text = std::shared_ptr<arrow::io::InputStream>(decompressed.get(), [decompressed, codec](auto*) mutable {
      decompressed.reset();
      codec.reset();
    });
  }
  if (NeedsFilter(options)) text = std::make_shared<FilteredText>(std::move(text), options);
  return text;
}

}  // namespace swath::io
