// Suggestions for misspelt names in error messages.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace swath {

// Up to `count` of `names` that are close to `name` (edit distance, case ignored), nearest first; ties keep the order
// of `names`.
std::vector<std::string> NearestNames(std::string_view name, std::span<const std::string> names, size_t count = 3);

// "; did you mean 'carrier' or 'carriers'?" or, when nothing is close, an empty string.
std::string DidYouMean(std::string_view name, std::span<const std::string> names);

}  // namespace swath
