// Calls in real children: what goes wrong, and what the others do meanwhile.
#include "swath/exec/python_children.h"

#include <atomic>
#include <csignal>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "swath/exec/python_test.h"

#include "gmock/gmock.h"

namespace swath::exec {
namespace {

using testing::HasSubstr;
using Clock = std::chrono::steady_clock;

TEST_F(PythonChildrenTest, AnExceptionArrivesWithItsTraceback) {
  const auto result = Call(Function("{}['missing']"));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(Detail(result.status())->kind, ErrorKind::kUserFunction);
  EXPECT_THAT(result.status().message(), HasSubstr("KeyError: 'missing'"));
  EXPECT_THAT(Detail(result.status())->traceback, HasSubstr("line 1, in <lambda>"));
  EXPECT_THAT(Detail(result.status())->pickled, HasSubstr("KeyError"));
  ExpectAlive();
}

TEST_F(PythonChildrenTest, AnExceptionThatCannotBePickledSaysSo) {
  // Its constructor takes two arguments and keeps one: it pickles and does not come back.
  const auto lost =
      Call(Function("(_ for _ in ()).throw(type('Odd', (Exception,), {'__module__': 'm', '__init__': lambda s, "
                    "a, b: Exception.__init__(s, a)})('seven', 8))"));
  ASSERT_FALSE(lost.ok());
  EXPECT_THAT(lost.status().message(), HasSubstr("function 'f' raised m.Odd: seven"));
  EXPECT_THAT(lost.status().message(), HasSubstr("cannot be sent from the child process"));
  EXPECT_EQ(Detail(lost.status())->pickled, "");
  const auto exit = Call(Function("__import__('sys').exit(3)"));
  EXPECT_THAT(exit.status().message(), HasSubstr("function 'f' raised SystemExit: 3"));
  EXPECT_EQ(Detail(exit.status())->pickled, "");
  ExpectAlive();
}

TEST_F(PythonChildrenTest, AResultThatCannotBePickledIsATypeErrorThatNamesIt) {
  const auto result = Call(Function("(i for i in range(3))"));
  EXPECT_THAT(result.status().message(), HasSubstr("TypeError: the result of function 'f' cannot be sent"));
  EXPECT_THAT(result.status().message(), HasSubstr("generator"));
  ExpectAlive();
}

TEST_F(PythonChildrenTest, AFunctionThatCannotBeLoadedSaysWhy) {
  auto function = std::make_shared<PythonFunction>();
  function->name = "g";
  function->pickled = Pickle("cnowhere_to_be_found\nfunction\n.");
  for (int i = 0; i < 2; ++i) {  // the second time it must be sent again
    const auto result = Call(function);
    EXPECT_THAT(result.status().message(),
                HasSubstr("ImportError: function 'g' cannot be loaded in a child process: ModuleNotFoundError"));
  }
  const auto argument = Call(Function("1"), {Int(1), Pickle("cnowhere_to_be_found\nthing\n.")});
  EXPECT_THAT(argument.status().message(), HasSubstr("argument 1 of function 'f' cannot be loaded"));
  ExpectAlive();
}

TEST_F(PythonChildrenTest, ADeadChildIsReportedAndReplaced) {
  const auto exit = Call(Function("[print('almost there'), __import__('os')._exit(3)]"));
  EXPECT_EQ(Detail(exit.status())->kind, ErrorKind::kKilled);
  EXPECT_THAT(exit.status().message(), HasSubstr("function 'f' ended its child process: exited with code 3"));
  EXPECT_THAT(exit.status().message(), HasSubstr("  | almost there"));
  ExpectAlive();
  const auto killed = Call(Function("__import__('os').kill(__import__('os').getpid(), 9)"));
  EXPECT_EQ(Detail(killed.status())->kind, ErrorKind::kKilled);
  EXPECT_THAT(killed.status().message(), HasSubstr("killed by SIGKILL"));
  ExpectAlive();
  const auto crash = Call(Function("__import__('ctypes').string_at(0)"));
  EXPECT_THAT(crash.status().message(), HasSubstr("killed by SIGSEGV"));
  EXPECT_THAT(crash.status().message(), HasSubstr("peak memory"));
  EXPECT_THAT(Detail(crash.status())->traceback, HasSubstr("in <lambda>"));  // as faulthandler saw it
  ExpectAlive();
}

TEST_F(PythonChildrenTest, AnIdleChildThatDiesIsReplacedUnseen) {
  const auto pid = Call(Function("__import__('os').getpid()"));
  ASSERT_TRUE(pid.ok()) << pid.status();
  ASSERT_EQ(kill(static_cast<pid_t>(ToInt(*pid)), SIGKILL), 0);
  siginfo_t info{};  // until it is dead; the executor collects it
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(ToInt(*pid)), &info, WEXITED | WNOWAIT), 0);
  ExpectAlive();
  EXPECT_EQ(children_.child_count(), 1);
}

