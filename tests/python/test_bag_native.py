"""Native steps of bags against Python itself: the same value of the same type, or the same exception."""

import bz2
import gzip
import itertools
import json
import lzma
import math
import operator
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from swath._engine import core

E = core.BagExpression
X = ("item",)


def bag(items, npartitions=1):
    bounds = [len(items) * i // npartitions for i in range(npartitions + 1)]
    return core.bag_from_items(list(items), bounds)


def run(node, scheduler="sync"):
    return core.bag_items(core.compute([node], scheduler=scheduler)[0])


def host(function, name="f"):
    return core.BagHost(function, name)


def mapped(function):
    return host(lambda items: map(function, items), "map")


def exact(value):
    """A form that tells 1 from 1.0 from True, and compares NaN and -0.0."""
    if isinstance(value, dict):
        return ("dict", [(exact(k), exact(v)) for k, v in value.items()])
    if isinstance(value, list | tuple):
        return (type(value).__name__, [exact(v) for v in value])
    return (type(value).__name__, repr(value))


def check(tree, function, item):
    """The native value is Python's, or native code declines; with a fallback value or exception are Python's."""
    node = bag([item])
    try:
        expected, error = exact(function(item)), None
    except Exception as raised:
        expected, error = None, raised
    try:
        native = run(core.bag_map(node, E(tree)))
    except Exception:
        native = None  # declined, or Python's own error
    if native is not None:
        assert error is None, f"native gave {native[0]!r} where Python raises {error!r}"
        assert exact(native[0]) == expected
    step = core.bag_map(node, E(tree), mapped(function))
    if error is None:
        assert exact(run(step)[0]) == expected
    else:
        with pytest.raises(type(error)) as caught:
            run(step)
        assert str(caught.value) == str(error)
    return native is not None


numbers = st.one_of(
    st.integers(-10, 10),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False),
    st.sampled_from([0.0, -0.0, 0.5, 2.5, -2.5, 1e300, 2.0**53, 2.0**63, -(2.0**63), math.inf]),
    st.booleans(),
)
texts = st.one_of(
    st.text(max_size=8),
    st.text("ab \t\n-.,0129ABé\u2003", max_size=12),
    st.sampled_from(
        ["12", " 12 ", "-3", "+4", "1_000", "1.5", "1e5", "nan", "inf", "0x1", "", "Hello World", "a,b,,c"]
    ),
)
scalars = st.one_of(st.none(), numbers, texts)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=8,
)

BINARY = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "truediv": operator.truediv,
    "floordiv": operator.floordiv,
    "mod": operator.mod,
    "and_": operator.and_,
    "or_": operator.or_,
    "xor": operator.xor,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "eq": operator.eq,
    "ne": operator.ne,
    "contains": lambda a, b: b in a,
    "getitem": operator.getitem,
    "min2": min,
    "max2": max,
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
}
UNARY = {
    "neg": operator.neg,
    "pos": operator.pos,
    "abs": abs,
    "invert": operator.invert,
    "not": operator.not_,
    "bool": bool,
    "int": int,
    "float": float,
    "str": str,
    "len": len,
    "round": round,
    "is_none": lambda x: x is None,
    "is_not_none": lambda x: x is not None,
    "first": lambda x: x[0],
    "last": lambda x: x[-1],
    "dumps": json.dumps,
}
METHODS = [
    "lower",
    "upper",
    "strip",
    "lstrip",
    "rstrip",
    "split",
    "rsplit",
    "splitlines",
    "isdigit",
    "isalpha",
    "isalnum",
    "isspace",
    "isupper",
    "islower",
    "title",
    "capitalize",
    "swapcase",
]


@pytest.mark.parametrize("name", BINARY)
@given(a=values, b=values)
@settings(max_examples=60, deadline=None)
def test_binary(name, a, b):
    both = isinstance(a, int | float) and isinstance(b, int | float)
    if name == "mul" and not both and any(isinstance(x, int) and x > 100 for x in (a, b)):
        return  # a repetition of gigabytes
    if name == "mod" and isinstance(a, str):
        return
    check((name, ("getitem", X, 0), ("getitem", X, 1)), lambda x: BINARY[name](x[0], x[1]), [a, b])


