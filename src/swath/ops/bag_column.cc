#include "swath/ops/bag_column.h"

#include <limits>

#include "arrow/array.h"
#include "arrow/builder.h"
#include "arrow/compute/cast.h"
#include "arrow/table.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"

namespace swath::ops {
namespace {

constexpr const char* kTagKey = "swath.item";
constexpr const char* kTagged = "tagged";

// Which of our column forms a type is read as; null: none.
std::shared_ptr<arrow::DataType> FormOf(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::STRING_VIEW:
      return arrow::large_utf8();
    case arrow::Type::INT8:
    case arrow::Type::INT16:
    case arrow::Type::INT32:
    case arrow::Type::INT64:
    case arrow::Type::UINT8:
    case arrow::Type::UINT16:
    case arrow::Type::UINT32:
      return arrow::int64();
    case arrow::Type::FLOAT:
    case arrow::Type::DOUBLE:
      return arrow::float64();
    case arrow::Type::BOOL:
      return arrow::boolean();
    case arrow::Type::NA:
      return arrow::null();
    case arrow::Type::DICTIONARY:
      return FormOf(*static_cast<const arrow::DictionaryType&>(type).value_type());
    default:
      return nullptr;
  }
}

// Reads one column of one of the forms, chunk by chunk.
class ColumnReader {
 public:
  ColumnReader(std::shared_ptr<arrow::ChunkedArray> column, bool tagged) : column_(std::move(column)), tagged_(tagged) {
    NextChunk();
  }

  Status Next(BagItem* item, ItemArena* arena) {
    while (row_ == chunk_->length()) NextChunk();
    const int64_t row = row_++;
    if (has_nulls_ && chunk_->IsNull(row)) {
      *item = BagItem::None();
      return Status::OK();
    }
    switch (chunk_->type_id()) {
      case arrow::Type::LARGE_STRING:
        *item = BagItem::Text(static_cast<const arrow::LargeStringArray*>(chunk_)->GetView(row));
        break;
      case arrow::Type::INT64:
        *item = BagItem::Int(static_cast<const arrow::Int64Array*>(chunk_)->Value(row));
        break;
      case arrow::Type::DOUBLE:
        *item = BagItem::Float(static_cast<const arrow::DoubleArray*>(chunk_)->Value(row));
        break;
      case arrow::Type::BOOL:
        *item = BagItem::Bool(static_cast<const arrow::BooleanArray*>(chunk_)->Value(row));
        break;
      case arrow::Type::LARGE_BINARY: {
        const std::string_view bytes = static_cast<const arrow::LargeBinaryArray*>(chunk_)->GetView(row);
        if (!tagged_) {
          *item = BagItem::Bytes(bytes);
          break;
        }
        ASSIGN_OR_RETURN(*item, DecodeItem(bytes, arena));
        break;
      }
      default:
        *item = BagItem::None();
    }
    return Status::OK();
  }

 private:
  void NextChunk() {
    if (next_chunk_ == column_->num_chunks()) return;
    chunk_ = column_->chunk(next_chunk_++).get();
    has_nulls_ = chunk_->null_count() > 0 || chunk_->type_id() == arrow::Type::NA;
    row_ = 0;
  }

  std::shared_ptr<arrow::ChunkedArray> column_;
  bool tagged_;
  const arrow::Array* chunk_ = nullptr;
  bool has_nulls_ = false;
  int64_t row_ = 0;
  int next_chunk_ = 0;
};

class TableReader : public ItemReader {
 public:
  TableReader(std::vector<ColumnReader> columns, bool tuples, int64_t count)
      : columns_(std::move(columns)), tuples_(tuples), count_(count), row_items_(columns_.size()) {}
  int64_t count() const override { return count_; }

