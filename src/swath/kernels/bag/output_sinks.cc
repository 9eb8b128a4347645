// Sinks that keep the items: a column, the first k, a table, a file of lines.
#include <cmath>
#include <vector>

#include "arrow/array/builder_binary.h"
#include "arrow/array/builder_primitive.h"
#include "arrow/builder.h"
#include "arrow/table.h"
#include "arrow/type.h"

#include "swath/kernels/bag/item_sink.h"
#include "swath/ops/bag_column.h"

namespace swath::kernels {
namespace {

using ops::BagItem;
using ops::BagSink;
using ops::ItemKind;

class Collect : public ItemSink {
 public:
  Collect(int64_t most, ItemScratch* scratch, TaskContext* context)
      : most_(most), scratch_(scratch), builder_(context->memory_pool) {}
  Status Add(const BagItem& item) override {
    const BagItem plain = scratch_->Plain(item);
    return plain.failed() ? scratch_->error() : builder_.Append(plain);
  }
  bool satisfied() const override { return builder_.count() >= most_; }
  Result<Value> Finish(bool) override {
    ASSIGN_OR_RETURN(Partition partition, builder_.Finish());
    return Value(std::move(partition));
  }

 private:
  int64_t most_;
  ItemScratch* scratch_;
  ops::ItemColumnBuilder builder_;
};

// Columns of declared types out of records and tuples.
class TableOfItems : public ItemSink {
 public:
  TableOfItems(const BagSink& sink, ItemScratch* scratch, TaskContext* context)
      : schema_(sink.schema), scratch_(scratch), context_(context) {}

  Status Add(const BagItem& item) override {
    if (builders_.empty()) RETURN_IF_ERROR(MakeBuilders());
    if (item.kind == ItemKind::kDocument && IsRecordDocument(item)) return AddDocument(item);
    const BagItem plain = scratch_->Plain(item);
    if (plain.failed()) return scratch_->error();
    ++rows_;
    const bool row = plain.kind == ItemKind::kTuple || plain.kind == ItemKind::kList;
    if (row && static_cast<int>(plain.size) != schema_->num_fields()) {
      return Status::Invalid(schema_->num_fields(), " columns passed, passed data had ", plain.size, " columns");
    }
    if (!row && plain.kind != ItemKind::kRecord && schema_->num_fields() != 1) {
      return Status::NotImplemented("rows of a table that are neither dicts nor tuples");
    }
    for (int i = 0; i < schema_->num_fields(); ++i) {
      BagItem value = plain;
      if (row) value = plain.items[i];
      if (plain.kind == ItemKind::kRecord) value = ValueOf(plain, schema_->field(i)->name());
      RETURN_IF_ERROR(Append(i, value));
    }
    return Status::OK();
  }

  Result<Value> Finish(bool) override {
    if (builders_.empty()) RETURN_IF_ERROR(MakeBuilders());
    arrow::ArrayVector columns;
    for (const auto& builder : builders_) {
      ASSIGN_OR_RETURN(auto column, builder->Finish());
      columns.push_back(std::move(column));
    }
    return Value(Partition{arrow::Table::Make(schema_, columns, rows_)});
  }

 private:
  Status MakeBuilders() {
    for (const auto& field : schema_->fields()) {
      ASSIGN_OR_RETURN(auto builder, arrow::MakeBuilder(field->type(), context_->memory_pool));
      builders_.push_back(std::move(builder));
    }
    return Status::OK();
  }

  Status AddDocument(const BagItem& item) {
    ++rows_;
    for (int i = 0; i < schema_->num_fields(); ++i) {
      BagItem value;
      FindInDocument(item, schema_->field(i)->name(), &value);
      if (value.failed()) return Status::NotImplemented("an integer beyond 64 bits");
      RETURN_IF_ERROR(Append(i, value));
    }
    return Status::OK();
  }

  static BagItem ValueOf(const BagItem& record, const std::string& name) {
    for (uint32_t i = 0; i < record.size; ++i) {
      if (record.items[2 * i].is_text() && record.items[2 * i].view() == name) return record.items[2 * i + 1];
    }
    return BagItem::None();
  }

