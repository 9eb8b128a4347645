// CRC32C (Castagnoli), the checksum of frames on connections without TLS. By the processor's instruction where it has
// one (SSE 4.2), else by tables; the same number everywhere.
#pragma once

#include <cstddef>
#include <cstdint>

namespace swath::net {

// Continues `crc` (0 to begin) over `size` bytes: Crc32c(Crc32c(0, a), b) is that of a followed by b.
uint32_t Crc32c(uint32_t crc, const void* data, size_t size);

namespace internal {
uint32_t Crc32cByTables(uint32_t crc, const void* data, size_t size);  // the portable one, for tests
}  // namespace internal
}  // namespace swath::net
