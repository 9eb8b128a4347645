#include "swath/api/operand.h"

#include "arrow/scalar.h"

#include "swath/api/series.h"

namespace swath {

Operand::Operand(const Series& series) : root_(series.root()), column_(series.column()) {}
Operand::Operand(const Scalar& scalar) : column_(scalar.column()) {}
Operand::Operand(bool value) : column_(expr::LiteralColumn(arrow::MakeScalar(value), true)) {}
Operand::Operand(int value) : Operand(static_cast<int64_t>(value)) {}
Operand::Operand(int64_t value) : column_(expr::LiteralColumn(arrow::MakeScalar(value), true)) {}
Operand::Operand(double value) : column_(expr::LiteralColumn(arrow::MakeScalar(value), true)) {}
Operand::Operand(const char* text) : Operand(std::string(text)) {}
Operand::Operand(std::string text)
    : column_(expr::LiteralColumn(std::make_shared<arrow::LargeStringScalar>(std::move(text)))) {}
Operand::Operand(std::shared_ptr<arrow::Scalar> value, bool weak)
    : column_(expr::LiteralColumn(value ? std::move(value) : std::make_shared<arrow::NullScalar>(), weak)) {}

}  // namespace swath
