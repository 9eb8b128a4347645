#include "swath/io/formats/parquet_source.h"

#include <algorithm>
#include <map>
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
#include "parquet/schema.h"
#include "parquet/statistics.h"

#include "swath/base/nearest.h"
#include "swath/io/formats/hive_keys.h"
#include "swath/io/formats/pandas_metadata.h"
#include "swath/io/formats/parquet_batches.h"
#include "swath/io/formats/parquet_file.h"

namespace swath::io {
namespace {

using ops::BatchReader;
using ops::ScanSource;
namespace cp = arrow::compute;

// Text is large_string inside the engine, also in dictionaries.
std::shared_ptr<arrow::DataType> DeliveredType(const std::shared_ptr<arrow::DataType>& type) {
  if (type->id() == arrow::Type::STRING || type->id() == arrow::Type::STRING_VIEW) return arrow::large_utf8();
  if (type->id() == arrow::Type::DICTIONARY) {
    const auto& dictionary = static_cast<const arrow::DictionaryType&>(*type);
    return arrow::dictionary(dictionary.index_type(), DeliveredType(dictionary.value_type()), dictionary.ordered());
  }
  return type;
}

// Is a chunk of text all indices into a dictionary, of few entries for its rows? Where the footer does not tell the
// encodings of the pages a part of them may be plain: that costs time, and some writers never do it.
bool IsStoredAsDictionary(const parquet::RowGroupMetaData& row_group, int leaf) {
  const auto chunk = row_group.ColumnChunk(leaf);
  if (!chunk->has_dictionary_page() || chunk->data_page_offset() <= chunk->dictionary_page_offset()) return false;
  // An entry has 8 bytes or so, also compressed; one for 8 rows or fewer pays for making the dictionary.
  if (chunk->data_page_offset() - chunk->dictionary_page_offset() > row_group.num_rows()) return false;
  const auto is_index = [](parquet::Encoding::type encoding) {
    return encoding == parquet::Encoding::RLE_DICTIONARY || encoding == parquet::Encoding::PLAIN_DICTIONARY;
  };
  if (chunk->encoding_stats().empty()) {
    const auto& encodings = chunk->encodings();
    return std::any_of(encodings.begin(), encodings.end(), is_index);
  }
  const auto& stats = chunk->encoding_stats();
  return std::all_of(stats.begin(), stats.end(), [&](const parquet::PageEncodingStats& pages) {
    return pages.page_type == parquet::PageType::DICTIONARY_PAGE || is_index(pages.encoding);
  });
}

bool IsStoredAsDictionary(const std::vector<ParquetFile>& files, const std::string& name) {
  constexpr int kGroupsLookedAt = 256;
  int looked_at = 0;
  for (const ParquetFile& file : files) {
    const int leaf = file.footer->schema()->ColumnIndex(name);
    if (leaf < 0 || file.footer->schema()->Column(leaf)->physical_type() != parquet::Type::BYTE_ARRAY) return false;
    for (int g = 0; g < file.footer->num_row_groups() && looked_at < kGroupsLookedAt; ++g, ++looked_at) {
      if (!IsStoredAsDictionary(*file.footer->RowGroup(g), leaf)) return false;
    }
  }
  return looked_at > 0;
}

// The part of `path` that holds no keys of its own: a folder that is given, the folders before a pattern.
size_t HiveRoot(const Store& store, const std::string& path) {
  if (store.IsFolder(path)) return path.size();
  const size_t star = path.find_first_of("*?[");
  if (star == std::string::npos) return 0;
  const size_t slash = path.rfind('/', star);
  return slash == std::string::npos ? 0 : slash;
}

// Adds the columns of the folder names to the schema, where the files do not have them.
Status AddHiveColumns(const std::vector<HivePairs>& pairs, ParquetPlan* plan) {
  std::vector<std::string> paths;
  for (const ParquetFile& file : plan->files) paths.push_back(file.info.path);
  ASSIGN_OR_RETURN(plan->hive, HiveColumns(paths, pairs));
  std::erase_if(plan->hive, [&](const HiveColumn& column) { return plan->schema->GetFieldIndex(column.name) >= 0; });
  for (const HiveColumn& column : plan->hive) {
    ASSIGN_OR_RETURN(plan->schema,
                     plan->schema->AddField(plan->schema->num_fields(), arrow::field(column.name, column.type())));
  }
  return Status::OK();
}

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

  Result<std::shared_ptr<const ScanSource>> WithDictionaries(const std::vector<std::string>& columns) const override {
    std::shared_ptr<arrow::Schema> schema = schema_;
    for (const std::string& name : columns) {
      const int index = schema->GetFieldIndex(name);
      if (index < 0 || schema->field(index)->type()->id() != arrow::Type::LARGE_STRING) continue;
      if (!IsStoredAsDictionary(plan_->files, name)) continue;
      const auto type = arrow::dictionary(arrow::int32(), schema->field(index)->type());
      ASSIGN_OR_RETURN(schema, schema->SetField(index, schema->field(index)->WithType(type)));
    }
    if (schema == schema_) return nullptr;
    return std::make_shared<ParquetSource>(plan_, std::move(schema), predicate_);
  }

  Result<std::unique_ptr<BatchReader>> Open(int64_t partition, arrow::MemoryPool* pool) const override {
    std::optional<cp::Expression> predicate;
    if (predicate_) {
      ASSIGN_OR_RETURN(predicate, predicate_->Bind(*plan_->schema));
    }
    return OpenParquetBatches(plan_, At(partition), schema_, std::move(predicate), pool);
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
    text += "]";
    for (const auto& field : schema_->fields()) {
      const bool stored = plan_->schema->GetFieldByName(field->name())->type()->Equals(*field->type());
      if (!stored) text += ", dictionary " + field->name();
    }
    return text + (predicate_ ? ", where " + predicate_->ToString() : "") + ")";
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
  const auto properties = ReaderProperties(plan.categories, *file.footer->schema());
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
  std::vector<FileInfo> files;
  std::vector<HivePairs> pairs;  // by file
  for (const std::string& path : paths) {
    ASSIGN_OR_RETURN(const auto found, ExpandPaths(*plan->store, {path}, options.extensions));
    const size_t root = HiveRoot(*plan->store, path);
    for (const FileInfo& file : found) pairs.push_back(HivePairsOf(file.path, root));
    files.insert(files.end(), found.begin(), found.end());
  }
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
  RETURN_IF_ERROR(AddHiveColumns(pairs, plan.get()));
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
