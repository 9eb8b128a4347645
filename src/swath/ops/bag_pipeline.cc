#include "swath/ops/bag_pipeline.h"

namespace swath::ops {
namespace {

std::string_view NameOf(BagSink::Kind kind) {
  static constexpr std::string_view kNames[] = {"items", "take",     "count",  "sum",     "min",         "max",
                                                "mean",  "variance", "any",    "all",     "frequencies", "distinct",
                                                "topk",  "fold",     "foldby", "groupby", "table",       "write"};
  return kNames[static_cast<size_t>(kind)];
}

}  // namespace

std::string BagStep::ToString() const {
  switch (kind) {
    case Kind::kMap:
      return "map(" + expression->ToString() + ")";
    case Kind::kFilter:
      return "filter(" + expression->ToString() + ")";
    case Kind::kRemove:
      return "remove(" + expression->ToString() + ")";
    case Kind::kFlatten:
      return "flatten";
    case Kind::kSample:
      return "sample(" + ItemRepr(BagItem::Float(probability)) + ")";
  }
  return {};
}

std::string BagSink::ToString() const {
  std::string out(NameOf(kind));
  std::string inside;
  const auto add = [&](const std::string& text) { inside += (inside.empty() ? "" : ", ") + text; };
  if (kind == Kind::kTake || kind == Kind::kTopK || kind == Kind::kGroup) add(std::to_string(k));
  if (key) add("by " + key->ToString());
  if (fold) add(fold->ToString());
  if (target) add(target->ToString());
  return inside.empty() ? out : out + "(" + inside + ")";
}

std::string BagPipeline::ToString() const {
  std::string out = source ? source->ToString() : item_inputs > 1 ? (product ? "product" : "zip") : "items";
  for (const BagStep& step : steps) out += " → " + step.ToString();
  if (rest) out += " → " + language + ": " + std::string(rest->name());
  if (!rest || sink.kind == BagSink::Kind::kWrite) out += " → " + sink.ToString();
  return out;
}

std::string BagMerge::ToString() const { return (finish ? "merge " : "merge partials of ") + sink.ToString(); }

std::string BagConcat::ToString() const { return piece.empty() ? "one after the other" : "cut"; }

}  // namespace swath::ops
