#include "swath/cluster/wire/array_fields.h"

#include <utility>

namespace swath::cluster {

void WriteFields(FieldWriter& io, const DType& dtype) {
  io(static_cast<int64_t>(dtype.kind) | static_cast<int64_t>(dtype.unit) << 8 | int64_t{dtype.itemsize} << 16);
}

void ReadFields(FieldReader& io, DType& dtype) {
  const int64_t packed = io.reader().Int(0, int64_t{1} << 47);
  const int64_t kind = packed & 0xff;
  const int64_t unit = packed >> 8 & 0xff;
  const auto itemsize = static_cast<int32_t>(packed >> 16);
  if (kind > static_cast<int64_t>(Kind::kUnicode) || unit > static_cast<int64_t>(DateUnit::kNano)) {
    io.Fail("an unknown dtype");
    return;
  }
  dtype = DType(static_cast<Kind>(kind));
  dtype.unit = static_cast<DateUnit>(unit);
  const bool fits = dtype.is_string() ? itemsize >= 0 && itemsize % dtype.itemsize == 0 : itemsize == dtype.itemsize;
  if (!fits || (unit != 0 && !dtype.is_date())) io.Fail("a dtype of a wrong size");
  dtype.itemsize = itemsize;
}

void WriteFields(FieldWriter& io, const ops::Grid& grid) {
  const auto chunks = grid.chunks();
  io.writer().Array(chunks.size());
  for (const auto& lengths : chunks) io(lengths);
}

void ReadFields(FieldReader& io, ops::Grid& grid) {
  const size_t ndim = io.reader().Array(64);
  std::vector<std::vector<int64_t>> chunks(ndim);
  int64_t blocks = 1;
  for (auto& lengths : chunks) {
    io(lengths);
    int64_t end = 0;
    for (const int64_t length : lengths) {
      if (length < 0 || __builtin_add_overflow(end, length, &end)) {
        io.Fail("a grid of impossible lengths");
        return;
      }
    }
    if (__builtin_mul_overflow(blocks, static_cast<int64_t>(lengths.size()), &blocks) || blocks >= int64_t{1} << 40) {
      io.Fail("a grid of more than 2^40 blocks");
      return;
    }
  }
  if (io.ok()) grid = ops::Grid(std::move(chunks));
}

void WriteFields(FieldWriter& io, const ops::ScalarConstant& scalar) {
  WriteFields(io, scalar.dtype);
  io(scalar.i);
  io(scalar.re);
  io(scalar.im);
}
void ReadFields(FieldReader& io, ops::ScalarConstant& scalar) {
  ReadFields(io, scalar.dtype);
  io(scalar.i);
  io(scalar.re);
  io(scalar.im);
}

void WriteFields(FieldWriter& io, const ops::AxisMap& map) {
  io(map.axis);
  io(map.step);
  io(map.offset);
}
void ReadFields(FieldReader& io, ops::AxisMap& map) {
  io(map.axis);
  io(map.step);
  io(map.offset);
  if (map.axis < -1 || (map.axis >= 0 && map.step == 0)) io.Fail("an impossible index map");
}

}  // namespace swath::cluster
