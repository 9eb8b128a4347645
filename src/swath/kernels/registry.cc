#include "swath/kernels/registry.h"

#include <mutex>
#include <unordered_map>
#include <vector>

#include "arrow/compute/initialize.h"

#include "swath/kernels/array/kernels.h"
#include "swath/kernels/array/overlap.h"
#include "swath/kernels/bag/kernels.h"
#include "swath/kernels/frame/column_function.h"
#include "swath/kernels/frame/kernels.h"
#include "swath/kernels/function_calls.h"
#include "swath/kernels/values.h"

namespace swath::kernels {
namespace {

// The list itself: one line a family.
std::vector<KernelEntry> ListKernels() {
  std::vector<KernelEntry> entries;
  for (std::span<const KernelEntry> family : {
           ValueKernels(),
           FunctionKernels(),
           ArrayKernels(),
           OverlapKernels(),
           FrameKernels(),
           BagKernels(),
       }) {
    entries.insert(entries.end(), family.begin(), family.end());
  }
  return entries;
}

}  // namespace

std::span<const KernelEntry> AllKernels() {
  static const std::vector<KernelEntry> entries = ListKernels();
  return entries;
}

Result<Kernel> FindKernel(std::string_view op) {
  static const auto by_name = [] {
    std::unordered_map<std::string_view, Kernel> map;
    for (const KernelEntry& entry : AllKernels()) CHECK(map.emplace(entry.op, entry.kernel).second);
    return map;
  }();
  const auto it = by_name.find(op);
  if (it == by_name.end())
    return Status::KeyError("no kernel for the operation '", op, "'; see kernels/registry.cc for the list");
  return it->second;
}

void InitializeKernels() {
  static std::once_flag once;
  std::call_once(once, [] {
    const Status arrow_status = arrow::compute::Initialize();
    CHECK(arrow_status.ok());
    const Status status = RegisterColumnFunctions();
    CHECK(status.ok());
  });
}

}  // namespace swath::kernels
