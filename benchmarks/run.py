"""Runs benchmark suites against peers in one run, writes tables: ``python benchmarks/run.py [suite …] [--rounds N]``.

Peers take turns, each in its own process, the best of all timed runs counts; peak is the process's peak resident
memory; answers are checked equal (a wrong answer fails the run). Ratios are peer / Swath: over 1 means Swath is better.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pathlib
import pickle
import platform
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from benchmarks.suite import Case, Suite, same  # noqa: E402

SUITES = ("tasks", "arrays", "tables", "bags", "delayed", "executors", "functions")


def run_peer(suite: Suite, case: Case, peer: str, prepared: pathlib.Path) -> dict:
    """One turn of one peer: the parsed line of its process, or the error."""
    command = [sys.executable, "-m", "benchmarks.worker", suite.name, case.name, peer, str(prepared)]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    except subprocess.TimeoutExpired:
        return {"error": "over 600 s"}
    if done.returncode != 0:
        return {"error": done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit {done.returncode}"}
    return json.loads(done.stdout.strip().splitlines()[-1])


def run_case(suite: Suite, case: Case, rounds: int) -> dict:
    """All peers of a case in turns; the best time and the least peak of each."""
    prepared = case.prepare() if case.prepare else None
    rows: dict[str, dict] = {}
    with tempfile.NamedTemporaryFile(suffix=".pickle") as file:
        pathlib.Path(file.name).write_bytes(pickle.dumps(prepared))
        for _ in range(rounds):
            for peer in case.peers:
                result = run_peer(suite, case, peer, pathlib.Path(file.name))
                row = rows.setdefault(peer, {"seconds": [], "peak_bytes": []})
                if "error" in result:
                    row["error"] = result["error"]
                    continue
                row["seconds"] += result["seconds"][1:] or result["seconds"]
                row["peak_bytes"].append(result["peak_bytes"])
                row["answer"] = result["answer"]
    ours = rows["swath"]
    wrong = [
        peer
        for peer, row in rows.items()
        if case.compare
        and "answer" in row
        and "answer" in ours
        and not same(ours["answer"], row["answer"], case.tolerance)
    ]
    table = {}
    for peer, row in rows.items():
        if "error" in row and not row["seconds"]:
            table[peer] = {"error": row["error"]}
            continue
        best, peak = min(row["seconds"]), min(row["peak_bytes"])
        table[peer] = {"best_s": best, "peak_mib": peak / 2**20}
        if ours.get("seconds"):
            table[peer] |= {"ratio": best / min(ours["seconds"]), "peak_ratio": peak / min(ours["peak_bytes"])}
    return {"case": case.name, "note": case.note, "target": dict(case.target), "wrong": wrong, "peers": table}


def markdown(suite: Suite, results: list[dict]) -> str:
    """The suite's table in Markdown."""
    lines = [
        f"## {suite.title}",
        "",
        "| case | peer | best | peak | time ratio | peak ratio | target |",
        "|---|---|---|---|---|---|---|",
    ]
    for result in results:
        for peer, row in result["peers"].items():
            if "error" in row:
                lines.append(f"| {result['case']} | {peer} | failed: {row['error'][:80]} | | | | |")
                continue
            target = result["target"].get(peer)
            met = "" if target is None else f"≥ {target:g}× {'met' if row.get('ratio', 0) >= target else 'not met'}"
            ratios = f"{row['ratio']:.2f}× | {row['peak_ratio']:.2f}×" if "ratio" in row and peer != "swath" else "|"
            lines.append(
                f"| {result['case']} | {peer} | {row['best_s']:.4g} s | {row['peak_mib']:.0f} MiB | {ratios} | {met} |"
            )
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run the suites named on the command line (all by default)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", nargs="*", default=SUITES, help=f"of {', '.join(SUITES)}")
    parser.add_argument("--rounds", type=int, default=2, help="turns of each peer")
    parser.add_argument("--case", help="only this case")
    options = parser.parse_args()
    out = ROOT / "benchmarks" / "results"
    out.mkdir(exist_ok=True)
    failed = 0
    for name in options.suites or SUITES:
        suite = importlib.import_module(f"benchmarks.suites.{name}").SUITE
        results = []
        for case in suite.cases:
            if options.case and case.name != options.case:
                continue
            print(f"{name}: {case.name} …", file=sys.stderr, flush=True)
            result = run_case(suite, case, options.rounds)
            failed += bool(result["wrong"]) or "error" in result["peers"]["swath"]
            if result["wrong"]:
                print(f"  WRONG ANSWER against {result['wrong']}", file=sys.stderr)
            results.append(result)
        head = {
            "date": time.strftime("%Y-%m-%d"),
            "cpus": os.cpu_count(),
            "machine": platform.processor() or platform.machine(),
            "rounds": options.rounds,
        }
        if not options.case:
            (out / f"{name}.json").write_text(json.dumps(head | {"results": results}, indent=1) + "\n")
            (out / f"{name}.md").write_text(
                f"# {name}: `make bench SUITES={name}`, {head['date']}, {head['cpus']} cores\n\n"
                + markdown(suite, results)
            )
        print(markdown(suite, results), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
