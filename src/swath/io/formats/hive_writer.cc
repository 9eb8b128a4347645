#include "swath/io/formats/hive_writer.h"

#include <map>

#include "arrow/array.h"
#include "arrow/array/builder_primitive.h"
#include "arrow/array/concatenate.h"
#include "arrow/compute/api_vector.h"
#include "arrow/compute/cast.h"
#include "arrow/compute/exec.h"
#include "arrow/record_batch.h"
#include "arrow/table.h"
#include "arrow/type.h"

#include "swath/base/nearest.h"
#include "swath/io/formats/hive_keys.h"

namespace swath::io {
namespace {

namespace cp = arrow::compute;

// The values of a key as text; booleans as Python writes them.
Result<std::shared_ptr<arrow::LargeStringArray>> KeyTexts(const std::shared_ptr<arrow::Array>& column,
                                                          cp::ExecContext* context) {
  std::shared_ptr<arrow::Array> array = column;
  if (array->type_id() == arrow::Type::DICTIONARY) {
    const auto& type = static_cast<const arrow::DictionaryType&>(*array->type());
    ASSIGN_OR_RETURN(array, cp::Cast(*array, type.value_type(), cp::CastOptions::Safe(), context));
  }
  if (array->type_id() == arrow::Type::BOOL) {
    const std::vector<arrow::Datum> names = {array, arrow::Datum("True"), arrow::Datum("False")};
    ASSIGN_OR_RETURN(const arrow::Datum chosen, cp::CallFunction("if_else", names, context));
    array = chosen.make_array();
  }
  ASSIGN_OR_RETURN(array, cp::Cast(*array, arrow::large_utf8(), cp::CastOptions::Safe(), context));
  return std::static_pointer_cast<arrow::LargeStringArray>(array);
}

}  // namespace

Result<int64_t> HiveWriter::Finish() {
  cp::ExecContext context(pool_);
  context.set_use_threads(false);
  // The rows of each folder, folders in the order of their first row.
  std::map<std::string, size_t> numbers;
  std::vector<std::string> folders;
  std::vector<arrow::Int64Builder> rows;
  int64_t row = 0;
  for (const auto& batch : batches_) {
    std::vector<std::shared_ptr<arrow::LargeStringArray>> texts;
    for (const std::string& key : keys_) {
      const auto column = batch->GetColumnByName(key);
      if (!column) return Status::KeyError("no column '", key, "'", DidYouMean(key, schema_->field_names()));
      ASSIGN_OR_RETURN(auto text, KeyTexts(column, &context));
      texts.push_back(std::move(text));
    }
    for (int64_t i = 0; i < batch->num_rows(); ++i, ++row) {
      std::string folder;
      for (size_t k = 0; k < keys_.size(); ++k) {
        const std::string value = texts[k]->IsNull(i) ? std::string() : texts[k]->GetString(i);
        folder += (k > 0 ? "/" : "") + HiveFolder(keys_[k], texts[k]->IsNull(i) ? nullptr : &value);
      }
      const auto [at, fresh] = numbers.emplace(std::move(folder), folders.size());
      if (fresh) {
        folders.push_back(at->first);
        rows.emplace_back(pool_);
      }
      RETURN_IF_ERROR(rows[at->second].Append(row));
    }
  }
  ASSIGN_OR_RETURN(auto table, arrow::Table::FromRecordBatches(schema_, batches_));
  batches_.clear();
  for (const std::string& key : keys_) {
    ASSIGN_OR_RETURN(table, table->RemoveColumn(table->schema()->GetFieldIndex(key)));
  }
  int64_t bytes = 0;
  for (size_t f = 0; f < folders.size(); ++f) {
    ASSIGN_OR_RETURN(const auto indices, rows[f].Finish());
    ASSIGN_OR_RETURN(const arrow::Datum taken, cp::Take(table, indices, cp::TakeOptions::NoBoundsCheck(), &context));
    ASSIGN_OR_RETURN(const auto batch, taken.table()->CombineChunksToBatch(pool_));
    ASSIGN_OR_RETURN(const auto writer, open_(folders[f], table->schema()));
    RETURN_IF_ERROR(writer->Write(batch));
    ASSIGN_OR_RETURN(const int64_t written, writer->Finish());
    bytes += written;
  }
  return bytes;
}

}  // namespace swath::io
