#include "swath/expr/array/tile.h"

#include <algorithm>
#include <map>

#include "swath/expr/array/elementwise.h"
#include "swath/expr/array/source.h"
#include "swath/expr/array/view.h"

namespace swath::expr {
namespace {

struct MapLess {
  bool operator()(const ops::IndexMap& a, const ops::IndexMap& b) const {
    return std::lexicographical_compare(
        a.begin(), a.end(), b.begin(), b.end(), [](const ops::AxisMap& x, const ops::AxisMap& y) {
          return std::tie(x.axis, x.step, x.offset) < std::tie(y.axis, y.step, y.offset);
        });
  }
};

// Collects sources and instructions. While building, sources are numbered 0, 1, … and instructions kFirstInstruction,
// …; Finish makes them neighbours.
class ProgramBuilder {
 public:
  ProgramBuilder(const std::function<bool(const Node*)>& fused, const std::function<ArrayPtr(const ArrayPtr&)>& replace)
      : fused_(fused), replace_(replace) {}

  // The register that holds `node` read through `map`.
  Result<int32_t> RegisterOf(const ArrayPtr& node, const ops::IndexMap& map, bool top) {
    if (const auto it = registers_.find({node.get(), map}); it != registers_.end()) return it->second;
    const bool inside = top || fused_(node.get());
    Result<int32_t> made =
        !inside                                          ? AddInput(node, map)
        : dynamic_cast<const GeneratorNode*>(node.get()) ? AddGenerator(static_cast<const GeneratorNode&>(*node), map)
        : dynamic_cast<const ViewNode*>(node.get())      ? AddView(static_cast<const ViewNode&>(*node), map)
        : dynamic_cast<const ElementwiseNode*>(node.get())
            ? AddElementwise(static_cast<const ElementwiseNode&>(*node), map)
            : AddInput(node, map);
    if (made.ok()) registers_.emplace(std::make_pair(node.get(), map), *made);
    return made;
  }

  // Casts the register when it is of another dtype.
  int32_t Cast(int32_t argument, DType from, DType to) {
    if (from == to) return argument;
    return AddInstruction({.op = "cast", .dtype = to, .arguments = {argument, -1, -1}, .constant = {}});
  }

  std::shared_ptr<ops::TileProgram> Finish(ops::Grid grid, int32_t result, DType dtype) {
    const auto count = static_cast<int32_t>(program_.sources.size());
    const auto final_number = [&](int32_t r) { return r >= kFirstInstruction ? r - kFirstInstruction + count : r; };
    for (ops::TileInstruction& instruction : program_.instructions) {
      for (int32_t& argument : instruction.arguments) argument = argument >= 0 ? final_number(argument) : argument;
    }
    // The result is the last register: a program whose result is a source that is not the last has one source only, or
    // is copied.
    const int32_t last = count + static_cast<int32_t>(program_.instructions.size()) - 1;
    CHECK(final_number(result) == last);
    program_.grid = std::move(grid);
    program_.dtype = dtype;
    return std::make_shared<ops::TileProgram>(std::move(program_));
  }
  std::vector<NodePtr> TakeInputs() { return std::move(inputs_); }

 private:
  static constexpr int32_t kFirstInstruction = 1 << 20;

  int32_t AddSource(ops::TileSource source) {
    program_.sources.push_back(std::move(source));
    return static_cast<int32_t>(program_.sources.size()) - 1;
  }
  int32_t AddInstruction(ops::TileInstruction instruction) {
    program_.instructions.push_back(instruction);
    return kFirstInstruction + static_cast<int32_t>(program_.instructions.size()) - 1;
  }

  Result<int32_t> AddInput(const ArrayPtr& node, const ops::IndexMap& map) {
    ArrayPtr input = replace_(node);
    ops::TileSource source{
        .kind = ops::TileSource::Kind::kInput, .dtype = input->dtype(), .grid = input->grid(), .map = map};
    inputs_.push_back(std::move(input));
    return AddSource(std::move(source));
  }

  Result<int32_t> AddGenerator(const GeneratorNode& node, const ops::IndexMap& map) {
    ops::TileSource source = node.source();
    source.map = map;
    return AddSource(std::move(source));
  }

  Result<int32_t> AddView(const ViewNode& view, const ops::IndexMap& map) {
    return RegisterOf(AsArray(view.inputs()[0]), ComposeMaps(view.map(), map), false);
  }

  Result<int32_t> AddElementwise(const ElementwiseNode& node, const ops::IndexMap& map) {
    std::vector<int32_t> inputs;
    for (const NodePtr& input : node.inputs()) {
      const ArrayPtr array = AsArray(input);
      ASSIGN_OR_RETURN(const int32_t r,
                       RegisterOf(array, ComposeMaps(BroadcastMap(array->shape(), node.shape()), map), false));
      inputs.push_back(r);
    }
    ops::TileInstruction instruction{
        .op = node.function(), .dtype = node.dtype(), .arguments = {-1, -1, -1}, .constant = {}};
    bool constant_used = false;
    for (size_t i = 0; i < node.arguments().size(); ++i) {
      const ElementwiseNode::Argument& argument = node.arguments()[i];
      if (argument.input >= 0) {
        instruction.arguments[i] = inputs[argument.input];
      } else if (!constant_used) {
        constant_used = true;
        instruction.arguments[i] = ops::TileInstruction::kConstantArgument;
        instruction.constant = argument.constant;
      } else {  // an instruction has room for one constant
        instruction.arguments[i] = AddConstant(argument.constant);
      }
    }
    return AddInstruction(instruction);
  }

