// MessagePack and the machines' messages: round trips of random batches, and damaged bytes that must be refused.
#include "swath/cluster/wire/messages.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "swath/base/env.h"
#include "swath/cluster/wire/pack.h"

namespace swath::cluster {
namespace {

using ::testing::HasSubstr;

TEST(Pack, RoundTripAndStrictness) {
  Rng rng(1);
  for (int round = 0; round < 300; ++round) {
    std::vector<int64_t> numbers(rng.Below(50));
    for (int64_t& number : numbers) number = static_cast<int64_t>(rng()) >> rng.Below(64);
    Writer writer;
    writer.Array(3);
    writer.Ints(numbers);
    writer.Float(round % 2 == 0 ? -0.0 : 3.0);
    writer.Text("text");
    writer.Int(INT64_MIN);
    const std::string bytes = writer.Finish();
    Reader reader(bytes);
    EXPECT_EQ(reader.Array(3), 3U);
    EXPECT_EQ(reader.Ints(), numbers);
    const double number = reader.Float();
    EXPECT_EQ(number, round % 2 == 0 ? 0.0 : 3.0);
    EXPECT_EQ(std::signbit(number), round % 2 == 0);
    EXPECT_EQ(reader.Text(), "text");
    EXPECT_EQ(reader.Int(), INT64_MIN);
    EXPECT_TRUE(reader.Done().ok());
  }
}

TEST(Pack, RefusesWhatTheSchemaDoesNotAsk) {
  const auto why = [](std::string_view bytes, auto read, ReaderLimits limits = {}) {
    Reader reader(bytes, limits);
    read(reader);
    return reader.Done().message();
  };
  const auto nothing = [](Reader&) {};
  EXPECT_THAT(why("\x05", [](Reader& r) { r.Text(); }), HasSubstr("value 0 is not a text"));
  EXPECT_THAT(why("\x05", [](Reader& r) { r.Int(6, 9); }), HasSubstr("value 0 is 5; it must be 6 to 9"));
  EXPECT_THAT(why("\x05\x06", [](Reader& r) { r.Int(); }), HasSubstr("1 values are left over"));
  EXPECT_THAT(why("\x05", [](Reader& r) { r.Int(), r.Int(); }), HasSubstr("it ends where"));
  EXPECT_THAT(why("\x93\x01", nothing), HasSubstr("cut off"));
  EXPECT_THAT(why(std::string(100, '\x91') + "\x01", nothing), HasSubstr("nested deeper than 64"));
  EXPECT_THAT(why("\x81\x01\x02", nothing), HasSubstr("a map"));
  EXPECT_THAT(why("\xc1", nothing), HasSubstr("no MessagePack"));
  EXPECT_THAT(why("\x92\x01\x02", [](Reader& r) { r.Array(1); }), HasSubstr("an array of 2 elements; at most 1"));
  EXPECT_THAT(why(std::string("\xdd\xff\xff\xff\xff", 5), nothing), HasSubstr("cut off"));  // no allocation of 4 G
  EXPECT_THAT(why(std::string(20, '\x01'), nothing, {.values = 10}), HasSubstr("more than 10 values"));
}

template <typename T>
T Number(Rng* rng) {
  return static_cast<T>((*rng)() >> rng->Below(64));
}

sched::TaskRef RandomRef(Rng* rng) {
  return {.task = graph::TaskId(static_cast<int64_t>(rng->Below(1 << 24)),
                                static_cast<int64_t>(rng->Below(int64_t{1} << 40))),
          .run = Number<uint32_t>(rng),
          .attempt = Number<uint32_t>(rng)};
}
sched::Source RandomSource(Rng* rng) {
  return {RandomRef(rng), Number<uint32_t>(rng), Number<uint32_t>(rng), Number<int64_t>(rng)};
}

Command RandomCommand(Rng* rng, uint32_t sources) {
  const auto worker = Number<uint32_t>(rng);
  const auto epoch = Number<uint32_t>(rng);
  switch (rng->Below(7)) {
    case 0:
      return sched::OpenRun{worker, epoch, Number<uint32_t>(rng)};
    case 1:
      return sched::CloseRun{worker, epoch, Number<uint32_t>(rng)};
    case 2: {
      const auto first = static_cast<uint32_t>(rng->Below(sources + 1));
      return sched::RunTask{worker,
                            epoch,
                            RandomRef(rng),
                            Number<uint32_t>(rng),
                            Number<int32_t>(rng),
                            first,
                            static_cast<uint32_t>(rng->Below(sources - first + 1))};
    }
    case 3:
      return sched::ReturnTask{worker, epoch, RandomRef(rng)};
    case 4:
      return sched::CancelTask{worker, epoch, RandomRef(rng)};
    case 5:
      return sched::ReleaseData{worker, epoch, RandomRef(rng)};
    default:
      return sched::FetchData{worker, epoch, RandomSource(rng)};
  }
}

Report RandomReport(Rng* rng) {
  const auto worker = Number<uint32_t>(rng);
  const auto epoch = Number<uint32_t>(rng);
  switch (rng->Below(8)) {
    case 0:
      return sched::TaskFinished{worker, epoch, RandomRef(rng), Number<int64_t>(rng), Number<int64_t>(rng)};
    case 1:
      return sched::TaskFailed{worker, epoch, RandomRef(rng), (*rng)(), static_cast<sched::FailureKind>(rng->Below(4))};
    case 2:
      return sched::TaskReturned{worker, epoch, RandomRef(rng), static_cast<sched::ReturnReason>(rng->Below(3))};
    case 3:
      return sched::ReplicaAdded{worker, epoch, RandomRef(rng), Number<int64_t>(rng)};
    case 4:
      return sched::FetchFailed{worker,
                                epoch,
                                RandomRef(rng),
                                Number<uint32_t>(rng),
                                Number<uint32_t>(rng),
                                static_cast<sched::FetchProblem>(rng->Below(2))};
    case 5:
      return sched::DataLost{worker, epoch, RandomRef(rng)};
    case 6:
      return sched::WorkerPaused{worker, epoch};
    default:
      return sched::WorkerResumed{worker, epoch};
  }
}

CommandBatch RandomCommands(Rng* rng) {
  CommandBatch batch;
  for (uint64_t n = rng->Below(20); n > 0; --n) batch.sources.push_back(RandomSource(rng));
  for (uint64_t n = rng->Below(40); n > 0; --n)
    batch.list.push_back(RandomCommand(rng, static_cast<uint32_t>(batch.sources.size())));
  return batch;
}

ReportBatch RandomReports(Rng* rng) {
  ReportBatch batch;
  for (uint64_t n = rng->Below(40); n > 0; --n) batch.list.push_back(RandomReport(rng));
  for (uint64_t n = rng->Below(3); n > 0; --n) {
    auto detail = std::make_shared<ErrorDetail>();
    detail->kind = ErrorKind::kUserFunction;
    detail->traceback = "line 3";
    detail->pickled = std::string("\0\xff", 2);
    batch.errors.push_back({(*rng)(), Status(arrow::StatusCode::KeyError, "no such column", detail)});
  }
  return batch;
}

// Records have no operator==: their encodings are compared, and their members below once for each type.
TEST(Messages, RandomBatchesComeBack) {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(seed);
    Rng rng(seed);
    const CommandBatch commands = RandomCommands(&rng);
    const CommandBatch back = DecodeCommands(Encode(commands)).ValueOrDie();
    ASSERT_EQ(back.list.size(), commands.list.size());
    ASSERT_EQ(back.sources.size(), commands.sources.size());
    for (size_t i = 0; i < back.list.size(); ++i) ASSERT_EQ(back.list[i].index(), commands.list[i].index());
    EXPECT_EQ(Encode(back), Encode(commands));
    const ReportBatch reports = RandomReports(&rng);
    const ReportBatch reports_back = DecodeReports(Encode(reports)).ValueOrDie();
    ASSERT_EQ(reports_back.list.size(), reports.list.size());
    EXPECT_EQ(Encode(reports_back), Encode(reports));
  }
}

TEST(Messages, EveryMemberTravels) {
  const sched::TaskRef ref{graph::TaskId(7, 8), 9, 10};
  const CommandBatch commands{.list = {sched::RunTask{1, 2, ref, 3, -4, 0, 1}, sched::FetchData{1, 2, {ref, 5, 6, -1}},
                                       sched::OpenRun{1, 2, 3}},
                              .sources = {{ref, 11, 12, int64_t{1} << 40}}};
  const CommandBatch c = DecodeCommands(Encode(commands)).ValueOrDie();
  const auto& run = std::get<sched::RunTask>(c.list[0]);
  EXPECT_EQ(std::tie(run.worker, run.epoch, run.ref, run.rank, run.priority, run.first_source, run.source_count),
            std::make_tuple(1U, 2U, ref, 3U, -4, 0U, 1U));
  const auto& fetch = std::get<sched::FetchData>(c.list[1]).source;
  EXPECT_EQ(std::tie(fetch.data, fetch.holder, fetch.holder_epoch, fetch.nbytes),
            std::make_tuple(ref, 5U, 6U, int64_t{-1}));
  EXPECT_EQ(std::get<sched::OpenRun>(c.list[2]).run, 3U);
  EXPECT_EQ(c.sources[0].nbytes, int64_t{1} << 40);

  const ReportBatch reports{
      .list = {sched::TaskFinished{1, 2, ref, 3, 4}, sched::TaskFailed{1, 2, ref, 5, sched::FailureKind::kCrashed},
               sched::TaskReturned{1, 2, ref, sched::ReturnReason::kWorkerStopping},
               sched::FetchFailed{1, 2, ref, 6, 7, sched::FetchProblem::kUnreachable}},
      .errors = {}};
  const ReportBatch r = DecodeReports(Encode(reports)).ValueOrDie();
  EXPECT_EQ(std::get<sched::TaskFinished>(r.list[0]).nbytes, 3);
  EXPECT_EQ(std::get<sched::TaskFinished>(r.list[0]).duration_ns, 4);
  EXPECT_EQ(std::get<sched::TaskFailed>(r.list[1]).error, 5U);
  EXPECT_EQ(std::get<sched::TaskFailed>(r.list[1]).kind, sched::FailureKind::kCrashed);
  EXPECT_EQ(std::get<sched::TaskReturned>(r.list[2]).reason, sched::ReturnReason::kWorkerStopping);
  EXPECT_EQ(std::get<sched::FetchFailed>(r.list[3]).holder_epoch, 7U);
  EXPECT_EQ(std::get<sched::FetchFailed>(r.list[3]).problem, sched::FetchProblem::kUnreachable);
}

TEST(Messages, ErrorsAndJoins) {
  auto detail = std::make_shared<ErrorDetail>();
  detail->kind = ErrorKind::kKilled;
  detail->key = "add-3:17";
  detail->worker = "w1";
  detail->traceback = "t";
  detail->location = "a.py:3";
  detail->pickled = std::string("\0\1", 2);
  const WireError back =
      DecodeError(Encode(WireError{77, Status(arrow::StatusCode::IndexError, "why", detail)})).ValueOrDie();
  EXPECT_EQ(back.id, 77U);
  EXPECT_TRUE(back.status.IsIndexError());
  EXPECT_EQ(back.status.message(), "why");
  const auto seen = ErrorDetail::Of(back.status);
  ASSERT_NE(seen, nullptr);
  EXPECT_EQ(std::tie(seen->kind, seen->key, seen->worker, seen->traceback, seen->location, seen->pickled),
            std::tie(detail->kind, detail->key, detail->worker, detail->traceback, detail->location, detail->pickled));
  EXPECT_EQ(ErrorDetail::Of(DecodeError(Encode(WireError{1, Status::Invalid("x")})).ValueOrDie().status), nullptr);

  const JoinRequest join =
      DecodeJoinRequest(Encode(JoinRequest{"w", "tcp://h:1", 4, 1 << 30, {{"GPU", 2}}, UINT64_MAX})).ValueOrDie();
  EXPECT_EQ(join.name, "w");
  EXPECT_EQ(join.data_address, "tcp://h:1");
  EXPECT_EQ(join.threads, 4);
  EXPECT_EQ(join.memory_bytes, 1 << 30);
  EXPECT_EQ(join.resources.at(0), (std::pair<std::string, int32_t>("GPU", 2)));
  EXPECT_EQ(join.incarnation, UINT64_MAX);
  EXPECT_FALSE(DecodeJoinRequest(Encode(JoinRequest{"w", "", 0, 0, {}, 1})).ok());
  const JoinReply reply = DecodeJoinReply(Encode(JoinReply{3, 4, 5})).ValueOrDie();
  EXPECT_EQ(std::tie(reply.worker, reply.epoch, reply.lease_ns), std::make_tuple(3U, 4U, int64_t{5}));
}

TEST(Messages, SourcesStayInTheBatch) {
  const CommandBatch outside{.list = {sched::RunTask{1, 1, {}, 0, 0, 0, 1}}, .sources = {}};
  EXPECT_THAT(DecodeCommands(Encode(outside)).status().message(), HasSubstr("outside of the batch"));
}

TEST(Messages, DamagedBytesAreRefusedOrMeanSomething) {
  int refused = 0;
  for (uint64_t seed = 0; seed < 5000; ++seed) {
    Rng rng(seed);
    std::string bytes = rng.Chance(0.5) ? Encode(RandomCommands(&rng)) : Encode(RandomReports(&rng));
    for (uint64_t n = 1 + rng.Below(5); n > 0; --n) bytes[rng.Below(bytes.size())] = static_cast<char>(rng());
    if (rng.Chance(0.2)) bytes.resize(rng.Below(bytes.size() + 1));
    const auto commands = DecodeCommands(bytes);
    const auto reports = DecodeReports(bytes);
    refused += !commands.ok() && !reports.ok();
    if (commands.ok()) {
      EXPECT_TRUE(DecodeCommands(Encode(*commands)).ok());
    }
    if (reports.ok()) {
      EXPECT_TRUE(DecodeReports(Encode(*reports)).ok());
    }
    EXPECT_FALSE(DecodeJoinReply(bytes).ok() && DecodeError(bytes).ok());
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace swath::cluster
