#include "swath/io/formats/text_lines.h"

#include <algorithm>
#include <cstring>

#include <simdjson.h>

#include "arrow/array.h"
#include "arrow/buffer.h"
#include "arrow/builder.h"
#include "arrow/io/interfaces.h"

namespace swath::io {
namespace {

constexpr size_t kBlockBytes = 256 << 10;  // what is read at once stays in the L2 cache while it is worked on
constexpr size_t kPaddingBytes = 64;

// The length of the line that `text` begins with, its end included; `kept`: bytes of it without the end.
size_t UniversalLine(std::string_view text, size_t* kept) {
  const size_t end = text.find_first_of("\r\n");
  if (end == std::string_view::npos) {
    *kept = text.size();
    return text.size();
  }
  *kept = end;
  return end + (text[end] == '\r' && end + 1 < text.size() && text[end + 1] == '\n' ? 2 : 1);
}

}  // namespace

TextLines::TextLines(std::shared_ptr<arrow::io::InputStream> text, LineRule rule, bool skip_first, int64_t end,
                     bool checked, TextErrors errors, bool ascii, std::string path, arrow::MemoryPool* pool)
    : text_(std::move(text)),
      rule_(std::move(rule)),
      skip_first_(skip_first),
      end_(end),
      checked_(checked),
      errors_(errors),
      ascii_(ascii),
      path_(std::move(path)),
      pool_(pool) {}

Result<std::string_view> TextLines::NextText() {
  const std::string& delimiter = rule_.delimiter;
  buffer_.erase(0, at_);
  at_ = 0;
  size_t searched = 0;
  for (;;) {
    if (position_ >= end_ && !skip_first_) return std::string_view();
    // A search for the last delimiter of what came in since the last one.
    size_t whole = 0;
    const std::string_view fresh = std::string_view(buffer_).substr(searched);
    if (skip_first_) {
      if (const size_t first = fresh.find(delimiter); first != fresh.npos) {
        skip_first_ = false;
        at_ = searched + first + delimiter.size();
        position_ += static_cast<int64_t>(at_);
        buffer_.erase(0, at_);
        at_ = 0;
        searched = 0;
        continue;
      }
    } else if (const size_t last = fresh.rfind(delimiter); last != fresh.npos) {
      whole = searched + last + delimiter.size();
    }
    if (ended_ && whole == 0) whole = skip_first_ ? 0 : buffer_.size();
    if (whole > 0) {
      // Lines that begin at end_ or later belong to the next partition: the last of ours ends with the first delimiter
      // that ends at end_ or behind it.
      if (const int64_t inside = end_ - position_; inside < static_cast<int64_t>(whole)) {
        const auto from = static_cast<size_t>(std::max<int64_t>(0, inside - static_cast<int64_t>(delimiter.size())));
        if (const size_t last = buffer_.find(delimiter, from); last != std::string::npos) {
          whole = std::min(whole, last + delimiter.size());
        }
      }
      at_ = whole;
      position_ += static_cast<int64_t>(whole);
      ends_with_delimiter_ = std::string_view(buffer_).substr(0, whole).ends_with(delimiter);
      return std::string_view(buffer_).substr(0, whole);
    }
    if (ended_) return std::string_view();
    searched = buffer_.size() >= delimiter.size() ? buffer_.size() - delimiter.size() + 1 : 0;
    const size_t before = buffer_.size();
    buffer_.resize(before + kBlockBytes);
    ASSIGN_OR_RETURN(const int64_t got, text_->Read(kBlockBytes, buffer_.data() + before));
    buffer_.resize(before + static_cast<size_t>(got));
    ended_ = got == 0;
  }
}

Status TextLines::Check(std::string_view* text) {
  if (checked_) return Status::OK();
  const int64_t offset = position_ - static_cast<int64_t>(text->size());
  if (ascii_) {
    const auto bad = std::find_if(text->begin(), text->end(), [](char c) { return (c & 0x80) != 0; });
    if (bad == text->end()) return Status::OK();
    if (errors_ == TextErrors::kStrict) {
      return Status::Invalid("'ascii' codec can't decode byte ", static_cast<int>(static_cast<unsigned char>(*bad)),
                             " in position ", offset + (bad - text->begin()), " of '", path_,
                             "': ordinal not in range(128)");
    }
    repaired_.clear();
    for (const char c : *text) {
      if ((c & 0x80) == 0) {
        repaired_ += c;
      } else if (errors_ == TextErrors::kReplace) {
        repaired_ += "\xEF\xBF\xBD";
      }
    }
    *text = repaired_;
    return Status::OK();
  }
  if (simdjson::validate_utf8(text->data(), text->size())) return Status::OK();
  ASSIGN_OR_RETURN(repaired_, RepairUtf8(*text, errors_, offset, path_));
  *text = repaired_;
  return Status::OK();
}

Result<std::shared_ptr<arrow::Array>> TextLines::Cut(std::string_view text) {
  const bool by_delimiter = rule_.kind == LineRule::Kind::kDelimiter || text.find('\r') == text.npos;
  const std::string_view delimiter =
      rule_.kind == LineRule::Kind::kDelimiter ? std::string_view(rule_.delimiter) : "\n";
  arrow::BufferBuilder data(pool_);
  arrow::TypedBufferBuilder<int64_t> offsets(pool_);
  RETURN_IF_ERROR(data.Reserve(static_cast<int64_t>(text.size() + kPaddingBytes)));
  RETURN_IF_ERROR(offsets.Reserve(static_cast<int64_t>(text.size() / 64 + 16)));
  RETURN_IF_ERROR(offsets.Append(0));
  if (by_delimiter) {
    data.UnsafeAppend(text.data(), static_cast<int64_t>(text.size()));
    for (size_t at = 0; at < text.size();) {
      const size_t end = delimiter.size() == 1
                             ? [&] {
                                 const auto* found = static_cast<const char*>(
                                     std::memchr(text.data() + at, delimiter[0], text.size() - at));
                                 return found ? static_cast<size_t>(found - text.data()) : text.npos;
                               }()
                             : text.find(delimiter, at);
      at = end == text.npos ? text.size() : end + delimiter.size();
      RETURN_IF_ERROR(offsets.Append(static_cast<int64_t>(at)));
    }
  } else {
    while (!text.empty()) {
      size_t kept = 0;
      const size_t line = UniversalLine(text, &kept);
      if (rule_.kind == LineRule::Kind::kUniversalKept) {
        data.UnsafeAppend(text.data(), static_cast<int64_t>(line));
      } else {
        data.UnsafeAppend(text.data(), static_cast<int64_t>(kept));
        if (kept < line) data.UnsafeAppend("\n", 1);
      }
      RETURN_IF_ERROR(offsets.Append(data.length()));
      text.remove_prefix(line);
    }
  }
  const int64_t lines = offsets.length() - 1;
  ASSIGN_OR_RETURN(auto offset_buffer, offsets.Finish(false));
  ASSIGN_OR_RETURN(auto data_buffer, data.Finish(false));
  return std::make_shared<arrow::LargeStringArray>(lines, std::move(offset_buffer), std::move(data_buffer));
}

Result<std::shared_ptr<arrow::Array>> TextLines::Next() {
  ASSIGN_OR_RETURN(std::string_view text, NextText());
  if (text.empty()) return nullptr;
  RETURN_IF_ERROR(Check(&text));
  return Cut(text);
}

}  // namespace swath::io
