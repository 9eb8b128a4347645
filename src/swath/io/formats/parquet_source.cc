#include "swath/io/formats/parquet_source.h"

#include <algorithm>
#include <mutex>

#include "arrow/array.h"
#include "arrow/compute/api_vector.h"
#include "arrow/compute/cast.h"
#include "arrow/compute/exec.h"
#include "arrow/compute/expression.h"
#include "arrow/compute/initialize.h"
#include "arrow/io/interfaces.h"
#include "arrow/record_batch.h"
#include "arrow/scalar.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"
#include "parquet/arrow/reader.h"
#include "parquet/arrow/schema.h"
#include "parquet/exception.h"
#include "parquet/file_reader.h"
#include "parquet/metadata.h"
#include "parquet/statistics.h"

#include "swath/base/nearest.h"
#include "swath/io/formats/pandas_metadata.h"
#include "swath/io/formats/parquet_file.h"

namespace swath::io {
namespace {

using ops::BatchReader;
using ops::ScanSource;
namespace cp = arrow::compute;

constexpr int64_t kBatchRows = 64 << 10;

struct RowGroups {
  size_t file = 0;
  int begin = 0;
  int end = 0;
};

struct ParquetPlan {
  std::shared_ptr<const Store> store;
  std::vector<ParquetFile> files;
  std::vector<std::vector<RowGroups>> partitions;
  std::shared_ptr<arrow::Schema> schema;  // of all columns, as delivered
  std::vector<std::string> categories;
};

// Text is large_string inside the engine, also in dictionaries.
std::shared_ptr<arrow::DataType> DeliveredType(const std::shared_ptr<arrow::DataType>& type) {
  if (type->id() == arrow::Type::STRING || type->id() == arrow::Type::STRING_VIEW) return arrow::large_utf8();
  if (type->id() == arrow::Type::DICTIONARY) {
    const auto& dictionary = static_cast<const arrow::DictionaryType&>(*type);
    return arrow::dictionary(dictionary.index_type(), DeliveredType(dictionary.value_type()), dictionary.ordered());
  }
  return type;
}

parquet::ArrowReaderProperties ReaderProperties(const ParquetPlan& plan, const parquet::SchemaDescriptor& schema) {
  parquet::ArrowReaderProperties properties(/*use_threads=*/false);
  properties.set_batch_size(kBatchRows);
  properties.set_pre_buffer(false);
  for (const std::string& name : plan.categories) {
    const int leaf = schema.ColumnIndex(name);
    if (leaf >= 0) properties.set_read_dictionary(leaf, true);
  }
  return properties;
}

void AddLeaves(const parquet::arrow::SchemaField& field, std::vector<int>* leaves) {
  if (field.is_leaf()) leaves->push_back(field.column_index);
  for (const auto& child : field.children) AddLeaves(child, leaves);
}

class ParquetBatches : public BatchReader {
 public:
  ParquetBatches(std::shared_ptr<const ParquetPlan> plan, std::vector<RowGroups> groups,
                 std::shared_ptr<arrow::Schema> schema, std::optional<cp::Expression> predicate,
                 arrow::MemoryPool* pool)
      : plan_(std::move(plan)),
        groups_(std::move(groups)),
        schema_(std::move(schema)),
        predicate_(std::move(predicate)),
        pool_(pool) {}

  Result<std::shared_ptr<arrow::RecordBatch>> Next() override {
    try {
      while (true) {
        if (!batches_) {
          if (next_ == groups_.size()) return nullptr;
          RETURN_IF_ERROR(OpenGroups(groups_[next_++]));
          continue;
        }
        std::shared_ptr<arrow::RecordBatch> batch;
        const Status status = batches_->ReadNext(&batch);
        if (!status.ok()) return status.WithMessage("cannot read '", path_, "': ", status.message());
        if (batch) return Deliver(*batch);
        batches_.reset();
        reader_.reset();
      }
    } catch (const parquet::ParquetException& error) {
      return Status::IOError("cannot read '", path_, "': ", error.what());
    }
  }

