// The order of file names that people expect, and Dask uses: digits compare as numbers ("part.2" before "part.10").
#pragma once

#include <string_view>

namespace swath::io {

bool NaturalLess(std::string_view a, std::string_view b);
// Shell patterns: * (no slash), ?, [abc], [!abc].
bool MatchesPattern(std::string_view pattern, std::string_view text);
inline bool IsPattern(std::string_view path) { return path.find_first_of("*?[") != std::string_view::npos; }

}  // namespace swath::io
