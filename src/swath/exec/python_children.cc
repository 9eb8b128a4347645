#include "swath/exec/python_children.h"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <utility>

#include <unistd.h>

#include "swath/base/config.h"
#include "swath/base/cpu.h"
#include "swath/exec/python_errors.h"
#include "swath/exec/python_values.h"
#include "swath/ops/function_call.h"

namespace swath::exec {
namespace {

constexpr std::chrono::milliseconds kPatience{20};  // between two looks at `cancelled`
constexpr int kStartsMax = 3;                       // idle children may have died unseen

struct Command {
  std::mutex mutex;
  std::vector<std::string> words;
};
Command& PythonCommand() {
  static auto* command = new Command;
  return *command;
}

bool IsSet(const std::atomic<bool>* flag) { return flag != nullptr && flag->load(std::memory_order_relaxed); }

// Config "python.memory-limit": bytes, a share of the memory there is, or 0 for none.
Result<int64_t> MemoryLimitBytes(const ops::PythonFunction& function) {
  if (function.memory_limit_bytes > 0) return function.memory_limit_bytes;
  const auto config = Config::Current();
  const ConfigValue setting = config->Get("python.memory-limit");
  const auto* text = setting.get_if<std::string>();
  if (text == nullptr || !text->ends_with("%")) return config->GetBytes("python.memory-limit");
  char* end = nullptr;
  const double percent = std::strtod(text->c_str(), &end);
  if (end != text->c_str() + text->size() - 1 || !(percent > 0 && percent <= 100))
    return Status::Invalid("config python.memory-limit is '", *text, "'; a share must be between 1% and 100%");
  return static_cast<int64_t>(static_cast<double>(MemoryAvailableBytes()) / 100 * percent);
}

Result<std::chrono::nanoseconds> TimeLimit(const ops::PythonFunction& function) {
  if (function.time_limit.count() > 0) return function.time_limit;
  const auto config = Config::Current();
  if (config->Get("python.time-limit").is_null()) return std::chrono::nanoseconds(0);
  ASSIGN_OR_RETURN(const double seconds, config->GetSeconds("python.time-limit"));
  return std::chrono::nanoseconds(static_cast<int64_t>(seconds * 1e9));
}

}  // namespace

void SetPythonCommand(std::vector<std::string> command) {
  std::lock_guard lock(PythonCommand().mutex);
  PythonCommand().words = std::move(command);
}

PythonChildExecutor::PythonChildExecutor(PythonChildOptions options) : options_(std::move(options)) {}

PythonChildExecutor::~PythonChildExecutor() { Close(); }

int PythonChildExecutor::child_count() const {
  std::lock_guard lock(mutex_);
  return count_;
}

void PythonChildExecutor::Close() {
  std::vector<ChildPtr> ending;
  {
    std::lock_guard lock(mutex_);
    ++generation_;
    count_ -= static_cast<int>(idle_.size());
    ending = std::exchange(idle_, {});
  }
  for (const ChildPtr& child : ending) child->Close();  // all at once; then wait for each
}

Result<int> PythonChildExecutor::MostChildren() const {
  if (options_.children > 0) return options_.children;
  const auto config = Config::Current();
  if (config->Get("num-workers").is_null()) return CpuCount();
  ASSIGN_OR_RETURN(const int64_t configured, config->GetInt("num-workers"));
  if (configured < 1 || configured > 4096)
    return Status::Invalid("config num-workers is ", configured, "; it must be from 1 to 4096");
  return static_cast<int>(configured);
}

Result<PythonChildExecutor::ChildPtr> PythonChildExecutor::Acquire(int64_t memory_limit_bytes,
                                                                   const std::atomic<bool>* cancelled) {
  ASSIGN_OR_RETURN(const int most, MostChildren());
  std::vector<std::string> command = options_.command;
  if (command.empty()) {
    std::lock_guard lock(PythonCommand().mutex);
    command = PythonCommand().words;
  }
  std::unique_lock lock(mutex_);
  while (true) {
    if (IsSet(cancelled)) return Status::Cancelled("the computation was cancelled");
    if (!idle_.empty()) {
      ChildPtr child = std::move(idle_.back());
      idle_.pop_back();
      lock.unlock();
      if (child->Usable(memory_limit_bytes)) return child;
      child.reset();
      lock.lock();
      --count_;
      continue;
    }
    if (count_ < most) break;
    changed_.wait_for(lock, kPatience);
  }
  ++count_;
  if (spawner_ == nullptr) spawner_ = std::make_unique<ChildSpawner>();
  lock.unlock();
  auto started = PythonChild::Start(spawner_.get(), command);
  if (!started.ok()) Release(nullptr, 0);
  return started;
}

// A null child has ended.
void PythonChildExecutor::Release(ChildPtr child, int generation) {
  {
    std::lock_guard lock(mutex_);
    if (child != nullptr && generation == generation_) {
      idle_.push_back(std::move(child));
    } else {
      --count_;
    }
  }
  changed_.notify_one();
}

Result<Message> PythonChildExecutor::Request(PythonChild* child, const ops::PythonFunctionPtr& function,
                                             std::span<const Value> values, int64_t block) {
  MessageWriter message(MessageKind::kCall, &copies_);
  const int64_t known = child->KnownFunction(function);
  message.Word(known != 0 ? known : child->NameFunction(function));
  message.Word(block);
  const std::vector<int64_t> dead = child->TakeDeadFunctions();
  message.Word(std::ssize(dead));
  for (const int64_t number : dead) message.Word(number);
  message.Word(known == 0 ? 1 : 0);
  if (known == 0) {
    message.Text(function->name);
    WriteObject(function->pickled, &message);
  }
  message.Word(std::ssize(values));
  for (const Value& value : values) RETURN_IF_ERROR(WriteValue(value, &message));
  return std::move(message).Finish();
}

Result<Value> PythonChildExecutor::CallIn(PythonChild* child, const ops::PythonFunctionPtr& function,
                                          std::span<const Value> values, int64_t block, const CallWatch& watch,
                                          bool* keep) {
  const bool known = child->KnownFunction(function) != 0;
  const Result<Message> request = Request(child, function, values, block);
  if (!request.ok()) {  // not the child's fault
    if (!known) child->ForgetFunction(function);
    *keep = true;
    return request.status();
  }
  ops::EndCallBatch();  // serialising may have taken Python's lock again
  Result<CallOutcome> ended = child->Call(*request, watch);
  if (!ended.ok()) {
    *keep = ended.status().IsOutOfMemory();  // no room for the reply: the child has answered and knows nothing of it
    return ended.status();
  }
  CallOutcome& outcome = *ended;
  if (!outcome.reply) return CallEnded(function->name, outcome, watch);
  if (outcome.reply->kind() == MessageKind::kResult && outcome.end == CallOutcome::End::kReplied) {
    *keep = true;
    return ReadValue(&*outcome.reply);
  }
  if (outcome.reply->kind() != MessageKind::kException) {
    return outcome.end == CallOutcome::End::kReplied ? Status::IOError("a child answered a call with no answer")
                                                     : CallEnded(function->name, outcome, watch);
  }
  ASSIGN_OR_RETURN(ChildException exception, ChildException::Read(&*outcome.reply));
  if (!exception.function_loaded) child->ForgetFunction(function);
  if (exception.interrupted) child->ConfirmInterrupted();
  *keep = true;
  if (outcome.end == CallOutcome::End::kReplied) return UserException(function->name, std::move(exception));
  outcome.traceback = std::move(exception.traceback);
  return CallEnded(function->name, outcome, watch);
}

Result<Value> PythonChildExecutor::Call(const ops::PythonFunctionPtr& function, std::span<const Value> values,
                                        int64_t block, const std::atomic<bool>* cancelled) {
  ops::EndCallBatch();  // what this thread keeps (Python's lock), others need
  ASSIGN_OR_RETURN(const int64_t memory_limit, MemoryLimitBytes(*function));
  ASSIGN_OR_RETURN(const std::chrono::nanoseconds time_limit, TimeLimit(*function));
  ASSIGN_OR_RETURN(ChildPtr child, Acquire(memory_limit, cancelled));
  int generation = 0;
  {
    std::lock_guard lock(mutex_);
    generation = generation_;
  }
  bool keep = false;
  Result<Value> result =
      CallIn(child.get(), function, values, block,
             {.time_limit = time_limit, .memory_limit_bytes = memory_limit, .cancelled = cancelled}, &keep);
  if (!keep) child.reset();
  copies_.Sweep();
  Release(std::move(child), generation);
  return result;
}

namespace {

struct DefaultExecutor {
  const pid_t process = getpid();
  std::mutex mutex;
  std::shared_ptr<PythonChildExecutor> children;
};

// As in exec/runtime.cc: never destroyed, and a forked process gets one of its own.
DefaultExecutor& Default() {
  static std::atomic<DefaultExecutor*> slot{nullptr};
  DefaultExecutor* seen = slot.load(std::memory_order_acquire);
  while (seen == nullptr || seen->process != getpid()) {
    auto* made = new DefaultExecutor;
    if (slot.compare_exchange_strong(seen, made, std::memory_order_acq_rel)) return *made;
    delete made;
  }
  return *seen;
}

}  // namespace

std::shared_ptr<ops::PythonExecutor> PythonChildren() {
  [[maybe_unused]] static const int registered = std::atexit([] {
    DefaultExecutor& executor = Default();
    std::lock_guard lock(executor.mutex);
    if (executor.children) executor.children->Close();
  });
  DefaultExecutor& executor = Default();
  std::lock_guard lock(executor.mutex);
  if (executor.children == nullptr) executor.children = std::make_shared<PythonChildExecutor>();
  return executor.children;
}

}  // namespace swath::exec
