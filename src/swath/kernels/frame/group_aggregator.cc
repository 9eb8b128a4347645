#include "swath/kernels/frame/group_aggregator.h"

#include <algorithm>
#include <cstring>

#include "arrow/array.h"
#include "arrow/array/concatenate.h"
#include "arrow/array/util.h"
#include "arrow/buffer.h"
#include "arrow/compute/api_scalar.h"
#include "arrow/compute/api_vector.h"
#include "arrow/compute/exec.h"
#include "arrow/memory_pool.h"
#include "arrow/record_batch.h"
#include "arrow/scalar.h"
#include "arrow/table.h"
#include "arrow/type.h"

#include "swath/base/nearest.h"
#include "swath/kernels/frame/sort_rows.h"

namespace swath::kernels {
namespace {

constexpr const char* kSpilledFormat = "spilled";
constexpr int kSplitBits = 4;                    // of one more splitting
constexpr int kSkipBitsMax = 32;                 // then a part is equal keys, or as good as that
constexpr int64_t kMergedRows = 64 << 10;        // at a time: then the budget is looked at
constexpr int64_t kWholePartialBytes = 1 << 20;  // a partial of less is not split by value

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

int64_t SpilledId(const Object& object) {
  int64_t id = 0;
  std::memcpy(&id, object.bytes->data(), sizeof id);
  return id;
}

// A column of a table as one array.
Result<std::shared_ptr<arrow::Array>> OneArray(const arrow::ChunkedArray& column, arrow::MemoryPool* pool) {
  if (column.num_chunks() == 1) return column.chunk(0);
  if (column.num_chunks() == 0) return arrow::MakeEmptyArray(column.type(), pool);
  return arrow::Concatenate(column.chunks(), pool);
}

}  // namespace

Result<std::unique_ptr<AggregateState>> MakeAggregateState(const ops::Aggregation& aggregation,
                                                           const std::shared_ptr<arrow::DataType>& type,
                                                           arrow::MemoryPool* pool) {
  for (const auto make : {MakeSumState, MakeMomentState, MakeExtremeState, MakeValuesState}) {
    ASSIGN_OR_RETURN(auto state, make(aggregation, type, pool));
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
  return spill->Read(SpilledId(*object));
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
  const HashBits bits{0, sink.keys.empty() ? kSplitBits : sink.radix_bits};
  std::unique_ptr<GroupAggregator> aggregator(new GroupAggregator(sink, context, bits));
  RETURN_IF_ERROR(aggregator->Open(schema));
  return aggregator;
}

Result<std::unique_ptr<GroupAggregator>> GroupAggregator::MakeMerger(const ops::AggregateSink& sink,
                                                                     const arrow::Schema& schema, TaskContext* context,
                                                                     int skip_bits) {
  std::unique_ptr<GroupAggregator> aggregator(new GroupAggregator(sink, context, {skip_bits, kSplitBits}));
  RETURN_IF_ERROR(aggregator->Open(schema));
  return aggregator;
}

Status GroupAggregator::Open(const arrow::Schema& schema) {
  ASSIGN_OR_RETURN(types_, TypesOf(sink_, schema));
  for (const std::string& key : sink_.keys) {
    std::shared_ptr<arrow::DataType> type = types_->GetFieldByName(key)->type();
    if (type->id() == arrow::Type::DICTIONARY &&
        std::find(sink_.decoded_keys.begin(), sink_.decoded_keys.end(), key) != sink_.decoded_keys.end()) {
      type = static_cast<const arrow::DictionaryType&>(*type).value_type();
    }
    key_types_.push_back(std::move(type));
  }
  for (const ops::Aggregation& aggregation : sink_.aggregations) {
    if (aggregation.function != "size" &&
        std::find(value_names_.begin(), value_names_.end(), aggregation.column) == value_names_.end()) {
      value_names_.push_back(aggregation.column);
    }
  }
  spilled_.resize(size_t{1} << bits_.count);
  return Reset();
}

Result<std::unique_ptr<AggregateState>> GroupAggregator::MakeState(const ops::Aggregation& aggregation) const {
  const auto type =
      aggregation.function == "size" ? arrow::int64() : types_->GetFieldByName(aggregation.column)->type();
  ASSIGN_OR_RETURN(auto state, MakeAggregateState(aggregation, type, context_->memory_pool));
  state->Resize(keys_->group_count());
  return state;
}

Status GroupAggregator::Reset() {
  slots_.clear();
  keys_.reset();
  order_.Clear();
  ASSIGN_OR_RETURN(keys_,
                   GroupKeys::Make(key_types_, sink_.drop_null_keys, context_->memory_pool, sink_.all_categories));
  for (const ops::Aggregation& aggregation : sink_.aggregations) {
    Slot slot;
    if (aggregation.function != "size") {
      slot.input = static_cast<int>(std::find(value_names_.begin(), value_names_.end(), aggregation.column) -
                                    value_names_.begin());
    }
    ASSIGN_OR_RETURN(slot.state, MakeState(aggregation));
    splits_values_ |= sink_.keys.empty() && slot.state->splits_by_value();
    if (IsPoisoned(aggregation)) {
      ops::Aggregation missing = aggregation;
      missing.function = "missing";
      ASSIGN_OR_RETURN(slot.missing, MakeState(missing));
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
  if (!one_group) {
    RETURN_IF_ERROR(keys_->Map(key_arrays, batch.num_rows(), &groups_, context_->memory_pool));
    order_.Update(groups_, keys_->group_count());
  }
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
    slot.state->Resize(keys_->group_count());
    RETURN_IF_ERROR(slot.state->Update(column, groups));
    if (!slot.missing) continue;
    slot.missing->Resize(keys_->group_count());
    RETURN_IF_ERROR(slot.missing->Update(column, groups));
  }
  return SpillIfNeeded();
}

int64_t GroupAggregator::nbytes() const {
  int64_t total = keys_->nbytes() + order_.nbytes();
  for (const Slot& slot : slots_) total += slot.state->nbytes() + (slot.missing ? slot.missing->nbytes() : 0);
  return total;
}

// Without keys: the states that split by value in parts, the others in part 0; elsewhere they are as nothing was seen.
Result<Arrays> GroupAggregator::ExportWholePart(const Slot& slot, const ops::Aggregation& aggregation,
                                                size_t part) const {
  static constexpr uint32_t kWhole[] = {1};
  arrow::MemoryPool* pool = context_->memory_pool;
  if (slot.state->splits_by_value()) return slot.state->ExportPart(bits_, part, pool);
  if (part == 0) return slot.state->Export(kWhole, pool);
  ASSIGN_OR_RETURN(const auto fresh, MakeState(aggregation));
  return fresh->Export(kWhole, pool);
}

Result<std::shared_ptr<arrow::Table>> GroupAggregator::ExportPart(std::span<const uint32_t> groups, size_t part,
                                                                  bool split) const {
  arrow::MemoryPool* pool = context_->memory_pool;
  ASSIGN_OR_RETURN(Arrays arrays, keys_->Values(groups, pool));
  const auto append = [&](Arrays&& exported) {
    std::move(exported.begin(), exported.end(), std::back_inserter(arrays));
  };
  for (size_t a = 0; a < slots_.size(); ++a) {
    if (split) {
      ASSIGN_OR_RETURN(Arrays exported, ExportWholePart(slots_[a], sink_.aggregations[a], part));
      append(std::move(exported));
    } else {
      ASSIGN_OR_RETURN(Arrays exported, slots_[a].state->Export(groups, pool));
      append(std::move(exported));
    }
    if (!slots_[a].missing) continue;
    if (part == 0 || !split) {
      ASSIGN_OR_RETURN(Arrays exported, slots_[a].missing->Export(groups, pool));
      append(std::move(exported));
    } else {
      ops::Aggregation missing = sink_.aggregations[a];
      missing.function = "missing";
      ASSIGN_OR_RETURN(const auto fresh, MakeState(missing));
      ASSIGN_OR_RETURN(Arrays exported, fresh->Export(groups, pool));
      append(std::move(exported));
    }
  }
  if (order_.wanted()) {
    ASSIGN_OR_RETURN(auto numbers, order_.Export(groups, pool));
    arrays.push_back(std::move(numbers));
  }
  std::vector<std::shared_ptr<arrow::Field>> fields;
  for (size_t i = 0; i < arrays.size(); ++i) fields.push_back(arrow::field("s" + std::to_string(i), arrays[i]->type()));
  return arrow::Table::Make(arrow::schema(std::move(fields)), arrays, static_cast<int64_t>(groups.size()));
}

template <typename Take>
Status GroupAggregator::ExportParts(HashBits bits, Take take) const {
  const size_t parts = size_t{1} << bits.count;
  if (sink_.keys.empty()) {
    static constexpr uint32_t kWhole[] = {1};
    for (size_t p = 0; p < parts; ++p) {
      ASSIGN_OR_RETURN(auto table, ExportPart(kWhole, p, parts > 1));
      RETURN_IF_ERROR(take(p, std::move(table)));
    }
    return Status::OK();
  }
  std::vector<int64_t> bounds;
  const PoolVector<uint32_t> ordered = keys_->ByPart(bits, &bounds);
  for (size_t p = 0; p < parts; ++p) {
    const auto begin = static_cast<size_t>(bounds[p]);
    const auto groups = std::span(ordered).subspan(begin, static_cast<size_t>(bounds[p + 1]) - begin);
    ASSIGN_OR_RETURN(auto table, ExportPart(groups, p, false));
    RETURN_IF_ERROR(take(p, std::move(table)));
  }
  return Status::OK();
}

// Each part is written before the next one is made.
Status GroupAggregator::Spill() {
  RETURN_IF_ERROR(ExportParts(bits_, [&](size_t p, std::shared_ptr<arrow::Table> table) -> Status {
    if (table->num_rows() == 0) return Status::OK();
    ASSIGN_OR_RETURN(const int64_t id, context_->spill->Write(Partition{std::move(table)}));
    spilled_[p].values.emplace_back(SpilledObject(id));
    return Status::OK();
  }));
  RETURN_IF_ERROR(Reset());
  // Of the small buffers just freed malloc keeps the pages: of a small limit they would be a good part.
  arrow::system_memory_pool()->ReleaseUnused();
  return Status::OK();
}

Status GroupAggregator::SpillIfNeeded() {
  const bool splits = sink_.keys.empty() ? splits_values_ : keys_->group_count() > 1 || bits_.skip == 0;
  if (context_->spill == nullptr || !splits || bits_.skip > kSkipBitsMax || nbytes() <= context_->memory_budget_bytes) {
    return Status::OK();
  }
  return Spill();
}

Result<Value> GroupAggregator::Partial() {
  const bool whole = sink_.keys.empty();
  const bool any_spilled =
      std::any_of(spilled_.begin(), spilled_.end(), [](const Pieces& p) { return !p.values.empty(); });
  // All partials are in memory when they are merged: large ones leave it now.
  const bool splits = !whole || splits_values_;
  if (splits && context_->spill != nullptr && nbytes() > context_->memory_budget_bytes / 8) RETURN_IF_ERROR(Spill());
  HashBits bits = bits_;
  if (whole && (!splits_values_ || (!any_spilled && nbytes() < kWholePartialBytes))) bits.count = 0;
  RETURN_IF_ERROR(ExportParts(bits, [&](size_t p, std::shared_ptr<arrow::Table> table) {
    spilled_[p].values.emplace_back(Partition{std::move(table)});
    return Status::OK();
  }));
  Pieces result;
  result.values.resize(size_t{1} << sink_.radix_bits);
  if (whole) {
    Pieces all;
    for (Pieces& part : spilled_) std::move(part.values.begin(), part.values.end(), std::back_inserter(all.values));
    result.values[0] = all.values.size() == 1 ? std::move(all.values[0]) : Value(std::move(all));
    for (size_t p = 1; p < result.values.size(); ++p) result.values[p] = Value(Pieces{});
  } else {
    for (size_t p = 0; p < spilled_.size(); ++p) {
      auto& pieces = spilled_[p].values;
      result.values[p] = pieces.size() == 1 ? std::move(pieces[0]) : Value(std::move(spilled_[p]));
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
  if (part.object() != nullptr) merged_.push_back(SpilledId(*part.object()));
  CHECK(value.partition() != nullptr);
  const arrow::Table& table = *value.partition()->table;
  for (int64_t row = 0; row < table.num_rows(); row += kMergedRows) {
    RETURN_IF_ERROR(MergeTable(*table.Slice(row, kMergedRows)));
    RETURN_IF_ERROR(SpillIfNeeded());
  }
  return Status::OK();
}

void GroupAggregator::RemoveMerged() {
  for (const int64_t id : merged_) context_->spill->Remove(id);
  merged_.clear();
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
  const bool whole = sink_.keys.empty();
  if (!whole) {
    RETURN_IF_ERROR(keys_->Map(key_arrays, table.num_rows(), &groups_, pool));
    if (order_.wanted()) order_.Merge(*columns.back(), groups_, keys_->group_count());
  }
  const uint32_t* groups = whole ? nullptr : groups_.data();
  size_t next = sink_.keys.size();
  for (Slot& slot : slots_) {
    for (AggregateState* state : {slot.state.get(), slot.missing.get()}) {
      if (state == nullptr) continue;
      const auto begin = columns.begin() + static_cast<int64_t>(next);
      const Arrays inputs(begin, begin + state->column_count());
      state->Resize(keys_->group_count());
      RETURN_IF_ERROR(state->Merge(inputs, groups, pool));
      next += inputs.size();
    }
  }
  return Status::OK();
}

Result<std::shared_ptr<arrow::Array>> GroupAggregator::FinishOne(size_t aggregation, std::span<const uint32_t> groups) {
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

// What was spilled while merging comes back part by part: one part's groups are in memory at a time.
Result<std::shared_ptr<arrow::Table>> GroupAggregator::FinishSpilled(bool sort, bool numbered) {
  RETURN_IF_ERROR(Spill());
  std::vector<std::shared_ptr<arrow::Table>> tables;
  for (Pieces& spilled : spilled_) {
    if (spilled.values.empty()) continue;
    ASSIGN_OR_RETURN(auto part, MakeMerger(sink_, *types_, context_, bits_.skip + bits_.count));
    RETURN_IF_ERROR(part->MergePart(Value(std::move(spilled))));
    part->RemoveMerged();
    ASSIGN_OR_RETURN(auto table, part->Finish(false, order_.wanted()));
    tables.push_back(std::move(table));
  }
  arrow::MemoryPool* pool = context_->memory_pool;
  if (sink_.keys.empty()) return SumParts(tables, pool);
  ASSIGN_OR_RETURN(auto table, arrow::ConcatenateTables(tables, arrow::ConcatenateTablesOptions::Defaults(), pool));
  tables.clear();
  const auto encoded = [](const auto& type) { return type->id() == arrow::Type::DICTIONARY; };
  if (std::any_of(key_types_.begin(), key_types_.end(), encoded)) {
    ASSIGN_OR_RETURN(table, arrow::DictionaryUnifier::UnifyTable(*table, pool));
  }
  std::vector<ops::SortKey> order;
  if (sort) {
    for (const std::string& key : sink_.keys) order.push_back({key, false});
  } else if (order_.wanted() && !numbered) {
    order.push_back({ops::kGroupRowColumn, false});
  }
  if (!order.empty()) {
    ASSIGN_OR_RETURN(const auto indices, SortedIndices(*table, order, pool));
    ASSIGN_OR_RETURN(table, TakeRows(table, indices, pool));
  }
  if (!order_.wanted() || numbered) return table;
  return table->RemoveColumn(table->num_columns() - 1);
}

// Of the parts by value: their counts added up, all else from part 0.
Result<std::shared_ptr<arrow::Table>> GroupAggregator::SumParts(
    const std::vector<std::shared_ptr<arrow::Table>>& tables, arrow::MemoryPool* pool) const {
  std::shared_ptr<arrow::Table> result = tables[0];
  for (size_t a = 0; a < slots_.size(); ++a) {
    if (!slots_[a].state->splits_by_value()) continue;
    const int column = static_cast<int>(a);
    int64_t total = 0;
    for (const auto& table : tables) {
      total += static_cast<const arrow::Int64Array&>(*table->column(column)->chunk(0)).Value(0);
    }
    ASSIGN_OR_RETURN(auto sum, arrow::MakeArrayFromScalar(arrow::Int64Scalar(total), 1, pool));
    ASSIGN_OR_RETURN(result, result->SetColumn(column, result->field(column),
                                               std::make_shared<arrow::ChunkedArray>(std::move(sum))));
  }
  return result;
}

Result<std::shared_ptr<arrow::Table>> GroupAggregator::Finish(bool sort, bool numbered) {
  if (std::any_of(spilled_.begin(), spilled_.end(), [](const Pieces& p) { return !p.values.empty(); })) {
    return FinishSpilled(sort, numbered);
  }
  PoolVector<uint32_t> groups = sort ? keys_->Sorted() : keys_->InOrder();
  if (!sort && order_.wanted() && !numbered) order_.Sort(&groups);
  ASSIGN_OR_RETURN(Arrays arrays, keys_->Values(groups, context_->memory_pool));
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
  if (numbered) {
    ASSIGN_OR_RETURN(auto array, order_.Export(groups, context_->memory_pool));
    fields.push_back(arrow::field(ops::kGroupRowColumn, array->type()));
    arrays.push_back(std::move(array));
  }
  return arrow::Table::Make(arrow::schema(std::move(fields)), arrays, static_cast<int64_t>(groups.size()));
}

}  // namespace swath::kernels
