#include "swath/cluster/wire/messages.h"

#include "swath/cluster/wire/fields.h"

namespace swath::cluster {

// The fields' functions stand in the records' own namespaces or in ours, where FieldWriter finds them.
template <>
inline constexpr sched::FailureKind kLastOf<sched::FailureKind> = sched::FailureKind::kLost;
template <>
inline constexpr sched::ReturnReason kLastOf<sched::ReturnReason> = sched::ReturnReason::kWorkerStopping;
template <>
inline constexpr sched::FetchProblem kLastOf<sched::FetchProblem> = sched::FetchProblem::kUnreachable;
template <>
inline constexpr ErrorKind kLastOf<ErrorKind> = ErrorKind::kUserFunction;
template <>
inline constexpr arrow::StatusCode kLastOf<arrow::StatusCode> = arrow::StatusCode::AlreadyExists;

namespace {

void Fields(FieldWriter& io, const graph::TaskId& task) { io(task.packed); }
void Fields(FieldReader& io, graph::TaskId& task) { io(task.packed); }

template <typename Io, OneOf<sched::TaskRef> T>
void Fields(Io& io, T& ref) {
  Fields(io, ref.task);
  io(ref.run);
  io(ref.attempt);
}
template <typename Io, OneOf<sched::Source> T>
void Fields(Io& io, T& source) {
  Fields(io, source.data);
  io(source.holder);
  io(source.holder_epoch);
  io(source.nbytes);
}

// Every message begins with worker and epoch; what follows depends on its members.
template <typename T>
concept Addressed = requires(T m) {
  m.worker;
  m.epoch;
};

template <typename Io, typename T>
requires Addressed<T>
void Fields(Io& io, T& m) {
  using Record = std::remove_const_t<T>;
  io(m.worker);
  io(m.epoch);
  if constexpr (requires { m.run; }) io(m.run);
  if constexpr (requires { m.ref; }) Fields(io, m.ref);
  if constexpr (requires { m.source; }) Fields(io, m.source);
  if constexpr (std::same_as<Record, sched::RunTask>) {
    io(m.rank);
    io(m.priority);
    io(m.first_source);
    io(m.source_count);
  }
  if constexpr (requires { m.nbytes; }) io(m.nbytes);
  if constexpr (requires { m.duration_ns; }) io(m.duration_ns);
  if constexpr (std::same_as<Record, sched::TaskFailed>) {
    io(m.error);
    io(m.kind);
  }
  if constexpr (requires { m.reason; }) io(m.reason);
  if constexpr (std::same_as<Record, sched::FetchFailed>) {
    io(m.holder);
    io(m.holder_epoch);
    io(m.problem);
  }
  if constexpr (requires { m.lease_ns; }) io(m.lease_ns);
}

template <typename... Ts>
void WriteList(FieldWriter& io, const std::vector<std::variant<Ts...>>& list) {
  io.writer().Array(list.size());
  for (const auto& message : list) {
    io.writer().Int(static_cast<int64_t>(message.index()));
    std::visit([&](const auto& m) { Fields(io, m); }, message);
  }
}
template <typename Variant, size_t index = 0>
void ReadMessage(FieldReader& io, size_t wanted, Variant& value) {
  if constexpr (index < std::variant_size_v<Variant>) {
    if (wanted != index) return ReadMessage<Variant, index + 1>(io, wanted, value);
    std::variant_alternative_t<index, Variant> message{};
    Fields(io, message);
    value = message;
  }
}
template <typename... Ts>
void ReadList(FieldReader& io, std::vector<std::variant<Ts...>>* list) {
  const size_t count = io.reader().Array();
  for (size_t i = 0; i < count && io.reader().ok(); ++i) {
    const int64_t tag = io.reader().Int(0, static_cast<int64_t>(sizeof...(Ts)) - 1);
    ReadMessage(io, static_cast<size_t>(tag), list->emplace_back());
  }
}

void WriteError(FieldWriter& io, const WireError& error) {
  const auto detail = ErrorDetail::Of(error.status);
  io(error.id);
  io(error.status.code());
  io(error.status.message());
  io(detail != nullptr);
  if (detail == nullptr) return;
  io(detail->kind);
  for (const std::string* text : {&detail->key, &detail->worker, &detail->traceback, &detail->location}) io(*text);
  io.writer().Bytes(detail->pickled);
}

void ReadError(FieldReader& io, WireError* error) {
  arrow::StatusCode code{};
  std::string message;
  bool has_detail = false;
  io(error->id);
  io(code);
  io(message);
  io(has_detail);
  std::shared_ptr<ErrorDetail> detail;
  if (has_detail) {
    detail = std::make_shared<ErrorDetail>();
    io(detail->kind);
    for (std::string* text : {&detail->key, &detail->worker, &detail->traceback, &detail->location}) io(*text);
    detail->pickled = io.reader().Bytes();
  }
  if (code == arrow::StatusCode::OK) io.Fail("an error that is none");
  if (io.reader().ok()) error->status = Status(code, std::move(message), std::move(detail));
}

template <typename T, typename Read>
Result<T> Decode(std::string_view bytes, Read read) {
  Reader reader(bytes);
  FieldReader io(&reader);
  T record;
  read(io, &record);
  RETURN_IF_ERROR(reader.Done());
  return record;
}

template <typename WriteFields>
std::string EncodeWith(WriteFields write) {
  Writer writer;
  FieldWriter io(&writer);
  write(io);
  return writer.Finish();
}

}  // namespace

std::string Encode(const CommandBatch& batch) {
  return EncodeWith([&](FieldWriter& io) {
    WriteList(io, batch.list);
    io.writer().Array(batch.sources.size());
    for (const sched::Source& source : batch.sources) Fields(io, source);
  });
}

Result<CommandBatch> DecodeCommands(std::string_view bytes) {
  return Decode<CommandBatch>(bytes, [](FieldReader& io, CommandBatch* batch) {
    ReadList(io, &batch->list);
    const size_t count = io.reader().Array();
    for (size_t i = 0; i < count && io.reader().ok(); ++i) Fields(io, batch->sources.emplace_back());
    for (const Command& command : batch->list) {
      const auto* run = std::get_if<sched::RunTask>(&command);
      if (run != nullptr && uint64_t{run->first_source} + run->source_count > batch->sources.size()) {
        io.Fail("a task's sources lie outside of the batch");
      }
    }
  });
}

std::string Encode(const ReportBatch& batch) {
  return EncodeWith([&](FieldWriter& io) {
    WriteList(io, batch.list);
    io.writer().Array(batch.errors.size());
    for (const WireError& error : batch.errors) WriteError(io, error);
  });
}

Result<ReportBatch> DecodeReports(std::string_view bytes) {
  return Decode<ReportBatch>(bytes, [](FieldReader& io, ReportBatch* batch) {
    ReadList(io, &batch->list);
    const size_t count = io.reader().Array();
    for (size_t i = 0; i < count && io.reader().ok(); ++i) ReadError(io, &batch->errors.emplace_back());
  });
}

std::string Encode(const JoinRequest& request) {
  return EncodeWith([&](FieldWriter& io) {
    io(request.name);
    io(request.data_address);
    io(request.threads);
    io(request.memory_bytes);
    io(request.incarnation);
    io.writer().Array(request.resources.size());
    for (const auto& [name, count] : request.resources) {
      io(name);
      io(count);
    }
  });
}

Result<JoinRequest> DecodeJoinRequest(std::string_view bytes) {
  return Decode<JoinRequest>(bytes, [](FieldReader& io, JoinRequest* request) {
    io(request->name);
    io(request->data_address);
    request->threads = static_cast<int32_t>(io.reader().Int(1, 1 << 16));
    request->memory_bytes = io.reader().Int(0);
    io(request->incarnation);
    const size_t count = io.reader().Array(64);
    for (size_t i = 0; i < count && io.reader().ok(); ++i) {
      auto& [name, amount] = request->resources.emplace_back();
      io(name);
      amount = static_cast<int32_t>(io.reader().Int(0, INT32_MAX));
    }
  });
}

std::string Encode(const JoinReply& reply) {
  return EncodeWith([&](FieldWriter& io) { Fields(io, reply); });
}
Result<JoinReply> DecodeJoinReply(std::string_view bytes) {
  return Decode<JoinReply>(bytes, [](FieldReader& io, JoinReply* reply) { Fields(io, *reply); });
}

std::string Encode(const WireError& error) {
  return EncodeWith([&](FieldWriter& io) { WriteError(io, error); });
}
Result<WireError> DecodeError(std::string_view bytes) {
  return Decode<WireError>(bytes, [](FieldReader& io, WireError* error) { ReadError(io, error); });
}

}  // namespace swath::cluster
