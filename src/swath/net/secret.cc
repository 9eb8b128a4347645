#include "swath/net/secret.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

namespace swath::net {
namespace {

int Digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Status Failed(std::string_view what, const std::string& path) {
  return Status::IOError(fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)));
}

// A descriptor that closes itself.
struct File {
  int fd;
  ~File() {
    if (fd >= 0) close(fd);
  }
};

}  // namespace

Result<Secret> Secret::Random() {
  Secret secret;
  if (getrandom(secret.bytes_.data(), kBytes, 0) != static_cast<ssize_t>(kBytes)) {
    return Status::IOError(fmt::format("the system gives no random numbers: {}", std::strerror(errno)));
  }
  return secret;
}

Result<Secret> Secret::Parse(std::string_view hex) {
  while (!hex.empty() && (hex.back() == '\n' || hex.back() == '\r' || hex.back() == ' ')) hex.remove_suffix(1);
  if (hex.size() != 2 * kBytes) {
    return Status::Invalid(fmt::format("a token has 64 hexadecimal digits; this one has {} characters", hex.size()));
  }
  Secret secret;
  for (size_t i = 0; i < kBytes; ++i) {
    const int high = Digit(hex[2 * i]);
    const int low = Digit(hex[2 * i + 1]);
    if (high < 0 || low < 0) return Status::Invalid("a token has 64 hexadecimal digits; this one has other characters");
    secret.bytes_[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return secret;
}

std::string Secret::ToHex() const {
  std::string hex;
  for (const uint8_t byte : bytes_) hex += fmt::format("{:02x}", byte);
  return hex;
}

bool Secret::Equals(const Secret& other) const {
  volatile uint8_t difference = 0;  // the compiler may not stop early
  for (size_t i = 0; i < kBytes; ++i) difference = difference | (bytes_[i] ^ other.bytes_[i]);
  return difference == 0;
}

Result<Secret> Secret::ReadFile(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadPrivateFile(path));
  auto secret = Parse(text);
  if (!secret.ok()) return secret.status().WithMessage(path, ": ", secret.status().message());
  return secret;
}

Status Secret::WriteFile(const std::string& path) const { return WritePrivateFile(path, ToHex() + "\n"); }

Status WritePrivateFile(const std::string& path, std::string_view text) {
  const std::string temporary = fmt::format("{}.{}.tmp", path, getpid());
  unlink(temporary.c_str());
  {
    const File file{open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (file.fd < 0) return Failed("create", temporary);
    for (std::string_view rest = text; !rest.empty();) {
      const ssize_t written = write(file.fd, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        const Status status = Failed("write", temporary);
        unlink(temporary.c_str());
        return status;
      }
      rest.remove_prefix(static_cast<size_t>(written));
    }
  }
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    const Status status = Failed("write", path);
    unlink(temporary.c_str());
    return status;
  }
  return Status::OK();
}

Result<std::string> ReadPrivateFile(const std::string& path) {
  const File file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) return errno == ENOENT ? FileNotFound(path, "no such file") : Failed("read", path);
  struct stat info {};
  if (fstat(file.fd, &info) != 0) return Failed("read", path);
  if ((info.st_mode & 077) != 0) {
    return Status::Invalid(fmt::format("{} has mode {:04o}: others could read the secret in it; run: chmod 600 {}",
                                       path, info.st_mode & 07777, path));
  }
  std::string text;
  char block[4096];
  for (;;) {
    const ssize_t got = read(file.fd, block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed("read", path);
    if (got == 0) return text;
    text.append(block, static_cast<size_t>(got));
    if (text.size() > (1 << 20)) return Status::Invalid(fmt::format("{} is larger than 1 MiB: no file of ours", path));
  }
}

}  // namespace swath::net
