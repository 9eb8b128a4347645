// Evaluation of bag expressions (ops/bag_expression.h), one item at a time. Results are Python's exactly or none: the
// item is "failed", and error() says what Python would raise, or what only Python can do; the caller then gives the
// partition to Python, or reports the error. Not thread-safe: one evaluator a task.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "swath/base/status.h"
#include "swath/kernels/bag/json.h"
#include "swath/ops/bag_expression.h"
#include "swath/ops/bag_item.h"

namespace swath::kernels {

// What all expressions of a task share: scratch memory that lives until the next item, and the error met.
class ItemScratch {
 public:
  // Forgets the values made for the item before.
  void NextItem() { arena_.Clear(); }
  ops::ItemArena& arena() { return arena_; }
  // Notes the error and answers the failed item. `code` chooses the exception's class.
  ops::BagItem Fail(arrow::StatusCode code, std::string message);
  ops::BagItem TypeError(std::string message) { return Fail(arrow::StatusCode::TypeError, std::move(message)); }
  ops::BagItem ValueError(std::string message) { return Fail(arrow::StatusCode::Invalid, std::move(message)); }
  // Not an error in Python: what native code leaves to it.
  ops::BagItem OnlyPython(std::string_view what);
  const Status& error() const { return error_; }
  // A document as a value of its own (list, dict), in the scratch memory; other items as they are.
  ops::BagItem Plain(const ops::BagItem& item);

 private:
  ops::ItemArena arena_;
  Status error_;
};

struct EvaluatorNode;

class ItemEvaluator {
 public:
  // `scratch` outlives the evaluator. Functions and their arguments were checked when the expression was made.
  ItemEvaluator(const ops::BagExpression& expression, ItemScratch* scratch);
  ItemEvaluator(ItemEvaluator&&) noexcept;
  ~ItemEvaluator();
  // The value; it may point into the item, the scratch memory (until NextItem) and the documents of `loads` (until the
  // next evaluation).
  ops::BagItem Evaluate(const ops::BagItem& item) { return Evaluate(item, ops::BagItem()); }
  ops::BagItem Evaluate(const ops::BagItem& item, const ops::BagItem& accumulator);

 private:
  std::unique_ptr<EvaluatorNode> root_;
  ItemScratch* scratch_;
};

}  // namespace swath::kernels
