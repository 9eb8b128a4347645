// What scheduler and workers say to each other, as MessagePack: batches of the machines' commands and reports
// (sched/messages.h), joining, and errors. A batch is one message body; payloads never stand in it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "swath/base/status.h"
#include "swath/sched/messages.h"

namespace swath::cluster {

using Command = std::variant<sched::OpenRun, sched::CloseRun, sched::RunTask, sched::ReturnTask, sched::CancelTask,
                             sched::ReleaseData, sched::FetchData>;
using Report = std::variant<sched::TaskFinished, sched::TaskFailed, sched::TaskReturned, sched::ReplicaAdded,
                            sched::FetchFailed, sched::DataLost, sched::WorkerPaused, sched::WorkerResumed>;

// Scheduler -> worker. RunTask::first_source counts in `sources`; decoding checks that it stays inside.
struct CommandBatch {
  std::vector<Command> list;
  std::vector<sched::Source> sources;
};

// An error as it travels: all of a Status with its ErrorDetail but the live exception object.
struct WireError {
  sched::ErrorId id = 0;  // of the sender; what TaskFailed::error names
  Status status;          // never OK
};

// Worker -> scheduler.
struct ReportBatch {
  std::vector<Report> list;
  std::vector<WireError> errors;  // those that `list` names
};

// A worker's first message, and again after every reconnection.
struct JoinRequest {
  std::string name;          // unique; the same after a restart of the connection
  std::string data_address;  // where other workers fetch from
  int32_t threads = 1;
  int64_t memory_bytes = 0;
  std::vector<std::pair<std::string, int32_t>> resources;
  uint64_t incarnation = 0;  // of the process: random
};
// The scheduler's answer.
struct JoinReply {
  sched::WorkerId worker = 0;
  sched::Epoch epoch = 0;
  int64_t lease_ns = 0;  // how long to go on without the scheduler
};

std::string Encode(const CommandBatch& batch);
std::string Encode(const ReportBatch& batch);
std::string Encode(const JoinRequest& request);
std::string Encode(const JoinReply& reply);
std::string Encode(const WireError& error);

// IOError when the bytes are not exactly one such message: unknown tags, numbers out of range, something left over.
Result<CommandBatch> DecodeCommands(std::string_view bytes);
Result<ReportBatch> DecodeReports(std::string_view bytes);
Result<JoinRequest> DecodeJoinRequest(std::string_view bytes);
Result<JoinReply> DecodeJoinReply(std::string_view bytes);
Result<WireError> DecodeError(std::string_view bytes);

}  // namespace swath::cluster
