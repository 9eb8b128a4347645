// All of Swath's public C++ API: lazy arrays and tables over one engine. Link with Swath::swath.
#pragma once

#include "swath/api/array.h"         // IWYU pragma: export
#include "swath/api/bag.h"           // IWYU pragma: export
#include "swath/api/compute.h"       // IWYU pragma: export
#include "swath/api/creation.h"      // IWYU pragma: export
#include "swath/api/dataframe.h"     // IWYU pragma: export
#include "swath/api/delayed.h"       // IWYU pragma: export
#include "swath/api/error.h"         // IWYU pragma: export
#include "swath/api/frame_io.h"      // IWYU pragma: export
#include "swath/api/groupby.h"       // IWYU pragma: export
#include "swath/api/manipulation.h"  // IWYU pragma: export
#include "swath/api/random.h"        // IWYU pragma: export
#include "swath/api/series.h"        // IWYU pragma: export
#include "swath/api/ufuncs.h"        // IWYU pragma: export
#include "swath/base/config.h"       // IWYU pragma: export
#include "swath/base/units.h"        // IWYU pragma: export

namespace swath {
using namespace literals;  // NOLINT(google-build-using-namespace): 64_MiB
}
