#include "swath/io/formats/parquet_batches.h"

#include <map>

#include "arrow/array.h"
#include "arrow/compute/api_vector.h"
#include "arrow/compute/cast.h"
#include "arrow/compute/exec.h"
#include "arrow/io/interfaces.h"
#include "arrow/record_batch.h"
#include "arrow/scalar.h"
#include "arrow/type.h"
#include "parquet/arrow/reader.h"
#include "parquet/arrow/schema.h"
#include "parquet/exception.h"
#include "parquet/file_reader.h"
#include "parquet/metadata.h"
#include "parquet/statistics.h"

namespace swath::io {
namespace {

using ops::BatchReader;
namespace cp = arrow::compute;

constexpr int64_t kBatchRows = 64 << 10;

std::vector<std::string> DictionariesOf(const arrow::Schema& schema) {
  std::vector<std::string> names;
  for (const auto& field : schema.fields()) {
    if (field->type()->id() == arrow::Type::DICTIONARY) names.push_back(field->name());
  }
  return names;
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
    file_ = groups.file;
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
    builder.memory_pool(pool_)->properties(ReaderProperties(DictionariesOf(*schema_), *file.footer->schema()));
    RETURN_IF_ERROR(builder.Build(&reader_));
    std::vector<int> leaves;
    for (const auto& field : reader_->manifest().schema_fields) {
      if (schema_->GetFieldIndex(field.field->name()) >= 0) AddLeaves(field, &leaves);
    }
    if (leaves.empty()) {  // only the number of rows is wanted, or what the folder names tell
      int64_t rows = 0;
      for (const int g : wanted) rows += file.footer->RowGroup(g)->num_rows();
      const auto none = arrow::schema({});
      auto empty = arrow::RecordBatch::Make(none, rows, arrow::ArrayVector{});
      ASSIGN_OR_RETURN(batches_, arrow::RecordBatchReader::Make({std::move(empty)}, none));
      return Status::OK();
    }
    ASSIGN_OR_RETURN(batches_, reader_->GetRecordBatchReader(wanted, leaves));
    return Status::OK();
  }

  // False when the statistics of the row group rule out every row.
  Result<bool> MayMatch(const parquet::FileMetaData& footer, int group) const {
    if (!predicate_) return true;
    const auto row_group = footer.RowGroup(group);
    cp::Expression folder = cp::literal(true);  // not bound: the values are of the plain types
    for (const HiveColumn& column : plan_->hive) {
      const auto reference = cp::field_ref(column.name);
      const auto value = column.Value(file_);
      folder = cp::and_(std::move(folder),
                        value->is_valid ? cp::equal(reference, cp::literal(value)) : cp::is_null(reference));
    }
    ASSIGN_OR_RETURN(const cp::Expression here, cp::SimplifyWithGuarantee(*predicate_, folder));
    if (!here.IsSatisfiable()) return false;
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
    ASSIGN_OR_RETURN(const cp::Expression left, cp::SimplifyWithGuarantee(here, guarantee));
    return left.IsSatisfiable();
  }

  // The columns in the order of the schema and of its types.
  Result<std::shared_ptr<arrow::RecordBatch>> Deliver(const arrow::RecordBatch& batch) {
    std::vector<std::shared_ptr<arrow::Array>> columns;
    cp::ExecContext context(pool_);
    context.set_use_threads(false);
    for (const auto& field : schema_->fields()) {
      auto column = batch.GetColumnByName(field->name());
      if (const HiveColumn* hive = column ? nullptr : plan_->FindHive(field->name())) {
        ASSIGN_OR_RETURN(column, hive->Column(file_, batch.num_rows(), pool_));
      }
      if (!column) return Status::Invalid("'", path_, "' has no column '", field->name(), "'");
      if (!column->type()->Equals(*field->type())) {
        if (field->type()->id() == arrow::Type::DICTIONARY && column->type_id() == arrow::Type::DICTIONARY) {
          ASSIGN_OR_RETURN(column, WithValuesOf(*field, column, &context));
          columns.push_back(std::move(column));
          continue;
        }
        if (field->type()->id() == arrow::Type::DICTIONARY) {
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

  // The reader makes an array of the dictionary for every batch: one that is equal to the last one of its column is
  // taken for it, so that whoever hashes dictionaries does it once.
  Result<std::shared_ptr<arrow::Array>> WithValuesOf(const arrow::Field& field,
                                                     const std::shared_ptr<arrow::Array>& column,
                                                     cp::ExecContext* context) {
    const auto& encoded = static_cast<const arrow::DictionaryArray&>(*column);
    Dictionary& known = dictionaries_[field.name()];
    if (!known.stored || !known.stored->Equals(*encoded.dictionary())) {
      const auto& type = static_cast<const arrow::DictionaryType&>(*field.type());
      ASSIGN_OR_RETURN(known.delivered,
                       cp::Cast(*encoded.dictionary(), type.value_type(), cp::CastOptions::Safe(), context));
      known.stored = encoded.dictionary();
    }
    const auto& type = static_cast<const arrow::DictionaryType&>(*field.type());
    ASSIGN_OR_RETURN(const auto indices,
                     cp::Cast(*encoded.indices(), type.index_type(), cp::CastOptions::Safe(), context));
    return std::make_shared<arrow::DictionaryArray>(field.type(), indices, known.delivered);
  }

  struct Dictionary {
    std::shared_ptr<arrow::Array> stored, delivered;
  };

  std::shared_ptr<const ParquetPlan> plan_;
  std::vector<RowGroups> groups_;
  std::shared_ptr<arrow::Schema> schema_;
  std::optional<cp::Expression> predicate_;
  arrow::MemoryPool* pool_;
  size_t next_ = 0;
  size_t file_ = 0;  // that is open
  std::string path_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;
  std::shared_ptr<arrow::RecordBatchReader> batches_;
  std::map<std::string, Dictionary> dictionaries_;  // by column
};

}  // namespace

parquet::ArrowReaderProperties ReaderProperties(const std::vector<std::string>& dictionaries,
                                                const parquet::SchemaDescriptor& schema) {
  parquet::ArrowReaderProperties properties(/*use_threads=*/false);
  properties.set_batch_size(kBatchRows);
  properties.set_pre_buffer(false);
  for (const std::string& name : dictionaries) {
    const int leaf = schema.ColumnIndex(name);
    if (leaf >= 0) properties.set_read_dictionary(leaf, true);
  }
  return properties;
}

std::unique_ptr<BatchReader> OpenParquetBatches(std::shared_ptr<const ParquetPlan> plan, std::vector<RowGroups> groups,
                                                std::shared_ptr<arrow::Schema> schema,
                                                std::optional<cp::Expression> predicate, arrow::MemoryPool* pool) {
  return std::make_unique<ParquetBatches>(std::move(plan), std::move(groups), std::move(schema), std::move(predicate),
                                          pool);
}

}  // namespace swath::io
