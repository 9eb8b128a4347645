"""The tour of Swath: a year of flights and a hundred million random numbers, on real data. Run it with ``swath demo``.

The C++ twin, line for line the same job without Python in the process, is ``tour.cc``.
"""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import sys
import tempfile
import time

import swath.array as sa
import swath.dataframe as sd
from swath.diagnostics import ProgressBar

import swath

WEEKDAY_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
steps: list[tuple[str, float, int]] = []


def find_data() -> pathlib.Path:
    """The folder ``data/`` of the checkout, from here or from the working directory."""
    for base in (pathlib.Path(__file__).resolve().parent.parent, pathlib.Path.cwd()):
        if (base / "data" / "flights").is_dir():
            return base / "data"
    sys.exit("tour: no data/flights here; run `make data` in a checkout of Swath first")


def peak_memory(reset: bool = False) -> int:
    """Peak resident bytes of this process since the last reset."""
    if reset:
        with contextlib.suppress(OSError):
            pathlib.Path("/proc/self/clear_refs").write_text("5")
    status = pathlib.Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


@contextlib.contextmanager
def step(title: str):
    """Print a heading, run the block with a progress bar, note its time and peak memory."""
    print(f"\n\033[1m{title}\033[0m" if sys.stdout.isatty() else f"\n{title}")
    peak_memory(reset=True)
    begin = time.perf_counter()
    with ProgressBar(minimum=0.5):
        yield
    steps.append((title, time.perf_counter() - begin, peak_memory()))


def table(headings: tuple[str, ...], rows: list[tuple]) -> None:
    """Print rows in columns: text to the left, numbers to the right."""
    cells = [
        [
            f"{cell:,.2f}" if isinstance(cell, float) else f"{cell:,}" if isinstance(cell, int) else str(cell)
            for cell in row
        ]
        for row in rows
    ]
    widths = [max(len(line[i]) for line in [list(headings), *cells]) for i in range(len(headings))]
    numeric = [bool(rows) and isinstance(rows[0][i], int | float) for i in range(len(headings))]
    for line in [list(headings), ["─" * width for width in widths], *cells]:
        print(
            "  "
            + "  ".join(
                cell.rjust(width) if right else cell.ljust(width)
                for cell, width, right in zip(line, widths, numeric, strict=True)
            )
        )


def delays(flights):
    """Mean departure delay per airport and per carrier, in one pass over the data."""
    by_airport, by_carrier = swath.compute(
        flights.groupby("origin")["dep_delay"].mean(), flights.groupby("carrier")["dep_delay"].mean()
    )
    return by_airport, by_carrier


def main() -> None:
    """Run every step and say where to go next."""
    data = find_data()
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="swath-tour-"))
    try:
        with step("1. Mean departure delay from twelve CSV files"):
            flights = sd.read_csv(str(data / "flights" / "2013-*.csv"))
            by_airport, by_carrier = delays(flights)
            rows = len(flights)
        names = sd.read_csv(str(data / "airlines.csv")).compute().set_index("carrier")["name"]
        airports = sd.read_csv(str(data / "airports.csv")).compute().set_index("faa")["name"]
        print(f"  {rows:,} flights in {flights.npartitions} partitions")
        table(
            ("airport", "name", "minutes late"),
            [(code, airports[code], float(delay)) for code, delay in by_airport.items()],
        )
        print()
        worst = by_carrier.sort_values(ascending=False)
        table(("carrier", "name", "minutes late"), [(code, names[code], float(delay)) for code, delay in worst.items()])

        with step("2. The same, written to Parquet and read back"):
            flights.to_parquet(str(scratch / "flights"))
            again = sd.read_parquet(str(scratch / "flights"))
            parquet_airport, parquet_carrier = delays(again)
        same = (parquet_airport - by_airport).abs().max() < 1e-9 and (parquet_carrier - by_carrier).abs().max() < 1e-9
        size = sum(path.stat().st_size for path in (scratch / "flights").iterdir())
        print(f"  {size / 2**20:.1f} MiB of Parquet; the answers are {'the same' if same else 'DIFFERENT'}")
        if not same:
            sys.exit(1)

        with step("3. Cancelled flights by month"):
            cancelled = again[again.dep_time.isna()].groupby("month").size().compute()
        most = cancelled.max()
        table(
            ("month", "cancelled", ""),
            [
                (WEEKDAY_MONTHS[month - 1], int(count), "█" * round(24 * count / most))
                for month, count in cancelled.sort_index().items()
            ],
        )

        with step("4. A hundred million random numbers: (x + x.T) - x.mean(axis=1)"):
            x = sa.random.random((10_000, 10_000))
            y = (x + x.T) - x.mean(axis=1)
            total = y.sum().compute()
        print(f"  the sum is {total:,.1f} (expected about {10_000**2 / 2:,.0f}); x alone: {x.nbytes / 2**20:,.0f} MiB")

        with step("5. A matrix product, 4000 × 4000"):
            rng = sa.random.default_rng(7)
            a, b = rng.normal(size=(4000, 4000), chunks=2000), rng.normal(size=(4000, 4000), chunks=2000)
            trace = sa.sum((a @ b) * sa.eye(4000, chunks=2000)).compute()
        print(f"  trace(a @ b) = {trace:,.2f}")

        print("\n6. How it was planned: flights[flights.dep_time.isna()].groupby('month').size()")
        print(
            "\n".join(
                "  " + line for line in swath.explain(again[again.dep_time.isna()].groupby("month").size()).splitlines()
            )
        )

        print()
        table(
            ("step", "seconds", "peak MiB"), [(title, seconds, round(peak / 2**20)) for title, seconds, peak in steps]
        )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    print("\nNext: README.md has five-minute tours in Python and C++, docs/guide/ the pages on arrays and tables.")
    print("      Draw a plan: y.visualize('plan.svg').   In C++: swath demo --native, examples/tour.cc.")


if __name__ == "__main__":
    main()