 private:
  Status OpenGroups(const RowGroups& groups) {
    const ParquetFile& file = plan_->files[groups.file];
    path_ = file.info.path;
    std::vector<int> wanted;
    for (int g = groups.begin; g < groups.end; ++g) {
      ASSIGN_OR_RETURN(const bool needed, MayMatch(*file.footer, g));
      if (needed) wanted.push_back(g);
    }
    if (wanted.empty()) return Status::OK();
    ASSIGN_OR_RETURN(auto input, plan_->store->Open(path_));
    parquet::arrow::FileReaderBuilder builder;
    RETURN_IF_ERROR(builder.Open(std::move(input), parquet::ReaderProperties(pool_), file.footer));
    builder.memory_pool(pool_)->properties(ReaderProperties(*plan_, *file.footer->schema()));
    RETURN_IF_ERROR(builder.Build(&reader_));
    std::vector<int> leaves;
    for (const auto& field : reader_->manifest().schema_fields) {
      if (schema_->GetFieldIndex(field.field->name()) >= 0) AddLeaves(field, &leaves);
    }
    if (schema_->num_fields() == 0) {
      rows_without_columns_ = 0;
      for (const int g : wanted) rows_without_columns_ += file.footer->RowGroup(g)->num_rows();
      auto empty = arrow::RecordBatch::Make(schema_, rows_without_columns_, arrow::ArrayVector{});
      ASSIGN_OR_RETURN(batches_, arrow::RecordBatchReader::Make({std::move(empty)}, schema_));
      return Status::OK();
    }
    ASSIGN_OR_RETURN(batches_, reader_->GetRecordBatchReader(wanted, leaves));
    return Status::OK();
  }

  // False when the statistics of the row group rule out every row.
  Result<bool> MayMatch(const parquet::FileMetaData& footer, int group) const {
    if (!predicate_) return true;
    const auto row_group = footer.RowGroup(group);
    cp::Expression guarantee = cp::literal(true);
    for (const auto& field : plan_->schema->fields()) {
      const int leaf = footer.schema()->ColumnIndex(field->name());
      if (leaf < 0) continue;
      const auto chunk = row_group->ColumnChunk(leaf);
      const auto statistics = chunk->is_stats_set() ? chunk->statistics() : nullptr;
      if (!statistics || !statistics->HasMinMax() || arrow::is_floating(field->type()->id()) ||
          field->type()->id() == arrow::Type::DICTIONARY) {
        continue;  // of floats a NaN may lie outside
      }
      std::shared_ptr<arrow::Scalar> low, high;
      if (!parquet::arrow::StatisticsAsScalars(*statistics, &low, &high).ok()) continue;
      auto low_cast = low->CastTo(field->type());
      auto high_cast = high->CastTo(field->type());
      if (!low_cast.ok() || !high_cast.ok()) continue;
      const auto reference = cp::field_ref(field->name());
      cp::Expression range = cp::and_(cp::greater_equal(reference, cp::literal(*low_cast)),
                                      cp::less_equal(reference, cp::literal(*high_cast)));
      if (!statistics->HasNullCount() || statistics->null_count() > 0) range = cp::or_(range, cp::is_null(reference));
      guarantee = cp::and_(std::move(guarantee), std::move(range));
    }
    ASSIGN_OR_RETURN(guarantee, guarantee.Bind(*plan_->schema));
    ASSIGN_OR_RETURN(const cp::Expression left, cp::SimplifyWithGuarantee(*predicate_, guarantee));
    return left.IsSatisfiable();
  }

  // The columns in the order of the schema and of its types.
  Result<std::shared_ptr<arrow::RecordBatch>> Deliver(const arrow::RecordBatch& batch) const {
    std::vector<std::shared_ptr<arrow::Array>> columns;
    cp::ExecContext context(pool_);
    context.set_use_threads(false);
    for (const auto& field : schema_->fields()) {
      auto column = batch.GetColumnByName(field->name());
      if (!column) return Status::Invalid("'", path_, "' has no column '", field->name(), "'");
      if (!column->type()->Equals(*field->type())) {
        if (field->type()->id() == arrow::Type::DICTIONARY && column->type_id() != arrow::Type::DICTIONARY) {
          ASSIGN_OR_RETURN(const arrow::Datum encoded,
                           cp::DictionaryEncode(column, cp::DictionaryEncodeOptions::Defaults(), &context));
          column = encoded.make_array();
        }
        ASSIGN_OR_RETURN(column, cp::Cast(*column, field->type(), cp::CastOptions::Safe(), &context));
      }
      columns.push_back(std::move(column));
    }
    return arrow::RecordBatch::Make(schema_, batch.num_rows(), std::move(columns));
  }

  std::shared_ptr<const ParquetPlan> plan_;
  std::vector<RowGroups> groups_;
  std::shared_ptr<arrow::Schema> schema_;
  std::optional<cp::Expression> predicate_;
  arrow::MemoryPool* pool_;
  size_t next_ = 0;
  std::string path_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;
  std::shared_ptr<arrow::RecordBatchReader> batches_;
  int64_t rows_without_columns_ = 0;
};

class ParquetSource : public ScanSource {
 public:
  ParquetSource(std::shared_ptr<const ParquetPlan> plan, std::shared_ptr<arrow::Schema> schema,
                std::optional<cp::Expression> predicate)
      : plan_(std::move(plan)), schema_(std::move(schema)), predicate_(std::move(predicate)) {}

