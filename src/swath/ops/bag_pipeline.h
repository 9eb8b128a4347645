// BagPipeline: one task of a bag: items of a source or of input partitions pass through the steps, one item through all
// of them before the next (as Python's iterators do), into a sink. Parameters only; kernels/bag runs them.
//
//   source | inputs ─▶ map ─▶ filter ─▶ … ─▶ sink         all native
//   source | inputs ─▶ map ─▶ collect ─▶ rest(items)      native up to the first function of the user's language
//   source | inputs ─▶ whole(items)                       when native code meets what it cannot do exactly, and for
//                                                         partitions that are opaque objects
//
// Results of sinks are partitions too: whatever is merged later can be read by native code and by the user's language.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arrow/type_fwd.h"

#include "swath/ops/bag_expression.h"
#include "swath/ops/function_call.h"
#include "swath/ops/op_params.h"
#include "swath/ops/scan_source.h"
#include "swath/ops/write_target.h"

namespace swath::ops {

struct BagStep {
  enum class Kind : uint8_t {
    kMap,      // the expression's value
    kFilter,   // items for which the expression is true
    kRemove,   // … is false
    kFlatten,  // the elements of each item (list, tuple, text, keys of a record)
    kSample,   // each item with `probability`, by a counter-based generator: seed, partition, number of the item
  };
  Kind kind = Kind::kMap;
  BagExpressionPtr expression = nullptr;
  double probability = 0;
  std::array<uint64_t, 2> seed = {};
  std::string ToString() const;
};

// What a task makes of the items, and how partials are merged in block order.
struct BagSink {
  enum class Kind : uint8_t {
    kCollect,  // items
    kTake,     // the first k
    kCount,    // [n]
    kSum,      // [sum]: ints and floats
    kMin,      // [smallest] or []; an error at the end when there is none
    kMax,
    kMean,      // partial: [(total, n)]; [mean]
    kVariance,  // partial: [(n, mean, sum of squared deviations)]; [variance], with ddof
    kAny,       // [bool]
    kAll,
    kFrequencies,  // (item, count), in order of first appearance
    kDistinct,     // the first item of each key, in order of appearance
    kTopK,         // the k largest by the key, largest first; equal ones in order
    kFold,    // [f(…f(f(initial, x1), x2)…)], f the expression of accumulator and item; [] without items or initial
    kFoldBy,  // (key, fold of its items), in order of first appearance
    kGroup,   // Pieces: `parts` partitions of (key, item) by the key's hash; "bag.merge" makes (key, [items])
    kTable,   // a Partition of a table: the columns of `schema` out of records (by name) or tuples (by position)
    kWrite,   // texts into a file of `target`; [path]
  };
  Kind kind = Kind::kCollect;
  int64_t k = 0;                          // kTake, kTopK; parts of kGroup; ddof of kVariance
  BagExpressionPtr key = nullptr;         // kDistinct, kTopK, kFoldBy, kGroup; null: the item
  BagExpressionPtr fold = nullptr;        // kFold, kFoldBy
  std::optional<OwnedItem> initial = {};  // kFold, kFoldBy
  BagExpressionPtr combine = nullptr;     // merges two partials of a fold: accumulator and item; null: `fold`
  std::optional<OwnedItem> combine_initial = {};
  std::shared_ptr<arrow::Schema> schema = nullptr;      // kTable
  std::shared_ptr<const WriteTarget> target = nullptr;  // kWrite: one text column
  std::string ToString() const;
};

struct BagPipeline : public OpParams {
  static constexpr std::string_view kOp = "bag.pipeline";
  // Null: the first `item_inputs` inputs are partitions; more than one are zipped into tuples. Side inputs follow.
  std::shared_ptr<const ScanSource> source = nullptr;
  int32_t item_inputs = 0;
  bool product = false;  // two item inputs: every pair instead
  // Task t makes partition partitions[t] (of the source, and for functions that ask which one it is); empty: t.
  std::vector<int64_t> partitions = {};
  std::vector<BagStep> steps = {};
  BagSink sink = {};
  FunctionCallPtr rest = nullptr;   // null: everything is native
  std::string language = "python";  // of the functions, for plans
  FunctionCallPtr whole = nullptr;  // null: what native code cannot do is an error
  std::string ToString() const override;
};

// Merges what pipelines with `sink` made, in order. With `finish` the result is the bag itself (kMean: [mean]), else a
// partial again. kGroup: task t reads piece t of every input.
struct BagMerge : public OpParams {
  static constexpr std::string_view kOp = "bag.merge";
  BagSink sink;
  bool finish = true;
  bool python_only = false;  // the sink is a function of the user's language: `whole` merges
  FunctionCallPtr whole;     // when an input is opaque, or native code cannot merge exactly; called with all inputs
  std::string ToString() const override;
};

// The items of the inputs one after the other (concat, repartition into fewer), or a piece of one input (into more):
// task t makes piece number piece[t] of pieces[t] equal ones.
struct BagConcat : public OpParams {
  static constexpr std::string_view kOp = "bag.concat";
  std::vector<int64_t> piece;  // empty: everything
  std::vector<int64_t> pieces;
  FunctionCallPtr whole;  // for opaque inputs: (values) -> their items one after the other, or the piece of them
  std::string ToString() const override;
};

}  // namespace swath::ops
