// TextLines: cuts a stream of UTF-8 into lines, block by block, each block an Arrow column on one buffer. Not
// thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "arrow/io/type_fwd.h"
#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/io/formats/text_stream.h"

namespace swath::io {

// Where a line ends, and whether it is written as "\n" then.
struct LineRule {
  enum class Kind : uint8_t { kUniversal, kUniversalKept, kDelimiter };
  Kind kind = Kind::kUniversal;
  std::string delimiter = "\n";  // of kDelimiter; for the others what partitions are cut at
};

class TextLines {
 public:
  // Lines of `text` that begin before byte `end` of it, the first of which begins behind the first delimiter when
  // `skip_first`. `checked`: the text is valid UTF-8.
  TextLines(std::shared_ptr<arrow::io::InputStream> text, LineRule rule, bool skip_first, int64_t end, bool checked,
            TextErrors errors, bool ascii, std::string path, arrow::MemoryPool* pool);
  // The next lines (LargeStringArray), or null at the end.
  Result<std::shared_ptr<arrow::Array>> Next();
  // Does the text end with a delimiter? Known at the end.
  bool ends_with_delimiter() const { return ends_with_delimiter_; }

 private:
  Result<std::string_view> NextText();  // whole lines by the delimiter
  Status Check(std::string_view* text);
  Result<std::shared_ptr<arrow::Array>> Cut(std::string_view text);

  std::shared_ptr<arrow::io::InputStream> text_;
  const LineRule rule_;
  bool skip_first_;
  const int64_t end_;
  const bool checked_;
  const TextErrors errors_;
  const bool ascii_;
  const std::string path_;
  arrow::MemoryPool* pool_;
  std::string buffer_;  // read and not given out: from at_ on
  size_t at_ = 0;
  int64_t position_ = 0;  // of buffer_[at_] in the text
  std::string repaired_;
  bool ended_ = false;
  bool ends_with_delimiter_ = false;
};

}  // namespace swath::io
