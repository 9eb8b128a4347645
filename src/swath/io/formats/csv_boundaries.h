// CsvBoundaries: where the partitions of one file begin, exactly. Partition k holds the records that start in
// [data_start + k * blocksize, + blocksize). Whether a newline there ends a record depends on all quotes before it, so
// each block is scanned once (by whoever needs it first, at the speed of memory) for what it does to the quoting state;
// the scans are kept.
//
//   block 0 ──▶ f0      block 1 ──▶ f1      state before block 2 = f1(f0(plain))
//
// Guessing from the text near a boundary fails for a quoted field that holds lines of CSV; this does not. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "arrow/io/type_fwd.h"

#include "swath/base/status.h"
#include "swath/io/formats/csv_lexer.h"

namespace swath::io {

class CsvBoundaries {
 public:
  // `data_start`: the first byte behind the header.
  CsvBoundaries(CsvLexer lexer, int64_t data_start, int64_t size, int64_t blocksize);
  // The first byte of partition k's first record; for k = partition_count, the size. Reads what it needs of `file`.
  Result<int64_t> Start(arrow::io::RandomAccessFile* file, int64_t k);

 private:
  using Transition = std::array<CsvLexer::State, CsvLexer::kStateCount>;
  int64_t NominalStart(int64_t k) const { return std::min(size_, data_start_ + k * blocksize_); }
  Result<Transition> TransitionOf(arrow::io::RandomAccessFile* file, int64_t block);
  Result<Transition> Scan(arrow::io::RandomAccessFile* file, int64_t block) const;
  Result<CsvLexer::State> StateBefore(arrow::io::RandomAccessFile* file, int64_t block);

  const CsvLexer lexer_;
  const int64_t data_start_;
  const int64_t size_;
  const int64_t blocksize_;
  std::mutex mutex_;
  std::vector<std::optional<Transition>> transitions_;  // of each block scanned so far
  std::vector<std::optional<int64_t>> starts_;
};

}  // namespace swath::io
