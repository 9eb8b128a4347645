// Secret: the 256-bit token that proves that a peer belongs to the cluster. Made from the system's random numbers,
// compared in constant time, kept in a file that only its owner can read, never printed.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "swath/base/status.h"

namespace swath::net {

class Secret {
 public:
  static constexpr size_t kBytes = 32;
  Secret() = default;
  explicit Secret(const std::array<uint8_t, kBytes>& bytes) : bytes_(bytes) {}

  static Result<Secret> Random();
  // 64 hexadecimal digits; the message of an error never repeats the text.
  static Result<Secret> Parse(std::string_view hex);
  // Invalid when others than the owner may read the file: says the mode and the command that mends it.
  static Result<Secret> ReadFile(const std::string& path);
  // Mode 0600 from the first moment; replaces a file that is there.
  Status WriteFile(const std::string& path) const;

  std::string ToHex() const;
  const std::array<uint8_t, kBytes>& bytes() const { return bytes_; }
  // Takes the same time wherever the secrets differ.
  bool Equals(const Secret& other) const;

 private:
  std::array<uint8_t, kBytes> bytes_{};
};

// Writes `text` to `path` with mode 0600, complete or not at all. For keys and connection files.
Status WritePrivateFile(const std::string& path, std::string_view text);
// The file's text; Invalid when its mode lets others read it.
Result<std::string> ReadPrivateFile(const std::string& path);

}  // namespace swath::net
