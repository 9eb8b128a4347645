#include "swath/api/frame_compute.h"

#include "arrow/chunked_array.h"
#include "arrow/compute/cast.h"
#include "arrow/scalar.h"
#include "arrow/table.h"

#include "swath/api/error.h"

namespace swath {
namespace {

// The columns of `schema`, in its order; a block of other columns is a broken invariant of ours.
Result<std::shared_ptr<arrow::Table>> Conform(const std::shared_ptr<arrow::Table>& table,
                                              const std::shared_ptr<arrow::Schema>& schema) {
  arrow::ChunkedArrayVector columns;
  for (const auto& field : schema->fields()) {
    std::shared_ptr<arrow::ChunkedArray> column = table->GetColumnByName(field->name());
    if (!column) {
      return Status::UnknownError("a computed partition lacks the column '", field->name(), "'; it has ",
                                  table->schema()->ToString());
    }
    if (!column->type()->Equals(*field->type())) {
      ASSIGN_OR_RETURN(const arrow::Datum cast, arrow::compute::Cast(column, field->type()));
      column = cast.chunked_array();
    }
    columns.push_back(std::move(column));
  }
  return arrow::Table::Make(schema, std::move(columns), table->num_rows());
}

}  // namespace

Result<std::shared_ptr<arrow::Table>> AssembleTable(const expr::FramePtr& frame, const Blocks& blocks) {
  std::vector<std::shared_ptr<arrow::Table>> tables;
  for (const Value& block : blocks) {
    const Partition* partition = block.partition();
    if (!partition) return Status::UnknownError("a computed table has a block that is no partition");
    ASSIGN_OR_RETURN(auto table, Conform(partition->table, frame->schema()));
    tables.push_back(std::move(table));
  }
  if (tables.size() == 1) return tables[0];
  if (tables.empty()) return arrow::Table::MakeEmpty(frame->schema());
  return arrow::ConcatenateTables(tables);
}

Result<std::shared_ptr<arrow::Scalar>> AssembleScalar(const expr::FramePtr& frame, const Blocks& blocks) {
  ASSIGN_OR_RETURN(const auto table, AssembleTable(frame, blocks));
  if (table->num_rows() != 1) return Status::UnknownError("a scalar came out with ", table->num_rows(), " rows");
  return table->column(0)->GetScalar(0);
}

std::shared_ptr<arrow::Table> ComputeTable(const expr::FramePtr& frame, const ComputeOptions& options) {
  const std::vector<Blocks> blocks = ValueOrThrow(ComputeBlocks({frame}, options));
  return ValueOrThrow(AssembleTable(frame, blocks[0]));
}

}  // namespace swath
