#include "swath/ops/call_sites.h"

#include <algorithm>

namespace swath::ops {

using arrow::compute::Expression;

// The entry of an equal call, else where one is inserted.
std::vector<CallSites::Site>::const_iterator CallSites::Position(const Expression& call) const {
  const auto before = [](const Site& site, size_t hash) { return site.call.hash() < hash; };
  auto place = std::lower_bound(sites_.begin(), sites_.end(), call.hash(), before);
  while (place != sites_.end() && place->call.hash() == call.hash() && !place->call.Equals(call)) ++place;
  return place;
}

void CallSites::Add(const Expression& call, std::string_view location) {
  if (location.empty() || !call.call()) return;
  const auto place = Position(call);
  if (place != sites_.end() && place->call.Equals(call)) return;
  sites_.insert(place, {call, std::string(location)});
}

void CallSites::Unite(const CallSites& other) {
  if (sites_.empty()) {
    sites_ = other.sites_;
    return;
  }
  for (const Site& site : other.sites_) Add(site.call, site.location);
}

std::string_view CallSites::Find(const Expression& call) const {
  const auto place = Position(call);
  return place != sites_.end() && place->call.Equals(call) ? std::string_view(place->location) : std::string_view();
}

}  // namespace swath::ops