  std::string_view format() const override { return "parquet"; }
  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }
  int64_t partition_count() const override { return static_cast<int64_t>(plan_->partitions.size()); }
  std::string PartitionName(int64_t partition) const override {
    const RowGroups& groups = At(partition).front();
    const std::string& path = plan_->files[groups.file].info.path;
    return path.substr(path.find_last_of('/') + 1) + " [" + std::to_string(groups.begin) + ", " +
           std::to_string(groups.end) + ")";
  }

  int64_t EstimatedBytes(int64_t partition) const override {
    int64_t bytes = 0;
    for (const RowGroups& groups : At(partition)) {
      const auto& footer = *plan_->files[groups.file].footer;
      for (int g = groups.begin; g < groups.end; ++g) {
        const auto row_group = footer.RowGroup(g);
        for (const auto& field : schema_->fields()) {
          const int leaf = footer.schema()->ColumnIndex(field->name());
          const int64_t width = arrow::is_fixed_width(*field->type()) ? (field->type()->bit_width() + 7) / 8 : 24;
          const int64_t stored = leaf >= 0 ? row_group->ColumnChunk(leaf)->total_uncompressed_size() : 0;
          bytes += std::max(stored, width * row_group->num_rows());
        }
      }
    }
    return bytes;
  }

  Result<std::optional<int64_t>> RowCount(int64_t partition) const override {
    if (predicate_) return std::nullopt;
    int64_t rows = 0;
    for (const RowGroups& groups : At(partition)) {
      for (int g = groups.begin; g < groups.end; ++g) rows += plan_->files[groups.file].footer->RowGroup(g)->num_rows();
    }
    return rows;
  }

  int64_t FirstRowNumber(int64_t partition) const override {
    const RowGroups& groups = At(partition).front();
    const auto& footer = *plan_->files[groups.file].footer;
    int64_t row = 0;
    if (footer.key_value_metadata()) {
      const auto entry = footer.key_value_metadata()->Get("pandas");
      if (entry.ok()) row = PandasRangeStart(*entry);
    }
    for (int g = 0; g < groups.begin; ++g) row += footer.RowGroup(g)->num_rows();
    return row;
  }

  Result<std::shared_ptr<const ScanSource>> WithColumns(std::vector<std::string> columns) const override {
    std::vector<std::shared_ptr<arrow::Field>> fields;
    for (const std::string& name : columns) {
      auto field = schema_->GetFieldByName(name);
      if (!field) return Status::KeyError("no column '", name, "'", DidYouMean(name, schema_->field_names()));
      fields.push_back(std::move(field));
    }
    return std::make_shared<ParquetSource>(plan_, arrow::schema(std::move(fields), schema_->metadata()), predicate_);
  }

  Result<std::shared_ptr<const ScanSource>> WithPredicate(const cp::Expression& predicate) const override {
    auto bound = predicate.Bind(*plan_->schema);
    if (!bound.ok()) return nullptr;  // a function that statistics say nothing about
    return std::make_shared<ParquetSource>(plan_, schema_, predicate_ ? cp::and_(*predicate_, *bound) : *bound);
  }

  Result<std::unique_ptr<BatchReader>> Open(int64_t partition, arrow::MemoryPool* pool) const override {
    std::optional<cp::Expression> predicate;
    if (predicate_) {
      ASSIGN_OR_RETURN(predicate, predicate_->Bind(*plan_->schema));
    }
    return std::make_unique<ParquetBatches>(plan_, At(partition), schema_, std::move(predicate), pool);
  }

  std::string Fingerprint() const override {
    std::string text = "parquet";
    for (const ParquetFile& file : plan_->files) {
      text += "|" + file.info.path + ":" + std::to_string(file.info.size) + ":" + std::to_string(file.info.modified_ns);
    }
    for (const auto& partition : plan_->partitions) {
      text += ";" + std::to_string(partition.front().file) + "," + std::to_string(partition.front().begin) + "," +
              std::to_string(partition.back().end);
    }
    return text + "|" + schema_->ToString() + (predicate_ ? "|" + predicate_->ToString() : "");
  }

  std::string ToString() const override {
    const std::string& path = plan_->files.front().info.path;
    std::string text = "read_parquet(" + path.substr(path.find_last_of('/') + 1);
    if (plan_->files.size() > 1) text += " and " + std::to_string(plan_->files.size() - 1) + " more";
    text += ", columns=[";
    for (int i = 0; i < schema_->num_fields(); ++i) text += (i > 0 ? ", " : "") + schema_->field(i)->name();
    return text + "]" + (predicate_ ? ", where " + predicate_->ToString() : "") + ")";
  }

 private:
  const std::vector<RowGroups>& At(int64_t partition) const {
    CHECK(partition >= 0 && partition < partition_count());
    return plan_->partitions[static_cast<size_t>(partition)];
  }

