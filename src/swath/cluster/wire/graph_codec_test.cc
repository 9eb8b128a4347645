// Graphs of real programs as bytes and back: the same edges for every task, the same results on the sync runtime; what
// cannot travel is named; damaged bytes are refused or give a graph that is safe to walk.
#include "swath/cluster/wire/graph_codec.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "arrow/api.h"

#include "swath/api/creation.h"
#include "swath/api/dataframe.h"
#include "swath/api/frame_io.h"
#include "swath/api/groupby.h"
#include "swath/api/manipulation.h"
#include "swath/api/random.h"
#include "swath/api/series.h"
#include "swath/base/env.h"
#include "swath/cluster/wire/value_fields.h"
#include "swath/exec/sync_runtime.h"
#include "swath/expr/lower/lower.h"
#include "swath/graph/materialized_layer.h"
#include "swath/graph/source_layer.h"
#include "swath/io/formats/memory_source.h"

namespace swath::cluster {
namespace {

using graph::Graph;
using ::testing::HasSubstr;
using GraphPtr = std::shared_ptr<const Graph>;

GraphPtr GraphOf(const expr::NodePtr& node, bool optimize = true) {
  return expr::MakePlan({node}, optimize).ValueOrDie().graph;
}

std::shared_ptr<arrow::Table> SampleTable() {
  arrow::StringBuilder k;
  arrow::Int64Builder x;
  arrow::DoubleBuilder y;
  const char* names[] = {"AA", "B6", "DL"};
  for (int i = 0; i < 200; ++i) {
    CHECK(k.Append(names[i * 7 % 3]).ok());
    CHECK(x.Append(i * 31 % 17 - 8).ok());
    CHECK((i % 11 == 0 ? y.AppendNull() : y.Append(i / 8.0)).ok());
  }
  return arrow::Table::Make(arrow::schema({arrow::field("k", arrow::utf8()), arrow::field("x", arrow::int64()),
                                           arrow::field("y", arrow::float64())}),
                            {k.Finish().ValueOrDie(), x.Finish().ValueOrDie(), y.Finish().ValueOrDie()});
}

DataFrame SampleFrame() {
  return from_scan(io::MakeMemorySource(SampleTable(), std::vector<int64_t>{0, 60, 60, 150, 200}).ValueOrDie());
}

std::vector<std::pair<std::string, GraphPtr>> ArrayGraphs() {
  const Array x = array::random({40, 30}, {.seed = 42, .chunks = ChunkSpec{7, 11}});
  static std::vector<double> numbers(1200);  // borrowed by the array
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<double>(i % 37);
  const Array m = array::from_memory(numbers.data(), kFloat64, {40, 30}, ChunkSpec{16, 16});
  const Array flat = m.ravel();
  std::vector<std::pair<std::string, GraphPtr>> graphs;
  const auto add = [&](std::string name, const Array& array) {
    graphs.emplace_back(name, GraphOf(array.node()));
    graphs.emplace_back(name + ", not optimized", GraphOf(array.node(), false));
  };
  add("elementwise", (x + m) * 2.0 - x.mean(1, {.keepdims = true}));
  add("tree", x.sum(Axes{}, {.split_every = 2}));
  add("var", m.var(0, {.ddof = 1}));
  add("argmax", x.argmax(1));
  add("transpose", (x.T()(Slice{1, 25}, 3)).rechunk(ChunkSpec(5)));
  add("matmul", array::matmul(x, m.T()));
  add("cumsum", m.cumsum(0));
  add("reshape", m.reshape({30, 40}).rechunk(ChunkSpec{9, 40}));
  add("take", array::take(x, {3, 39, 0, 3}, 0));
  add("concatenate", array::concatenate({x, m}, 1));
  add("stack", array::stack({x, m}, 0));
  add("histogram", array::histogram(flat, {0, 10, 20, 40}));
  add("topk", array::topk(flat, 5));
  add("median", array::median(m, 1));
  add("astype", m.astype(kInt32).clip(3, std::nullopt));
  add("random", array::normal(1, 2, {50}, {.seed = 1, .chunks = ChunkSpec(8)}));
  add("integers", array::random_integers(-5, 5, {50}, {.seed = 1, .chunks = ChunkSpec(8)}));
  add("arange", array::arange(0, 100, 3, {.chunks = ChunkSpec(7)}));
  add("empty", array::ones({0, 4}).sum(0));
  return graphs;
}

std::vector<std::pair<std::string, GraphPtr>> FrameGraphs() {
  const DataFrame df = SampleFrame();
  std::vector<std::pair<std::string, GraphPtr>> graphs;
  const auto add = [&](std::string name, const auto& frame) {
    graphs.emplace_back(std::move(name), GraphOf(frame.node()));
  };
  add("select", df.select({"y", "k"}));
  add("filter", df[df["x"] > 2]);
  add("assign", df.assign({{"z", df["x"] * 2 + df["y"]}}));
  add("groupby", df.groupby("k").sum());
  add("groupby mean", df.groupby(std::vector<std::string>{"k", "x"})["y"].mean());
  add("nlargest", df.nlargest(7, {"y"}));
  add("head", df.head(5));
  add("tail", df.tail(3));
  add("mean", df["y"].mean());
  add("describe", df.describe());
  add("value_counts", df["k"].value_counts());
  add("repartition", df.repartition(2));
  add("more partitions", df.repartition(7));
  add("unique", df["x"].unique());
  add("fillna", df["y"].fillna(0.5).round(1));
  return graphs;
}

void ExpectSameEdges(const Graph& a, const Graph& b) {
  ASSERT_EQ(a.layers().size(), b.layers().size());
  EXPECT_EQ(a.wanted(), b.wanted());
  for (size_t layer = 0; layer < a.layers().size(); ++layer) {
    const graph::Layer& la = *a.layers()[layer].layer;
    const graph::Layer& lb = *b.layers()[layer].layer;
    EXPECT_EQ(a.layers()[layer].inputs, b.layers()[layer].inputs);
    EXPECT_EQ(la.kind(), lb.kind());
    EXPECT_EQ(la.name(), lb.name());
    EXPECT_EQ(la.location(), lb.location());
    EXPECT_EQ(la.pure(), lb.pure());
    EXPECT_EQ(la.call().op.data(), lb.call().op.data()) << "not the catalogue's own text";
    ASSERT_EQ(la.task_count(), lb.task_count());
    for (int64_t block = 0; block < la.task_count(); ++block) {
      const graph::TaskId task(static_cast<int64_t>(layer), block);
      std::vector<graph::TaskId> da, db;
      a.AppendDependencies(task, &da);
      b.AppendDependencies(task, &db);
      EXPECT_EQ(da, db);
      da.clear(), db.clear();
      a.AppendDependents(task, &da);
      b.AppendDependents(task, &db);
      EXPECT_EQ(da, db);
      EXPECT_EQ(la.EstimatedBytes(block), lb.EstimatedBytes(block));
      EXPECT_EQ(la.EstimatedScratchBytes(block), lb.EstimatedScratchBytes(block));
    }
  }
}

bool SameValue(const Value& a, const Value& b) {
  if (a.partition() != nullptr && b.partition() != nullptr) {
    const auto options = arrow::EqualOptions::Defaults().nans_equal(true);
    return a.partition()->table->Equals(*b.partition()->table, options);
  }
  if (a.pieces() != nullptr && b.pieces() != nullptr) {
    return std::equal(a.pieces()->values.begin(), a.pieces()->values.end(), b.pieces()->values.begin(),
                      b.pieces()->values.end(), SameValue);
  }
  const EncodedValue ea = EncodeValue(a).ValueOrDie();
  const EncodedValue eb = EncodeValue(b).ValueOrDie();
  return ea.body == eb.body && std::equal(ea.buffers.begin(), ea.buffers.end(), eb.buffers.begin(), eb.buffers.end(),
                                          [](const auto& x, const auto& y) { return x->Equals(*y); });
}

std::vector<Value> ResultsOf(const GraphPtr& graph) {
  exec::SyncRuntime runtime;
  return runtime.Submit(graph, {}).ValueOrDie()->Results().ValueOrDie();
}
void ExpectSameResults(const GraphPtr& a, const GraphPtr& b) {
  const std::vector<Value> ra = ResultsOf(a);
  const std::vector<Value> rb = ResultsOf(b);
  ASSERT_EQ(ra.size(), rb.size());
  for (size_t i = 0; i < ra.size(); ++i) EXPECT_TRUE(SameValue(ra[i], rb[i])) << "result " << i;
}

void ExpectRoundTrip(const std::string& name, const GraphPtr& graph, bool same_bytes) {
  SCOPED_TRACE(name);
  const auto encoded = EncodeGraph(*graph);
  ASSERT_TRUE(encoded.ok()) << encoded.status();
  const auto decoded = DecodeGraph(encoded->body, encoded->buffers);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  ExpectSameEdges(*graph, **decoded);
  ExpectSameResults(graph, *decoded);
  // A scheduler sees the same edges without looking at parameters.
  const auto edges = DecodeGraph(encoded->body, {}, {.with_params = false});
  ASSERT_TRUE(edges.ok()) << edges.status();
  ExpectSameEdges(*graph, **edges);
  // Nothing is lost by a second trip (tables in memory get another fingerprint).
  EXPECT_TRUE(!same_bytes || EncodeGraph(**decoded).ValueOrDie().body == encoded->body);
}

TEST(GraphCodec, Arrays) {
  for (const auto& [name, graph] : ArrayGraphs()) ExpectRoundTrip(name, graph, true);
}
TEST(GraphCodec, Frames) {
  for (const auto& [name, graph] : FrameGraphs()) ExpectRoundTrip(name, graph, false);
}

TEST(GraphCodec, LargePlansAreSmall) {
  const Array x = array::random({50'000, 50'000}, {.seed = 1, .chunks = ChunkSpec(100)});
  const GraphPtr graph = GraphOf(((x + x.T()) - x.mean(1)).sum().node());
  EXPECT_GT(graph->task_count(), 250'000);
  const EncodedGraph encoded = EncodeGraph(*graph).ValueOrDie();
  RecordProperty("encoded_bytes", static_cast<int>(encoded.nbytes()));
  EXPECT_LT(encoded.nbytes(), 16 << 10);
  EXPECT_EQ(DecodeGraph(encoded.body, encoded.buffers).ValueOrDie()->task_count(), graph->task_count());
}

// ---- Function calls

// Adds the numbers of its inputs and a constant; its bytes are the constant's digits.
class AddCall : public ops::FunctionCall {
 public:
  explicit AddCall(ops::PythonFunctionPtr function, std::string line = {})
      : function_(std::move(function)), line_(std::move(line)) {}
  std::string_view name() const override { return function_->name; }
  std::string_view location() const override { return line_; }
  Result<Value> Call(std::span<const Value> inputs, const ops::CallContext&) const override {
    int64_t sum = std::stoll(function_->pickled.bytes->ToString());
    for (const Value& value : inputs) sum += *value.chunk()->data_as<int64_t>();
    ASSIGN_OR_RETURN(Chunk chunk, Chunk::Allocate(kInt64, {}, arrow::default_memory_pool()));
    *chunk.mutable_data_as<int64_t>() = sum;
    return chunk;
  }
  Result<ops::PythonFunctionPtr> Serialize() const override { return function_; }

 private:
  ops::PythonFunctionPtr function_;
  std::string line_;
};

ops::FunctionCallPtr Add(int constant, std::string line = {}) {
  ops::PythonFunction function;
  function.name = "add";
  function.pickled = {
      "pickle5", arrow::Buffer::FromString(std::to_string(constant)), {arrow::Buffer::FromString("oob")}};
  function.time_limit = std::chrono::seconds(3);
  function.memory_limit_bytes = 77;
  return std::make_shared<AddCall>(std::make_shared<ops::PythonFunction>(std::move(function)), std::move(line));
}

GraphPtr CallGraph(std::vector<ops::FunctionCallPtr> calls) {
  auto params = std::make_shared<ops::FunctionCalls>();
  params->calls = std::move(calls);
  auto graph = std::make_shared<Graph>();
  // 0 and 1 are roots, 2 reads both, 3 reads 2 and 0.
  graph::LayerDescription description;
  description.name = "add";
  description.call = {ops::FunctionCalls::kOp, std::move(params)};
  description.location = "a.py:1";
  const auto layer = graph::MaterializedLayer::Make(std::move(description), {0, 0, 0, 2, 4}, {0, 1, 2, 0}).ValueOrDie();
  graph->Want(graph->Add(layer, {}));
  return graph;
}

TEST(GraphCodec, FunctionCalls) {
  const auto shared = Add(3, "a.py:7");
  const GraphPtr graph = CallGraph({Add(1), shared, shared, Add(4, "b.py:2")});
  const EncodedGraph encoded = EncodeGraph(*graph).ValueOrDie();
  EXPECT_EQ(encoded.buffers.size(), 6U);  // three functions, each with one buffer beside its pickle
  GraphDecodeOptions options;
  options.make_call = [](ops::PythonFunctionPtr function, std::string line) {
    EXPECT_EQ(function->time_limit, std::chrono::seconds(3));
    EXPECT_EQ(function->memory_limit_bytes, 77);
    EXPECT_EQ(function->pickled.buffers.at(0)->ToString(), "oob");
    return std::make_shared<AddCall>(std::move(function), std::move(line));
  };
  const GraphPtr decoded = DecodeGraph(encoded.body, encoded.buffers, options).ValueOrDie();
  ExpectSameEdges(*graph, *decoded);
  ExpectSameResults(graph, decoded);
  const auto& calls = static_cast<const ops::FunctionCalls&>(*decoded->layers()[0].layer->call().params).calls;
  EXPECT_EQ(calls[1]->location(), "a.py:7");
  EXPECT_EQ(calls[3]->location(), "b.py:2");
  // Without an executor a Python function is an error, not a crash.
  const GraphPtr remote = DecodeGraph(encoded.body, encoded.buffers).ValueOrDie();
  exec::SyncRuntime runtime;
  const auto run = runtime.Submit(remote, {}).ValueOrDie();
  EXPECT_FALSE(run->Results().ok());
}

class LocalCall : public ops::FunctionCall {
 public:
  std::string_view name() const override { return "closure"; }
  Result<Value> Call(std::span<const Value>, const ops::CallContext&) const override { return Value(); }
};

TEST(GraphCodec, WhatCannotTravelIsNamed) {
  const Status call = EncodeGraph(*CallGraph({Add(1), Add(2), Add(3), std::make_shared<LocalCall>()})).status();
  EXPECT_TRUE(call.IsTypeError());
  EXPECT_THAT(call.message(), testing::AllOf(HasSubstr("layer 0 'add'"), HasSubstr("'closure'"),
                                             HasSubstr("cannot leave this process")));
  auto graph = std::make_shared<Graph>();
  graph::LayerDescription description;
  description.name = "strange";
  description.call = {"no.such_op", std::make_shared<ops::ValuesParams>()};
  graph->Want(graph->Add(std::make_shared<graph::SourceLayer>(std::move(description), 1), {}));
  const Status op = EncodeGraph(*graph).status();
  EXPECT_TRUE(op.IsNotImplemented());
  EXPECT_THAT(op.message(), testing::AllOf(HasSubstr("'strange'"), HasSubstr("\"no.such_op\"")));
}

// ---- Values

TEST(ValueCodec, AllKindsComeBack) {
  Chunk chunk = Chunk::Allocate(kInt32, {3, 5}, arrow::default_memory_pool()).ValueOrDie();
  for (int i = 0; i < 15; ++i) chunk.mutable_data_as<int32_t>()[i] = i;
  const Chunk transposed(kInt32, {5, 3}, {4, 20}, 0, chunk.buffer());
  const Value values[] = {Value(),
                          chunk,
                          transposed,
                          Partition{SampleTable()},
                          Partition{},
                          Object{"pickle5", arrow::Buffer::FromString("x"), {arrow::Buffer::FromString("y")}},
                          Object{"json", nullptr, {}},
                          Pieces{{chunk, Pieces{{Partition{SampleTable()}}}}}};
  for (const Value& value : values) {
    const EncodedValue encoded = EncodeValue(value).ValueOrDie();
    const Value back = DecodeValue(encoded.body, encoded.buffers).ValueOrDie();
    EXPECT_EQ(back.nbytes(), value.nbytes());
    const EncodedValue again = EncodeValue(back).ValueOrDie();
    EXPECT_EQ(again.body, encoded.body);
    ASSERT_EQ(again.buffers.size(), encoded.buffers.size());
    for (size_t i = 0; i < again.buffers.size(); ++i) EXPECT_TRUE(again.buffers[i]->Equals(*encoded.buffers[i]));
  }
  EXPECT_EQ(EncodeValue(chunk).ValueOrDie().buffers[0]->data(), chunk.data()) << "copied";
  const Value back =
      DecodeValue(EncodeValue(transposed).ValueOrDie().body, EncodeValue(transposed).ValueOrDie().buffers).ValueOrDie();
  EXPECT_EQ(back.chunk()->data_as<int32_t>()[1], 5);
}

TEST(ValueCodec, ChunksNeverReachBeyondTheirBuffers) {
  Chunk chunk = Chunk::Allocate(kFloat64, {4, 4}, arrow::default_memory_pool()).ValueOrDie();
  const EncodedValue encoded = EncodeValue(chunk).ValueOrDie();
  EXPECT_FALSE(DecodeValue(encoded.body, {}).ok());
  EXPECT_FALSE(DecodeValue(encoded.body, {arrow::SliceBuffer(encoded.buffers[0], 0, 127)}).ok());
  Writer huge;
  huge.Int(1);
  huge.Int(static_cast<int64_t>(Kind::kFloat64) | int64_t{8} << 16);
  huge.Ints(std::vector<int64_t>{int64_t{1} << 40, int64_t{1} << 40});
  huge.Int(0);
  EXPECT_FALSE(DecodeValue(huge.Finish(), encoded.buffers).ok());
}

// ---- Damage

TEST(GraphCodec, DamagedBytesAreRefusedOrSafe) {
  auto graphs = ArrayGraphs();
  for (auto& frame : FrameGraphs()) graphs.push_back(std::move(frame));
  std::vector<EncodedGraph> encoded;
  for (const auto& [name, graph] : graphs) encoded.push_back(EncodeGraph(*graph).ValueOrDie());
  int refused = 0;
  for (uint64_t seed = 0; seed < 6000; ++seed) {
    SCOPED_TRACE(seed);
    Rng rng(seed);
    const EncodedGraph& good = encoded[rng.Below(encoded.size())];
    std::string bad = good.body;
    for (uint64_t n = 1 + rng.Below(3); n > 0; --n) bad[rng.Below(bad.size())] = static_cast<char>(rng());
    if (rng.Chance(0.1)) bad.resize(rng.Below(bad.size()));
    const auto decoded = DecodeGraph(bad, good.buffers, {.with_params = rng.Chance(0.5)});
    if (!decoded.ok()) {
      ++refused;
      continue;
    }
    std::vector<graph::TaskId> edges;
    const Graph& graph = **decoded;
    for (size_t layer = 0; layer < graph.layers().size(); ++layer) {
      const int64_t tasks = std::min<int64_t>(graph.layers()[layer].layer->task_count(), 50);
      for (int64_t block = 0; block < tasks; ++block) {
        edges.clear();
        graph.AppendDependencies({static_cast<int64_t>(layer), block}, &edges);
        for (const graph::TaskId edge : edges) {
          ASSERT_LT(edge.layer(), static_cast<int64_t>(layer));
          ASSERT_LT(edge.block(), graph.layers()[static_cast<size_t>(edge.layer())].layer->task_count());
        }
      }
    }
  }
  EXPECT_GT(refused, 2000);
}

// tests/fuzz/run begins with what real programs send: the wire fuzzer's first byte, then a graph.
TEST(GraphCodec, DISABLED_WriteFuzzCorpus) {
  const char* folder = std::getenv("SWATH_FUZZ_CORPUS");
  ASSERT_NE(folder, nullptr);
  auto graphs = ArrayGraphs();
  for (auto& frame : FrameGraphs()) graphs.push_back(std::move(frame));
  for (size_t i = 0; i < graphs.size(); ++i) {
    std::ofstream out(std::string(folder) + "/graph-" + std::to_string(i), std::ios::binary);
    out << static_cast<char>(i % 2 == 0 ? 5 : 6) << EncodeGraph(*graphs[i].second).ValueOrDie().body;
    ASSERT_TRUE(out.good());
  }
}

}  // namespace
}  // namespace swath::cluster
