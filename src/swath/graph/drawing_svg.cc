// The built-in layered layout: see drawing.h.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "swath/graph/drawing.h"

namespace swath::graph {
namespace {

constexpr double kCharWidth = 7.2, kLineHeight = 15, kPadding = 10, kGapX = 18, kGapY = 48, kMargin = 16;

struct Placed {
  double x = 0, y = 0, width = 0, height = 0;
};

std::vector<std::string> Lines(const std::string& label) {
  std::vector<std::string> lines(1);
  for (char c : label) {
    if (c == '\n')
      lines.emplace_back();
    else
      lines.back() += c;
  }
  return lines;
}

// rank[v] = length of the longest path from a source. Edges go from smaller to larger ranks.
std::vector<int32_t> Ranks(const Drawing& drawing) {
  const size_t n = drawing.boxes.size();
  std::vector<std::vector<int32_t>> out(n);
  std::vector<int32_t> missing(n, 0), rank(n, 0), ready;
  for (const auto& [from, to] : drawing.edges) {
    out[from].push_back(to);
    ++missing[to];
  }
  for (size_t v = 0; v < n; ++v) {
    if (missing[v] == 0) ready.push_back(static_cast<int32_t>(v));
  }
  while (!ready.empty()) {
    const int32_t v = ready.back();
    ready.pop_back();
    for (int32_t to : out[v]) {
      rank[to] = std::max(rank[to], rank[v] + 1);
      if (--missing[to] == 0) ready.push_back(to);
    }
  }
  return rank;
}

// Order of the boxes inside each rank: a few barycentre sweeps down and up.
std::vector<std::vector<int32_t>> Orders(const Drawing& drawing, const std::vector<int32_t>& rank) {
  const size_t n = drawing.boxes.size();
  std::vector<std::vector<int32_t>> rows(n ? *std::max_element(rank.begin(), rank.end()) + 1 : 0);
  for (size_t v = 0; v < n; ++v) rows[rank[v]].push_back(static_cast<int32_t>(v));
  std::vector<std::vector<int32_t>> up(n), down(n);
  for (const auto& [from, to] : drawing.edges) {
    down[from].push_back(to);
    up[to].push_back(from);
  }
  std::vector<double> position(n, 0);
  const auto number = [&](const std::vector<int32_t>& row) {
    for (size_t i = 0; i < row.size(); ++i)
      position[row[i]] = (static_cast<double>(i) + 0.5) / static_cast<double>(row.size());
  };
  for (const auto& row : rows) number(row);
  for (int sweep = 0; sweep < 8; ++sweep) {
    const bool forward = sweep % 2 == 0;
    for (size_t r = 0; r < rows.size(); ++r) {
      auto& row = rows[forward ? r : rows.size() - 1 - r];
      std::vector<double> centre(n);
      for (int32_t v : row) {
        const auto& neighbours = forward ? up[v] : down[v];
        double sum = 0;
        for (int32_t u : neighbours) sum += position[u];
        centre[v] = neighbours.empty() ? position[v] : sum / static_cast<double>(neighbours.size());
      }
      std::stable_sort(row.begin(), row.end(), [&](int32_t a, int32_t b) { return centre[a] < centre[b]; });
      number(row);
    }
  }
  return rows;
}

std::string Number(double value) {
  std::string text = std::to_string(std::round(value * 10) / 10);
  return text.substr(0, text.find('.') + 2);
}

std::string Html(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

std::string BoxSvg(const DrawnBox& box, const Placed& p) {
  const int hue = (box.hue * 47) % 100 * 360 / 100;
  std::string out = "<g><title>" + Html(box.tooltip) + "</title><rect x=\"" + Number(p.x) + "\" y=\"" + Number(p.y) +
                    "\" width=\"" + Number(p.width) + "\" height=\"" + Number(p.height) + "\" rx=\"" +
                    (box.round ? "18" : "4") + "\" fill=\"hsl(" + std::to_string(hue) + ",60%,92%)\" stroke=\"hsl(" +
                    std::to_string(hue) + ",35%,45%)\"/>";
  const auto lines = Lines(box.label);
  for (size_t i = 0; i < lines.size(); ++i) {
    out += "<text x=\"" + Number(p.x + p.width / 2) + "\" y=\"" +
           Number(p.y + kPadding + kLineHeight * (static_cast<double>(i) + 0.75)) + "\">" + Html(lines[i]) + "</text>";
  }
  return out + "</g>\n";
}

}  // namespace

std::string ToSvg(const Drawing& drawing) {
  const std::vector<int32_t> rank = Ranks(drawing);
  const auto rows = Orders(drawing, rank);
  std::vector<Placed> placed(drawing.boxes.size());
  double total_width = 0, y = kMargin;
  // Sources at the bottom, as Graphviz draws them with rankdir=BT: rows are placed from the last rank down.
  std::vector<double> row_width(rows.size(), -kGapX);
  for (size_t r = 0; r < rows.size(); ++r) {
    for (int32_t v : rows[r]) {
      size_t longest = 1;
      const auto lines = Lines(drawing.boxes[v].label);
      for (const auto& line : lines) longest = std::max(longest, line.size());
      placed[v].width = kCharWidth * static_cast<double>(longest) + 2 * kPadding;
      placed[v].height = kLineHeight * static_cast<double>(lines.size()) + 2 * kPadding;
      row_width[r] += placed[v].width + kGapX;
    }
    total_width = std::max(total_width, row_width[r]);
  }
  for (size_t r = rows.size(); r-- > 0;) {
    double x = kMargin + (total_width - row_width[r]) / 2, height = 0;
    for (int32_t v : rows[r]) {
      placed[v].x = x;
      placed[v].y = y;
      x += placed[v].width + kGapX;
      height = std::max(height, placed[v].height);
    }
    y += height + kGapY;
  }
  const double width = total_width + 2 * kMargin, height = std::max(y - kGapY + kMargin, 2 * kMargin);
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + Number(width) + "\" height=\"" +
                    Number(height) + "\" viewBox=\"0 0 " + Number(width) + " " + Number(height) +
                    "\" font-family=\"ui-sans-serif, sans-serif\" font-size=\"12\" text-anchor=\"middle\">\n";
  if (!drawing.title.empty()) out += "<title>" + Html(drawing.title) + "</title>\n";
  out +=
      "<defs><marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" "
      "orient=\"auto\">"
      "<path d=\"M0 0L8 4L0 8z\" fill=\"#888\"/></marker></defs>\n<g fill=\"none\" stroke=\"#888\" "
      "marker-end=\"url(#a)\">\n";
  for (const auto& [from, to] : drawing.edges) {
    const double x0 = placed[from].x + placed[from].width / 2, y0 = placed[from].y;
    const double x1 = placed[to].x + placed[to].width / 2, y1 = placed[to].y + placed[to].height;
    const double middle = (y0 + y1) / 2;
    out += "<path d=\"M" + Number(x0) + " " + Number(y0) + "C" + Number(x0) + " " + Number(middle) + " " + Number(x1) +
           " " + Number(middle) + " " + Number(x1) + " " + Number(y1) + "\"/>\n";
  }
  out += "</g>\n";
  for (size_t v = 0; v < placed.size(); ++v) out += BoxSvg(drawing.boxes[v], placed[v]);
  return out + "</svg>\n";
}

}  // namespace swath::graph
