// C++ callables as steps of bags (ops/bag_host.h): they get and make vectors of items, whose partitions stay columnar.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "swath/api/bag_item.h"
#include "swath/ops/bag_host.h"

namespace swath::bag {

// Unlike any other step. The function is called by several threads at once; what it throws fails the task.
ops::HostStepPtr MakePartitionStep(std::function<std::vector<Item>(std::vector<Item>)> function, std::string name);

}  // namespace swath::bag
