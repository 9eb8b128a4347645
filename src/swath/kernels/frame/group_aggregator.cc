#include "swath/kernels/frame/group_aggregator.h"

#include <algorithm>
#include <cstring>

#include "arrow/array.h"
#include "arrow/array/concatenate.h"
#include "arrow/buffer.h"
#include "arrow/compute/api_scalar.h"
#include "arrow/compute/api_vector.h"
#include "arrow/compute/exec.h"
#include "arrow/record_batch.h"
#include "arrow/scalar.h"
#include "arrow/table.h"
#include "arrow/type.h"

#include "swath/base/nearest.h"

namespace swath::kernels {
namespace {

constexpr const char* kSpilledFormat = "spilled";

// Functions for which a missing value makes the result missing when it is not skipped.
bool IsPoisoned(const ops::Aggregation& aggregation) {
  static constexpr std::string_view kFunctions[] = {"sum", "prod", "mean", "var", "std", "sem", "median", "quantile"};
  return !aggregation.skipna &&
         std::find(std::begin(kFunctions), std::end(kFunctions), aggregation.function) != std::end(kFunctions);
}

Result<int> FindField(const arrow::Schema& schema, const std::string& name) {
  const int index = schema.GetFieldIndex(name);
  if (index < 0) return Status::KeyError("no column '", name, "'", DidYouMean(name, schema.field_names()));
  return index;
}

Object SpilledObject(int64_t id) {
  return Object{
      kSpilledFormat, arrow::Buffer::FromString(std::string(reinterpret_cast<const char*>(&id), sizeof id)), {}};
}

// A column of a table as one array.
Result<std::shared_ptr<arrow::Array>> OneArray(const arrow::ChunkedArray& column, arrow::MemoryPool* pool) {
  if (column.num_chunks() == 1) return column.chunk(0);
  if (column.num_chunks() == 0) return arrow::MakeEmptyArray(column.type(), pool);
  return arrow::Concatenate(column.chunks(), pool);
}

}  // namespace

Result<std::unique_ptr<AggregateState>> MakeAggregateState(const ops::Aggregation& aggregation,
                                                           const std::shared_ptr<arrow::DataType>& type) {
  for (const auto make : {MakeSumState, MakeMomentState, MakeExtremeState, MakeValuesState}) {
    ASSIGN_OR_RETURN(auto state, make(aggregation, type));
    if (state) return state;
  }
  return Status::Invalid(
      "unknown aggregation '", aggregation.function,
      "'; there are sum, prod, mean, median, quantile, var, std, sem, min, max, first, last, count, size, nunique, "
      "any and all");
}

Result<Value> Unspill(const Value& value, SpillSink* spill) {
  const Object* object = value.object();
  if (object == nullptr || object->format != kSpilledFormat) return value;
  CHECK(spill != nullptr);
  int64_t id = 0;
  std::memcpy(&id, object->bytes->data(), sizeof id);
  return spill->Read(id);
}

Result<std::shared_ptr<arrow::Schema>> GroupAggregator::TypesOf(const ops::AggregateSink& sink,
                                                                const arrow::Schema& schema) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  const auto add = [&](const std::string& name) -> Status {
    const auto same = [&](const auto& field) { return field->name() == name; };
    if (std::any_of(fields.begin(), fields.end(), same)) return Status::OK();
    ASSIGN_OR_RETURN(const int index, FindField(schema, name));
    fields.push_back(schema.field(index));
    return Status::OK();
  };
  for (const std::string& key : sink.keys) RETURN_IF_ERROR(add(key));
  for (const ops::Aggregation& aggregation : sink.aggregations) {
    if (aggregation.function != "size") RETURN_IF_ERROR(add(aggregation.column));
  }
  return arrow::schema(std::move(fields));
}