TEST_F(PythonChildrenTest, AMemoryBombIsKilledOrFailsAtItsLimit) {
  constexpr int64_t kLimit = int64_t{200} << 20;
  // Grows in steps: the watch sees it, or the address space ends.
  const auto grows = Call(Function("[bytearray(b'x') * (4 << 20) for i in range(100000)]", {}, kLimit));
  ASSERT_FALSE(grows.ok());
  if (Detail(grows.status())->kind == ErrorKind::kKilled) {
    EXPECT_THAT(grows.status().message(), HasSubstr("used too much memory; peak memory"));
    EXPECT_THAT(grows.status().message(), HasSubstr("limit 200.00 MiB"));
  } else {
    EXPECT_THAT(grows.status().message(), HasSubstr("MemoryError"));
  }
  ExpectAlive();
  // Slowly: only the watch can see it.
  const auto slow = Call(
      Function("[(bytearray(b'x') * (4 << 20), __import__('time').sleep(0.002)) for i in range(100)]", {}, kLimit));
  EXPECT_EQ(Detail(slow.status())->kind, ErrorKind::kKilled);
  EXPECT_THAT(slow.status().message(), HasSubstr("limit 200.00 MiB"));
  EXPECT_THAT(Detail(slow.status())->traceback, HasSubstr("<lambda>"));
  // At once: the function's own MemoryError, at its line.
  const auto once = Call(Function("bytearray(1 << 40)", {}, kLimit));
  EXPECT_EQ(Detail(once.status())->kind, ErrorKind::kUserFunction);
  EXPECT_THAT(once.status().message(), HasSubstr("MemoryError"));
  ExpectAlive();
}

TEST_F(PythonChildrenTest, AnEndlessLoopEndsAtItsTimeLimit) {
  ExpectAlive();  // it has started
  const auto begin = Clock::now();
  const auto loop = Call(Function("[0 for i in iter(int, 1)]", std::chrono::milliseconds(300)));
  EXPECT_EQ(Detail(loop.status())->kind, ErrorKind::kTimeout);
  EXPECT_THAT(loop.status().message(), HasSubstr("function 'f' ran longer than its time limit of 300"));
  EXPECT_THAT(Detail(loop.status())->traceback, HasSubstr("<lambda>"));  // where it was
  // Deaf to interrupts: killed.
  const auto deaf =
      Call(Function("[__import__('signal').signal(2, 1), [0 for i in iter(int, 1)]]", std::chrono::milliseconds(300)));
  EXPECT_EQ(Detail(deaf.status())->kind, ErrorKind::kTimeout);
  EXPECT_THAT(Detail(deaf.status())->traceback, HasSubstr("<lambda>"));
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds(20));
  ExpectAlive();
}

