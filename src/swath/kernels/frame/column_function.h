// How a column function of ops/table_functions.h is written and registered: one function over whole arrays or scalars,
// which mostly composes Arrow's kernels. The registration makes it an ordinary scalar function of Arrow's registry.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "arrow/compute/exec.h"
#include "arrow/datum.h"
#include "arrow/type_fwd.h"

#include "swath/base/status.h"

namespace swath::kernels {

// One call: arguments are arrays of `length` rows, or scalars.
struct ColumnCall {
  std::vector<arrow::Datum> arguments;
  int64_t length = 0;
  arrow::compute::ExecContext* context = nullptr;

  const arrow::Datum& operator[](size_t i) const { return arguments[i]; }
  bool IsNull(size_t i) const;  // a null literal
  // Literal options. TypeError when the argument is a column or of another type.
  Result<int64_t> Int(size_t i) const;
  Result<bool> Bool(size_t i) const;
  Result<std::string> Text(size_t i) const;
  // Argument i as an array.
  Result<std::shared_ptr<arrow::Array>> Array(size_t i) const;
  // A function of Arrow.
  Result<arrow::Datum> Run(const char* function, std::vector<arrow::Datum> inputs,
                           const arrow::compute::FunctionOptions* options = nullptr) const;
  Result<arrow::Datum> CastTo(const arrow::Datum& value, const std::shared_ptr<arrow::DataType>& type) const;  // unsafe
  // `value` with false (or `otherwise`) for null.
  Result<arrow::Datum> WithoutNulls(const arrow::Datum& value, bool otherwise = false) const;
};

enum class ResultType : uint8_t { kFirst, kSecond, kBool, kInt32, kInt64, kFloat64, kText, kDate, kTime };

struct TableFunction {
  std::string_view name;  // without "swath_"
  int arguments = 1;
  ResultType result = ResultType::kFirst;
  Result<arrow::Datum> (*run)(const ColumnCall& call) =
      nullptr;  // its result is cast to the result type and spread over the rows
};

std::span<const TableFunction> NumberFunctions();
std::span<const TableFunction> ConversionFunctions();
std::span<const TableFunction> TextFunctions();
std::span<const TableFunction> DateFunctions();

// Registers all of them with Arrow. Called once, by InitializeKernels.
Status RegisterColumnFunctions();

}  // namespace swath::kernels
