#include "swath/kernels/bag/evaluate.h"

#include <array>
#include <optional>

#include "swath/kernels/bag/item_functions.h"

namespace swath::kernels {

using ops::BagExpression;
using ops::BagItem;
using ops::ItemKind;

namespace {

constexpr size_t kArgumentsOnStack = 4;

ItemFunction FindItemFunction(std::string_view name) {
  for (const auto& family : {AccessFunctions(), ItemNumberFunctions(), StringFunctions()}) {
    for (const ItemFunctionRow& row : family) {
      if (row.name == name) return row.function;
    }
  }
  return nullptr;
}

}  // namespace

struct EvaluatorNode {
  enum class Kind : uint8_t { kItem, kAccumulator, kLiteral, kStrict, kField, kAnd, kOr, kIf, kLoads };
  Kind kind = Kind::kItem;
  BagItem literal;  // of `owned`
  ops::OwnedItem owned;
  ItemFunction function = nullptr;
  std::vector<EvaluatorNode> arguments;
  std::unique_ptr<JsonParser> parser;

  explicit EvaluatorNode(const BagExpression& expression) {
    for (const auto& argument : expression.arguments()) arguments.emplace_back(*argument);
    switch (expression.kind()) {
      case BagExpression::Kind::kItem:
        return;
      case BagExpression::Kind::kAccumulator:
        kind = Kind::kAccumulator;
        return;
      case BagExpression::Kind::kLiteral:
        kind = Kind::kLiteral;
        owned = ops::OwnedItem(expression.literal());
        literal = owned.item();
        return;
      case BagExpression::Kind::kCall:
        BecomeCall(expression);
    }
  }

  BagItem Run(const BagItem& item, const BagItem& accumulator, ItemScratch& scratch);

 private:
  void BecomeCall(const BagExpression& expression) {
    const std::string_view name = expression.function();
    if (name == "and" || name == "or" || name == "if") {
      kind = name == "and" ? Kind::kAnd : name == "or" ? Kind::kOr : Kind::kIf;
    } else if (name == "loads") {
      kind = Kind::kLoads;
      parser = std::make_unique<JsonParser>();
    } else {
      function = FindItemFunction(name);
      CHECK(function != nullptr);
      const bool field = name == "getitem" && arguments[1].kind == Kind::kLiteral && arguments[1].literal.is_text();
      kind = field ? Kind::kField : Kind::kStrict;
    }
  }

  BagItem RunStrict(const BagItem& item, const BagItem& accumulator, ItemScratch& scratch);
  BagItem RunLoads(const BagItem& item, const BagItem& accumulator, ItemScratch& scratch);
};

BagItem EvaluatorNode::RunStrict(const BagItem& item, const BagItem& accumulator, ItemScratch& scratch) {
  std::array<BagItem, kArgumentsOnStack> few;
  BagItem* values = arguments.size() <= few.size() ? few.data() : scratch.arena().Items(arguments.size());
  for (size_t i = 0; i < arguments.size(); ++i) {
    values[i] = arguments[i].Run(item, accumulator, scratch);
    if (values[i].failed()) [[unlikely]]
      return values[i];
  }
  return function({values, arguments.size()}, scratch);
}

BagItem EvaluatorNode::RunLoads(const BagItem& item, const BagItem& accumulator, ItemScratch& scratch) {
  const BagItem text = arguments[0].Run(item, accumulator, scratch);
  if (text.failed()) return text;
  if (!text.is_text()) {
    if (text.kind == ItemKind::kBytes) return scratch.OnlyPython("json.loads of bytes");
    return scratch.TypeError("the JSON object must be str, bytes or bytearray, not " + std::string(TypeName(text)));
  }
  BagItem value;
  if (parser->Parse(text.view(), false, &value)) [[likely]]
    return value;
  return scratch.ValueError("json.loads: " + std::string(parser->error()));
}

BagItem EvaluatorNode::Run(const BagItem& item, const BagItem& accumulator, ItemScratch& scratch) {
  switch (kind) {
    case Kind::kItem:
      return item;
    case Kind::kAccumulator:
      return accumulator;
    case Kind::kLiteral:
      return literal;
    case Kind::kStrict:
      return RunStrict(item, accumulator, scratch);
    case Kind::kField: {
      const BagItem record = arguments[0].Run(item, accumulator, scratch);
      BagItem value;
      if (record.kind == ItemKind::kDocument && FindInDocument(record, arguments[1].literal.view(), &value) &&
          !value.failed()) [[likely]] {
        return value;
      }
      if (record.failed()) return record;
      const std::array<BagItem, 2> both{record, arguments[1].literal};
      return function(both, scratch);
    }
    case Kind::kAnd:
    case Kind::kOr: {
      const BagItem first = arguments[0].Run(item, accumulator, scratch);
      if (first.failed() || IsTruthy(scratch.Plain(first)) == (kind == Kind::kOr)) return first;
      return arguments[1].Run(item, accumulator, scratch);
    }
    case Kind::kIf: {
      const BagItem condition = arguments[0].Run(item, accumulator, scratch);
      if (condition.failed()) return condition;
      return arguments[IsTruthy(scratch.Plain(condition)) ? 1 : 2].Run(item, accumulator, scratch);
    }
    case Kind::kLoads:
      return RunLoads(item, accumulator, scratch);
  }
  return BagItem::Failed();
}

BagItem ItemScratch::Fail(arrow::StatusCode code, std::string message) {
  error_ = Status(code, message);
  return BagItem::Failed();
}

BagItem ItemScratch::OnlyPython(std::string_view what) {
  return Fail(arrow::StatusCode::NotImplemented, "native code leaves this to Python: " + std::string(what));
}

BagItem ItemScratch::Plain(const BagItem& item) {
  if (item.kind != ItemKind::kDocument) return item;
  const BagItem plain = DocumentItem(item, &arena_);
  return plain.failed() ? OnlyPython("an integer beyond 64 bits") : plain;
}

ItemEvaluator::ItemEvaluator(const BagExpression& expression, ItemScratch* scratch)
    : root_(std::make_unique<EvaluatorNode>(expression)), scratch_(scratch) {}
ItemEvaluator::ItemEvaluator(ItemEvaluator&&) noexcept = default;
ItemEvaluator::~ItemEvaluator() = default;

BagItem ItemEvaluator::Evaluate(const BagItem& item, const BagItem& accumulator) {
  return root_->Run(item, accumulator, *scratch_);
}

}  // namespace swath::kernels
