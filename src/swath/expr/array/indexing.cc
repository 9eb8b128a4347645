#include "swath/expr/array/indexing.h"

#include <algorithm>

#include "swath/expr/array/chunking.h"
#include "swath/expr/array/view.h"

namespace swath::expr {
namespace {

// Python's slice.indices(length): start, number of elements, step.
struct Span {
  int64_t start = 0, count = 0, step = 1;
};
Result<Span> Resolve(const Slice& slice, int64_t length) {
  const int64_t step = slice.step.value_or(1);
  if (step == 0) return Status::Invalid("slice step cannot be zero");
  const int64_t lowest = step > 0 ? 0 : -1;
  const int64_t highest = step > 0 ? length : length - 1;
  const auto clip = [&](int64_t i) { return std::clamp(i < 0 ? i + length : i, lowest, highest); };
  const int64_t start = slice.start ? clip(*slice.start) : (step > 0 ? lowest : highest);
  const int64_t stop = slice.stop ? clip(*slice.stop) : (step > 0 ? highest : lowest);
  const int64_t count = step > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step;
  return Span{start, std::max<int64_t>(0, count), step};
}

// The cuts of a sliced axis: those of the source that fall between two chosen elements.
std::vector<int64_t> SlicedChunks(std::span<const int64_t> bounds, const Span& span) {
  if (span.count == 0) return {0};
  std::vector<int64_t> lengths;
  int64_t taken = 0;
  const auto blocks = static_cast<int64_t>(bounds.size()) - 1;
  for (int64_t k = 0; k < blocks && taken < span.count; ++k) {
    const int64_t block = span.step > 0 ? k : blocks - 1 - k;
    // Elements start + step * i of this block with i >= taken.
    int64_t end;
    if (span.step > 0)
      end = (bounds[block + 1] - span.start + span.step - 1) / span.step;
    else
      end = (span.start - bounds[block]) / -span.step + 1;
    if (span.step < 0 && span.start < bounds[block]) end = 0;
    if (span.step > 0 && bounds[block + 1] <= span.start) end = 0;
    end = std::min(end, span.count);
    if (end > taken) lengths.push_back(end - taken), taken = end;
  }
  return lengths;
}

struct Parts {
  ops::IndexMap map;
  std::vector<std::vector<int64_t>> chunks;
  std::optional<std::pair<int64_t, std::vector<int64_t>>> list;  // output axis, indices
};

Status AddItem(const ArrayNode& x, const IndexItem& item, Parts* parts) {
  const auto axis = static_cast<int64_t>(parts->map.size());
  const auto output = static_cast<int32_t>(parts->chunks.size());
  if (const auto* i = std::get_if<int64_t>(&item)) {
    const int64_t length = x.shape()[axis];
    if (*i < -length || *i >= length)
      return Status::IndexError("index ", *i, " is out of bounds for axis ", axis, " with size ", length);
    parts->map.push_back({-1, 1, *i < 0 ? *i + length : *i});
  } else if (const auto* slice = std::get_if<Slice>(&item)) {
    ASSIGN_OR_RETURN(const Span span, Resolve(*slice, x.shape()[axis]));
    parts->map.push_back({output, span.step, span.start});
    parts->chunks.push_back(SlicedChunks(x.grid().bounds(axis), span));
  } else if (const auto* list = std::get_if<std::vector<int64_t>>(&item)) {
    if (parts->list)
      return Status::NotImplemented("Don't yet support nested fancy indexing: index lists on more than one axis");
    parts->list = {output, *list};
    parts->map.push_back({output, 1, 0});
    parts->chunks.push_back(x.grid().chunks()[axis]);
  } else {  // NewAxis
    parts->chunks.push_back({1});
  }
  return Status::OK();
}

// The items with the Ellipsis, or what is missing at the end, written out as full slices.
Result<std::vector<IndexItem>> Expand(const ArrayNode& x, const std::vector<IndexItem>& items) {
  int64_t consumed = 0, ellipses = 0;
  for (const IndexItem& item : items) {
    if (std::holds_alternative<Ellipsis>(item))
      ++ellipses;
    else if (!std::holds_alternative<NewAxis>(item))
      ++consumed;
  }
  if (ellipses > 1) return Status::IndexError("an index can only have a single ellipsis ('...')");
  if (consumed > x.ndim()) {
    return Status::IndexError("too many indices for array: array is ", x.ndim(), "-dimensional, but ", consumed,
                              " were indexed");
  }
  std::vector<IndexItem> expanded;
  const auto fill = [&] { expanded.insert(expanded.end(), x.ndim() - consumed, Slice{}); };
  for (const IndexItem& item : items) {
    if (std::holds_alternative<Ellipsis>(item))
      fill();
    else
      expanded.push_back(item);
  }
  if (ellipses == 0) fill();
  return expanded;
}

std::vector<int64_t> TakenChunks(const ops::Grid& grid, int64_t axis, int64_t count) {
  int64_t longest = 1;
  for (int64_t block = 0; block < grid.blocks(axis); ++block)
    longest = std::max(longest, grid.BlockRange(axis, block).size());
  if (count == 0) return {0};
  std::vector<int64_t> lengths(count / longest, longest);
  if (count % longest) lengths.push_back(count % longest);
  return lengths;
}

}  // namespace

Result<ArrayPtr> MakeIndex(const ArrayPtr& x, const std::vector<IndexItem>& items) {
  ASSIGN_OR_RETURN(const std::vector<IndexItem> expanded, Expand(*x, items));
  Parts parts;
  for (const IndexItem& item : expanded) RETURN_IF_ERROR(AddItem(*x, item, &parts));
  ASSIGN_OR_RETURN(ArrayPtr view, MakeView(x, std::move(parts.map), ops::Grid(std::move(parts.chunks))));
  return parts.list ? MakeTake(view, std::move(parts.list->second), parts.list->first) : view;
}

Result<ArrayPtr> MakeTake(const ArrayPtr& x, std::vector<int64_t> indices, int64_t axis) {
  ASSIGN_OR_RETURN(axis, NormalizeAxis(axis, x->ndim()));
  const int64_t length = x->shape()[axis];
  TokenBuilder token("take");
  token.Add(x->token()).Add(axis);
  for (int64_t& i : indices) {
    if (i < -length || i >= length)
      return Status::IndexError("index ", i, " is out of bounds for axis ", axis, " with size ", length);
    i = i < 0 ? i + length : i;
  }
  token.Add(std::span<const int64_t>(indices));
  auto chunks = x->grid().chunks();
  chunks[axis] = TakenChunks(x->grid(), axis, static_cast<int64_t>(indices.size()));
  return InternAs<ArrayNode>(
      std::make_shared<TakeNode>(token.Finish(), x, axis, std::move(indices), ops::Grid(std::move(chunks))));
}

std::string TakeNode::Label() const {
  return "take(" + std::to_string(indices_.size()) + " indices, axis=" + std::to_string(axis_) + ")";
}

Result<NodePtr> TakeNode::WithInputs(std::vector<NodePtr> inputs) const {
  return MakeTake(AsArray(inputs[0]), indices_, axis_);
}

}  // namespace swath::expr
