// The functions of bag expressions: a table from names to what evaluates a call. Strict functions get the values of
// their arguments; lazy ones (and, or, if) evaluate them.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "swath/kernels/bag/evaluate.h"

namespace swath::kernels {

// A call on evaluated arguments (documents included: Plain them, or look inside).
using ItemFunction = ops::BagItem (*)(std::span<const ops::BagItem> arguments, ItemScratch& scratch);

struct ItemFunctionRow {
  std::string_view name;
  ItemFunction function;
};

std::span<const ItemFunctionRow> AccessFunctions();      // access_functions.cc: getitem, get, contains, displays
std::span<const ItemFunctionRow> ItemNumberFunctions();  // number_functions.cc: arithmetic, comparison, conversions
std::span<const ItemFunctionRow> StringFunctions();      // string_functions.cc: methods of str

// Number of code points.
int64_t CodePointCount(std::string_view text);
bool IsAscii(std::string_view text);

}  // namespace swath::kernels
