#include "swath/io/formats/csv_boundaries.h"

#include <algorithm>

#include "arrow/buffer.h"
#include "arrow/io/interfaces.h"

namespace swath::io {
namespace {

constexpr int64_t kScanBytes = 256 << 10;  // stays in L2

Result<std::string_view> ReadPiece(arrow::io::RandomAccessFile* file, int64_t offset, int64_t length,
                                   std::vector<char>* buffer) {
  buffer->resize(static_cast<size_t>(length));
  ASSIGN_OR_RETURN(const int64_t got, file->ReadAt(offset, length, buffer->data()));
  if (got != length) return Status::IOError("the file became shorter while it was read");
  return std::string_view(buffer->data(), static_cast<size_t>(length));
}

}  // namespace

CsvBoundaries::CsvBoundaries(CsvLexer lexer, int64_t data_start, int64_t size, int64_t blocksize)
    : lexer_(lexer), data_start_(data_start), size_(size), blocksize_(blocksize) {
  const int64_t blocks = std::max<int64_t>(1, (size - data_start + blocksize - 1) / blocksize);
  transitions_.resize(static_cast<size_t>(blocks));
  starts_.resize(static_cast<size_t>(blocks) + 1);
}

Result<CsvBoundaries::Transition> CsvBoundaries::Scan(arrow::io::RandomAccessFile* file, int64_t block) const {
  Transition states{CsvLexer::kPlain, CsvLexer::kQuoted, CsvLexer::kAfterQuote};
  const int64_t begin = NominalStart(block);
  const int64_t end = NominalStart(block + 1);
  std::vector<char> buffer;
  char previous = '\n';
  if (begin > data_start_) {
    ASSIGN_OR_RETURN(const std::string_view byte, ReadPiece(file, begin - 1, 1, &buffer));
    previous = byte[0];
  }
  for (int64_t offset = begin; offset < end; offset += kScanBytes) {
    ASSIGN_OR_RETURN(const std::string_view text, ReadPiece(file, offset, std::min(kScanBytes, end - offset), &buffer));
    // Two start states that met stay together: they are run once.
    Transition next;
    for (size_t s = 0; s < states.size(); ++s) {
      const auto same = std::find(states.begin(), states.begin() + static_cast<int64_t>(s), states[s]);
      const auto at = static_cast<size_t>(same - states.begin());
      next[s] = at < s ? next[at] : lexer_.Advance(states[s], previous, text);
    }
    states = next;
    previous = text.back();
  }
  return states;
}

Result<CsvBoundaries::Transition> CsvBoundaries::TransitionOf(arrow::io::RandomAccessFile* file, int64_t block) {
  const auto index = static_cast<size_t>(block);
  {
    const std::lock_guard lock(mutex_);
    if (transitions_[index]) return *transitions_[index];
  }
  ASSIGN_OR_RETURN(const Transition transition, Scan(file, block));
  const std::lock_guard lock(mutex_);
  transitions_[index] = transition;
  return transition;
}

Result<CsvLexer::State> CsvBoundaries::StateBefore(arrow::io::RandomAccessFile* file, int64_t block) {
  CsvLexer::State state = CsvLexer::kPlain;
  if (!lexer_.quoting()) return state;
  for (int64_t b = 0; b < block; ++b) {
    ASSIGN_OR_RETURN(const Transition transition, TransitionOf(file, b));
    state = transition[state];
  }
  return state;
}

Result<int64_t> CsvBoundaries::Start(arrow::io::RandomAccessFile* file, int64_t k) {
  const int64_t nominal = NominalStart(k);
  if (k == 0 || nominal >= size_) return nominal;
  const auto index = static_cast<size_t>(k);
  {
    const std::lock_guard lock(mutex_);
    if (starts_[index]) return *starts_[index];
  }
  ASSIGN_OR_RETURN(CsvLexer::State state, StateBefore(file, k));
  std::vector<char> buffer;
  ASSIGN_OR_RETURN(const std::string_view byte, ReadPiece(file, nominal - 1, 1, &buffer));
  char previous = byte[0];
  int64_t start = size_;
  if (previous == '\n' && state == CsvLexer::kPlain) {
    start = nominal;
  } else {
    for (int64_t offset = nominal; offset < size_; offset += kScanBytes) {
      ASSIGN_OR_RETURN(const std::string_view text,
                       ReadPiece(file, offset, std::min(kScanBytes, size_ - offset), &buffer));
      const int64_t end = lexer_.FindRecordEnd(&state, previous, text);
      if (end != CsvLexer::kNone) {
        start = offset + end;
        break;
      }
      previous = text.back();
    }
  }
  const std::lock_guard lock(mutex_);
  starts_[index] = start;
  return start;
}

}  // namespace swath::io
