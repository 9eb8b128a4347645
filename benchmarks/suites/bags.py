"""Bags: both rows of the targets: an NDJSON pipeline that runs natively, and the same with opaque Python functions."""

from __future__ import annotations

import json

from benchmarks.suite import DATA, Case, Suite

RECORDS = 1_000_000
FILES = 8
OCCUPATIONS = 120


def make_files():
    """data/bench/people-*.ndjson, once: records like those of Dask's bag tutorial, about 250 bytes each."""
    stamp = DATA / f".people-{RECORDS}"
    if not stamp.exists():
        import random

        DATA.mkdir(parents=True, exist_ok=True)
        rng = random.Random(42)
        jobs = [f"Occupation {i:03d}" for i in range(OCCUPATIONS)]
        for part in range(FILES):
            with open(DATA / f"people-{part}.ndjson", "w") as file:
                for i in range(RECORDS // FILES):
                    record = {
                        "id": part * RECORDS + i,
                        "age": rng.randrange(10, 80),
                        "name": [f"First{rng.randrange(5000)}", f"Last{rng.randrange(20000)}"],
                        "occupation": rng.choice(jobs),
                        "telephone": f"+1-{rng.randrange(10**9, 10**10)}",
                        "address": {
                            "address": f"{rng.randrange(2000)} Main Street",
                            "city": f"City {rng.randrange(900)}",
                        },
                        "credit-card": {
                            "number": f"{rng.randrange(10**15, 10**16)}",
                            "expiration-date": f"{rng.randrange(1, 13):02d}/{rng.randrange(20, 32)}",
                        },
                        "balance": round(rng.gauss(1000, 300), 2),
                    }
                    file.write(json.dumps(record) + "\n")
        stamp.touch()
    return str(DATA / "people-*.ndjson")


def adult(record):
    """A predicate that no tracing sees through: it is opaque by its `try`."""
    try:
        return record["age"] > 30
    except KeyError:
        return False


def occupation(record):
    """As `adult`: opaque."""
    try:
        return record["occupation"]
    except KeyError:
        return None


def swath_native(files):
    import swath.bag as sb

    people = sb.read_text(files).map(json.loads)
    return people.filter(lambda r: r["age"] > 30).pluck("occupation").frequencies().compute()


def dask_native(files):
    import dask.bag as db

    people = db.read_text(files).map(json.loads)
    return people.filter(lambda r: r["age"] > 30).pluck("occupation").frequencies().compute(scheduler="processes")


def polars_native(files):
    import polars as pl

    schema = {"age": pl.Int64, "occupation": pl.String}
    people = pl.scan_ndjson(files, schema=schema).filter(pl.col("age") > 30)
    return people.group_by("occupation").len().collect(engine="streaming").rows()


def swath_opaque(files):
    import swath.bag as sb

    return sb.read_text(files).map(json.loads).filter(adult).map(occupation).frequencies().compute()


def dask_opaque(files):
    import dask.bag as db

    people = db.read_text(files).map(json.loads)
    return people.filter(adult).map(occupation).frequencies().compute(scheduler="processes")


def swath_topk(files):
    import swath.bag as sb

    people = sb.read_text(files).map(json.loads)
    return people.map(lambda r: (r["balance"], r["id"])).topk(10, key=lambda p: p[0]).compute()


def dask_topk(files):
    import dask.bag as db

    people = db.read_text(files).map(json.loads)
    pairs = people.map(lambda r: (r["balance"], r["id"]))
    return pairs.topk(10, key=lambda p: p[0]).compute(scheduler="processes")


def polars_topk(files):
    import polars as pl

    people = pl.scan_ndjson(files, schema={"id": pl.Int64, "balance": pl.Float64})
    return people.select("balance", "id").top_k(10, by="balance").collect(engine="streaming").rows()


def swath_words(files):
    import swath.bag as sb

    return sb.read_text(files).map(lambda line: line.split()).flatten().frequencies().topk(10, key=1).compute()


def dask_words(files):
    import dask.bag as db

    words = db.read_text(files).map(lambda line: line.split()).flatten()
    return words.frequencies().topk(10, key=1).compute(scheduler="processes")


def pairs(result):
    """Pairs in an order of their own."""
    return sorted([list(pair) for pair in result], key=str)


def counts(result):
    """The counts alone: of equal ones either word may be among the first."""
    return sorted(count for _, count in result)


SUITE = Suite(
    "bags",
    "Bags",
    (
        Case(
            "NDJSON: json.loads → filter → pluck → frequencies, 1 M records",
            {"swath": swath_native, "polars": polars_native, "dask": dask_native},
            prepare=make_files,
            answer=dict.fromkeys(("swath", "dask", "polars"), pairs),
            target={"dask": 30, "polars": 0.7},
            repeats=2,
        ),
        Case(
            "NDJSON: json.loads → map(tuple) → topk(10), 1 M records",
            {"swath": swath_topk, "polars": polars_topk, "dask": dask_topk},
            prepare=make_files,
            answer=dict.fromkeys(("swath", "dask", "polars"), lambda result: [list(pair) for pair in result]),
            target={"dask": 30, "polars": 0.7},
            repeats=2,
        ),
        Case(
            "words: str.split → flatten → frequencies → topk(10)",
            {"swath": swath_words, "dask": dask_words},
            prepare=make_files,
            answer=dict.fromkeys(("swath", "dask"), counts),
            repeats=1,
        ),
        Case(
            "NDJSON with opaque functions: json.loads → filter → map → frequencies, 1 M records",
            {"swath": swath_opaque, "dask": dask_opaque},
            prepare=make_files,
            answer=dict.fromkeys(("swath", "dask"), pairs),
            target={"dask": 2},
            repeats=1,
        ),
    ),
)