  std::shared_ptr<const ParquetPlan> plan_;
  std::shared_ptr<arrow::Schema> schema_;
  std::optional<cp::Expression> predicate_;
};

Result<std::shared_ptr<arrow::Schema>> SchemaOf(const ParquetPlan& plan, const ParquetFile& file) {
  std::shared_ptr<arrow::Schema> schema;
  const auto properties = ReaderProperties(plan, *file.footer->schema());
  RETURN_IF_ERROR(
      parquet::arrow::FromParquetSchema(file.footer->schema(), properties, file.footer->key_value_metadata(), &schema));
  std::vector<std::shared_ptr<arrow::Field>> fields;
  for (const auto& field : schema->fields()) {
    auto type = DeliveredType(field->type());
    const bool category =
        std::find(plan.categories.begin(), plan.categories.end(), field->name()) != plan.categories.end();
    if (category && type->id() != arrow::Type::DICTIONARY) type = arrow::dictionary(arrow::int32(), type);
    fields.push_back(arrow::field(field->name(), std::move(type)));
  }
  return arrow::schema(std::move(fields), schema->metadata());
}

int64_t UncompressedBytes(const parquet::FileMetaData& footer, int group) {
  return footer.RowGroup(group)->total_byte_size();
}

// Cuts the files into partitions of whole row groups.
std::vector<std::vector<RowGroups>> Partition(const std::vector<ParquetFile>& files,
                                              const ops::ParquetReadOptions& options) {
  using Split = ops::ParquetReadOptions::SplitRowGroups;
  std::vector<std::vector<RowGroups>> partitions;
  int64_t bytes = 0;      // of the open partition
  bool may_join = false;  // may the next file join it?
  for (size_t f = 0; f < files.size(); ++f) {
    const auto& footer = *files[f].footer;
    const int groups = footer.num_row_groups();
    bool opened = false;
    for (int g = 0; g < groups; ++g) {
      const int64_t size = UncompressedBytes(footer, g);
      bool join = opened;
      switch (options.split_row_groups) {
        case Split::kFalse:
          break;
        case Split::kTrue:
          join = opened &&
                 partitions.back().back().end - partitions.back().back().begin < options.row_groups_per_partition;
          break;
        default:
          join = (opened || may_join) && bytes + size <= options.blocksize;
      }
      if (!join) {
        partitions.emplace_back();
        bytes = 0;
      }
      if (!join || !opened) partitions.back().push_back({f, g, g});
      partitions.back().back().end = g + 1;
      bytes += size;
      opened = true;
    }
    if (groups == 0) partitions.push_back({{f, 0, 0}});
    may_join = options.aggregate_files;
  }
  return partitions;
}

}  // namespace

Result<ParquetDataset> OpenParquet(const std::vector<std::string>& paths, const ops::ParquetReadOptions& options) {
  RETURN_IF_ERROR(cp::Initialize());
  auto plan = std::make_shared<ParquetPlan>();
  if (paths.empty()) return Status::Invalid("no paths are given");
  ASSIGN_OR_RETURN(plan->store, StoreOf(paths.front()));
  ASSIGN_OR_RETURN(const auto files, ExpandPaths(*plan->store, paths, options.extensions));
  ASSIGN_OR_RETURN(plan->files, ReadFooters(*plan->store, files));
  plan->categories = options.categories;
  ASSIGN_OR_RETURN(plan->schema, SchemaOf(*plan, plan->files.front()));
  for (const ParquetFile& file : plan->files) {
    if (file.footer->schema()->Equals(*plan->files.front().footer->schema())) continue;
    ASSIGN_OR_RETURN(const auto other, SchemaOf(*plan, file));
    for (const auto& field : plan->schema->fields()) {
      const auto same = other->GetFieldByName(field->name());
      if (!same)
        return Status::Invalid("'", file.info.path, "' has no column '", field->name(), "' of '",
                               plan->files.front().info.path, "'");
    }
  }
  plan->partitions = Partition(plan->files, options);
  ParquetDataset dataset;
  ASSIGN_OR_RETURN(dataset.index, ReadPandasIndex(*plan->schema));
  auto schema = plan->schema;
  dataset.source = std::make_shared<ParquetSource>(std::move(plan), schema, std::nullopt);
  if (options.columns) {
    std::vector<std::string> columns = *options.columns;
    for (const PandasIndexLevel& level : dataset.index) {
      if (std::find(columns.begin(), columns.end(), level.column) == columns.end()) columns.push_back(level.column);
    }
    ASSIGN_OR_RETURN(dataset.source, dataset.source->WithColumns(std::move(columns)));
  }
  return dataset;
}

Result<std::shared_ptr<const ScanSource>> MakeParquetSource(const std::vector<std::string>& paths,
                                                            const ops::ParquetReadOptions& options) {
  ASSIGN_OR_RETURN(ParquetDataset dataset, OpenParquet(paths, options));
  return dataset.source;
}

}  // namespace swath::io
