// Quantities as people write them: bytes and durations, parsed and printed by dask.utils' rules.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "swath/base/status.h"

namespace swath {

// "64MiB" -> 67108864, "1.5 GB" -> 1500000000, "100" -> 100, "1e6" -> 1000000, "MB" -> 1000000. Units: B, k/K, M, G, T,
// P with or without B (powers of 1000) and Ki, Mi, Gi, Ti, Pi (powers of 1024), in any case. Invalid names the text.
Result<int64_t> ParseBytes(std::string_view text);

// 67108864 -> "64.00 MiB"; below 922 bytes "12 B". As dask.utils.format_bytes.
std::string FormatBytes(int64_t bytes);

// "300ms" -> 0.3, "5 minutes" -> 300, "1.5h" -> 5400, "2 days"; a bare number counts `default_unit`. The result is in
// seconds.
Result<double> ParseTimedelta(std::string_view text, std::string_view default_unit = "seconds");

// Seconds -> "1.50 us", "20.00 ms", "3.00 s", "20m 34s", "3hr 25m", "14d 6hr". As dask.utils.format_time.
std::string FormatTime(double seconds);

namespace literals {
constexpr int64_t operator""_KiB(unsigned long long n) { return static_cast<int64_t>(n << 10); }
constexpr int64_t operator""_MiB(unsigned long long n) { return static_cast<int64_t>(n << 20); }
constexpr int64_t operator""_GiB(unsigned long long n) { return static_cast<int64_t>(n << 30); }
}  // namespace literals

}  // namespace swath