@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv", "floordiv", "mod", "lt", "ge", "eq", "min2", "max2"])
@given(a=numbers, b=numbers)
@settings(max_examples=200, deadline=None)
def test_binary_numbers(name, a, b):
    check((name, ("getitem", X, 0), ("getitem", X, 1)), lambda x: BINARY[name](x[0], x[1]), (a, b))


@given(a=st.one_of(st.integers(-20, 20), st.floats(-50, 50)), b=st.one_of(st.integers(-8, 40), st.floats(-8, 8)))
@settings(max_examples=200, deadline=None)
def test_power(a, b):
    check(("pow", ("getitem", X, 0), ("getitem", X, 1)), lambda x: x[0] ** x[1], (a, b))


@pytest.mark.parametrize("name", UNARY)
@given(x=values)
@settings(max_examples=120, deadline=None)
def test_unary(name, x):
    check((name, X), UNARY[name], x)


@given(x=st.floats(allow_nan=False, allow_infinity=False), digits=st.integers(0, 6))
@settings(max_examples=300, deadline=None)
def test_round_to_digits(x, digits):
    check(("round", X, digits), lambda v: round(v, digits), x)


@pytest.mark.parametrize("name", METHODS)
@given(x=st.one_of(texts, scalars))
@settings(max_examples=120, deadline=None)
def test_methods(name, x):
    check((name, X), lambda s: getattr(s, name)(), x)


@pytest.mark.parametrize(
    "name",
    [
        "startswith",
        "endswith",
        "find",
        "rfind",
        "count",
        "split",
        "rsplit",
        "strip",
        "removeprefix",
        "removesuffix",
        "partition",
    ],
)
@given(x=texts, part=st.one_of(st.text("ab ,é", max_size=2), st.none()))
@settings(max_examples=150, deadline=None)
def test_methods_with_text(name, x, part):
    check((name, X, part), lambda s: getattr(s, name)(part), x)


@given(x=texts, most=st.integers(-1, 3), separator=st.sampled_from([None, ",", " ", "ab"]))
@settings(max_examples=150, deadline=None)
def test_split_most(x, most, separator):
    check(("split", X, separator, most), lambda s: s.split(separator, most), x)
    check(("rsplit", X, separator, most), lambda s: s.rsplit(separator, most), x)


@given(x=texts, old=st.text("ab,", max_size=2), new=st.text(max_size=2), width=st.integers(0, 9))
@settings(max_examples=150, deadline=None)
def test_replace_join_zfill(x, old, new, width):
    check(("replace", X, old, new), lambda s: s.replace(old, new), x)
    check(("join", old, ("split", X)), lambda s: old.join(s.split()), x)
    check(("zfill", X, width), lambda s: s.zfill(width), x)


