"""Puts the figures of benchmarks/results into docs/performance.md: ``python benchmarks/page.py``.

The page holds a line ``<!-- figures: SUITE -->`` before each table; what follows up to the next heading is replaced.
"""

from __future__ import annotations

import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "performance.md"
RESULTS = ROOT / "benchmarks" / "results"


def table(suite: str) -> str:
    """The figures of one suite as Markdown."""
    data = json.loads((RESULTS / f"{suite}.json").read_text())
    lines = [
        f"`make bench SUITES={suite}`, {data['date']}, {data['cpus']} cores",
        "",
        "| case | Swath | peak | against | time ratio | peak ratio |",
        "|---|---|---|---|---|---|",
    ]
    for result in data["results"]:
        ours = result["peers"]["swath"]
        case = result["case"] + (f" ({result['note']})" if result["note"] else "")
        first = [case, f"{ours['best_s']:.3g} s", f"{ours['peak_mib']:.0f} MiB"]
        for peer, row in result["peers"].items():
            if peer == "swath":
                continue
            against = [row["error"][:40], "", ""] if "error" in row else None
            cells = against or [peer, f"{row['ratio']:.2f}×", f"{row['peak_ratio']:.2f}×"]
            lines.append("| " + " | ".join([*first, *cells]) + " |")
            first = ["", "", ""]
    return "\n".join(lines)


def main() -> None:
    """Rewrite the page."""
    text = PAGE.read_text()

    def replace(match: re.Match[str]) -> str:
        return f"{match[1]}\n{table(match[2])}\n\n"

    PAGE.write_text(re.sub(r"(<!-- figures: (\w+) -->)\n.*?(?=^## |\Z)", replace, text, flags=re.S | re.M))


if __name__ == "__main__":
    main()
