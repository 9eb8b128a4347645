#include "swath/kernels/array/tile_plan.h"

#include <algorithm>

#include "swath/kernels/array/string_loops.h"
#include "swath/ops/elementwise.h"

namespace swath::kernels {
namespace {

using ops::ScalarConstant;
using ops::TileInstruction;
using ops::TileProgram;

class PlanBuilder {
 public:
  explicit PlanBuilder(const TileProgram& program) : program_(program) {}

  Result<TilePlan> Build() {
    for (size_t s = 0; s < program_.sources.size(); ++s) {
      const auto& source = program_.sources[s];
      const bool constant = source.kind == ops::TileSource::Kind::kConstant;
      if (constant) {
        ASSIGN_OR_RETURN(const ScalarConstant value, ops::CastScalar(source.start, source.dtype));
        numbers_.push_back(Constant(value));
      } else {
        numbers_.push_back(New({source.dtype, static_cast<int32_t>(s)}));
      }
    }
    for (const TileInstruction& instruction : program_.instructions) {
      ASSIGN_OR_RETURN(const int32_t result, Emit(instruction));
      numbers_.push_back(result);
    }
    CHECK(!numbers_.empty());
    plan_.last = numbers_.back();
    if (program_.sink.kind == ops::TileSink::Kind::kReduce && plan_.registers[plan_.last].dtype == kFloat16) {
      plan_.last = Widen(plan_.last);
    }
    InsertLoads();
    AssignBuffers();
    for (const TileRegister& r : plan_.registers) plan_.itemsize = std::max(plan_.itemsize, r.dtype.itemsize);
    return std::move(plan_);
  }

 private:
  int32_t New(TileRegister r) {
    plan_.registers.push_back(r);
    return static_cast<int32_t>(plan_.registers.size()) - 1;
  }
  int32_t Constant(const ScalarConstant& value) {
    for (size_t r = 0; r < plan_.registers.size(); ++r) {
      const int32_t constant = plan_.registers[r].constant;
      if (constant >= 0 && plan_.constants[static_cast<size_t>(constant)] == value) return static_cast<int32_t>(r);
    }
    plan_.constants.push_back(value);
    TileRegister r{value.dtype};
    r.constant = static_cast<int32_t>(plan_.constants.size()) - 1;
    return New(r);
  }
  int32_t Cast(int32_t from, DType to) {
    const DType type = plan_.registers[static_cast<size_t>(from)].dtype;
    const int32_t result = New({to});
    plan_.steps.push_back({-1, FindLoop("cast", type.kind, to.kind), {from, -1, -1}, result});
    return result;
  }
  int32_t Widen(int32_t half) {
    for (const auto& [from, to] : widened_) {
      if (from == half) return to;
    }
    widened_.emplace_back(half, Cast(half, kFloat32));
    return widened_.back().second;
  }
  DType TypeOf(int32_t r) const { return plan_.registers[static_cast<size_t>(r)].dtype; }

  static LoopFunction Find(std::string_view op, const std::vector<DType>& types, DType result) {
    if (op == "cast") {
      if (types[0].is_string() || result.is_string()) return FindStringLoop(op, types[0], result);
      return FindLoop(op, types[0].kind, result.kind);
    }
    if (types[0].is_string()) return FindStringLoop(op, types[0], types.back());
    return FindLoop(op, types[0].kind, types.size() > 1 ? types[1].kind : types[0].kind);
  }

  // A power by a small constant is a multiplication, a root or a division, as in NumPy.
  static std::string_view Simplify(const TileInstruction& instruction, DType type) {
    const ScalarConstant& c = instruction.constant;
    const bool floating = type == kFloat64 || type == kFloat32 || type == kFloat16 || type.is_complex();
    if (instruction.op != "power" || !floating || instruction.arguments[1] != TileInstruction::kConstantArgument ||
        c.im != 0)
      return {};
    if (c.re == 2) return "square";
    if (c.re == 1) return "positive";
    if (c.re == 0.5 && !type.is_complex()) return "sqrt";
    if (c.re == -1) return "reciprocal";
    return {};
  }

