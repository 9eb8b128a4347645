#include "swath/graph/task_trace.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <utility>

namespace swath::graph {
namespace {

void AppendString(std::string_view text, std::string* out) {
  *out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      (*out += '\\') += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
      *out += escaped;
    } else {
      *out += c;
    }
  }
  *out += '"';
}

void AppendMicroseconds(int64_t ns, std::string* out) {
  char text[40];
  std::snprintf(text, sizeof text, "%.3f", static_cast<double>(ns) * 1e-3);
  *out += text;
}

void AppendTask(const TaskLog& log, const TaskEvent& end, int64_t start_ns, int64_t origin_ns, std::string* out) {
  *out += out->back() == '[' ? "\n" : ",\n";
  *out += "{\"ph\":\"X\",\"pid\":1,\"tid\":" + std::to_string(end.thread) + ",\"name\":";
  AppendString(log.NameOf(end), out);
  *out += ",\"cat\":";
  AppendString(end.kind == TaskEvent::Kind::kFailed ? "failed" : "task", out);
  *out += ",\"ts\":";
  AppendMicroseconds(start_ns - origin_ns, out);
  *out += ",\"dur\":";
  AppendMicroseconds(end.time_ns - start_ns, out);
  *out += ",\"args\":{\"key\":";
  AppendString(log.KeyOf(end), out);
  *out += ",\"bytes\":" + std::to_string(end.nbytes) + ",\"reads\":[";
  const std::vector<std::string> dependencies = log.DependenciesOf(end);
  constexpr size_t kMostShown = 16;
  for (size_t i = 0; i < std::min(dependencies.size(), kMostShown); ++i) {
    if (i > 0) *out += ',';
    AppendString(dependencies[i], out);
  }
  *out += "]}}";
}

}  // namespace

std::string ChromeTrace(const TaskLog& log, const TaskLog::Batch& batch) {
  std::string out = "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[";
  int64_t origin_ns = INT64_MAX;
  for (const TaskEvent& event : batch.events) origin_ns = std::min(origin_ns, event.time_ns);
  std::map<std::pair<int32_t, TaskId>, int64_t> started;
  for (const TaskEvent& event : batch.events) {
    const std::pair<int32_t, TaskId> key{event.run, event.task};
    if (event.kind == TaskEvent::Kind::kStarted) {
      started[key] = event.time_ns;
    } else if (event.kind != TaskEvent::Kind::kReleased) {
      const auto start = started.find(key);
      if (start != started.end()) AppendTask(log, event, start->second, origin_ns, &out);
    }
  }
  return out + "\n]}\n";
}

}  // namespace swath::graph
