// Numbers as Python prints them.
#pragma once

#include <string>

namespace swath {

// The shortest digits that give `value` back, as repr(float): "1.0", "0.1", "1e-05", "1e+16", "inf", "nan". Appends.
void AppendFloat(double value, std::string* out);
void AppendFloat(float value, std::string* out);

}  // namespace swath
