// BagExpression: what a step of a bag does with an item, as a tree that native code can run and people can read: what a
// traced lambda becomes. Immutable. The meaning of every function is Python's, to the last bit: where the evaluation
// (kernels/bag/evaluate.h) meets what it cannot do like Python, it says so and Python runs.
//
//   lambda r: r["age"] > 30      gt(getitem(item, 'age'), 30)
//
// Functions (arguments in order; [x] may be left out):
//   getitem(x, key) get(x, key[, default])                 dict, list, tuple, str; keys are expressions
//   add sub mul truediv floordiv mod pow(x, y)  neg pos abs invert(x)   and_ or_ xor(x, y): & | ^ of bools and ints
//   lt le gt ge eq ne(x, y)  contains(container, x): `x in container`  is_none is_not_none(x): `is None`
//   not(x)  and(x, y) or(x, y): Python's, lazy, answering an operand  if(condition, then, otherwise): lazy
//   len bool int float str(x)  round(x[, digits])  min2 max2(x, y): min(x, y)  tuple list(x, …): displays
//   record(key, value, …): a dict display  first last(x): x[0], x[-1]  slice(x, start, stop, step): x[start:stop:step]
//   lower upper strip lstrip rstrip split rsplit splitlines join replace startswith endswith find rfind count(s, …)
//   isdigit isalpha isalnum isspace isupper islower title capitalize swapcase zfill removeprefix removesuffix partition
//   loads(text): json.loads   dumps(x): json.dumps with its default arguments
//   isinstance(x, "str"|"int"|"float"|"bool"|"dict"|"list"|"tuple"|"NoneType")
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "swath/base/status.h"
#include "swath/base/token.h"
#include "swath/ops/bag_item.h"

namespace swath::ops {

class BagExpression;
using BagExpressionPtr = std::shared_ptr<const BagExpression>;

class BagExpression {
 public:
  enum class Kind : uint8_t {
    kItem,
    kAccumulator,  // the first argument of a fold's function; the item is the second
    kLiteral,
    kCall,
  };

  static BagExpressionPtr Item();
  static BagExpressionPtr Accumulator();
  static BagExpressionPtr Literal(const BagItem& value);
  // KeyError with the nearest names for a function not of the list; Invalid for a wrong number of arguments.
  static Result<BagExpressionPtr> Call(std::string_view function, std::vector<BagExpressionPtr> arguments);

  Kind kind() const { return kind_; }
  const BagItem& literal() const { return literal_.item(); }
  std::string_view function() const { return function_; }  // of the list above
  const std::vector<BagExpressionPtr>& arguments() const { return arguments_; }
  // Structural: equal trees have equal tokens.
  const Token& token() const { return token_; }
  // As a lambda's body: "r['age'] > 30".
  std::string ToString() const;

 private:
  Kind kind_ = Kind::kItem;
  OwnedItem literal_;
  std::string function_;
  std::vector<BagExpressionPtr> arguments_;
  Token token_;
};

struct BagFunction {
  std::string_view name;
  int8_t arguments_min;
  int8_t arguments_max;  // -1: any number
};
std::span<const BagFunction> BagFunctions();

}  // namespace swath::ops