Result<std::unique_ptr<GroupAggregator>> GroupAggregator::Make(const ops::AggregateSink& sink,
                                                               const arrow::Schema& schema, TaskContext* context) {
  std::unique_ptr<GroupAggregator> aggregator(new GroupAggregator(sink, context));
  ASSIGN_OR_RETURN(aggregator->types_, TypesOf(sink, schema));
  for (const std::string& key : sink.keys) {
    aggregator->key_types_.push_back(aggregator->types_->GetFieldByName(key)->type());
  }
  for (const ops::Aggregation& aggregation : sink.aggregations) {
    auto& names = aggregator->value_names_;
    if (aggregation.function != "size" && std::find(names.begin(), names.end(), aggregation.column) == names.end()) {
      names.push_back(aggregation.column);
    }
  }
  aggregator->spilled_.resize(size_t{1} << sink.radix_bits);
  RETURN_IF_ERROR(aggregator->Reset());
  return aggregator;
}

Status GroupAggregator::Reset() {
  ASSIGN_OR_RETURN(keys_, GroupKeys::Make(key_types_, sink_.drop_null_keys));
  slots_.clear();
  for (const ops::Aggregation& aggregation : sink_.aggregations) {
    Slot slot;
    std::shared_ptr<arrow::DataType> type = arrow::int64();
    if (aggregation.function != "size") {
      type = types_->GetFieldByName(aggregation.column)->type();
      slot.input = static_cast<int>(std::find(value_names_.begin(), value_names_.end(), aggregation.column) -
                                    value_names_.begin());
    }
    ASSIGN_OR_RETURN(slot.state, MakeAggregateState(aggregation, type));
    slot.state->Resize(keys_.group_count());
    if (IsPoisoned(aggregation)) {
      ops::Aggregation missing = aggregation;
      missing.function = "missing";
      ASSIGN_OR_RETURN(slot.missing, MakeAggregateState(missing, type));
      slot.missing->Resize(keys_.group_count());
    }
    slots_.push_back(std::move(slot));
  }
  return Status::OK();
}

Status GroupAggregator::Consume(const arrow::RecordBatch& batch) {
  if (batch.num_rows() == 0) return Status::OK();
  Arrays key_arrays;
  for (const std::string& key : sink_.keys) {
    ASSIGN_OR_RETURN(const int index, FindField(*batch.schema(), key));
    key_arrays.push_back(batch.column(index));
  }
  const bool one_group = sink_.keys.empty();
  if (!one_group) RETURN_IF_ERROR(keys_.Map(key_arrays, batch.num_rows(), &groups_, context_->memory_pool));
  std::vector<PhysicalColumn> values;
  for (const std::string& name : value_names_) {
    ASSIGN_OR_RETURN(const int index, FindField(*batch.schema(), name));
    ASSIGN_OR_RETURN(PhysicalColumn column, ToPhysical(batch.column(index), context_->memory_pool));
    values.push_back(std::move(column));
  }
  PhysicalColumn rows;  // for "size"
  rows.length = batch.num_rows();
  const uint32_t* groups = one_group ? nullptr : groups_.data();
  for (Slot& slot : slots_) {
    const PhysicalColumn& column = slot.input < 0 ? rows : values[static_cast<size_t>(slot.input)];
    slot.state->Resize(keys_.group_count());
    RETURN_IF_ERROR(slot.state->Update(column, groups));
    if (!slot.missing) continue;
    slot.missing->Resize(keys_.group_count());
    RETURN_IF_ERROR(slot.missing->Update(column, groups));
  }
  return SpillIfNeeded();
}

int64_t GroupAggregator::nbytes() const {
  int64_t total = keys_.nbytes();
  for (const Slot& slot : slots_) total += slot.state->nbytes() + (slot.missing ? slot.missing->nbytes() : 0);
  return total;
}

