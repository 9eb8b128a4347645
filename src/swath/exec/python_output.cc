#include "swath/exec/python_output.h"

#include <array>
#include <cerrno>

#include <unistd.h>

namespace swath::exec {
namespace {

constexpr size_t kTailBytesMax = 4096;
constexpr size_t kLineBytesMax = 64 << 10;  // longer ones go on in parts

void WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nobody reads: the user's output is lost, the call is not
    text.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace

bool ChildOutput::Drain() {
  std::array<char, 16 << 10> bytes;
  while (true) {
    const ssize_t got = read(from_.get(), bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return true;  // EAGAIN
    if (got == 0) return false;
    const std::string_view text(bytes.data(), static_cast<size_t>(got));
    tail_ += text;
    if (tail_.size() > kTailBytesMax) {  // from the begin of a line
      const size_t cut = tail_.find('\n', tail_.size() - kTailBytesMax);
      tail_.erase(0, cut == std::string::npos ? tail_.size() - kTailBytesMax : cut + 1);
    }
    line_ += text;
    const size_t end = line_.size() > kLineBytesMax ? line_.size() : line_.rfind('\n') + 1;  // npos + 1 is 0
    WriteAll(to_, std::string_view(line_).substr(0, end));
    line_.erase(0, end);
  }
}

void ChildOutput::Flush() {
  WriteAll(to_, line_);
  line_.clear();
}

}  // namespace swath::exec