@pytest.mark.parametrize(
    "tree,function,item",
    [
        (("add", X, 1), lambda x: x + 1, 2**62),
        (("truediv", X, 3), lambda x: x / 3, 10),
        (("floordiv", X, -3), lambda x: x // -3, 10),
        (("mod", X, 3.5), lambda x: x % 3.5, -10),
        (("pow", X, 2), lambda x: x**2, 1.5),
        (("lt", X, 2.0), lambda x: x < 2.0, 2**53 + 1),
        (("round", X, 2), lambda x: round(x, 2), 2.675),
        (("and", ("gt", X, 1), ("lt", X, 5)), lambda x: x > 1 and x < 5, 3),
        (("lower", X), str.lower, "ABC"),
        (("strip", X), str.strip, "\u2003 é x\n"),
        (("split", X), str.split, " a  é b "),
        (("len", X), len, "é世"),
        (("getitem", X, -1), lambda x: x[-1], "aé"),
        (("slice", X, 1, None, None), lambda x: x[1:], "aéb"),
        (("getitem", ("getitem", ("loads", X), "a"), 1), lambda s: json.loads(s)["a"][1], '{"a": [1, {"b": "é"}]}'),
        (("dumps", ("loads", X)), lambda s: json.dumps(json.loads(s)), '{"a": [1.5, "é\\u0001"]}'),
        (("contains", ("literal", ("a", "b")), X), lambda x: x in ("a", "b"), "b"),
        (("tuple", X, ("int", X), ("float", X)), lambda x: (x, int(x), float(x)), "12"),
    ],
)
def test_these_are_native(tree, function, item):
    assert check(tree, function, item)


bounds = st.one_of(st.none(), st.integers(-5, 5))


@given(x=st.one_of(texts, st.lists(scalars, max_size=5)), start=bounds, stop=bounds)
@settings(max_examples=150, deadline=None)
def test_slices(x, start, stop):
    check(("slice", X, start, stop, None), lambda s: s[start:stop], x)


@given(record=st.dictionaries(st.sampled_from("abc"), values, max_size=3), key=st.sampled_from("abcd"))
@settings(max_examples=100, deadline=None)
def test_records(record, key):
    check(("getitem", X, key), lambda r: r[key], record)
    check(("get", X, key), lambda r: r.get(key), record)
    check(("get", X, key, 5), lambda r: r.get(key, 5), record)
    check(("contains", X, key), lambda r: key in r, record)
    check(("record", "k", ("get", X, key), "k", 1), lambda r: {"k": 1}, record)
    check(("if", ("contains", X, key), ("getitem", X, key), "none"), lambda r: r[key] if key in r else "none", record)  # noqa: SIM401


# --- JSON

INVALID = [
    "",
    " ",
    "{",
    '{"a": 1,}',
    "[1 2]",
    "nul",
    "1 2",
    "01",
    "'a'",
    '{"a" 1}',
    '"\x01"',
    '{"a": tru}',
    "\ufeff1",
    "-",
    "1.",
    "[1,]",
]
UNUSUAL = [
    "NaN",
    "-Infinity",
    "[NaN]",
    "18446744073709551615",
    "9223372036854775808",
    "123456789012345678901234567890",
    "1e999",
    '"\\ud800"',
    "-0",
    "-0.0",
    "1E2",
    ' \t\n\r{"a" : 1 } ',
    '{"a": 1, "a": 2, "b": 3}',
    '"\\u00e9\\n"',
    '{"a": {"b": [1, {"c": null}]}}',
]


@pytest.mark.parametrize("text", INVALID + UNUSUAL)
def test_loads_unusual(text):
    check(("loads", X), json.loads, text)
    check(("len", ("loads", X)), lambda s: len(json.loads(s)), text)
    check(("getitem", ("loads", X), "a"), lambda s: json.loads(s)["a"], text)


@given(x=values)
@settings(max_examples=200, deadline=None)
def test_json_round_trip(x):
    text = json.dumps(x)
    check(("loads", X), json.loads, text)
    check(("dumps", ("loads", X)), lambda s: json.dumps(json.loads(s)), text)


@given(records=st.lists(st.dictionaries(st.sampled_from("abc"), scalars, max_size=3), max_size=8))
@settings(max_examples=100, deadline=None)
def test_pipeline_of_records(records):
    lines = [json.dumps(r) + "\n" for r in records]
    loads = core.bag_map(bag(lines, 2), E(("loads", X)), mapped(json.loads))
    condition = host(lambda items: (r for r in items if r["a"] > 1), "filter")
    kept = core.bag_filter(loads, E(("gt", ("getitem", X, "a"), 1)), condition)
    node = core.bag_map(kept, E(("get", X, "b")), mapped(lambda r: r.get("b")))
    try:
        expected = [r.get("b") for r in records if r["a"] > 1]
    except Exception as error:
        with pytest.raises(type(error)):
            run(node)
        return
    assert exact(run(node)) == exact(expected)


# --- reductions


def reduced(node, kind, **options):
    return run(core.bag_reduce(node, {"kind": kind, **options}))


keys = st.one_of(st.integers(-3, 3), st.sampled_from([1.0, 2.5, True, False, None, "a", "b", (1, "a"), (1.0, "a")]))


@given(items=st.lists(keys, max_size=30), n=st.integers(1, 4))
@settings(max_examples=100, deadline=None)
def test_keyed_reductions(items, n):
    node = bag(items, n)
    assert exact(reduced(node, "frequencies")) == exact(list(Counter(items).items()))
    assert exact(reduced(node, "distinct")) == exact(list(dict.fromkeys(items)))
    assert reduced(node, "count") == [len(items)]
    assert reduced(node, "any") == [any(items)]
    assert reduced(node, "all") == [all(items)]
    groups = dict(run(core.bag_groupby(node, E(X), 3)))
    expected = {}
    for item in items:
        expected.setdefault(item, []).append(item)
    assert exact(sorted(groups.items(), key=repr)) == exact(sorted(expected.items(), key=repr))


@given(items=st.lists(st.integers(-50, 50), min_size=1, max_size=40), n=st.integers(1, 5), k=st.integers(0, 6))
@settings(max_examples=100, deadline=None)
def test_numeric_reductions(items, n, k):
    import heapq
    import statistics

    node = bag(items, n)
    assert reduced(node, "sum") == [sum(items)]
    assert reduced(node, "min") == [min(items)]
    assert reduced(node, "max") == [max(items)]
    assert reduced(node, "mean") == pytest.approx([sum(items) / len(items)])
    assert reduced(node, "variance", ddof=0) == pytest.approx([statistics.pvariance(items)])
    assert reduced(node, "take", k=k) == items[:k]
    key = ("mod", X, 7)
    assert reduced(node, "topk", k=k, key=E(key)) == heapq.nlargest(k, items, key=lambda x: x % 7)
    assert reduced(node, "fold", fold=E(("add", ("acc",), X)), initial=0) == [sum(items)]
    expected = {}
    for item in items:
        expected[item % 3] = expected.get(item % 3, 0) + item
    fold = {"key": E(("mod", X, 3)), "fold": E(("add", ("acc",), X)), "initial": 0}
    assert reduced(node, "foldby", **fold) == list(expected.items())


def test_reductions_decline():
    for kind, items, error in (
        ("frequencies", [{}], TypeError),
        ("max", ["a", 1], TypeError),
        ("sum", ["a"], TypeError),
        ("max", [], ValueError),
        ("frequencies", [float("nan")], NotImplementedError),
        ("sum", [2**62, 2**62], NotImplementedError),
    ):
        with pytest.raises(error):
            reduced(bag(items), kind)


def test_native_and_opaque_partials_meet():
    """One partition falls back to Python, the others do not: the merge takes both."""
    items = [1, 2, 3, 2**70, 5, 5]
    node = bag(items, 3)
    partial = host(lambda it: [sum(it)], "sum")
    merge = host(lambda *parts: [sum(itertools.chain(*parts))], "sum")
    assert run(core.bag_reduce(node, {"kind": "sum"}, partial, merge, merge)) == [sum(items)]


# --- sources and files


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [None, "", "\n", "\r\n", "|", "ab"])
@pytest.mark.parametrize("blocksize", [0, 5, 16, 1000])
def test_lines(tmp_path, end, delimiter, blocksize):
    from dask.bag import read_text

    text = end.join(["one", "", "two|zwei", "drei ab vier", "é", "last"])
    for name, content in (("a.txt", text), ("b.txt", text + end), ("c.txt", "")):
        (tmp_path / name).write_bytes(content.encode())
        paths = str(tmp_path / name)
        if not content and blocksize:
            assert run(core.bag_read_text([paths], blocksize=blocksize)) == []  # Dask: "No files found"
            continue
        ours = run(core.bag_read_text([paths], blocksize=blocksize, linedelimiter=delimiter))
        if blocksize and delimiter not in (None, "\n"):
            # Dask cuts inside characters, and makes "\r\n" of "\n" for linedelimiter="\r\n".
            assert "".join(ours) == content
            assert all(line.endswith(delimiter or ("\n", "\r")) for line in ours[:-1])
            continue
        dask = read_text(paths, blocksize=blocksize or None, linedelimiter=delimiter, encoding="utf-8")
        assert ours == list(dask.compute(scheduler="sync")), (name, delimiter)


