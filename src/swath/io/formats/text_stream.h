// Text files as streams of bytes: compressed or plain, in any encoding that iconv knows, as UTF-8.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "arrow/io/type_fwd.h"
#include "arrow/type_fwd.h"

#include "swath/base/status.h"
#include "swath/io/stores/store.h"

namespace swath::io {

// "" (none), "gzip", "bz2", "xz", "zstd", "lz4", "brotli": of "infer" by the file's ending, of "gz", "zst", None's
// "none" and the names themselves. Invalid for others.
Result<std::string> TextCompression(std::string_view compression, std::string_view path);

// What is done with bytes that are not of the encoding.
enum class TextErrors : uint8_t { kStrict, kIgnore, kReplace };
Result<TextErrors> ParseTextErrors(std::string_view errors);

// "utf-8" for all its spellings, "ascii", "utf-8-sig", else a name that iconv accepts. Invalid for unknown ones.
Result<std::string> TextEncoding(std::string_view encoding);

// The bytes of a file, decompressed.
Result<std::shared_ptr<arrow::io::InputStream>> OpenDecompressed(const Store& store, const std::string& path,
                                                                 const std::string& compression);
// `bytes` in `encoding` (not UTF-8) as UTF-8.
std::shared_ptr<arrow::io::InputStream> DecodedStream(std::shared_ptr<arrow::io::InputStream> bytes,
                                                      const std::string& encoding, TextErrors errors,
                                                      const std::string& path);
// Compresses what is written; closing it closes `out`.
Result<std::shared_ptr<arrow::io::OutputStream>> CompressedOut(std::shared_ptr<arrow::io::OutputStream> out,
                                                               const std::string& compression, arrow::MemoryPool* pool);

// Valid UTF-8 out of `text`: bytes that are none are left out or become U+FFFD (one for each maximal part of a
// character, as Python does); kStrict: Invalid with the byte and its position (`offset` is that of text[0]).
Result<std::string> RepairUtf8(std::string_view text, TextErrors errors, int64_t offset, const std::string& path);

}  // namespace swath::io
