// The parameters of operations as bytes: one entry an op. What has no entry, or holds something that cannot travel,
// answers NotImplemented or TypeError and names it.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "swath/cluster/wire/fields.h"
#include "swath/ops/function_call.h"
#include "swath/ops/op_params.h"
#include "swath/ops/python_call.h"

namespace swath::cluster {

// What makes a call of a function that arrived. The default calls it in a child process of the worker.
using CallMaker = std::function<ops::FunctionCallPtr(ops::PythonFunctionPtr function, std::string location)>;
ops::FunctionCallPtr MakeRemoteCall(ops::PythonFunctionPtr function, std::string location);

// The reader of parameters also knows how calls are made.
struct ParamsReader {
  FieldReader io;
  const CallMaker* make_call;
};

struct ParamsCodec {
  std::string_view op;  // static storage: what OpCall::op holds
  void (*write)(FieldWriter& io, const ops::OpParams& params);
  std::shared_ptr<const ops::OpParams> (*read)(ParamsReader& reader);
};

std::span<const ParamsCodec> ArrayParamsCodecs();
std::span<const ParamsCodec> TableParamsCodecs();
std::span<const ParamsCodec> FunctionParamsCodecs();
// NotImplemented names the op.
Result<const ParamsCodec*> FindParamsCodec(std::string_view op);

// The entry of parameters that are only fields.
template <typename Params>
ParamsCodec FieldsCodec(std::string_view op = Params::kOp) {
  return {op,
          [](FieldWriter& io, const ops::OpParams& params) {
            const auto* typed = dynamic_cast<const Params*>(&params);
            if (typed == nullptr) {
              io.Fail(Status::TypeError("the parameters '", params.ToString(), "' are not those of their operation"));
            } else {
              Fields(io, *typed);
            }
          },
          [](ParamsReader& reader) -> std::shared_ptr<const ops::OpParams> {
            auto params = std::make_shared<Params>();
            Fields(reader.io, *params);
            return params;
          }};
}

}  // namespace swath::cluster
