// For tests of Python children. Functions are text: a pickle of `eval(text)` needs no cloudpickle on this side.
#pragma once

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "swath/exec/python_children.h"

#include "gtest/gtest.h"

namespace swath::exec {

using ops::PythonFunction;
using ops::PythonFunctionPtr;

inline PythonChildOptions Options(int children) {
  const auto program = std::filesystem::path(__FILE__).parent_path() / "../../../python/swath/_child.py";
  const char* python = std::getenv("SWATH_TEST_PYTHON");
  return {.command = {python != nullptr ? python : "python3", "-P", program.lexically_normal()}, .children = children};
}

inline Object Pickle(const std::string& pickle) {
  return {.format = "pickle5", .bytes = arrow::Buffer::FromString(pickle), .buffers = {}};
}
inline Object Int(int64_t number) { return Pickle(std::string("I") + std::to_string(number) + "\n."); }
inline int64_t ToInt(const Value& value) {  // of BININT and its kin
  const Object* object = value.object();
  CHECK(object != nullptr);
  std::string bytes = object->bytes->ToString();
  CHECK(bytes.size() >= 4 && bytes.substr(0, 2) == "\x80\x05");
  if (bytes[2] == '\x95') bytes.erase(2, 9);  // a frame
  const auto at = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  if (bytes[2] == 'K') return at(3);
  if (bytes[2] == 'M') return at(3) | at(4) << 8;
  CHECK(bytes[2] == 'J');
  int32_t number = 0;
  std::memcpy(&number, bytes.data() + 3, sizeof number);
  return number;
}

// `text` is the body of a lambda of `values` and `block`.
inline PythonFunctionPtr Function(const std::string& text, std::chrono::nanoseconds time_limit = {},
                                  int64_t memory_limit_bytes = 0) {
  auto function = std::make_shared<PythonFunction>();
  function->name = "f";
  std::string pickle = "cbuiltins\neval\n(Vlambda values, block: ";
  pickle += text;
  pickle += "\ntR.";
  function->pickled = Pickle(pickle);
  function->time_limit = time_limit;
  function->memory_limit_bytes = memory_limit_bytes;
  return function;
}

inline std::shared_ptr<const ErrorDetail> Detail(const Status& status) {
  auto detail = ErrorDetail::Of(status);
  return detail ? detail : std::make_shared<const ErrorDetail>();
}

class PythonChildrenTest : public testing::Test {
 protected:
  Result<Value> Call(const PythonFunctionPtr& function, std::vector<Value> values = {}, int64_t block = 0) {
    return children_.Call(function, values, block, nullptr);
  }
  // The innocent go on after each failure.
  void ExpectAlive() {
    const auto result = Call(Function("values[0] + block"), {Int(40)}, 2);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(ToInt(*result), 42);
  }
  PythonChildExecutor children_{Options(1)};
};

}  // namespace swath::exec
