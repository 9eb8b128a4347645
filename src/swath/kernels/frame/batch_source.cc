#include "swath/kernels/frame/batch_source.h"

#include "arrow/array.h"
#include "arrow/buffer.h"
#include "arrow/record_batch.h"
#include "arrow/table.h"
#include "arrow/type.h"

#include "swath/kernels/frame/group_aggregator.h"

namespace swath::kernels {
namespace {

class ScanBatches : public BatchSource {
 public:
  ScanBatches(std::shared_ptr<const ops::ScanSource> scan, int64_t begin, int64_t end, TaskContext* context)
      : scan_(std::move(scan)), next_(begin), end_(end), context_(context) {}
  const std::shared_ptr<arrow::Schema>& schema() const override { return scan_->schema(); }
  Result<std::shared_ptr<arrow::RecordBatch>> Next() override {
    while (true) {
      RETURN_IF_ERROR(context_->CheckCancelled());
      if (!reader_) {
        if (next_ == end_) return nullptr;
        ASSIGN_OR_RETURN(reader_, scan_->Open(next_++, context_->memory_pool));
      }
      ASSIGN_OR_RETURN(auto batch, reader_->Next());
      if (batch) return batch;
      reader_.reset();
    }
  }

 private:
  std::shared_ptr<const ops::ScanSource> scan_;
  int64_t next_;
  int64_t end_;
  TaskContext* context_;
  std::unique_ptr<ops::BatchReader> reader_;
};

class TableBatches : public BatchSource {
 public:
  TableBatches(std::vector<std::shared_ptr<arrow::Table>> tables, TaskContext* context)
      : tables_(std::move(tables)), context_(context), schema_(tables_.front()->schema()) {}
  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }
  Result<std::shared_ptr<arrow::RecordBatch>> Next() override {
    while (true) {
      RETURN_IF_ERROR(context_->CheckCancelled());
      if (!reader_) {
        if (next_ == tables_.size()) return nullptr;
        const auto& table = tables_[next_++];
        if (!table->schema()->Equals(*schema_, /*check_metadata=*/false)) {
          return Status::Invalid("partitions differ in their columns:\n", table->schema()->ToString(), "\nis not\n",
                                 schema_->ToString());
        }
        reader_ = std::make_unique<arrow::TableBatchReader>(*table);
        reader_->set_chunksize(64 << 10);
      }
      std::shared_ptr<arrow::RecordBatch> batch;
      RETURN_IF_ERROR(reader_->ReadNext(&batch));
      if (batch) return batch;
      reader_.reset();
    }
  }

 private:
  std::vector<std::shared_ptr<arrow::Table>> tables_;
  size_t next_ = 0;
  TaskContext* context_;
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<arrow::TableBatchReader> reader_;
};

// Appends the row number to each batch.
class NumberedBatches : public BatchSource {
 public:
  NumberedBatches(std::unique_ptr<BatchSource> source, const std::string& name, int64_t first, TaskContext* context)
      : source_(std::move(source)), context_(context), row_(first) {
    auto fields = source_->schema()->fields();
    fields.push_back(arrow::field(name, arrow::int64()));
    schema_ = arrow::schema(std::move(fields));
  }
  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }
  Result<std::shared_ptr<arrow::RecordBatch>> Next() override {
    ASSIGN_OR_RETURN(auto batch, source_->Next());
    if (!batch) return batch;
    const int64_t rows = batch->num_rows();
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> numbers, arrow::AllocateBuffer(rows * 8, context_->memory_pool));
    auto* number = numbers->mutable_data_as<int64_t>();
    for (int64_t i = 0; i < rows; ++i) number[i] = row_ + i;
    row_ += rows;
    auto columns = batch->columns();
    columns.push_back(std::make_shared<arrow::Int64Array>(rows, std::move(numbers)));
    return arrow::RecordBatch::Make(schema_, rows, std::move(columns));
  }

 private:
  std::unique_ptr<BatchSource> source_;
  TaskContext* context_;
  std::shared_ptr<arrow::Schema> schema_;
  int64_t row_;
};

}  // namespace

Status CollectTables(std::span<const Value> values, TaskContext* context,
                     std::vector<std::shared_ptr<arrow::Table>>* tables) {
  for (const Value& given : values) {
    ASSIGN_OR_RETURN(const Value value, Unspill(given, context->spill));
    if (value.partition() != nullptr) {
      tables->push_back(value.partition()->table);
    } else if (value.pieces() != nullptr) {
      RETURN_IF_ERROR(CollectTables(value.pieces()->values, context, tables));
    } else if (!value.empty()) {
      return Status::Invalid("a table task was given a value that is no table");
    }
  }
  return Status::OK();
}

Result<std::unique_ptr<BatchSource>> BatchSource::Make(const ops::TablePipeline& pipeline,
                                                       std::span<const Value> inputs, TaskContext* context) {
  std::unique_ptr<BatchSource> source;
  int64_t first_row = 0;
  if (pipeline.scan) {
    int64_t begin = context->block;
    int64_t end = context->block + 1;
    if (!pipeline.ranges.empty()) {
      CHECK(context->block + 1 < static_cast<int64_t>(pipeline.ranges.size()));
      begin = pipeline.ranges[static_cast<size_t>(context->block)];
      end = pipeline.ranges[static_cast<size_t>(context->block) + 1];
    }
    first_row = pipeline.scan->FirstRowNumber(begin);
    source = std::make_unique<ScanBatches>(pipeline.scan, begin, end, context);
  } else {
    std::vector<std::shared_ptr<arrow::Table>> tables;
    RETURN_IF_ERROR(CollectTables(inputs.subspan(static_cast<size_t>(pipeline.scalar_inputs)), context, &tables));
    if (tables.empty()) return Status::Invalid("a table task without a scan needs at least one input");
    source = std::make_unique<TableBatches>(std::move(tables), context);
  }
  if (!pipeline.row_column.empty())
    source = std::make_unique<NumberedBatches>(std::move(source), pipeline.row_column, first_row, context);
  return source;
}

}  // namespace swath::kernels
