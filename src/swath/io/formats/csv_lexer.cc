#include "swath/io/formats/csv_lexer.h"

#include <cstring>

namespace swath::io {

template <bool kFindEnd>
int64_t CsvLexer::Run(State* state, char previous, std::string_view text) const {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* at = begin;
  const char* newline = nullptr;  // the next one at or behind `at`, once looked for
  while (at < end) {
    const auto left = static_cast<size_t>(end - at);
    if (*state == kAfterQuote) {
      *state = doublequote_ && *at == quote_ ? kQuoted : kPlain;
      if (*state == kQuoted) ++at;
      continue;
    }
    const char* stop = quoting_ ? static_cast<const char*>(std::memchr(at, quote_, left)) : nullptr;
    if (stop == nullptr) stop = end;
    if (escaping_) {
      const auto* escape = static_cast<const char*>(std::memchr(at, escape_, static_cast<size_t>(stop - at)));
      if (escape != nullptr) stop = escape;
    }
    if (kFindEnd && *state == kPlain) {
      if (newline == nullptr || newline < at) {
        newline = static_cast<const char*>(std::memchr(at, '\n', left));
        if (newline == nullptr) newline = end;
      }
      if (newline < stop) return newline + 1 - begin;
    }
    if (stop == end) return kNone;
    if (escaping_ && *stop == escape_) {
      at = stop + 2;
      continue;
    }
    const char before = stop > begin ? stop[-1] : previous;
    if (*state == kQuoted) {
      *state = kAfterQuote;
    } else if (before == sep_ || before == '\n' || before == '\r') {
      *state = kQuoted;
    }
    at = stop + 1;
  }
  return kNone;
}

CsvLexer::State CsvLexer::Advance(State state, char previous, std::string_view text) const {
  Run<false>(&state, previous, text);
  return state;
}

int64_t CsvLexer::FindRecordEnd(State* state, char previous, std::string_view text) const {
  return Run<true>(state, previous, text);
}

}  // namespace swath::io
