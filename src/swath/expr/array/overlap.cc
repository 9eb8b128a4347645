#include "swath/expr/array/overlap.h"

#include <algorithm>
#include <utility>

namespace swath::expr {
namespace {

using ops::AxisRun;

Token TokenOf(const NodePtr& x, const ops::OverlapParams& params, const std::string& label) {
  TokenBuilder token("overlap");
  token.Add(x->token()).Add(std::string_view(label));
  for (const auto& axis : params.runs) {
    token.Add(static_cast<int64_t>(axis.size()));
    for (const auto& block : axis) {
      token.Add(static_cast<int64_t>(block.size()));
      for (const AxisRun& run : block)
        token.Add(run.begin).Add(run.length).Add(int64_t{run.step}).Add(int64_t{run.fill});
    }
  }
  for (const std::string& fill : params.fill) token.Add(std::string_view(fill));
  return token.Finish();
}

// What continues the axis before 0 (`count` elements).
AxisRun Before(int64_t count, int64_t length, Boundary boundary) {
  switch (boundary) {
    case Boundary::kPeriodic:
      return {length - count, count};
    case Boundary::kReflect:
      return {count - 1, count, -1};
    case Boundary::kNearest:
      return {0, count, 0};
    default:
      return {0, count, 1, true};
  }
}

AxisRun After(int64_t count, int64_t length, Boundary boundary) {
  switch (boundary) {
    case Boundary::kPeriodic:
      return {0, count};
    case Boundary::kReflect:
      return {length - 1, count, -1};
    case Boundary::kNearest:
      return {length - 1, count, 0};
    default:
      return {0, count, 1, true};
  }
}

// The runs of the block [range) with its surroundings. Beyond an end the nearest elements come from the end itself:
// a block that begins at 2 with 3 before reads one element of the continuation, its last.
std::vector<AxisRun> RunsOf(ops::Range range, int64_t length, const AxisOverlap& axis) {
  std::vector<AxisRun> runs;
  int64_t begin = range.begin - axis.before, end = range.end + axis.after;
  if (begin < 0) {
    const int64_t missing = -begin;
    if (axis.boundary != Boundary::kNone) runs.push_back(Before(missing, length, axis.boundary));
    begin = 0;
  }
  const int64_t beyond = end - length;
  end = std::min(end, length);
  if (end > begin) runs.push_back({begin, end - begin});
  if (beyond > 0 && axis.boundary != Boundary::kNone) runs.push_back(After(beyond, length, axis.boundary));
  return runs;
}

Status CheckDepth(const AxisOverlap& axis, int64_t number, int64_t length) {
  if (axis.before < 0 || axis.after < 0)
    return Status::Invalid("overlap: the depth of axis ", number, " is negative: ", std::min(axis.before, axis.after));
  const int64_t depth = std::max(axis.before, axis.after);
  if (depth > length)
    return Status::Invalid("The overlapping depth ", depth, " is larger than your array ", length, " (axis ", number,
                           ")");
  return Status::OK();
}

Result<ArrayPtr> Finish(const ArrayPtr& x, std::shared_ptr<ops::OverlapParams> params, std::string label) {
  std::vector<std::vector<int64_t>> chunks;
  for (const auto& axis : params->runs) {
    chunks.emplace_back();
    for (const auto& block : axis) {
      int64_t length = 0;
      for (const AxisRun& run : block) length += run.length;
      chunks.back().push_back(length);
    }
  }
  params->grid = ops::Grid(std::move(chunks));
  const Token token = TokenOf(x, *params, label);
  return InternAs<ArrayNode>(std::make_shared<OverlapNode>(token, x, std::move(params), std::move(label)));
}

std::shared_ptr<ops::OverlapParams> NewParams(const ArrayPtr& x) {
  auto params = std::make_shared<ops::OverlapParams>();
  params->source = x->grid();
  params->dtype = x->dtype();
  return params;
}

}  // namespace

Result<NodePtr> OverlapNode::WithInputs(std::vector<NodePtr> inputs) const {
  const Token token = TokenOf(inputs[0], *params_, label_);
  return Intern(std::make_shared<OverlapNode>(token, std::move(inputs[0]), params_, label_));
}

Result<ArrayPtr> MakeOverlap(const ArrayPtr& x, const std::vector<AxisOverlap>& axes) {
  CHECK(static_cast<int64_t>(axes.size()) == x->ndim());
  auto params = NewParams(x);
  for (int64_t axis = 0; axis < x->ndim(); ++axis) {
    const AxisOverlap& overlap = axes[static_cast<size_t>(axis)];
    const int64_t length = x->shape()[static_cast<size_t>(axis)];
    RETURN_IF_ERROR(CheckDepth(overlap, axis, length));
    params->runs.emplace_back();
    for (int64_t block = 0; block < x->grid().blocks(axis); ++block)
      params->runs.back().push_back(RunsOf(x->grid().BlockRange(axis, block), length, overlap));
    CHECK(overlap.boundary != Boundary::kConstant || overlap.fill.size() == static_cast<size_t>(x->dtype().itemsize));
    params->fill.push_back(overlap.fill);
  }
  return Finish(x, std::move(params), "overlap");
}

Result<ArrayPtr> MakeTrim(const ArrayPtr& x, const std::vector<AxisOverlap>& axes) {
  CHECK(static_cast<int64_t>(axes.size()) == x->ndim());
  auto params = NewParams(x);
  for (int64_t axis = 0; axis < x->ndim(); ++axis) {
    const AxisOverlap& overlap = axes[static_cast<size_t>(axis)];
    const bool whole_ends = overlap.boundary == Boundary::kNone;
    params->runs.emplace_back();
    params->fill.emplace_back();
    const int64_t blocks = x->grid().blocks(axis);
    for (int64_t block = 0; block < blocks; ++block) {
      ops::Range range = x->grid().BlockRange(axis, block);
      if (block > 0 || !whole_ends) range.begin += overlap.before;
      if (block + 1 < blocks || !whole_ends) range.end -= overlap.after;
      if (range.size() < 0)
        return Status::Invalid("trim: block ", block, " along axis ", axis, " has fewer elements than are trimmed (",
                               overlap.before, " before, ", overlap.after, " after)");
      params->runs.back().push_back({{range.begin, range.size()}});
    }
  }
  return Finish(x, std::move(params), "trim");
}

}  // namespace swath::expr