  Result<bool> Next(BagItem* item) override {
    if (row_ == count_) return false;
    ++row_;
    arena_.Clear();
    if (!tuples_) {
      RETURN_IF_ERROR(columns_[0].Next(item, &arena_));
      return true;
    }
    for (size_t i = 0; i < columns_.size(); ++i) RETURN_IF_ERROR(columns_[i].Next(&row_items_[i], &arena_));
    *item = BagItem::Tuple(row_items_.data(), static_cast<uint32_t>(row_items_.size()));
    return true;
  }

 private:
  std::vector<ColumnReader> columns_;
  bool tuples_;  // rows of several columns
  int64_t count_;
  int64_t row_ = 0;
  std::vector<BagItem> row_items_;
  ItemArena arena_;
};

}  // namespace

std::shared_ptr<arrow::Field> TaggedField() {
  return arrow::field(kItemColumn, arrow::large_binary(), false, arrow::key_value_metadata({kTagKey}, {kTagged}));
}

bool IsTagged(const arrow::Field& field) {
  return field.type()->id() == arrow::Type::LARGE_BINARY && field.metadata() &&
         field.metadata()->Get(kTagKey).ValueOr("") == kTagged;
}

bool HoldsItems(const arrow::Schema& schema) {
  if (schema.num_fields() == 0) return false;
  for (const auto& field : schema.fields()) {
    if (!IsTagged(*field) && !FormOf(*field->type())) return false;
  }
  return true;
}

Result<std::unique_ptr<ItemReader>> ItemReader::Make(std::shared_ptr<arrow::Table> table, arrow::MemoryPool* pool) {
  if (!HoldsItems(*table->schema())) {
    return Status::TypeError("a table with the columns ", table->schema()->ToString(),
                             " cannot be read as items of a bag");
  }
  arrow::compute::ExecContext context(pool ? pool : arrow::default_memory_pool());
  std::vector<ColumnReader> columns;
  for (int i = 0; i < table->num_columns(); ++i) {
    std::shared_ptr<arrow::ChunkedArray> column = table->column(i);
    const bool tagged = IsTagged(*table->field(i));
    const auto form = tagged ? column->type() : FormOf(*column->type());
    if (!column->type()->Equals(*form)) {
      ASSIGN_OR_RETURN(const arrow::Datum cast,
                       arrow::compute::Cast(column, form, arrow::compute::CastOptions::Safe(), &context));
      column = cast.chunked_array();
    }
    columns.emplace_back(std::move(column), tagged);
  }
  const bool tuples = table->num_columns() > 1;
  return std::make_unique<TableReader>(std::move(columns), tuples, table->num_rows());
}

struct ItemColumnBuilder::State {
  explicit State(arrow::MemoryPool* memory)
      : pool(memory ? memory : arrow::default_memory_pool()),
        text(pool),
        integers(pool),
        floats(pool),
        booleans(pool),
        tagged(pool) {}
  arrow::MemoryPool* pool;
  ItemKind form = ItemKind::kNone;  // kNone: only Nones so far; kTuple: tagged
  int64_t count = 0;
  int64_t leading_nones = 0;  // before the form was known
  arrow::LargeStringBuilder text;
  arrow::Int64Builder integers;
  arrow::DoubleBuilder floats;
  arrow::BooleanBuilder booleans;
  arrow::LargeBinaryBuilder tagged;
  std::string scratch;

  Status AppendNones(int64_t n) {
    switch (form) {
      case ItemKind::kText:
        return text.AppendNulls(n);
      case ItemKind::kInt:
        return integers.AppendNulls(n);
      case ItemKind::kFloat:
        return floats.AppendNulls(n);
      case ItemKind::kBool:
        return booleans.AppendNulls(n);
      case ItemKind::kTuple:
        for (int64_t i = 0; i < n; ++i) RETURN_IF_ERROR(tagged.Append("N"));
        return Status::OK();
      default:
        leading_nones += n;
        return Status::OK();
    }
  }

  Status AppendTagged(const BagItem& item) {
    scratch.clear();
    EncodeItem(item, &scratch);
    return tagged.Append(scratch);
  }

