// Bag: a lazy collection of items of any type cut into partitions, with Dask's names. A thin immutable handle on an
// expression; nothing is read before compute(). Thread-safe, cheap to copy. All functions throw swath::Error classes
// (api/error.h).
//
//   Bag people = bag::read_text("data/*.json").loads();
//   auto jobs = people.filter(bag::item["age"] > 30).pluck("occupation").frequencies().topk(10,
//   bag::item[1]).compute();
//
// Functions are expressions, which run natively, or C++ callables on items, which may be called by several threads at
// once.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "swath/api/bag_item.h"
#include "swath/api/dataframe.h"
#include "swath/base/units.h"
#include "swath/expr/bag/bag_node.h"

namespace swath {

// A result of a reduction: one item, lazily.
class BagItemResult;

class Bag {
 public:
  using Function = std::function<bag::Item(const bag::Item&)>;
  using Predicate = std::function<bool(const bag::Item&)>;
  using Partition = std::function<std::vector<bag::Item>(std::vector<bag::Item>)>;

  explicit Bag(expr::BagPtr node) : node_(std::move(node)) {}
  int64_t npartitions() const { return node_->npartitions(); }

  // --- item by item
  Bag map(const bag::Expression& function) const;
  Bag map(Function function, std::string name = "function") const;
  Bag filter(const bag::Expression& condition) const;
  Bag filter(Predicate predicate, std::string name = "predicate") const;
  Bag remove(const bag::Expression& condition) const;
  Bag pluck(const bag::Item& key) const;                              // KeyError when an item has no such key
  Bag pluck(const bag::Item& key, const bag::Item& otherwise) const;  // of records
  Bag loads() const;                                                  // items are texts of JSON
  Bag flatten() const;
  Bag random_sample(double probability, uint64_t seed = 0) const;
  // A function of all items of a partition.
  Bag map_partitions(Partition function, std::string name = "function") const;

  // --- partitions
  Bag repartition(int64_t npartitions) const;
  Bag partitions(const std::vector<int64_t>& numbers) const;
  Bag zip(const Bag& other) const;      // tuples; ValueError when the numbers of partitions differ
  Bag product(const Bag& other) const;  // every pair

  // --- to fewer items
  Bag frequencies() const;  // (item, count), in order of first appearance
  Bag distinct(const std::optional<bag::Expression>& key = {}) const;
  Bag topk(int64_t k, const std::optional<bag::Expression>& key = {}) const;
  Bag groupby(const bag::Expression& key, int64_t npartitions = 0) const;  // (key, [items]); 0: as many as here
  // binop: of bag::accumulator and bag::item; combine merges the results of partitions (as binop when not given).
  Bag foldby(const bag::Expression& key, const bag::Expression& binop, const std::optional<bag::Item>& initial = {},
             const std::optional<bag::Expression>& combine = {}) const;
  BagItemResult fold(const bag::Expression& binop, const std::optional<bag::Item>& initial = {},
                     const std::optional<bag::Expression>& combine = {}) const;
  BagItemResult count() const;
  BagItemResult sum() const;
  BagItemResult min() const;
  BagItemResult max() const;
  BagItemResult mean() const;
  BagItemResult var(int64_t ddof = 0) const;
  BagItemResult any() const;
  BagItemResult all() const;

  // --- out
  std::vector<bag::Item> take(int64_t k, int64_t npartitions = 1) const;  // of the first partitions; computes
  std::vector<bag::Item> compute() const;
  DataFrame to_dataframe(std::shared_ptr<arrow::Schema> schema) const;  // records by name, tuples by position
  // One file a partition; "*" in the path is its number. Computes; answers the paths.
  std::vector<std::string> to_textfiles(const std::string& path, const std::string& compression = "infer") const;
  std::string explain() const;

  const expr::BagPtr& node() const { return node_; }

 private:
  Bag Reduced(ops::BagSink sink) const;
  expr::BagPtr node_;
};

class BagItemResult {
 public:
  explicit BagItemResult(Bag bag) : bag_(std::move(bag)) {}
  bag::Item compute() const;
  const Bag& bag() const { return bag_; }

 private:
  Bag bag_;
};

namespace bag {

using namespace literals;  // NOLINT(google-build-using-namespace): 64_MiB in options

struct ReadTextOptions {
  int64_t blocksize = 0;  // bytes of a partition; 0: whole files
  int64_t files_per_partition = 0;
  std::string compression = "infer";
  std::string encoding = "utf-8";
  std::string errors = "strict";
  std::optional<std::string> linedelimiter = {};
  bool include_path = false;
};

// Lines with their ends. Paths may be globs.
Bag read_text(const std::string& path, const ReadTextOptions& options = {});
Bag read_text(const std::vector<std::string>& paths, const ReadTextOptions& options = {});
Bag from_sequence(const std::vector<Item>& items, int64_t npartitions = 1);
Bag range(int64_t count, int64_t npartitions);
Bag concat(const std::vector<Bag>& bags);

}  // namespace bag
}  // namespace swath