  // Only what fits the type without a change of value; else Python (pandas) decides.
  Status Append(int column, const BagItem& value) {
    arrow::ArrayBuilder* builder = builders_[static_cast<size_t>(column)].get();
    if (value.kind == ItemKind::kNone) return builder->AppendNull();
    switch (builder->type()->id()) {
      case arrow::Type::INT64:
        if (value.kind == ItemKind::kInt) return static_cast<arrow::Int64Builder*>(builder)->Append(value.integer);
        break;
      case arrow::Type::DOUBLE:
        if (value.kind == ItemKind::kFloat || value.kind == ItemKind::kInt) {
          return static_cast<arrow::DoubleBuilder*>(builder)->Append(value.as_float());
        }
        break;
      case arrow::Type::BOOL:
        if (value.kind == ItemKind::kBool) return static_cast<arrow::BooleanBuilder*>(builder)->Append(value.boolean);
        break;
      case arrow::Type::STRING:
        if (value.is_text()) return static_cast<arrow::StringBuilder*>(builder)->Append(value.view());
        break;
      case arrow::Type::LARGE_STRING:
        if (value.is_text()) return static_cast<arrow::LargeStringBuilder*>(builder)->Append(value.view());
        break;
      default:
        break;
    }
    return Status::NotImplemented("the value ", ItemRepr(scratch_->Plain(value)), " of column '",
                                  schema_->field(column)->name(), "' is no ", builder->type()->ToString());
  }

  std::shared_ptr<arrow::Schema> schema_;
  ItemScratch* scratch_;
  TaskContext* context_;
  std::vector<std::unique_ptr<arrow::ArrayBuilder>> builders_;
  int64_t rows_ = 0;
};

// Texts into a file, in batches.
class WriteTexts : public ItemSink {
 public:
  WriteTexts(const BagSink& sink, TaskContext* context)
      : target_(sink.target), context_(context), lines_(context->memory_pool) {}

  Status Add(const BagItem& item) override {
    if (!item.is_text()) {
      return Status::TypeError("to_textfiles writes str; got ", TypeName(item), ": map(str) or map(json.dumps) first");
    }
    RETURN_IF_ERROR(lines_.Append(item.view()));
    return lines_.value_data_length() >= kBatchBytes ? Flush() : Status::OK();
  }

  Result<Value> Finish(bool) override {
    RETURN_IF_ERROR(Flush());
    RETURN_IF_ERROR(writer_->Finish().status());
    return OneItem(BagItem::Text(target_->Path(context_->block)), context_->memory_pool);
  }

 private:
  static constexpr int64_t kBatchBytes = 1 << 20;
  Status Flush() {
    const auto schema = arrow::schema({arrow::field(ops::kItemColumn, arrow::large_utf8())});
    if (!writer_) {
      ASSIGN_OR_RETURN(writer_, target_->Open(context_->block, schema, context_->memory_pool));
    }
    if (lines_.length() == 0) return Status::OK();
    const int64_t rows = lines_.length();
    ASSIGN_OR_RETURN(auto column, lines_.Finish());
    return writer_->Write(arrow::RecordBatch::Make(schema, rows, {std::move(column)}));
  }

  std::shared_ptr<const ops::WriteTarget> target_;
  TaskContext* context_;
  arrow::LargeStringBuilder lines_;
  std::unique_ptr<ops::PartitionWriter> writer_;
};

}  // namespace

std::unique_ptr<ItemSink> MakeOutputSink(const BagSink& sink, ItemScratch* scratch, TaskContext* context) {
  switch (sink.kind) {
    case BagSink::Kind::kCollect:
      return std::make_unique<Collect>(INT64_MAX, scratch, context);
    case BagSink::Kind::kTake:
      return std::make_unique<Collect>(sink.k, scratch, context);
    case BagSink::Kind::kTable:
      return std::make_unique<TableOfItems>(sink, scratch, context);
    case BagSink::Kind::kWrite:
      return std::make_unique<WriteTexts>(sink, context);
    default:
      return nullptr;
  }
}

Result<std::unique_ptr<ItemSink>> MakeItemSink(const BagSink& sink, ItemScratch* scratch, TaskContext* context) {
  for (const auto make : {MakeScalarSink, MakeKeyedSink, MakeOutputSink}) {
    if (auto made = make(sink, scratch, context)) return made;
  }
  return Status::UnknownError("no sink of bags: ", sink.ToString());
}

}  // namespace swath::kernels
