#include "swath/io/formats/csv_fields.h"

#include <algorithm>
#include <bit>
#include <limits>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace swath::io {
namespace {

constexpr int64_t kBlock = 64;

// One bit a byte of a block.
struct BlockMarks {
  uint64_t ends;      // separators and newlines
  uint64_t newlines;  // of them
  bool strange;       // there are quotes or carriage returns
};

#if defined(__SSE2__)
BlockMarks MarksOf(const char* text, char sep, char quote) {
  const __m128i seps = _mm_set1_epi8(sep);
  const __m128i quotes = _mm_set1_epi8(quote);
  const __m128i newlines = _mm_set1_epi8('\n');
  const __m128i returns = _mm_set1_epi8('\r');
  BlockMarks marks{0, 0, false};
  __m128i strange = _mm_setzero_si128();
  for (int part = 0; part < 4; ++part) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + 16 * part));
    const __m128i newline = _mm_cmpeq_epi8(bytes, newlines);
    const __m128i end = _mm_or_si128(newline, _mm_cmpeq_epi8(bytes, seps));
    strange = _mm_or_si128(strange, _mm_or_si128(_mm_cmpeq_epi8(bytes, quotes), _mm_cmpeq_epi8(bytes, returns)));
    marks.ends |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(end))) << (16 * part);
    marks.newlines |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(newline))) << (16 * part);
  }
  marks.strange = _mm_movemask_epi8(strange) != 0;
  return marks;
}
#else
BlockMarks MarksOf(const char* text, char sep, char quote) {
  BlockMarks marks{0, 0, false};
  for (int i = 0; i < kBlock; ++i) {
    const uint64_t newline = text[i] == '\n';
    marks.ends |= (newline | static_cast<uint64_t>(text[i] == sep)) << i;
    marks.newlines |= newline << i;
    marks.strange |= text[i] == quote || text[i] == '\r';
  }
  return marks;
}
#endif

// Notes the offsets of the set bits, in steps of eight: one branch in eight bits, which is predicted. Writes up to 7
// entries more than it counts.
int64_t NoteEnds(uint64_t marks, uint32_t offset, uint32_t* ends) {
  const int count = std::popcount(marks);
  for (int done = 0; done < count; done += 8) {
    for (int i = 0; i < 8; ++i) {
      ends[done + i] = offset + static_cast<uint32_t>(std::countr_zero(marks));
      marks &= marks - 1;
    }
  }
  return count;
}

}  // namespace

Status CsvFields::Reserve(int64_t count) {
  if (count <= capacity_) return Status::OK();
  const int64_t bytes = std::max(count, 2 * capacity_) * static_cast<int64_t>(sizeof(uint32_t));
  if (!buffer_) {
    ASSIGN_OR_RETURN(buffer_, arrow::AllocateResizableBuffer(bytes, pool_));
  } else {
    RETURN_IF_ERROR(buffer_->Resize(bytes, /*shrink_to_fit=*/false));
  }
  ends_ = buffer_->mutable_data_as<uint32_t>();
  capacity_ = buffer_->size() / static_cast<int64_t>(sizeof(uint32_t));
  return Status::OK();
}

Result<bool> CsvFields::Cut(std::string_view text, bool last) {
  if (text.empty() || text.size() >= std::numeric_limits<uint32_t>::max() - kBlock) return false;
  text_ = text.data();
  rows_ = 0;
  used_bytes_ = 0;
  const auto size = static_cast<int64_t>(text.size());
  int64_t count = 0;         // of ends
  int64_t counted_rows = 0;  // newlines
  int64_t whole = 0;         // ends up to the last newline
  RETURN_IF_ERROR(Reserve(size / 8 + kBlock));
  for (int64_t at = 0; at < size; at += kBlock) {
    BlockMarks marks;
    if (at + kBlock <= size) {
      marks = MarksOf(text_ + at, sep_, quote_);
    } else {
      char rest[kBlock];
      std::fill(std::copy(text_ + at, text_ + size, rest), rest + kBlock, '\n');
      marks = MarksOf(rest, sep_, quote_);
      const uint64_t inside = (uint64_t{1} << (size - at)) - 1;
      marks.ends &= inside;
      marks.newlines &= inside;
    }
    if (marks.strange) return false;
    RETURN_IF_ERROR(Reserve(count + kBlock + 8));
    if (marks.newlines != 0) {
      const uint64_t up_to_last = ~uint64_t{0} >> std::countl_zero(marks.newlines);
      whole = count + std::popcount(marks.ends & up_to_last);
      counted_rows += std::popcount(marks.newlines);
    }
    count += NoteEnds(marks.ends, static_cast<uint32_t>(at), ends_ + count);
  }
  if (last && text.back() != '\n') {
    ends_[count++] = static_cast<uint32_t>(size);
    whole = count;
    ++counted_rows;
  }
  rows_ = counted_rows;
  if (rows_ == 0 || whole != rows_ * columns_ || !HasEqualRecords(size)) return false;
  used_bytes_ = std::min<size_t>(text.size(), size_t{ends_[whole - 1]} + 1);
  return true;
}

// There are as many newlines as records, so that none is elsewhere when each record ends with one.
bool CsvFields::HasEqualRecords(int64_t size) const {
  uint32_t previous = UINT32_MAX;
  for (int64_t row = 0; row < rows_; ++row) {
    const uint32_t end = ends_[row * columns_ + columns_ - 1];
    if (end < size && text_[end] != '\n') return false;
    if (columns_ == 1 && end == previous + 1) return false;  // a blank line
    previous = end;
  }
  return true;
}

}  // namespace swath::io
