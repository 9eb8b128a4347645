#include "swath/io/formats/text_stream.h"

#include <cerrno>
#include <cstring>
#include <vector>

#include <iconv.h>

#include "arrow/buffer.h"
#include "arrow/io/compressed.h"
#include "arrow/io/interfaces.h"
#include "arrow/util/compression.h"

#include "swath/io/formats/input_streams.h"
#include "swath/io/formats/text_xz.h"

namespace swath::io {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr size_t kDecodeBytes = 64 << 10;

Result<std::shared_ptr<arrow::util::Codec>> CodecNamed(const std::string& name) {
  ASSIGN_OR_RETURN(const auto kind, arrow::util::Codec::GetCompressionType(name));
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::util::Codec> codec, arrow::util::Codec::Create(kind));
  return codec;
}

class IconvText : public RewrittenInput {
 public:
  IconvText(std::shared_ptr<arrow::io::InputStream> input, std::string encoding, TextErrors errors, std::string path)
      : RewrittenInput(std::move(input)),
        encoding_(std::move(encoding)),
        errors_(errors),
        path_(std::move(path)),
        converter_(iconv_open("UTF-8", encoding_.c_str())),
        raw_(kDecodeBytes) {}
  ~IconvText() override { iconv_close(converter_); }

 private:
  Result<bool> Refill(std::string* text) override {
    ASSIGN_OR_RETURN(const int64_t got, input().Read(static_cast<int64_t>(raw_.size() - kept_), raw_.data() + kept_));
    const bool ended = got == 0;
    char* in = raw_.data();
    size_t left = kept_ + static_cast<size_t>(got);
    const size_t all = left;
    while (left > 0) {
      char buffer[4096];
      char* to = buffer;
      size_t room = sizeof buffer;
      const size_t result = iconv(converter_, &in, &left, &to, &room);
      const int error = errno;
      text->append(buffer, sizeof buffer - room);
      if (result != static_cast<size_t>(-1) || error == E2BIG) continue;
      if (error == EINVAL && !ended) break;  // a character goes on in the next block
      if (errors_ == TextErrors::kStrict) {
        return Status::Invalid("'", encoding_, "' codec can't decode byte 0x", Hex(*in), " in position ",
                               read_ + static_cast<int64_t>(all - left), " of '", path_, "'");
      }
      if (errors_ == TextErrors::kReplace) *text += kReplacement;
      ++in;
      --left;
    }
    read_ += static_cast<int64_t>(all - left);
    kept_ = left;
    std::memmove(raw_.data(), in, left);
    return ended;
  }

  static std::string Hex(char c) {
    static constexpr char kDigits[] = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    return {kDigits[byte >> 4], kDigits[byte & 15]};
  }

  const std::string encoding_;
  const TextErrors errors_;
  const std::string path_;
  iconv_t converter_;
  std::vector<char> raw_;
  size_t kept_ = 0;  // bytes of a character that was cut
  int64_t read_ = 0;
};

// Bytes of the valid character at text[at], or 0 and in *bad the bytes of the maximal part of one (at least 1).
size_t CharacterAt(std::string_view text, size_t at, size_t* bad) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return 1;
  *bad = 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  for (size_t i = 1; i < size; ++i) {
    if (at + i >= text.size() || byte(at + i) < low || byte(at + i) > high) return 0;
    low = 0x80;
    high = 0xBF;
    *bad = i + 1;
  }
  return size;
}

}  // namespace

Result<std::string> TextCompression(std::string_view compression, std::string_view path) {
  if (compression == "infer") {
    for (const auto& [suffix, name] : {std::pair{".gz", "gzip"},
                                       {".bz2", "bz2"},
                                       {".xz", "xz"},
                                       {".zst", "zstd"},
                                       {".lz4", "lz4"},
                                       {".br", "brotli"}}) {
      if (path.ends_with(suffix)) return std::string(name);
    }
    return std::string();
  }
  if (compression == "none" || compression.empty()) return std::string();
  if (compression == "gz") return std::string("gzip");
  if (compression == "zst") return std::string("zstd");
  if (compression == "lzma") return std::string("xz");
  for (const std::string_view known : {"gzip", "bz2", "xz", "zstd", "lz4", "brotli"}) {
    if (compression == known) return std::string(known);
  }
  return Status::Invalid("unknown compression '", compression,
                         "'; gzip, bz2, xz, zstd, lz4, brotli, None and 'infer' are accepted");
}