TEST_F(PythonChildrenTest, ACancelledCallEndsSoon) {
  ExpectAlive();
  const std::string sleeps = "[__import__('time').sleep(100)]";
  for (const std::string& text : {sleeps, "[__import__('signal').signal(2, 1), " + sleeps + "]"}) {
    std::atomic<bool> cancelled{false};
    std::atomic<int64_t> ended_ns{0};
    Result<Value> result = Status::UnknownError("none");
    std::thread caller([&] {
      result = children_.Call(Function(text), {}, 0, &cancelled);
      ended_ns = Clock::now().time_since_epoch().count();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(300));  // most likely in the function; right in any case
    const auto begin = Clock::now();
    cancelled = true;
    caller.join();
    EXPECT_TRUE(result.status().IsCancelled()) << result.status();
    EXPECT_LT(Clock::now() - begin, std::chrono::seconds(10));
    ExpectAlive();
  }
}

TEST_F(PythonChildrenTest, ACancelledCallDoesNotWaitForAChild) {
  std::atomic<bool> stop{false};
  std::thread busy([&] { (void)children_.Call(Function("__import__('time').sleep(100)"), {}, 0, &stop); });
  while (children_.child_count() == 0) std::this_thread::yield();
  std::atomic<bool> cancelled{true};
  EXPECT_TRUE(children_.Call(Function("1"), {}, 0, &cancelled).status().IsCancelled());
  stop = true;
  busy.join();
}

TEST(PythonChildren, ManyCallsShareTwoChildrenAndFailuresStayTheirOwn) {
  PythonChildExecutor children(Options(2));
  const auto function = Function("__import__('os')._exit(1) if values[0] % 50 == 49 else values[0] * 2");
  std::atomic<int> next{0};
  std::atomic<int> right{0};
  std::atomic<int> killed{0};
  std::vector<std::thread> callers;
  for (int t = 0; t < 20; ++t) {
    callers.emplace_back([&] {
      for (int i = next++; i < 200; i = next++) {
        const std::vector<Value> values{Int(i)};
        const auto result = children.Call(function, values, 0, nullptr);
        if (result.ok() && i % 50 != 49 && ToInt(*result) == 2 * i) ++right;
        if (i % 50 == 49 && Detail(result.status())->kind == ErrorKind::kKilled) ++killed;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(right, 196);
  EXPECT_EQ(killed, 4);
  EXPECT_LE(children.child_count(), 2);
}

TEST(PythonChildren, ACommandThatCannotRunOrEndsIsNotTheFunctionsFault) {
  PythonChildExecutor missing({.command = {"/nowhere/python"}, .children = 1});
  const auto gone = missing.Call(Function("1"), {}, 0, nullptr);
  EXPECT_TRUE(gone.status().IsIOError()) << gone.status();
  EXPECT_THAT(gone.status().message(), HasSubstr("/nowhere/python"));
  PythonChildExecutor broken({.command = {"sh", "-c", "echo no module >&2; exit 4"}, .children = 1});
  const auto ended = broken.Call(Function("1"), {}, 0, nullptr);
  EXPECT_THAT(ended.status().message(), HasSubstr("could not start: exited with code 4"));
  EXPECT_THAT(ended.status().message(), HasSubstr("  | no module"));
}

TEST(PythonChildren, ChildrenEndWithTheirExecutor) {
  pid_t pid = 0;
  {
    PythonChildExecutor children(Options(1));
    pid = static_cast<pid_t>(ToInt(*children.Call(Function("__import__('os').getpid()"), {}, 0, nullptr)));
    EXPECT_EQ(kill(pid, 0), 0);
  }
  EXPECT_NE(kill(pid, 0), 0);
}

TEST(PythonChildren, ChildrenDieWithAKilledParent) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer starts no threads in a forked process";
#endif
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    PythonChildExecutor children(Options(1));
    const auto pid = children.Call(Function("__import__('os').getpid()"), {}, 0, nullptr);
    const int64_t number = pid.ok() ? ToInt(*pid) : 0;
    (void)!write(ends[1], &number, sizeof number);
    (void)children.Call(Function("[0 for i in iter(int, 1)]"), {}, 0, nullptr);
    _exit(0);
  }
  int64_t child = 0;
  ASSERT_EQ(read(ends[0], &child, sizeof child), static_cast<ssize_t>(sizeof child));
  ASSERT_GT(child, 0);
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  const auto gone = [&] {
    std::error_code error;
    return !std::filesystem::exists("/proc/" + std::to_string(child) + "/exe", error);
  };
  for (int i = 0; i < 2000 && !gone(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_TRUE(gone());
  close(ends[0]);
  close(ends[1]);
}

TEST(PythonChildren, AForkedProcessHasItsOwn) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer starts no threads in a forked process";
#endif
  SetPythonCommand(Options(1).command);
  const auto executor = PythonChildren();
  const auto parents = executor->Call(Function("__import__('os').getppid()"), {}, 0, nullptr);
  ASSERT_TRUE(parents.ok()) << parents.status();
  EXPECT_EQ(ToInt(*parents), getpid());
  const pid_t forked = fork();
  if (forked == 0) {
    const auto own = PythonChildren()->Call(Function("__import__('os').getppid()"), {}, 0, nullptr);
    _exit(own.ok() && ToInt(*own) == getpid() ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(forked, &status, 0), forked);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(executor->Call(Function("1"), {}, 0, nullptr).ok());
}

}  // namespace
}  // namespace swath::exec
