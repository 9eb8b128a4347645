// table.concat, table.zip, table.merge_counts, table.stack_row.
#include "arrow/array.h"
#include "arrow/array/concatenate.h"
#include "arrow/array/util.h"
#include "arrow/compute/cast.h"
#include "arrow/compute/exec.h"
#include "arrow/scalar.h"
#include "arrow/table.h"
#include "arrow/type.h"

#include "swath/base/nearest.h"
#include "swath/kernels/frame/batch_source.h"
#include "swath/kernels/frame/pipeline.h"
#include "swath/kernels/frame/sort_rows.h"
#include "swath/ops/table_ops.h"

namespace swath::kernels {
namespace {

using Tables = std::vector<std::shared_ptr<arrow::Table>>;

Result<std::shared_ptr<arrow::ChunkedArray>> CastColumn(const std::shared_ptr<arrow::ChunkedArray>& column,
                                                        const std::shared_ptr<arrow::DataType>& type,
                                                        arrow::MemoryPool* pool) {
  if (column->type()->Equals(*type)) return column;
  arrow::compute::ExecContext context(pool);
  context.set_use_threads(false);
  ASSIGN_OR_RETURN(const arrow::Datum cast,
                   arrow::compute::Cast(column, type, arrow::compute::CastOptions::Unsafe(), &context));
  return cast.chunked_array();
}

// The table with exactly the columns of `schema`: matched by name, cast, or missing.
Result<std::shared_ptr<arrow::Table>> Conform(const std::shared_ptr<arrow::Table>& table,
                                              const std::shared_ptr<arrow::Schema>& schema, arrow::MemoryPool* pool) {
  if (table->schema()->Equals(*schema, /*check_metadata=*/false))
    return table->ReplaceSchemaMetadata(schema->metadata());
  std::vector<std::shared_ptr<arrow::ChunkedArray>> columns;
  for (const auto& field : schema->fields()) {
    const auto column = table->GetColumnByName(field->name());
    if (!column) {
      ASSIGN_OR_RETURN(auto missing, arrow::MakeArrayOfNull(field->type(), table->num_rows(), pool));
      columns.push_back(std::make_shared<arrow::ChunkedArray>(std::move(missing)));
      continue;
    }
    ASSIGN_OR_RETURN(auto cast, CastColumn(column, field->type(), pool));
    columns.push_back(std::move(cast));
  }
  return arrow::Table::Make(schema, std::move(columns), table->num_rows());
}

bool HasDictionary(const arrow::Schema& schema) {
  for (const auto& field : schema.fields()) {
    if (field->type()->id() == arrow::Type::DICTIONARY) return true;
  }
  return false;
}

}  // namespace

Result<Value> RunConcat(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context) {
  const auto& concat = static_cast<const ops::TableConcatParams&>(params);
  Tables tables;
  RETURN_IF_ERROR(CollectTables(inputs, &context, &tables));
  if (tables.empty() && !concat.schema) return Status::Invalid("concat of nothing: neither inputs nor a schema");
  const std::shared_ptr<arrow::Schema> schema = concat.schema ? concat.schema : tables.front()->schema();
  for (auto& table : tables) {
    ASSIGN_OR_RETURN(table, Conform(table, schema, context.memory_pool));
  }
  if (tables.empty()) {
    ASSIGN_OR_RETURN(auto empty, arrow::Table::MakeEmpty(schema, context.memory_pool));
    tables.push_back(std::move(empty));
  }
  std::shared_ptr<arrow::Table> result = tables.front();
  if (tables.size() > 1) {
    ASSIGN_OR_RETURN(
        result, arrow::ConcatenateTables(tables, arrow::ConcatenateTablesOptions::Defaults(), context.memory_pool));
  }
  tables.clear();
  if (HasDictionary(*schema)) {
    ASSIGN_OR_RETURN(result, arrow::DictionaryUnifier::UnifyTable(*result, context.memory_pool));
  }
  if (!concat.sort_by.empty()) {
    ASSIGN_OR_RETURN(const auto indices, SortedIndices(*result, concat.sort_by, context.memory_pool));
    ASSIGN_OR_RETURN(result, TakeRows(result, indices, context.memory_pool));
  }
  for (const std::string& name : concat.drop) {
    ASSIGN_OR_RETURN(result, result->RemoveColumn(result->schema()->GetFieldIndex(name)));
  }
  return Value(Partition{std::move(result)});
}

// Invalid unless both have the same labels in the index columns named.
Status CheckSameRows(const arrow::Table& a, const std::vector<std::string>& index_a, const arrow::Table& b,
                     const std::vector<std::string>& index_b, const TaskContext& context) {
  if (index_a.size() != index_b.size()) return Status::OK();  // one of them only counts its rows
  for (size_t level = 0; level < index_a.size(); ++level) {
    const auto left = a.GetColumnByName(index_a[level]);
    auto right = b.GetColumnByName(index_b[level]);
    if (!left || !right) return Status::Invalid("an index column of a zip is missing");
    ASSIGN_OR_RETURN(right, CastColumn(right, left->type(), context.memory_pool));
    if (!left->Equals(*right)) {
      return Status::Invalid("the rows of two tables do not match: the index labels of partition ", context.block,
                             " differ; combine columns of one table, or filter both alike");
    }
  }
  return Status::OK();
}

Result<Value> RunZip(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context) {
  const auto& zip = static_cast<const ops::ZipParams&>(params);
  if (inputs.size() != zip.columns.size() || zip.names.size() != zip.columns.size()) {
    return Status::Invalid("zip of ", inputs.size(), " tables, but columns of ", zip.columns.size(), " are named");
  }
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::ChunkedArray>> columns;
  int64_t rows = -1;
  std::shared_ptr<arrow::Table> first;
  for (size_t i = 0; i < inputs.size(); ++i) {
    Tables tables;
    RETURN_IF_ERROR(CollectTables(inputs.subspan(i, 1), &context, &tables));
    if (tables.size() != 1) return Status::Invalid("zip expects one table an input, got ", tables.size());
    if (rows >= 0 && tables[0]->num_rows() != rows) {
      return Status::Invalid("the rows of two tables do not match: partition ", context.block, " has ", rows,
                             " rows in one and ", tables[0]->num_rows(), " in the other");
    }
    rows = tables[0]->num_rows();
    if (!first) first = tables[0];
    if (i > 0 && i < zip.index.size()) {
      RETURN_IF_ERROR(CheckSameRows(*first, zip.index[0], *tables[0], zip.index[i], context));
    }
    for (size_t c = 0; c < zip.columns[i].size(); ++c) {
      const auto column = tables[0]->GetColumnByName(zip.columns[i][c]);
      if (!column) {
        return Status::KeyError("no column '", zip.columns[i][c], "'",
                                DidYouMean(zip.columns[i][c], tables[0]->schema()->field_names()));
      }
      fields.push_back(arrow::field(zip.names[i][c], column->type()));
      columns.push_back(column);
    }
  }
  return Value(
      Partition{arrow::Table::Make(arrow::schema(std::move(fields)), std::move(columns), std::max<int64_t>(0, rows))});
}

Result<Value> RunMergeCounts(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context) {
  const auto& merge = static_cast<const ops::MergeCountsParams&>(params);
  Tables tables;
  RETURN_IF_ERROR(CollectTables(inputs, &context, &tables));
  int64_t total = 0;
  for (const auto& table : tables) {
    const auto column = table->GetColumnByName("count");
    CHECK(column != nullptr && column->type()->id() == arrow::Type::INT64);
    for (const auto& chunk : column->chunks()) {
      const auto& counts = static_cast<const arrow::Int64Array&>(*chunk);
      for (int64_t i = 0; i < counts.length(); ++i) total += counts.Value(i);
    }
  }
  ASSIGN_OR_RETURN(auto array, arrow::MakeArrayFromScalar(arrow::Int64Scalar(total), 1, context.memory_pool));
  return Value(Partition{
      arrow::Table::Make(arrow::schema({arrow::field(merge.output, arrow::int64())}), {std::move(array)}, 1)});
}

Result<Value> RunStackRow(const ops::OpParams& params, std::span<const Value> inputs, TaskContext& context) {
  const auto& stack = static_cast<const ops::StackRowParams&>(params);
  Tables tables;
  RETURN_IF_ERROR(CollectTables(inputs, &context, &tables));
  const auto cell = [&](const std::string& name,
                        const std::shared_ptr<arrow::DataType>& type) -> Result<std::shared_ptr<arrow::Array>> {
    if (name.empty()) return arrow::MakeArrayOfNull(type, 1, context.memory_pool);
    for (const auto& table : tables) {
      const auto column = table->GetColumnByName(name);
      if (!column) continue;
      if (table->num_rows() != 1) return Status::Invalid("stack_row expects one row, got ", table->num_rows());
      ASSIGN_OR_RETURN(const auto cast, CastColumn(column, type, context.memory_pool));
      ASSIGN_OR_RETURN(const auto scalar, cast->GetScalar(0));
      return arrow::MakeArrayFromScalar(*scalar, 1, context.memory_pool);
    }
    return Status::KeyError("no input of stack_row has the column '", name, "'");
  };
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> columns;
  if (!stack.label_column.empty()) {
    arrow::ArrayVector labels;
    for (const std::string& label : stack.labels) {
      ASSIGN_OR_RETURN(auto one, arrow::MakeArrayFromScalar(arrow::LargeStringScalar(label), 1, context.memory_pool));
      labels.push_back(std::move(one));
    }
    ASSIGN_OR_RETURN(auto column, labels.empty() ? arrow::MakeEmptyArray(arrow::large_utf8(), context.memory_pool)
                                                 : arrow::Concatenate(labels, context.memory_pool));
    fields.push_back(arrow::field(stack.label_column, arrow::large_utf8()));
    columns.push_back(std::move(column));
  }
  for (size_t o = 0; o < stack.names.size(); ++o) {
    arrow::ArrayVector cells;
    for (const std::string& name : stack.cells[o]) {
      ASSIGN_OR_RETURN(auto one, cell(name, stack.types[o]));
      cells.push_back(std::move(one));
    }
    ASSIGN_OR_RETURN(auto column, cells.empty() ? arrow::MakeEmptyArray(stack.types[o], context.memory_pool)
                                                : arrow::Concatenate(cells, context.memory_pool));
    fields.push_back(arrow::field(stack.names[o], stack.types[o]));
    columns.push_back(std::move(column));
  }
  const auto rows = static_cast<int64_t>(stack.labels.size());
  return Value(Partition{arrow::Table::Make(arrow::schema(std::move(fields)), columns, rows)});
}

}  // namespace swath::kernels