  Result<int32_t> Emit(const TileInstruction& instruction) {
    std::string_view op = instruction.op;
    std::vector<int32_t> arguments;
    for (const int32_t argument : instruction.arguments) {
      if (argument == TileInstruction::kConstantArgument) arguments.push_back(Constant(instruction.constant));
      if (argument >= 0) arguments.push_back(numbers_[static_cast<size_t>(argument)]);
    }
    CHECK(!arguments.empty());
    if (const std::string_view simple = Simplify(instruction, TypeOf(arguments[0])); !simple.empty()) {
      op = simple;
      arguments.resize(1);
    }
    const auto types = [&] {
      std::vector<DType> list;
      for (const int32_t argument : arguments) list.push_back(TypeOf(argument));
      return list;
    };
    DType result = instruction.dtype;
    LoopFunction loop = Find(op, types(), result);
    if (loop == nullptr) {  // float16 is computed in float32
      for (int32_t& argument : arguments) {
        if (TypeOf(argument) == kFloat16) argument = Widen(argument);
      }
      if (result == kFloat16) result = kFloat32;
      loop = Find(op, types(), result);
    }
    if (loop == nullptr) {
      return Status::TypeError("no loop of '", op, "' for ", TypeOf(arguments[0]).ToString(),
                               arguments.size() > 1 ? " and " + TypeOf(arguments[1]).ToString() : "");
    }
    TileStep step{-1, loop, {-1, -1, -1}, New({result})};
    std::copy(arguments.begin(), arguments.end(), step.arguments);
    plan_.steps.push_back(step);
    return result == instruction.dtype ? step.result : Cast(step.result, instruction.dtype);
  }

  // Sources are loaded just before their first use.
  void InsertLoads() {
    std::vector<bool> loaded(plan_.registers.size(), false);
    std::vector<TileStep> steps;
    const auto load = [&](int32_t r) {
      if (r < 0 || plan_.registers[static_cast<size_t>(r)].source < 0 || loaded[static_cast<size_t>(r)]) return;
      loaded[static_cast<size_t>(r)] = true;
      TileStep step;
      step.load = r;
      steps.push_back(step);
    };
    for (const TileStep& step : plan_.steps) {
      for (const int32_t argument : step.arguments) load(argument);
      steps.push_back(step);
    }
    load(plan_.last);
    plan_.steps = std::move(steps);
  }

  void AssignBuffers() {
    const size_t count = plan_.registers.size();
    std::vector<size_t> last_use(count, 0);
    for (size_t k = 0; k < plan_.steps.size(); ++k) {
      for (const int32_t argument : plan_.steps[k].arguments) {
        if (argument >= 0) last_use[static_cast<size_t>(argument)] = k;
      }
    }
    last_use[static_cast<size_t>(plan_.last)] = plan_.steps.size();
    std::vector<int32_t> free;
    const auto take = [&](int32_t r) {
      if (free.empty()) free.push_back(plan_.buffers++);
      plan_.registers[static_cast<size_t>(r)].buffer = free.back();
      free.pop_back();
    };
    for (size_t k = 0; k < plan_.steps.size(); ++k) {
      const TileStep& step = plan_.steps[k];
      if (step.load >= 0) {
        take(step.load);
        continue;
      }
      std::vector<int32_t> ending;
      for (const int32_t argument : step.arguments) {
        if (argument < 0 || last_use[static_cast<size_t>(argument)] != k) continue;
        const TileRegister& r = plan_.registers[static_cast<size_t>(argument)];
        if (r.buffer >= 0 && std::find(ending.begin(), ending.end(), r.buffer) == ending.end())
          ending.push_back(r.buffer);
      }
      // A loop may write over an argument of equal itemsize.
      const int32_t itemsize = TypeOf(step.result).itemsize;
      const bool in_place = std::all_of(std::begin(step.arguments), std::end(step.arguments), [&](int32_t argument) {
        return argument < 0 || plan_.registers[static_cast<size_t>(argument)].constant >= 0 ||
               TypeOf(argument).itemsize == itemsize;
      });
      if (in_place) free.insert(free.end(), ending.begin(), ending.end());
      take(step.result);
      if (!in_place) free.insert(free.end(), ending.begin(), ending.end());
    }
    int32_t next = plan_.buffers;
    for (TileRegister& r : plan_.registers) {
      if (r.constant >= 0) r.buffer = next++;
    }
  }

  const TileProgram& program_;
  TilePlan plan_;
  std::vector<int32_t> numbers_;                      // program's register -> plan's register
  std::vector<std::pair<int32_t, int32_t>> widened_;  // float16 register -> its float32 form
};

}  // namespace

Result<TilePlan> MakeTilePlan(const TileProgram& program) { return PlanBuilder(program).Build(); }

}  // namespace swath::kernels