  int32_t AddConstant(const ops::ScalarConstant& value) {
    ops::TileSource source{.kind = ops::TileSource::Kind::kConstant, .dtype = value.dtype};
    source.grid = ops::Grid(std::vector<std::vector<int64_t>>{});
    source.start = value;
    return AddSource(std::move(source));
  }

  const std::function<bool(const Node*)>& fused_;
  const std::function<ArrayPtr(const ArrayPtr&)>& replace_;
  ops::TileProgram program_;
  std::vector<NodePtr> inputs_;
  struct KeyLess {
    bool operator()(const std::pair<const Node*, ops::IndexMap>& a,
                    const std::pair<const Node*, ops::IndexMap>& b) const {
      return a.first != b.first ? std::less<>()(a.first, b.first) : MapLess()(a.second, b.second);
    }
  };
  std::map<std::pair<const Node*, ops::IndexMap>, int32_t, KeyLess> registers_;
};

Token TileToken(const ArrayPtr& node, const std::vector<NodePtr>& inputs, const ops::TileProgram& program) {
  TokenBuilder token("tile");
  token.Add(node->token());
  for (const NodePtr& input : inputs) token.Add(input->token());
  token.Add(static_cast<int64_t>(program.sources.size())).Add(static_cast<int64_t>(program.instructions.size()));
  return token.Finish();
}

}  // namespace

bool IsTileable(const Node& node) {
  return dynamic_cast<const ElementwiseNode*>(&node) || dynamic_cast<const ViewNode*>(&node) ||
         dynamic_cast<const GeneratorNode*>(&node) || dynamic_cast<const ReductionNode*>(&node);
}

Result<ArrayPtr> MakeTile(const ArrayPtr& node, const std::function<bool(const Node*)>& fused,
                          const std::function<ArrayPtr(const ArrayPtr&)>& replace) {
  ProgramBuilder builder(fused, replace);
  std::optional<TileFinish> finish;
  std::shared_ptr<ops::TileProgram> program;
  if (const auto* reduction = dynamic_cast<const ReductionNode*>(node.get())) {
    const ArrayPtr x = AsArray(node->inputs()[0]);
    ASSIGN_OR_RETURN(const ops::ReductionOp* op, ops::FindReduction(reduction->function()));
    ASSIGN_OR_RETURN(const ops::ReductionTypes types, ops::ResolveReduction(*op, x->dtype(), reduction->spec().dtype));
    ASSIGN_OR_RETURN(int32_t result, builder.RegisterOf(x, IdentityMap(x->ndim()), false));
    result = builder.Cast(result, x->dtype(), types.input);
    program = builder.Finish(x->grid(), result, types.input);
    program->sink = {ops::TileSink::Kind::kReduce, op->name, reduction->axes(), types.accumulator};
    finish.emplace();
    finish->split_every = reduction->spec().split_every;
    finish->combine.reduction = op->name;
    finish->combine.axes = reduction->axes();
    finish->combine.accumulator = types.accumulator;
    finish->combine.result = types.result;
    finish->combine.ddof = reduction->spec().ddof;
    finish->combine.keepdims = reduction->spec().keepdims;
  } else {
    ASSIGN_OR_RETURN(const int32_t result, builder.RegisterOf(node, IdentityMap(node->ndim()), true));
    program = builder.Finish(node->grid(), result, node->dtype());
  }
  std::vector<NodePtr> inputs = builder.TakeInputs();
  const Token token = TileToken(node, inputs, *program);
  LocationScope scope(node->location());
  return InternAs<ArrayNode>(std::make_shared<TileNode>(token, std::move(inputs), node->dtype(), node->grid(),
                                                        std::move(program), std::move(finish)));
}

Result<ArrayPtr> MakeSingleTile(const ArrayPtr& node) {
  return MakeTile(
      node, [](const Node*) { return false; }, [](const ArrayPtr& input) { return input; });
}

std::string TileNode::Label() const { return "fused " + program_->ToString(); }

Result<NodePtr> TileNode::WithInputs(std::vector<NodePtr> inputs) const {
  TokenBuilder token("tile-again");
  token.Add(token_);
  for (size_t i = 0; i < inputs.size(); ++i) {
    const ArrayPtr input = AsArray(inputs[i]);
    CHECK(input && input->grid() == array_input(i).grid() && input->dtype() == array_input(i).dtype());
    token.Add(input->token());
  }
  return Intern(std::make_shared<TileNode>(token.Finish(), std::move(inputs), dtype(), grid(), program_, finish_));
}

}  // namespace swath::expr
