#include "swath/ops/tile_program.h"

#include "swath/ops/elementwise.h"

namespace swath::ops {
namespace {

std::string SourceText(const TileSource& source, size_t number) {
  switch (source.kind) {
    case TileSource::Kind::kRandom:
      return source.distribution + "()";
    case TileSource::Kind::kAffine:
      return "arange";
    case TileSource::Kind::kEye:
      return "eye";
    case TileSource::Kind::kConstant:
      return source.start.ToString();
    case TileSource::Kind::kInput:
      break;
  }
  std::string name(1, static_cast<char>('a' + number % 26));
  int32_t last = -1;
  for (const AxisMap& m : source.map) {
    if (m.axis >= 0 && m.axis < last) return name + ".T";
    if (m.axis >= 0) last = m.axis;
  }
  return name;
}

}  // namespace

std::string TileProgram::ToString() const {
  std::vector<std::string> registers;
  for (size_t s = 0; s < sources.size(); ++s) registers.push_back(SourceText(sources[s], s));
  for (const TileInstruction& instruction : instructions) {
    std::vector<std::string> arguments;
    for (int32_t argument : instruction.arguments) {
      if (argument == TileInstruction::kConstantArgument) arguments.push_back(instruction.constant.ToString());
      if (argument >= 0) arguments.push_back(registers[static_cast<size_t>(argument)]);
    }
    const auto op = FindElementwise(instruction.op);
    const std::string_view symbol = op.ok() ? (*op)->symbol : std::string_view();
    std::string text;
    if (instruction.op == "cast") {
      text = instruction.dtype.ToString() + "(" + arguments[0] + ")";
    } else if (!symbol.empty() && arguments.size() == 2) {
      text = "(" + arguments[0] + " " + std::string(symbol) + " " + arguments[1] + ")";
    } else if (!symbol.empty() && arguments.size() == 1) {
      text = std::string(symbol) + arguments[0];
    } else {
      text = std::string(instruction.op) + "(";
      for (size_t i = 0; i < arguments.size(); ++i) text += (i ? ", " : "") + arguments[i];
      text += ")";
    }
    if (text.size() > 200) text = "…" + text.substr(text.size() - 180);
    registers.push_back(std::move(text));
  }
  std::string text = registers.empty() ? "nothing" : registers.back();
  if (sink.kind == TileSink::Kind::kStore) return text;
  text += " → " + std::string(sink.reduction) + "(axis=";
  for (size_t i = 0; i < sink.axes.size(); ++i) text += (i ? "," : "") + std::to_string(sink.axes[i]);
  return text + ")";
}

}  // namespace swath::ops
