#include "swath/kernels/frame/sort_rows.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "arrow/array.h"
#include "arrow/array/concatenate.h"
#include "arrow/array/util.h"
#include "arrow/buffer.h"
#include "arrow/compute/api_vector.h"
#include "arrow/compute/exec.h"
#include "arrow/table.h"
#include "arrow/type.h"

#include "swath/base/nearest.h"
#include "swath/kernels/frame/physical.h"
#include "swath/kernels/frame/pool_vector.h"

namespace swath::kernels {
namespace {

struct Keyed {
  uint64_t rank;
  uint64_t row;
};

uint64_t RankOf(double value) {  // ascending bits of a float
  uint64_t bits;
  if (value == 0) value = 0;  // one zero
  std::memcpy(&bits, &value, 8);
  return (bits >> 63) ? ~bits : bits | (1ull << 63);
}

using Rows = PoolVector<uint64_t>;
using KeyedRows = PoolVector<Keyed>;

// The order-preserving 64-bit ranks of a column, for the rows in `order`; rows of missing values apart. For text: of
// the first 8 bytes.
void FillRanks(const PhysicalColumn& column, bool descending, const Rows& order, KeyedRows* present, Rows* missing) {
  for (const uint64_t row : order) {
    const auto i = static_cast<int64_t>(row);
    uint64_t rank = 0;
    bool valid = column.IsValid(i);
    if (valid) {
      switch (column.value_class) {
        case ValueClass::kInt:
          rank = static_cast<uint64_t>(column.as<int64_t>()[i]) ^ (1ull << 63);
          break;
        case ValueClass::kUInt:
          rank = column.as<uint64_t>()[i];
          break;
        case ValueClass::kDouble: {
          const double value = column.as<double>()[i];
          valid = value == value;
          rank = RankOf(value);
          break;
        }
        case ValueClass::kText: {
          const std::string_view text = column.Text(i);
          std::memcpy(&rank, text.data(), std::min<size_t>(8, text.size()));
          rank = __builtin_bswap64(rank);
        }
      }
    }
    if (valid) {
      present->push_back({descending ? ~rank : rank, row});
    } else {
      missing->push_back(row);
    }
  }
}

// Stable, by rank: byte by byte from the lowest; bytes that all ranks share are passed over (numbers of a small range
// cost as many passes as the range has bytes).
void RadixSort(KeyedRows* keyed) {
  constexpr int kBytes = 8;
  std::array<std::array<size_t, 256>, kBytes> counts{};
  for (const Keyed& key : *keyed) {
    for (int byte = 0; byte < kBytes; ++byte) ++counts[byte][(key.rank >> (8 * byte)) & 0xFF];
  }
  KeyedRows other(keyed->size(), keyed->get_allocator());
  for (int byte = 0; byte < kBytes; ++byte) {
    auto& starts = counts[byte];
    if (std::find(starts.begin(), starts.end(), keyed->size()) != starts.end()) continue;
    size_t start = 0;
    for (size_t& count : starts) start += std::exchange(count, start);
    for (const Keyed& key : *keyed) other[starts[(key.rank >> (8 * byte)) & 0xFF]++] = key;
    keyed->swap(other);
  }
}

constexpr size_t kRadixRows = 1 << 10;  // fewer are sorted by comparing

// Rows of `order` (already in the order of the later keys) by one key, stably.
void SortBy(const PhysicalColumn& column, bool descending, Rows* order) {
  KeyedRows keyed(order->get_allocator());
  Rows missing(order->get_allocator());
  keyed.reserve(order->size());
  FillRanks(column, descending, *order, &keyed, &missing);
  const bool text = column.value_class == ValueClass::kText;
  if (!text && keyed.size() >= kRadixRows) {
    RadixSort(&keyed);
  } else {
    std::stable_sort(keyed.begin(), keyed.end(), [&](const Keyed& a, const Keyed& b) {
      if (a.rank != b.rank || !text) return a.rank < b.rank;
      const int compared = column.Text(static_cast<int64_t>(a.row)).compare(column.Text(static_cast<int64_t>(b.row)));
      return descending ? compared > 0 : compared < 0;
    });
  }
  for (size_t i = 0; i < keyed.size(); ++i) (*order)[i] = keyed[i].row;
  std::copy(missing.begin(), missing.end(), order->begin() + static_cast<int64_t>(keyed.size()));
}

Result<std::shared_ptr<arrow::Array>> SortIndices(const arrow::Table& table, const std::vector<ops::SortKey>& keys,
                                                  arrow::MemoryPool* pool) {
  Rows order(static_cast<size_t>(table.num_rows()), pool);
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) {  // the last key first: each sort is stable
    const auto chunked = table.GetColumnByName(key->column);
    if (!chunked) {
      return Status::KeyError("no column '", key->column, "' to sort by",
                              DidYouMean(key->column, table.schema()->field_names()));
    }
    std::shared_ptr<arrow::Array> array;
    if (chunked->num_chunks() == 1) {
      array = chunked->chunk(0);
    } else if (chunked->num_chunks() == 0) {
      ASSIGN_OR_RETURN(array, arrow::MakeEmptyArray(chunked->type(), pool));
    } else if (chunked->type()->id() == arrow::Type::DICTIONARY) {
      std::vector<std::shared_ptr<arrow::Array>> plain;  // dictionaries may differ from chunk to chunk
      for (const auto& chunk : chunked->chunks()) {
        ASSIGN_OR_RETURN(const PhysicalColumn column, ToPhysical(chunk, pool));
        plain.push_back(column.owner);
      }
      ASSIGN_OR_RETURN(array, arrow::Concatenate(plain, pool));
    } else {
      ASSIGN_OR_RETURN(array, arrow::Concatenate(chunked->chunks(), pool));
    }
    ASSIGN_OR_RETURN(const PhysicalColumn column, ToPhysical(array, pool));
    SortBy(column, key->descending, &order);
  }
  const auto length = static_cast<int64_t>(order.size());
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> buffer, arrow::AllocateBuffer(length * 8, pool));
  if (length > 0) std::memcpy(buffer->mutable_data(), order.data(), order.size() * 8);
  return std::make_shared<arrow::UInt64Array>(length, std::move(buffer));
}

}  // namespace

Result<std::shared_ptr<arrow::Array>> SortedIndices(const arrow::Table& table, const std::vector<ops::SortKey>& keys,
                                                    arrow::MemoryPool* pool) {
  try {
    return SortIndices(table, keys, pool);
  } catch (const PoolRefused& refused) {
    return refused.status();
  }
}

Result<std::shared_ptr<arrow::Table>> TakeRows(const std::shared_ptr<arrow::Table>& table,
                                               const std::shared_ptr<arrow::Array>& indices, arrow::MemoryPool* pool) {
  arrow::compute::ExecContext context(pool);
  context.set_use_threads(false);
  ASSIGN_OR_RETURN(const arrow::Datum taken,
                   arrow::compute::Take(table, indices, arrow::compute::TakeOptions::NoBoundsCheck(), &context));
  return taken.table();
}

}  // namespace swath::kernels