Result<TextErrors> ParseTextErrors(std::string_view errors) {
  if (errors == "strict" || errors.empty()) return TextErrors::kStrict;
  if (errors == "ignore") return TextErrors::kIgnore;
  if (errors == "replace") return TextErrors::kReplace;
  return Status::Invalid("errors='", errors, "'; accepted: 'strict', 'ignore', 'replace'");
}

Result<std::string> TextEncoding(std::string_view encoding) {
  std::string name;
  for (const char c : encoding) name += c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (name == "utf8" || name == "utf-8" || name == "u8" || name == "cp65001") return std::string("utf-8");
  if (name == "utf-8-sig" || name == "utf8-sig") return std::string("utf-8-sig");
  if (name == "ascii" || name == "us-ascii" || name == "646") return std::string("ascii");
  if (name == "latin-1" || name == "latin1" || name == "l1" || name == "8859") name = "iso-8859-1";
  const iconv_t converter = iconv_open("UTF-8", name.c_str());
  if (converter == reinterpret_cast<iconv_t>(-1)) return Status::KeyError("unknown encoding: ", encoding);
  iconv_close(converter);
  return name;
}

Result<std::shared_ptr<arrow::io::InputStream>> OpenDecompressed(const Store& store, const std::string& path,
                                                                 const std::string& compression) {
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::io::InputStream> bytes, store.Open(path));
  if (compression.empty()) return bytes;
  if (compression == "xz") return MakeXzInput(std::move(bytes));
  ASSIGN_OR_RETURN(const auto codec, CodecNamed(compression));
  ASSIGN_OR_RETURN(auto stream, arrow::io::CompressedInputStream::Make(codec.get(), bytes));
  // The stream borrows the codec: keep both together.
  auto* raw = stream.get();
  return std::shared_ptr<arrow::io::InputStream>(
      raw, [stream, codec = std::shared_ptr<arrow::util::Codec>(codec)](auto*) mutable {
        stream.reset();
        codec.reset();
      });
}

std::shared_ptr<arrow::io::InputStream> DecodedStream(std::shared_ptr<arrow::io::InputStream> bytes,
                                                      const std::string& encoding, TextErrors errors,
                                                      const std::string& path) {
  return std::make_shared<IconvText>(std::move(bytes), encoding, errors, path);
}

Result<std::shared_ptr<arrow::io::OutputStream>> CompressedOut(std::shared_ptr<arrow::io::OutputStream> out,
                                                               const std::string& compression,
                                                               arrow::MemoryPool* pool) {
  if (compression.empty()) return out;
  if (compression == "xz") return MakeXzOutput(std::move(out));
  ASSIGN_OR_RETURN(const auto codec, CodecNamed(compression));
  ASSIGN_OR_RETURN(auto stream, arrow::io::CompressedOutputStream::Make(codec.get(), out, pool));
  auto* raw = stream.get();
  return std::shared_ptr<arrow::io::OutputStream>(
      raw, [stream, codec = std::shared_ptr<arrow::util::Codec>(codec)](auto*) mutable {
        stream.reset();
        codec.reset();
      });
}

Result<std::string> RepairUtf8(std::string_view text, TextErrors errors, int64_t offset, const std::string& path) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    size_t bad = 0;
    if (const size_t size = CharacterAt(text, at, &bad); size > 0) {
      out.append(text.substr(at, size));
      at += size;
      continue;
    }
    if (errors == TextErrors::kStrict) {
      static constexpr char kDigits[] = "0123456789abcdef";
      const auto byte = static_cast<unsigned char>(text[at]);
      const std::string hex{kDigits[byte >> 4], kDigits[byte & 15]};
      const bool start = byte < 0xC2 || byte > 0xF4;
      return Status::Invalid("'utf-8' codec can't decode byte 0x", hex, " in position ",
                             offset + static_cast<int64_t>(at), " of '", path,
                             "': ", start ? "invalid start byte" : "invalid continuation byte");
    }
    if (errors == TextErrors::kReplace) out += kReplacement;
    at += bad;
  }
  return out;
}

}  // namespace swath::io
