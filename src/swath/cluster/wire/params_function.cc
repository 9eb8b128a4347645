// Parameters of function calls and of values that the client holds.
#include <map>

#include "swath/cluster/wire/params_codec.h"
#include "swath/cluster/wire/value_fields.h"
#include "swath/ops/values.h"

namespace swath::cluster {
namespace {

// A Python function on a worker, called in a child process.
class RemoteCall : public ops::FunctionCall {
 public:
  RemoteCall(ops::PythonFunctionPtr function, std::string location)
      : function_(std::move(function)), location_(std::move(location)) {}
  std::string_view name() const override { return function_->name; }
  std::string_view location() const override { return location_; }
  Result<Value> Call(std::span<const Value> inputs, const ops::CallContext& context) const override {
    if (context.python == nullptr) {
      return Status::Invalid("'", name(), "' needs Python, and this worker has no Python executor");
    }
    return context.python->Call(function_, inputs, context.block, context.cancelled);
  }
  Result<ops::PythonFunctionPtr> Serialize() const override { return function_; }

 private:
  const ops::PythonFunctionPtr function_;
  const std::string location_;
};

void WriteFunction(FieldWriter& io, const ops::PythonFunction& function) {
  io(function.name);
  WriteFields(io, function.pickled);
  io(static_cast<int64_t>(function.time_limit.count()));
  io(function.memory_limit_bytes);
}

ops::PythonFunctionPtr ReadFunction(FieldReader& io) {
  auto function = std::make_shared<ops::PythonFunction>();
  io(function->name);
  ReadFields(io, function->pickled);
  function->time_limit = std::chrono::nanoseconds(io.reader().Int(0));
  function->memory_limit_bytes = io.reader().Int(0);
  return function;
}

// Calls share functions and lines: each is written once, then a number for each call.
struct CallTable {
  std::map<ops::PythonFunctionPtr, int64_t> numbers;
  std::vector<ops::PythonFunctionPtr> functions;
  std::map<std::string, int64_t, std::less<>> line_numbers;
  std::vector<std::string> lines;
  std::vector<int64_t> function_of, line_of;

  Status Add(const ops::FunctionCallPtr& call) {
    if (call == nullptr) return Status::Invalid("a task without a call");
    ASSIGN_OR_RETURN(const ops::PythonFunctionPtr function, call->Serialize());
    const auto [known, fresh] = numbers.try_emplace(function, static_cast<int64_t>(functions.size()));
    if (fresh) functions.push_back(function);
    function_of.push_back(known->second);
    const auto [line, new_line] =
        line_numbers.try_emplace(std::string(call->location()), static_cast<int64_t>(lines.size()));
    if (new_line) lines.emplace_back(call->location());
    line_of.push_back(line->second);
    return Status::OK();
  }
};

void WriteCalls(FieldWriter& io, const std::vector<ops::FunctionCallPtr>& calls) {
  CallTable table;
  for (const auto& call : calls) {
    if (const Status status = table.Add(call); !status.ok()) {
      io.Fail(status);
      return;
    }
  }
  io.writer().Array(table.functions.size());
  for (const auto& function : table.functions) WriteFunction(io, *function);
  io(table.lines);
  io(table.function_of);
  io(table.line_of);
}

std::vector<ops::FunctionCallPtr> ReadCalls(ParamsReader& reader) {
  FieldReader& io = reader.io;
  CallTable table;
  const size_t count = io.reader().Array();
  for (size_t i = 0; i < count && io.ok(); ++i) table.functions.push_back(ReadFunction(io));
  io(table.lines);
  io(table.function_of);
  io(table.line_of);
  std::vector<ops::FunctionCallPtr> calls;
  if (table.function_of.size() != table.line_of.size()) io.Fail("calls without lines");
  for (size_t i = 0; i < table.function_of.size() && io.ok(); ++i) {
    const auto function = static_cast<uint64_t>(table.function_of[i]);
    const auto line = static_cast<uint64_t>(table.line_of[i]);
    if (function >= table.functions.size() || line >= table.lines.size()) {
      io.Fail("a call of an unknown function");
      break;
    }
    calls.push_back((*reader.make_call)(table.functions[function], table.lines[line]));
  }
  return calls;
}

template <typename Params>
const Params* Typed(FieldWriter& io, const ops::OpParams& params) {
  const auto* typed = dynamic_cast<const Params*>(&params);
  if (typed == nullptr) io.Fail(Status::TypeError("the parameters '", params.ToString(), "' are of another operation"));
  return typed;
}

void WriteFunctionCalls(FieldWriter& io, const ops::OpParams& params) {
  if (const auto* calls = Typed<ops::FunctionCalls>(io, params)) WriteCalls(io, calls->calls);
}
std::shared_ptr<const ops::OpParams> ReadFunctionCalls(ParamsReader& reader) {
  auto params = std::make_shared<ops::FunctionCalls>();
  params->calls = ReadCalls(reader);
  return params;
}

void WriteFunctionMap(FieldWriter& io, const ops::OpParams& params) {
  if (const auto* map = Typed<ops::FunctionMap>(io, params)) WriteCalls(io, {map->call});
}
std::shared_ptr<const ops::OpParams> ReadFunctionMap(ParamsReader& reader) {
  auto calls = ReadCalls(reader);
  if (calls.size() != 1) {
    reader.io.Fail("a map of not exactly one function");
    return nullptr;
  }
  return std::make_shared<ops::FunctionMap>(std::move(calls.front()));
}

}  // namespace

template <typename Io, OneOf<ops::ValuesParams> T>
void Fields(Io& io, T& params) {
  io(params.values);
}

ops::FunctionCallPtr MakeRemoteCall(ops::PythonFunctionPtr function, std::string location) {
  return std::make_shared<RemoteCall>(std::move(function), std::move(location));
}

std::span<const ParamsCodec> FunctionParamsCodecs() {
  static const ParamsCodec codecs[] = {
      FieldsCodec<ops::ValuesParams>(),
      {ops::FunctionCalls::kOp, WriteFunctionCalls, ReadFunctionCalls},
      {ops::FunctionMap::kOp, WriteFunctionMap, ReadFunctionMap},
  };
  return codecs;
}

Result<const ParamsCodec*> FindParamsCodec(std::string_view op) {
  for (const auto codecs : {ArrayParamsCodecs(), TableParamsCodecs(), FunctionParamsCodecs()}) {
    for (const ParamsCodec& codec : codecs) {
      if (codec.op == op) return &codec;
    }
  }
  return Status::NotImplemented("the operation \"", op, "\" cannot be sent to a cluster yet");
}

}  // namespace swath::cluster