Result<std::vector<std::shared_ptr<arrow::Table>>> GroupAggregator::ExportParts() const {
  arrow::MemoryPool* pool = context_->memory_pool;
  std::vector<int64_t> bounds;
  const std::vector<uint32_t> ordered = keys_.ByPart(sink_.radix_bits, &bounds);
  std::vector<std::shared_ptr<arrow::Table>> parts;
  for (size_t p = 0; p + 1 < bounds.size(); ++p) {
    const std::vector<uint32_t> groups(ordered.begin() + bounds[p], ordered.begin() + bounds[p + 1]);
    ASSIGN_OR_RETURN(Arrays arrays, keys_.Values(groups, pool));
    for (const Slot& slot : slots_) {
      for (const AggregateState* state : {slot.state.get(), slot.missing.get()}) {
        if (state == nullptr) continue;
        ASSIGN_OR_RETURN(Arrays exported, state->Export(groups, pool));
        std::move(exported.begin(), exported.end(), std::back_inserter(arrays));
      }
    }
    std::vector<std::shared_ptr<arrow::Field>> fields;
    for (size_t i = 0; i < arrays.size(); ++i)
      fields.push_back(arrow::field("s" + std::to_string(i), arrays[i]->type()));
    parts.push_back(arrow::Table::Make(arrow::schema(std::move(fields)), arrays, static_cast<int64_t>(groups.size())));
  }
  return parts;
}

Status GroupAggregator::SpillIfNeeded() {
  if (context_->spill == nullptr || sink_.keys.empty() || nbytes() <= context_->memory_budget_bytes)
    return Status::OK();
  ASSIGN_OR_RETURN(const auto parts, ExportParts());
  for (size_t p = 0; p < parts.size(); ++p) {
    if (parts[p]->num_rows() == 0) continue;
    ASSIGN_OR_RETURN(const int64_t id, context_->spill->Write(Partition{parts[p]}));
    spilled_[p].values.emplace_back(SpilledObject(id));
  }
  return Reset();
}

Result<Value> GroupAggregator::Partial() {
  ASSIGN_OR_RETURN(auto parts, ExportParts());
  Pieces result;
  for (size_t p = 0; p < parts.size(); ++p) {
    if (spilled_[p].values.empty()) {
      result.values.emplace_back(Partition{parts[p]});
    } else {
      spilled_[p].values.emplace_back(Partition{parts[p]});
      result.values.emplace_back(std::move(spilled_[p]));
    }
  }
  ASSIGN_OR_RETURN(auto types, arrow::Table::MakeEmpty(types_));
  result.values.emplace_back(Partition{std::move(types)});
  return Value(std::move(result));
}

Status GroupAggregator::MergePart(const Value& part) {
  RETURN_IF_ERROR(context_->CheckCancelled());
  if (const Pieces* pieces = part.pieces()) {
    for (const Value& piece : pieces->values) RETURN_IF_ERROR(MergePart(piece));
    return Status::OK();
  }
  ASSIGN_OR_RETURN(const Value value, Unspill(part, context_->spill));
  CHECK(value.partition() != nullptr);
  RETURN_IF_ERROR(MergeTable(*value.partition()->table));
  return SpillIfNeeded();
}

Status GroupAggregator::MergeTable(const arrow::Table& table) {
  if (table.num_rows() == 0) return Status::OK();
  arrow::MemoryPool* pool = context_->memory_pool;
  Arrays columns;
  for (const auto& column : table.columns()) {
    ASSIGN_OR_RETURN(auto array, OneArray(*column, pool));
    columns.push_back(std::move(array));
  }
  const Arrays key_arrays(columns.begin(), columns.begin() + static_cast<int64_t>(sink_.keys.size()));
  RETURN_IF_ERROR(keys_.Map(key_arrays, table.num_rows(), &groups_, pool));
  size_t next = sink_.keys.size();
  for (Slot& slot : slots_) {
    for (AggregateState* state : {slot.state.get(), slot.missing.get()}) {
      if (state == nullptr) continue;
      const auto begin = columns.begin() + static_cast<int64_t>(next);
      const Arrays inputs(begin, begin + state->column_count());
      state->Resize(keys_.group_count());
      RETURN_IF_ERROR(state->Merge(inputs, groups_.data(), pool));
      next += inputs.size();
    }
  }
  return Status::OK();
}

