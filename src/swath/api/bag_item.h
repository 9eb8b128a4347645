// Items of bags for C++ users: dynamically typed values with Python's equality, and expressions over them.
//
//   using swath::bag::item;
//   people.filter(item["age"] > 30).pluck("name")
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "swath/ops/bag_expression.h"

namespace swath::bag {

// None, a bool, int, float, text, list, tuple or record (pairs in order). A value: copies are independent.
class Item {
 public:
  Item() = default;                                           // None
  Item(bool value) : value_(value) {}                         // NOLINT(google-explicit-constructor)
  Item(int value) : value_(int64_t{value}) {}                 // NOLINT(google-explicit-constructor)
  Item(int64_t value) : value_(value) {}                      // NOLINT(google-explicit-constructor)
  Item(double value) : value_(value) {}                       // NOLINT(google-explicit-constructor)
  Item(const char* text) : value_(std::string(text)) {}       // NOLINT(google-explicit-constructor)
  Item(std::string text) : value_(std::move(text)) {}         // NOLINT(google-explicit-constructor)
  Item(std::string_view text) : value_(std::string(text)) {}  // NOLINT(google-explicit-constructor)
  static Item list(std::vector<Item> items);
  static Item tuple(std::vector<Item> items);
  static Item record(std::vector<std::pair<Item, Item>> pairs);

  bool is_none() const { return std::holds_alternative<std::monostate>(value_); }
  // TypeError when the item is of another type; ints are floats too.
  bool as_bool() const;
  int64_t as_int() const;
  double as_float() const;
  const std::string& as_text() const;
  // Of lists, tuples and records (keys and values in turns).
  const std::vector<Item>& items() const;
  size_t size() const;  // elements, pairs or bytes of text
  // The value of a key (KeyError) or an element (IndexError; negative ones count from the end).
  const Item& operator[](std::string_view key) const;
  const Item& operator[](int64_t index) const;
  // As Python's repr shows it.
  std::string to_string() const;
  friend bool operator==(const Item& a, const Item& b);

  // For the engine.
  static Item FromView(const ops::BagItem& view);
  ops::BagItem View(ops::ItemArena* arena) const;  // lives as long as this item and the arena

 private:
  enum class Form : uint8_t { kList, kTuple, kRecord };
  struct Container {
    Form form = Form::kList;
    std::vector<Item> items;
  };
  std::variant<std::monostate, bool, int64_t, double, std::string, Container> value_;
};

// A function of an item that runs natively (ops/bag_expression.h lists what there is). Operators build it: `<`, `==`,
// `+`, `&` … as Python's; call() has the rest.
class Expression {
 public:
  Expression(const Item& literal);                          // NOLINT(google-explicit-constructor)
  Expression(const char* text) : Expression(Item(text)) {}  // NOLINT(google-explicit-constructor)
  Expression(int value) : Expression(Item(value)) {}        // NOLINT(google-explicit-constructor)
  Expression(int64_t value) : Expression(Item(value)) {}    // NOLINT(google-explicit-constructor)
  Expression(double value) : Expression(Item(value)) {}     // NOLINT(google-explicit-constructor)
  explicit Expression(ops::BagExpressionPtr node) : node_(std::move(node)) {}
  Expression operator[](const Expression& key) const;
  const ops::BagExpressionPtr& node() const { return node_; }

 private:
  ops::BagExpressionPtr node_;
};

// The item itself, and the accumulator of a fold.
extern const Expression item;
extern const Expression accumulator;

// A function of the list by name: call("lower", item), call("get", item, "key", 0). KeyError for an unknown name.
Expression call(std::string_view function, std::vector<Expression> arguments);
template <typename... Arguments>
Expression call(std::string_view function, const Expression& first, const Arguments&... more) {
  return call(function, std::vector<Expression>{first, Expression(more)...});
}

Expression operator+(const Expression& a, const Expression& b);
Expression operator-(const Expression& a, const Expression& b);
Expression operator*(const Expression& a, const Expression& b);
Expression operator/(const Expression& a, const Expression& b);  // true division
Expression operator%(const Expression& a, const Expression& b);  // with the sign of b
Expression operator<(const Expression& a, const Expression& b);
Expression operator<=(const Expression& a, const Expression& b);
Expression operator>(const Expression& a, const Expression& b);
Expression operator>=(const Expression& a, const Expression& b);
Expression operator==(const Expression& a, const Expression& b);
Expression operator!=(const Expression& a, const Expression& b);
Expression operator&(const Expression& a, const Expression& b);
Expression operator|(const Expression& a, const Expression& b);
Expression operator!(const Expression& a);

}  // namespace swath::bag
