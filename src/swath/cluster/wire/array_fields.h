// Fields of the small types of array operations.
#pragma once

#include "swath/cluster/wire/fields.h"
#include "swath/data/dtype.h"
#include "swath/ops/grid.h"
#include "swath/ops/scalar.h"

namespace swath::cluster {

void WriteFields(FieldWriter& io, const DType& dtype);
void ReadFields(FieldReader& io, DType& dtype);
void WriteFields(FieldWriter& io, const ops::Grid& grid);
void ReadFields(FieldReader& io, ops::Grid& grid);
void WriteFields(FieldWriter& io, const ops::ScalarConstant& scalar);
void ReadFields(FieldReader& io, ops::ScalarConstant& scalar);
void WriteFields(FieldWriter& io, const ops::AxisMap& map);
void ReadFields(FieldReader& io, ops::AxisMap& map);

}  // namespace swath::cluster
