#include "swath/base/metrics.h"

#include <cmath>
#include <map>
#include <memory>
#include <mutex>
#include <variant>

#include "swath/base/status.h"

namespace swath {
namespace {

struct Entry {
  std::string help;
  std::variant<std::unique_ptr<Counter>, std::unique_ptr<Gauge>, std::unique_ptr<Histogram>> metric;
};

struct MetricTable {
  std::mutex mutex;
  std::map<std::string, Entry, std::less<>> entries;
};

MetricTable& Table() {
  static auto* table = new MetricTable;  // never destroyed: threads may count at exit
  return *table;
}

template <typename Metric>
Metric& Get(std::string_view name, std::string_view help) {
  MetricTable& table = Table();
  std::lock_guard lock(table.mutex);
  auto it = table.entries.find(name);
  if (it == table.entries.end()) {
    it = table.entries.emplace(std::string(name), Entry{std::string(help), std::make_unique<Metric>()}).first;
  }
  auto* metric = std::get_if<std::unique_ptr<Metric>>(&it->second.metric);
  CHECK(metric != nullptr);  // the name has another kind
  return **metric;
}

}  // namespace

int64_t Histogram::count() const {
  int64_t count = 0;
  for (const auto& bucket : buckets_) count += bucket.load(std::memory_order_relaxed);
  return count;
}

int64_t Histogram::Quantile(double q) const {
  const auto rank = static_cast<int64_t>(std::ceil(q * static_cast<double>(count())));
  int64_t seen = 0;
  for (int i = 0; i < kBuckets; ++i) {
    seen += bucket(i);
    if (seen >= rank && seen > 0) return i == 0 ? 0 : static_cast<int64_t>((uint64_t{1} << i) - 1);
  }
  return 0;
}

Counter& GetCounter(std::string_view name, std::string_view help) { return Get<Counter>(name, help); }
Gauge& GetGauge(std::string_view name, std::string_view help) { return Get<Gauge>(name, help); }
Histogram& GetHistogram(std::string_view name, std::string_view help) { return Get<Histogram>(name, help); }

std::vector<MetricValue> MetricsSnapshot() {
  MetricTable& table = Table();
  std::lock_guard lock(table.mutex);
  std::vector<MetricValue> values;
  for (const auto& [name, entry] : table.entries) {
    MetricValue value{.name = name, .help = entry.help, .kind = static_cast<MetricValue::Kind>(entry.metric.index())};
    if (const auto* counter = std::get_if<std::unique_ptr<Counter>>(&entry.metric)) value.value = (*counter)->value();
    if (const auto* gauge = std::get_if<std::unique_ptr<Gauge>>(&entry.metric)) value.value = (*gauge)->value();
    if (const auto* histogram = std::get_if<std::unique_ptr<Histogram>>(&entry.metric)) {
      value.value = (*histogram)->count();
      value.histogram = histogram->get();
    }
    values.push_back(std::move(value));
  }
  return values;
}

}  // namespace swath