@given(lines=st.lists(st.text("ab\u00e9\u4e16\n", max_size=30), max_size=20), blocksize=st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_blocks_lose_nothing(lines, blocksize, tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "x.txt"
    path.write_text("\n".join(lines), encoding="utf-8", newline="")
    with open(path, encoding="utf-8") as file:
        expected = list(file)
    assert run(core.bag_read_text([str(path)], blocksize=blocksize)) == expected


@pytest.mark.parametrize("ending,opener", [(".gz", gzip.open), (".bz2", bz2.open), (".xz", lzma.open), ("", open)])
def test_compressed(tmp_path, ending, opener):
    lines = [f"line {i} é\n" for i in range(5000)]
    path = str(tmp_path / f"x.txt{ending}")
    with opener(path, "wt", encoding="utf-8") as file:
        file.writelines(lines)
    assert run(core.bag_read_text([path])) == lines
    out = str(tmp_path / f"out.txt{ending}")
    stripped = core.bag_map(core.bag_read_text([path]), E(("rstrip", X, "\n")))
    assert run(core.bag_write_text(stripped, [out], last_endline=True)) == [out]
    with opener(out, "rt", encoding="utf-8") as file:
        assert list(file) == lines


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "cp1252", "utf-8-sig", "ascii", "shift_jis"])
def test_encodings(tmp_path, encoding):
    text = "grün\nzwei\n" if encoding not in ("ascii", "shift_jis") else "eins\nzwei\n"
    path = tmp_path / "x.txt"
    path.write_text(text, encoding=encoding)
    assert run(core.bag_read_text([str(path)], encoding=encoding)) == text.splitlines(keepends=True)


