// CsvLexer: where records end, without parsing fields. It knows quotes by the rules of the parser: a quote opens a
// quoted field only at the start of a field, two quotes inside one are a quote, an escape character hides the next one.
// It runs at the speed of memchr: only quotes (and, when looking for an end, newlines) stop it. A value type; no data
// is kept.
#pragma once

#include <cstdint>
#include <string_view>

#include "swath/ops/csv_options.h"

namespace swath::io {

class CsvLexer {
 public:
  enum State : uint8_t {
    kPlain,      // outside quotes
    kQuoted,     // inside a quoted field
    kAfterQuote  // a quote was seen inside a quoted field: it closes it, or is the first of two
  };
  static constexpr int kStateCount = 3;
  static constexpr int64_t kNone = -1;

  explicit CsvLexer(const ops::CsvReadOptions& options)
      : sep_(options.sep),
        quote_(options.quotechar),
        escape_(options.escapechar.value_or('\0')),
        quoting_(options.quoting),
        doublequote_(options.doublequote),
        escaping_(options.escapechar.has_value()) {}

  bool quoting() const { return quoting_; }
  // May a state at the end of a block depend on the block's text alone? Not with escapes: the last byte may hide the
  // next.
  bool escaping() const { return escaping_; }
  // The state after `text`, which comes after the byte `previous` ('\n' at the start of the file) in state `state`.
  State Advance(State state, char previous, std::string_view text) const;
  // The offset behind the first newline of `text` that ends a record, or kNone; `*state` is then the state after
  // `text`.
  int64_t FindRecordEnd(State* state, char previous, std::string_view text) const;

 private:
  template <bool kFindEnd>
  int64_t Run(State* state, char previous, std::string_view text) const;

  char sep_;
  char quote_;
  char escape_;
  bool quoting_;
  bool doublequote_;
  bool escaping_;
};

}  // namespace swath::io
