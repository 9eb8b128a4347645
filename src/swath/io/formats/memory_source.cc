#include "swath/io/formats/memory_source.h"

#include <atomic>

#include "arrow/compute/cast.h"
#include "arrow/table.h"
#include "arrow/type.h"

#include "swath/base/nearest.h"

namespace swath::io {
namespace {

using ops::BatchReader;
using ops::ScanSource;

class TableBatches : public BatchReader {
 public:
  explicit TableBatches(std::shared_ptr<arrow::Table> table) : table_(std::move(table)), reader_(*table_) {
    reader_.set_chunksize(64 << 10);
  }
  Result<std::shared_ptr<arrow::RecordBatch>> Next() override {
    std::shared_ptr<arrow::RecordBatch> batch;
    RETURN_IF_ERROR(reader_.ReadNext(&batch));
    return batch;
  }

 private:
  std::shared_ptr<arrow::Table> table_;
  arrow::TableBatchReader reader_;
};

class MemorySource : public ScanSource {
 public:
  MemorySource(std::shared_ptr<arrow::Schema> schema, std::vector<std::shared_ptr<arrow::Table>> partitions,
               std::string fingerprint)
      : schema_(std::move(schema)), partitions_(std::move(partitions)), fingerprint_(std::move(fingerprint)) {}

  std::string_view format() const override { return "memory"; }
  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }
  int64_t partition_count() const override { return static_cast<int64_t>(partitions_.size()); }
  std::string PartitionName(int64_t partition) const override { return "memory[" + std::to_string(partition) + "]"; }
  int64_t EstimatedBytes(int64_t partition) const override {
    int64_t bytes = 0;
    for (const auto& column : At(partition)->columns()) {
      int64_t width = 32;  // text and nested values: a guess
      if (arrow::is_fixed_width(*column->type())) width = (column->type()->bit_width() + 7) / 8;
      bytes += column->length() * width;
    }
    return bytes;
  }
  Result<std::optional<int64_t>> RowCount(int64_t partition) const override { return At(partition)->num_rows(); }

  Result<std::shared_ptr<const ScanSource>> WithColumns(std::vector<std::string> columns) const override {
    std::vector<int> indices;
    std::string fingerprint = fingerprint_;
    for (const std::string& name : columns) {
      const int index = schema_->GetFieldIndex(name);
      if (index < 0) {
        return Status::KeyError("no column '", name, "'", DidYouMean(name, schema_->field_names()));
      }
      indices.push_back(index);
      fingerprint += "|" + name;
    }
    std::vector<std::shared_ptr<arrow::Table>> partitions;
    std::vector<std::shared_ptr<arrow::Field>> fields;
    for (const int index : indices) fields.push_back(schema_->field(index));
    for (const auto& partition : partitions_) {
      ASSIGN_OR_RETURN(auto selected, partition->SelectColumns(indices));
      partitions.push_back(std::move(selected));
    }
    return std::make_shared<MemorySource>(arrow::schema(std::move(fields), schema_->metadata()), std::move(partitions),
                                          std::move(fingerprint));
  }

  Result<std::unique_ptr<BatchReader>> Open(int64_t partition, arrow::MemoryPool*) const override {
    return std::make_unique<TableBatches>(At(partition));
  }
  std::string Fingerprint() const override { return fingerprint_; }
  std::string ToString() const override {
    std::string text = "from_memory(";
    for (int i = 0; i < schema_->num_fields(); ++i) text += (i > 0 ? ", " : "") + schema_->field(i)->name();
    return text + ")";
  }

 private:
  const std::shared_ptr<arrow::Table>& At(int64_t partition) const {
    CHECK(partition >= 0 && partition < partition_count());
    return partitions_[static_cast<size_t>(partition)];
  }

  std::shared_ptr<arrow::Schema> schema_;
  std::vector<std::shared_ptr<arrow::Table>> partitions_;
  std::string fingerprint_;
};

// Text as large_string: the one type of text inside the engine (string_view and string are cast at this border).
Result<std::shared_ptr<arrow::Table>> WithLargeStrings(const std::shared_ptr<arrow::Table>& table) {
  std::shared_ptr<arrow::Table> result = table;
  for (int i = 0; i < table->num_columns(); ++i) {
    const auto& field = table->schema()->field(i);
    std::shared_ptr<arrow::DataType> target;
    if (field->type()->id() == arrow::Type::STRING || field->type()->id() == arrow::Type::STRING_VIEW) {
      target = arrow::large_utf8();
    } else if (field->type()->id() == arrow::Type::DICTIONARY) {
      const auto& dictionary = static_cast<const arrow::DictionaryType&>(*field->type());
      const auto value = dictionary.value_type()->id();
      if (value != arrow::Type::STRING && value != arrow::Type::STRING_VIEW) continue;
      target = arrow::dictionary(dictionary.index_type(), arrow::large_utf8(), dictionary.ordered());
    }
    if (target == nullptr) continue;
    ASSIGN_OR_RETURN(const arrow::Datum cast, arrow::compute::Cast(arrow::Datum(table->column(i)), target));
    ASSIGN_OR_RETURN(result, result->SetColumn(i, field->WithType(target), cast.chunked_array()));
  }
  return result;
}

std::string OwnFingerprint(std::string given) {
  static std::atomic<int64_t> next{0};
  return given.empty() ? "memory:" + std::to_string(next.fetch_add(1)) : "memory=" + given;
}

}  // namespace

Result<std::shared_ptr<const ScanSource>> MakeMemorySource(std::shared_ptr<arrow::Table> table,
                                                           std::vector<int64_t> bounds, std::string fingerprint) {
  if (bounds.size() < 2 || bounds.front() != 0 || bounds.back() != table->num_rows()) {
    return Status::Invalid("the bounds of ", table->num_rows(), " rows must go from 0 to ", table->num_rows());
  }
  ASSIGN_OR_RETURN(table, WithLargeStrings(table));
  std::vector<std::shared_ptr<arrow::Table>> partitions;
  std::string identity = OwnFingerprint(std::move(fingerprint));
  for (size_t i = 1; i < bounds.size(); ++i) {
    if (bounds[i] < bounds[i - 1]) return Status::Invalid("the bounds of partitions must ascend");
    partitions.push_back(table->Slice(bounds[i - 1], bounds[i] - bounds[i - 1]));
    identity += ":" + std::to_string(bounds[i]);
  }
  return std::make_shared<MemorySource>(table->schema(), std::move(partitions), std::move(identity));
}

Result<std::shared_ptr<const ScanSource>> MakeMemorySource(std::vector<std::shared_ptr<arrow::Table>> partitions,
                                                           std::string fingerprint) {
  if (partitions.empty()) return Status::Invalid("at least one partition is needed to know the columns");
  for (auto& partition : partitions) {
    ASSIGN_OR_RETURN(partition, WithLargeStrings(partition));
    if (!partition->schema()->Equals(*partitions.front()->schema(), /*check_metadata=*/false)) {
      return Status::Invalid("partitions differ in their columns:\n", partition->schema()->ToString(), "\nis not\n",
                             partitions.front()->schema()->ToString());
    }
  }
  auto schema = partitions.front()->schema();
  return std::make_shared<MemorySource>(std::move(schema), std::move(partitions),
                                        OwnFingerprint(std::move(fingerprint)));
}

}  // namespace swath::io
