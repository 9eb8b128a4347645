// Arrays from nothing and from memory.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "swath/api/array.h"

namespace swath::array {

struct CreationOptions {
  std::optional<DType> dtype = std::nullopt;  // nullopt: float64, or what NumPy would take
  ChunkSpec chunks = "auto";
};

Array ones(const Shape& shape, const CreationOptions& options = {});
Array zeros(const Shape& shape, const CreationOptions& options = {});
Array empty(const Shape& shape, const CreationOptions& options = {});  // zeros: nothing is ever uninitialised
Array full(const Shape& shape, const ArrayOperand& fill_value, const CreationOptions& options = {});
Array eye(int64_t rows, std::optional<int64_t> columns = std::nullopt, int64_t k = 0,
          const CreationOptions& options = {});
// int64 for integers, float64 otherwise; [start, stop) in steps.
Array arange(const ArrayOperand& stop, const CreationOptions& options = {});
Array arange(const ArrayOperand& start, const ArrayOperand& stop, const CreationOptions& options = {});
Array arange(const ArrayOperand& start, const ArrayOperand& stop, const ArrayOperand& step,
             const CreationOptions& options = {});
Array linspace(double start, double stop, int64_t num = 50, bool endpoint = true, const CreationOptions& options = {});

// Cuts a chunk (one's own or NumPy's memory) into blocks that are views of it: nothing is copied. The memory must not
// change while the array is in use.
Array from_chunk(const Chunk& chunk, const ChunkSpec& chunks = "auto");
// Any strided memory, kept alive by `buffer`; strides and offset in bytes.
Array from_buffer(std::shared_ptr<arrow::Buffer> buffer, DType dtype, const Shape& shape, const Shape& strides,
                  int64_t offset = 0, const ChunkSpec& chunks = "auto");
// Blocks that exist already, in C order of the grid that `chunks` describes.
Array from_blocks(std::vector<Chunk> blocks, const std::vector<std::vector<int64_t>>& chunks, DType dtype);
// Memory that the caller keeps alive and unchanged.
Array from_memory(const void* data, DType dtype, const Shape& shape, const ChunkSpec& chunks = "auto");
template <typename T>
Array from_span(std::span<const T> values, const ChunkSpec& chunks = "auto") {
  return from_memory(values.data(), DTypeOf<T>(), {static_cast<int64_t>(values.size())}, chunks);
}

}  // namespace swath::array
