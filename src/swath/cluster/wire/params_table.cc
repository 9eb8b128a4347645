// Parameters of the table operations. Expressions travel in Arrow's own form; the user's lines of single calls inside
// of them (CallSites) stay behind: errors on a worker name the layer's line.
#include <algorithm>

#include "arrow/buffer.h"
#include "arrow/compute/expression.h"
#include "arrow/io/memory.h"
#include "arrow/ipc/dictionary.h"
#include "arrow/ipc/reader.h"
#include "arrow/ipc/writer.h"
#include "arrow/record_batch.h"
#include "arrow/table.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"

#include "swath/cluster/wire/params_codec.h"
#include "swath/cluster/wire/value_fields.h"
#include "swath/io/formats/memory_source.h"
#include "swath/ops/table_ops.h"
#include "swath/ops/table_pipeline.h"

namespace swath::cluster {

// Not in an unnamed namespace: io finds Fields by argument-dependent lookup, which does not look there.

using arrow::compute::Expression;

static std::string_view ViewOf(const arrow::Buffer& buffer) {
  return {reinterpret_cast<const char*>(buffer.data()), static_cast<size_t>(buffer.size())};
}

static void WriteSchema(FieldWriter& io, const arrow::Schema& schema) {
  const auto bytes = arrow::ipc::SerializeSchema(schema);
  if (!bytes.ok()) io.Fail(bytes.status());
  io.writer().Bytes(bytes.ok() ? ViewOf(**bytes) : "");
}
static std::shared_ptr<arrow::Schema> ReadSchema(FieldReader& io) {
  const std::string bytes(io.reader().Bytes());
  if (!io.ok()) return nullptr;
  arrow::io::BufferReader input(arrow::Buffer::FromString(bytes));
  arrow::ipc::DictionaryMemo memo;
  auto schema = arrow::ipc::ReadSchema(&input, &memo);
  if (!schema.ok()) io.Fail(schema.status());
  return schema.ValueOr(nullptr);
}

static void WriteFields(FieldWriter& io, const std::shared_ptr<arrow::Schema>& schema) {
  io.writer().Bool(schema != nullptr);
  if (schema != nullptr) WriteSchema(io, *schema);
}
static void ReadFields(FieldReader& io, std::shared_ptr<arrow::Schema>& schema) {
  schema = io.reader().Bool() ? ReadSchema(io) : nullptr;
}

// Arrow trusts the record batch that an expression is stored in, and reads calls recursively: both are checked first.
static Status CheckExpression(const std::shared_ptr<arrow::Buffer>& bytes) {
  constexpr int kDepthMax = 200;
  ASSIGN_OR_RETURN(const auto reader,
                   arrow::ipc::RecordBatchFileReader::Open(std::make_shared<arrow::io::BufferReader>(bytes)));
  if (reader->num_record_batches() != 1) return Status::IOError("an expression that is none");
  ASSIGN_OR_RETURN(const auto batch, reader->ReadRecordBatch(0));
  RETURN_IF_ERROR(batch->ValidateFull());
  if (batch->num_rows() != 1) return Status::IOError("an expression that is none");
  const auto metadata = batch->schema()->metadata();
  int depth = 0;
  for (int64_t i = 0; metadata != nullptr && i < metadata->size(); ++i) {
    const std::string& key = metadata->key(i);
    if (key == "call" && ++depth > kDepthMax) return Status::IOError("an expression nested deeper than ", kDepthMax);
    if (key == "end") --depth;
  }
  return Status::OK();
}

static void WriteFields(FieldWriter& io, const Expression& expression) {
  const auto bytes = arrow::compute::Serialize(expression);
  if (!bytes.ok()) {
    io.Fail(bytes.status().WithMessage("the expression ", expression.ToString(),
                                       " cannot be sent to a cluster: ", bytes.status().message()));
  }
  io.writer().Bytes(bytes.ok() ? ViewOf(**bytes) : "");
}
static void ReadFields(FieldReader& io, Expression& expression) {
  const std::string bytes(io.reader().Bytes());
  if (!io.ok()) return;
  const auto buffer = arrow::Buffer::FromString(bytes);
  const Status checked = CheckExpression(buffer);
  auto read = checked.ok() ? arrow::compute::Deserialize(buffer) : Result<Expression>(checked);
  if (!read.ok()) {
    io.Fail(read.status());
  } else {
    expression = *std::move(read);
  }
}

template <typename Io, OneOf<ops::FilterStep> T>
void Fields(Io& io, T& step) {
  io(step.predicate);
}
template <typename Io, OneOf<ops::ProjectStep> T>
void Fields(Io& io, T& step) {
  io(step.names);
  io(step.expressions);
  if (step.names.size() != step.expressions.size())
    io.Fail(Status::Invalid("a projection with other names than columns"));
}
template <typename Io, OneOf<ops::Aggregation> T>
void Fields(Io& io, T& aggregation) {
  io(aggregation.function);
  io(aggregation.column);
  io(aggregation.output);
  io(aggregation.ddof);
  io(aggregation.min_count);
  io(aggregation.skipna);
  io(aggregation.quantile);
}

template <typename Io, OneOf<ops::CollectSink> T>
void Fields(Io&, T&) {}
template <typename Io, OneOf<ops::CountSink> T>
void Fields(Io&, T&) {}
template <typename Io, typename T>
requires OneOf<T, ops::HeadSink> || OneOf<T, ops::TailSink>
void Fields(Io& io, T& sink) { io(sink.rows); }
template <typename Io, OneOf<ops::AggregateSink> T>
void Fields(Io& io, T& sink) {
  io(sink.keys);
  io(sink.aggregations);
  io(sink.drop_null_keys);
  io(sink.radix_bits);
  if (sink.radix_bits < 0 || sink.radix_bits > 20) io.Fail(Status::Invalid("an aggregation with too many parts"));
  if constexpr (requires { sink.all_categories; }) io(sink.all_categories);
  if constexpr (requires { sink.order; }) {
    auto order = static_cast<int64_t>(sink.order);
    io(order);
    if (order < 0 || order > 2) io.Fail(Status::Invalid("an unknown order of groups"));
    if constexpr (Io::kReads) sink.order = static_cast<decltype(sink.order)>(order);
  }
}
template <typename Io, OneOf<ops::TopSink> T>
void Fields(Io& io, T& sink) {
  io(sink.rows);
  io(sink.columns);
  io(sink.descending);
  io(sink.keep_last);
  io(sink.drop_missing);
  if (sink.columns.size() != sink.descending.size()) io.Fail(Status::Invalid("sort keys without directions"));
}
static void Fields(FieldWriter& io, const ops::WriteSink& sink) {
  io.Fail(Status::NotImplemented("writing files on a cluster: ", sink.target == nullptr ? "" : sink.target->ToString(),
                                 " cannot be sent yet"));
}
static void Fields(FieldReader& io, ops::WriteSink&) { io.Fail("a write sink"); }

// Data in memory travel with the plan, a table a partition; files would need their formats' options.
static Status WriteScan(FieldWriter& io, const ops::ScanSource& scan) {
  if (scan.format() != "memory") {
    return Status::NotImplemented("reading files on a cluster: ", scan.ToString(), " cannot be sent yet (format \"",
                                  scan.format(), "\")");
  }
  io.writer().Array(static_cast<size_t>(scan.partition_count()));
  for (int64_t partition = 0; partition < scan.partition_count(); ++partition) {
    ASSIGN_OR_RETURN(const auto reader, scan.Open(partition, arrow::default_memory_pool()));
    arrow::RecordBatchVector batches;
    for (;;) {
      ASSIGN_OR_RETURN(auto batch, reader->Next());
      if (batch == nullptr) break;
      batches.push_back(std::move(batch));
    }
    ASSIGN_OR_RETURN(auto table, arrow::Table::FromRecordBatches(scan.schema(), batches));
    WriteFields(io, Value(Partition{std::move(table)}));
  }
  io(scan.Fingerprint());
  return Status::OK();
}

static std::shared_ptr<const ops::ScanSource> ReadScan(FieldReader& io) {
  std::vector<std::shared_ptr<arrow::Table>> partitions;
  const size_t count = io.reader().Array();
  for (size_t i = 0; i < count && io.ok(); ++i) {
    Value value;
    ReadFields(io, value);
    if (value.partition() == nullptr || value.partition()->table == nullptr) {
      io.Fail("a partition that is no table");
      return nullptr;
    }
    partitions.push_back(value.partition()->table);
    if (!partitions.back()->schema()->Equals(*partitions.front()->schema())) io.Fail("partitions of different columns");
  }
  std::string fingerprint;
  io(fingerprint);
  if (partitions.empty()) io.Fail("a table without partitions");
  if (!io.ok()) return nullptr;
  auto source = io::MakeMemorySource(std::move(partitions), std::move(fingerprint));
  if (!source.ok()) io.Fail(source.status());
  return source.ValueOr(nullptr);
}

static void Fields(FieldWriter& io, const ops::TablePipeline& pipeline) {
  io.writer().Bool(pipeline.scan != nullptr);
  if (pipeline.scan != nullptr) {
    if (const Status status = WriteScan(io, *pipeline.scan); !status.ok()) io.Fail(status);
  }
  io(pipeline.ranges);
  io(pipeline.scalar_inputs);
  io(pipeline.row_column);
  io.writer().Array(pipeline.steps.size());
  for (const ops::TableStep& step : pipeline.steps) WriteVariant(io, step);
  WriteVariant(io, pipeline.sink);
}
static void Fields(FieldReader& io, ops::TablePipeline& pipeline) {
  if (io.reader().Bool()) pipeline.scan = ReadScan(io);
  io(pipeline.ranges);
  io(pipeline.scalar_inputs);
  io(pipeline.row_column);
  const size_t steps = io.reader().Array();
  for (size_t i = 0; i < steps && io.ok(); ++i) ReadVariant(io, pipeline.steps.emplace_back());
  if (io.ok()) ReadVariant(io, pipeline.sink);
  if (pipeline.scalar_inputs < 0) io.Fail("a negative number of scalars");
  if (!std::is_sorted(pipeline.ranges.begin(), pipeline.ranges.end())) io.Fail("ranges that do not ascend");
  if (pipeline.scan != nullptr && !pipeline.ranges.empty() &&
      (pipeline.ranges.front() < 0 || pipeline.ranges.back() > pipeline.scan->partition_count())) {
    io.Fail("ranges outside of the table");
  }
}

template <typename Io, OneOf<ops::SortKey> T>
void Fields(Io& io, T& key) {
  io(key.column);
  io(key.descending);
}
template <typename Io, OneOf<ops::MergeGroupsParams> T>
void Fields(Io& io, T& params) {
  io(params.groups);
  io(params.part_tasks);
  io(params.finish);
  io(params.sort);
  if (params.part_tasks < 1) io.Fail(Status::Invalid("a merge of no parts"));
}
template <typename Io, OneOf<ops::TableConcatParams> T>
void Fields(Io& io, T& params) {
  if constexpr (Io::kReads) {
    ReadFields(io, params.schema);
  } else {
    WriteFields(io, params.schema);
  }
  io(params.sort_by);
  if constexpr (requires { params.drop; }) io(params.drop);
}
template <typename Io, OneOf<ops::CutRowsParams> T>
void Fields(Io& io, T& params) {
  io(params.bounds);
  if (params.bounds.empty() || !std::is_sorted(params.bounds.begin(), params.bounds.end())) {
    io.Fail(Status::Invalid("bounds that do not ascend"));
  }
}
template <typename Io, OneOf<ops::ZipParams> T>
void Fields(Io& io, T& params) {
  io(params.columns);
  io(params.names);
  io(params.index);
}
template <typename Io, OneOf<ops::MergeCountsParams> T>
void Fields(Io& io, T& params) {
  io(params.output);
}
static void Fields(FieldWriter& io, const ops::StackRowParams& params) {
  io(params.label_column);
  io(params.labels);
  io(params.names);
  arrow::FieldVector fields;
  for (const auto& type : params.types) fields.push_back(arrow::field("", type));
  WriteSchema(io, arrow::Schema(fields));
  io(params.cells);
}
static void Fields(FieldReader& io, ops::StackRowParams& params) {
  io(params.label_column);
  io(params.labels);
  io(params.names);
  const auto schema = ReadSchema(io);
  if (schema != nullptr) {
    for (const auto& field : schema->fields()) params.types.push_back(field->type());
  }
  io(params.cells);
  if (params.types.size() != params.names.size() || params.cells.size() != params.names.size()) {
    io.Fail("columns without types or cells");
  }
}

std::span<const ParamsCodec> TableParamsCodecs() {
  static const ParamsCodec codecs[] = {
      FieldsCodec<ops::TablePipeline>(),  FieldsCodec<ops::MergeGroupsParams>(), FieldsCodec<ops::TableConcatParams>(),
      FieldsCodec<ops::CutRowsParams>(),  FieldsCodec<ops::ZipParams>(),         FieldsCodec<ops::MergeCountsParams>(),
      FieldsCodec<ops::StackRowParams>(),
  };
  return codecs;
}

}  // namespace swath::cluster