  Status AppendTyped(const BagItem& item) {
    switch (form) {
      case ItemKind::kText:
        return text.Append(item.view());
      case ItemKind::kInt:
        return integers.Append(item.integer);
      case ItemKind::kFloat:
        return floats.Append(item.number);
      case ItemKind::kBool:
        return booleans.Append(item.boolean);
      default:
        return AppendTagged(item);
    }
  }

  Result<std::shared_ptr<arrow::Array>> FinishTyped() {
    std::shared_ptr<arrow::Array> array;
    switch (form) {
      case ItemKind::kText:
        RETURN_IF_ERROR(text.Finish(&array));
        break;
      case ItemKind::kInt:
        RETURN_IF_ERROR(integers.Finish(&array));
        break;
      case ItemKind::kFloat:
        RETURN_IF_ERROR(floats.Finish(&array));
        break;
      case ItemKind::kBool:
        RETURN_IF_ERROR(booleans.Finish(&array));
        break;
      case ItemKind::kTuple:
        RETURN_IF_ERROR(tagged.Finish(&array));
        break;
      default:
        return std::make_shared<arrow::NullArray>(leading_nones);
    }
    return array;
  }

  // The first item that is not of the form: all so far become tagged.
  Status BecomeTagged() {
    ASSIGN_OR_RETURN(const auto array, FinishTyped());
    form = ItemKind::kTuple;
    ColumnReader reader(std::make_shared<arrow::ChunkedArray>(array), false);
    for (int64_t row = 0; row < array->length(); ++row) {
      BagItem item;
      RETURN_IF_ERROR(reader.Next(&item, nullptr));
      RETURN_IF_ERROR(AppendTagged(item));
    }
    return Status::OK();
  }
};

ItemColumnBuilder::ItemColumnBuilder(arrow::MemoryPool* pool) : state_(std::make_unique<State>(pool)) {}
ItemColumnBuilder::~ItemColumnBuilder() = default;
int64_t ItemColumnBuilder::count() const { return state_->count; }

int64_t ItemColumnBuilder::nbytes() const {
  const State& s = *state_;
  return s.text.value_data_length() + s.tagged.value_data_length() + 8 * s.count;
}

Status ItemColumnBuilder::Append(const BagItem& item) {
  State& s = *state_;
  ++s.count;
  if (item.kind == s.form && item.kind != ItemKind::kNone) [[likely]] {
    return s.AppendTyped(item);
  }
  if (item.kind == ItemKind::kNone) return s.AppendNones(1);
  if (s.form == ItemKind::kNone) {
    const bool plain = item.is_text() || item.is_number();
    s.form = plain ? item.kind : ItemKind::kTuple;
    RETURN_IF_ERROR(s.AppendNones(std::exchange(s.leading_nones, 0)));
  } else if (s.form != ItemKind::kTuple) {
    RETURN_IF_ERROR(s.BecomeTagged());
  }
  return s.AppendTyped(item);
}

Result<Partition> ItemColumnBuilder::Finish() {
  State& s = *state_;
  ASSIGN_OR_RETURN(auto array, s.FinishTyped());
  const auto field = s.form == ItemKind::kTuple ? TaggedField() : arrow::field(kItemColumn, array->type());
  state_ = std::make_unique<State>(s.pool);
  return Partition{arrow::Table::Make(arrow::schema({field}), {std::move(array)})};
}

Result<std::vector<BagItem>> ItemsOf(const Partition& partition, ItemArena* arena, arrow::MemoryPool* pool) {
  ASSIGN_OR_RETURN(const auto reader, ItemReader::Make(partition.table, pool));
  std::vector<BagItem> items;
  items.reserve(static_cast<size_t>(reader->count()));
  for (BagItem item;;) {
    ASSIGN_OR_RETURN(const bool more, reader->Next(&item));
    if (!more) return items;
    items.push_back(arena->Copy(item));
  }
}

}  // namespace swath::ops