@given(data=st.binary(max_size=40))
@settings(max_examples=150, deadline=None)
def test_bytes_that_are_no_text(data, tmp_path_factory):
    path = tmp_path_factory.mktemp("bytes") / "x.txt"
    path.write_bytes(data)
    for errors in ("strict", "ignore", "replace"):
        node = core.bag_read_text([str(path)], errors=errors)
        try:
            with open(path, encoding="utf-8", errors=errors) as file:
                expected = list(file)
        except UnicodeDecodeError:
            with pytest.raises(ValueError, match="codec can't decode"):
                run(node)
            continue
        assert run(node) == expected


def test_paths_and_groups(tmp_path):
    for i in range(5):
        (tmp_path / f"{i}.txt").write_text(f"{i}\n")
    pattern = str(tmp_path / "*.txt")
    node = core.bag_read_text([pattern], files_per_partition=2, include_path=True)
    assert core.bag_npartitions(node) == 3
    assert run(node) == [(f"{i}\n", str(tmp_path / f"{i}.txt")) for i in range(5)]
    with pytest.raises(FileNotFoundError):
        core.bag_read_text([str(tmp_path / "nothing*")])
    with pytest.raises(ValueError, match="Only one of"):
        core.bag_read_text([pattern], files_per_partition=2, blocksize=3)


@given(items=st.lists(values, max_size=12), n=st.integers(1, 4), m=st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_repartition_zip_product_flatten(items, n, m):
    node = bag(items, n)
    assert exact(run(node)) == exact(items)
    assert exact(run(core.bag_repartition(node, m))) == exact(items)
    assert exact(run(core.bag_zip([node, node], host(zip, "zip")))) == exact(list(zip(items, items, strict=True)))
    pairs = run(core.bag_product(node, bag([1, 2]), host(lambda a, b: itertools.product(a, list(b)), "product")))
    assert exact(pairs) == exact(list(itertools.product(items, [1, 2])))
    lists = bag([[x] for x in items], n)
    assert exact(run(core.bag_flatten(lists, host(lambda it: itertools.chain.from_iterable(it), "flatten")))) == exact(
        items
    )


def test_sample_is_reproducible():
    node = core.bag_range(20000, 4)
    first = run(core.bag_sample(node, 0.3, (1, 2)))
    assert first == run(core.bag_sample(node, 0.3, (1, 2)), "threads")
    assert first != run(core.bag_sample(node, 0.3, (1, 3)))
    assert abs(len(first) - 6000) < 400
    assert set(first) <= set(range(20000))


def test_shared_python_steps_run_once():
    calls = []
    slow = core.bag_host(bag(range(4), 2), mapped(lambda x: calls.append(x) or x))
    both = core.compute(
        [
            core.bag_reduce(slow, {"kind": "sum"}, *[host(lambda *p: [sum(itertools.chain(*p))], "sum")] * 3),
            core.bag_map(slow, None, mapped(lambda x: x + 1)),
        ],
        scheduler="sync",
    )
    assert [core.bag_items(v) for v in both] == [[6], [1, 2, 3, 4]]
    assert sorted(calls) == [0, 1, 2, 3]


def test_table_of_records():
    import pyarrow as pa

    records = [{"a": 1, "b": "x"}, {"a": 2, "b": None}]
    frame = core.bag_to_frame(bag(records, 2), pa.struct([("a", pa.int64()), ("b", pa.large_string())]))
    assert frame.npartitions == 2


def test_explain_says_who_runs_what():
    text = core.bag_read_text([__file__])
    node = core.bag_host(core.bag_map(text, E(("strip", X))), host(lambda it: it, "mine"))
    plan = core.explain([node])
    assert "map(x.strip())  native" in plan
    assert "mine  python" in plan
    assert "python: mine" in plan
