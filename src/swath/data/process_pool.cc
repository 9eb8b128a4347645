// The process's pool and its configured limit.
#include <mutex>

#include <pthread.h>

#include "swath/base/config.h"
#include "swath/base/cpu.h"
#include "swath/base/units.h"
#include "swath/data/memory_pool.h"

namespace swath {

void LockPoolForFork(MemoryPool* pool);
void UnlockPoolAfterFork(MemoryPool* pool, bool child);

namespace {

Result<int64_t> LimitFrom(const ConfigValue& value) {
  if (const auto* text = value.get_if<std::string>(); text != nullptr && text->ends_with("%")) {
    auto percent = ParseBytes(text->substr(0, text->size() - 1));
    if (!percent.ok() || *percent <= 0 || *percent > 100) {
      return Status::Invalid("config memory.limit is '", *text, "'; a share must be between 1% and 100%");
    }
    return MemoryAvailableBytes() / 100 * *percent;
  }
  ASSIGN_OR_RETURN(const int64_t bytes, Config::Current()->GetBytes("memory.limit"));
  if (bytes < 0) return Status::Invalid("config memory.limit is ", bytes, "; it must be 0 (no limit) or more");
  return bytes == 0 ? INT64_MAX : bytes;
}

std::mutex applied_mutex;
ConfigValue applied;  // the setting that the pool has now; null before the first time

}  // namespace

Result<int64_t> ConfiguredMemoryLimitBytes() {
  const auto config = Config::Current();
  RETURN_IF_ERROR(config->load_status());
  return LimitFrom(config->Get("memory.limit"));
}

Status ApplyConfiguredMemoryLimit() {
  ConfigValue setting = Config::Current()->Get("memory.limit");
  {
    std::lock_guard lock(applied_mutex);
    if (setting == applied) return Status::OK();
  }
  ASSIGN_OR_RETURN(const int64_t bytes, ConfiguredMemoryLimitBytes());
  Pool()->set_limit_bytes(bytes);
  std::lock_guard lock(applied_mutex);
  applied = std::move(setting);
  return Status::OK();
}

MemoryPool* Pool() {
  // Never destroyed: buffers in static objects may outlive every order of destruction.
  static MemoryPool* const pool = [] {
    auto limit = ConfiguredMemoryLimitBytes();
    auto* made = new MemoryPool(limit.ok() ? *limit : MemoryAvailableBytes() / 100 * 80);
    static MemoryPool* shared = made;
    pthread_atfork([] { LockPoolForFork(shared); }, [] { UnlockPoolAfterFork(shared, false); },
                   [] { UnlockPoolAfterFork(shared, true); });
    return made;
  }();
  return pool;
}

}  // namespace swath