Result<std::shared_ptr<arrow::Array>> GroupAggregator::FinishOne(size_t aggregation,
                                                                 const std::vector<uint32_t>& groups) {
  Slot& slot = slots_[aggregation];
  arrow::MemoryPool* pool = context_->memory_pool;
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::Array> result, slot.state->Finish(groups, pool));
  if (!slot.missing) return result;
  ASSIGN_OR_RETURN(const auto missing, slot.missing->Finish(groups, pool));
  arrow::compute::ExecContext exec(pool);
  ASSIGN_OR_RETURN(const arrow::Datum poisoned,
                   arrow::compute::CallFunction("greater", {missing, arrow::Datum(int64_t{0})}, &exec));
  const arrow::Datum null(arrow::MakeNullScalar(result->type()));
  ASSIGN_OR_RETURN(const arrow::Datum chosen, arrow::compute::IfElse(poisoned, null, result, &exec));
  return chosen.make_array();
}

Result<std::shared_ptr<arrow::Table>> GroupAggregator::Finish(bool sort) {
  // What was spilled while merging comes back part by part: at most one part's groups are in memory at a time.
  std::vector<std::shared_ptr<arrow::Table>> tables;
  std::vector<Pieces> spilled = std::move(spilled_);
  const bool any_spilled =
      std::any_of(spilled.begin(), spilled.end(), [](const Pieces& p) { return !p.values.empty(); });
  spilled_.assign(spilled.size(), {});
  if (any_spilled) {
    ASSIGN_OR_RETURN(const auto parts, ExportParts());
    for (size_t p = 0; p < parts.size(); ++p) {
      RETURN_IF_ERROR(Reset());
      TaskContext unlimited = *context_;
      unlimited.memory_budget_bytes = INT64_MAX;
      ASSIGN_OR_RETURN(auto part, Make(sink_, *types_, &unlimited));
      RETURN_IF_ERROR(part->MergePart(Value(std::move(spilled[p]))));
      RETURN_IF_ERROR(part->MergeTable(*parts[p]));
      ASSIGN_OR_RETURN(auto table, part->Finish(sort));
      tables.push_back(std::move(table));
    }
    ASSIGN_OR_RETURN(auto table, arrow::ConcatenateTables(tables, arrow::ConcatenateTablesOptions::Defaults(),
                                                          context_->memory_pool));
    if (!sort || sink_.keys.empty()) return table;
    std::vector<arrow::compute::SortKey> order;
    for (const std::string& key : sink_.keys) order.emplace_back(key);
    arrow::compute::ExecContext exec(context_->memory_pool);
    ASSIGN_OR_RETURN(const auto indices, arrow::compute::SortIndices(table, arrow::compute::SortOptions(order), &exec));
    ASSIGN_OR_RETURN(const arrow::Datum sorted,
                     arrow::compute::Take(table, indices, arrow::compute::TakeOptions::NoBoundsCheck(), &exec));
    return sorted.table();
  }
  const std::vector<uint32_t> groups = sort ? keys_.Sorted() : keys_.InOrder();
  ASSIGN_OR_RETURN(Arrays arrays, keys_.Values(groups, context_->memory_pool));
  std::vector<std::shared_ptr<arrow::Field>> fields;
  for (size_t k = 0; k < arrays.size(); ++k) {
    if (key_types_[k]->id() == arrow::Type::DICTIONARY) {
      ASSIGN_OR_RETURN(const arrow::Datum encoded, arrow::compute::DictionaryEncode(arrays[k]));
      arrays[k] = encoded.make_array();
    }
    fields.push_back(arrow::field(sink_.keys[k], arrays[k]->type()));
  }
  for (size_t a = 0; a < slots_.size(); ++a) {
    ASSIGN_OR_RETURN(auto array, FinishOne(a, groups));
    fields.push_back(arrow::field(sink_.aggregations[a].output, array->type()));
    arrays.push_back(std::move(array));
  }
  return arrow::Table::Make(arrow::schema(std::move(fields)), arrays, static_cast<int64_t>(groups.size()));
}

}  // namespace swath::kernels
