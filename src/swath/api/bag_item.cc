#include "swath/api/bag_item.h"

#include "swath/api/error.h"

namespace swath::bag {

using ops::BagExpression;
using ops::BagItem;
using ops::ItemKind;

namespace {

std::string_view TypeOf(const Item& item) {
  ops::ItemArena arena;
  return TypeName(item.View(&arena));
}

[[noreturn]] void WrongType(const Item& item, std::string_view wanted) {
  ThrowError(Status::TypeError("the item is a ", TypeOf(item), ", not a ", wanted));
}

}  // namespace

Item Item::list(std::vector<Item> items) {
  Item item;
  item.value_ = Container{Form::kList, std::move(items)};
  return item;
}

Item Item::tuple(std::vector<Item> items) {
  Item item;
  item.value_ = Container{Form::kTuple, std::move(items)};
  return item;
}

Item Item::record(std::vector<std::pair<Item, Item>> pairs) {
  Container container{Form::kRecord, {}};
  for (auto& [key, value] : pairs) {
    container.items.push_back(std::move(key));
    container.items.push_back(std::move(value));
  }
  Item item;
  item.value_ = std::move(container);
  return item;
}

bool Item::as_bool() const {
  if (const bool* value = std::get_if<bool>(&value_)) return *value;
  WrongType(*this, "bool");
}

int64_t Item::as_int() const {
  if (const int64_t* value = std::get_if<int64_t>(&value_)) return *value;
  if (const bool* value = std::get_if<bool>(&value_)) return *value ? 1 : 0;
  WrongType(*this, "int");
}

double Item::as_float() const {
  if (const double* value = std::get_if<double>(&value_)) return *value;
  if (std::holds_alternative<int64_t>(value_) || std::holds_alternative<bool>(value_)) {
    return static_cast<double>(as_int());
  }
  WrongType(*this, "float");
}

const std::string& Item::as_text() const {
  if (const std::string* value = std::get_if<std::string>(&value_)) return *value;
  WrongType(*this, "str");
}

const std::vector<Item>& Item::items() const {
  if (const Container* value = std::get_if<Container>(&value_)) return value->items;
  WrongType(*this, "list, tuple or dict");
}

size_t Item::size() const {
  if (const std::string* text = std::get_if<std::string>(&value_)) return text->size();
  const bool record = std::holds_alternative<Container>(value_) && std::get<Container>(value_).form == Form::kRecord;
  return record ? items().size() / 2 : items().size();
}

const Item& Item::operator[](std::string_view key) const {
  const Container* container = std::get_if<Container>(&value_);
  if (!container || container->form != Form::kRecord) WrongType(*this, "dict");
  for (size_t i = 0; i < container->items.size(); i += 2) {
    const std::string* name = std::get_if<std::string>(&container->items[i].value_);
    if (name && *name == key) return container->items[i + 1];
  }
  ThrowError(Status::KeyError("'", key, "'"));
}

const Item& Item::operator[](int64_t index) const {
  const Container* container = std::get_if<Container>(&value_);
  if (!container || container->form == Form::kRecord) WrongType(*this, "list or tuple");
  const auto size = static_cast<int64_t>(container->items.size());
  const int64_t at = index < 0 ? index + size : index;
  if (at < 0 || at >= size) ThrowError(Status::IndexError("index ", index, " of ", size, " items"));
  return container->items[static_cast<size_t>(at)];
}

std::string Item::to_string() const {
  ops::ItemArena arena;
  return ItemRepr(View(&arena));
}

bool operator==(const Item& a, const Item& b) {
  ops::ItemArena arena;
  return ItemsEqual(a.View(&arena), b.View(&arena));
}

Item Item::FromView(const BagItem& view) {
  switch (view.kind) {
    case ItemKind::kBool:
      return view.boolean;
    case ItemKind::kInt:
      return view.integer;
    case ItemKind::kFloat:
      return view.number;
    case ItemKind::kText:
    case ItemKind::kBytes:
      return view.view();
    case ItemKind::kList:
    case ItemKind::kTuple:
    case ItemKind::kRecord: {
      Container container;
      container.form = view.kind == ItemKind::kList    ? Form::kList
                       : view.kind == ItemKind::kTuple ? Form::kTuple
                                                       : Form::kRecord;
      const size_t count = view.kind == ItemKind::kRecord ? 2 * size_t{view.size} : view.size;
      for (size_t i = 0; i < count; ++i) container.items.push_back(FromView(view.items[i]));
      Item item;
      item.value_ = std::move(container);
      return item;
    }
    default:
      return {};
  }
}

BagItem Item::View(ops::ItemArena* arena) const {
  if (const bool* value = std::get_if<bool>(&value_)) return BagItem::Bool(*value);
  if (const int64_t* value = std::get_if<int64_t>(&value_)) return BagItem::Int(*value);
  if (const double* value = std::get_if<double>(&value_)) return BagItem::Float(*value);
  if (const std::string* value = std::get_if<std::string>(&value_)) return BagItem::Text(*value);
  const Container* container = std::get_if<Container>(&value_);
  if (!container) return BagItem::None();
  BagItem* items = arena->Items(container->items.size());
  for (size_t i = 0; i < container->items.size(); ++i) items[i] = container->items[i].View(arena);
  const auto count = static_cast<uint32_t>(container->items.size());
  if (container->form == Form::kRecord) return BagItem::Record(items, count / 2);
  return container->form == Form::kList ? BagItem::List(items, count) : BagItem::Tuple(items, count);
}

Expression::Expression(const Item& literal) {
  ops::ItemArena arena;
  node_ = BagExpression::Literal(literal.View(&arena));
}

Expression Expression::operator[](const Expression& key) const { return call("getitem", {*this, key}); }

const Expression item{BagExpression::Item()};
const Expression accumulator{BagExpression::Accumulator()};

Expression call(std::string_view function, std::vector<Expression> arguments) {
  std::vector<ops::BagExpressionPtr> nodes;
  for (const Expression& argument : arguments) nodes.push_back(argument.node());
  return Expression(ValueOrThrow(BagExpression::Call(function, std::move(nodes))));
}

Expression operator+(const Expression& a, const Expression& b) { return call("add", {a, b}); }
Expression operator-(const Expression& a, const Expression& b) { return call("sub", {a, b}); }
Expression operator*(const Expression& a, const Expression& b) { return call("mul", {a, b}); }
Expression operator/(const Expression& a, const Expression& b) { return call("truediv", {a, b}); }
Expression operator%(const Expression& a, const Expression& b) { return call("mod", {a, b}); }
Expression operator<(const Expression& a, const Expression& b) { return call("lt", {a, b}); }
Expression operator<=(const Expression& a, const Expression& b) { return call("le", {a, b}); }
Expression operator>(const Expression& a, const Expression& b) { return call("gt", {a, b}); }
Expression operator>=(const Expression& a, const Expression& b) { return call("ge", {a, b}); }
Expression operator==(const Expression& a, const Expression& b) { return call("eq", {a, b}); }
Expression operator!=(const Expression& a, const Expression& b) { return call("ne", {a, b}); }
Expression operator&(const Expression& a, const Expression& b) { return call("and_", {a, b}); }
Expression operator|(const Expression& a, const Expression& b) { return call("or_", {a, b}); }
Expression operator!(const Expression& a) { return call("not", {a}); }

}  // namespace swath::bag
