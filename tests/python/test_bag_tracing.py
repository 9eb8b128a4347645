"""Traced functions do exactly what Python does, and only functions that may be called are called."""

import functools
import json
import math
import operator

import pytest
import swath.bag as db
from hypothesis import given
from hypothesis import strategies as st
from swath.bag.tracing import trace

LIMIT = 30


def outcome(run):
    """The result as text that tells types apart, or the exception's type and message."""
    try:
        return repr(run())
    except Exception as error:
        return type(error), str(error)


def check(function, items, npartitions=1):
    bag = db.from_sequence(items, npartitions=npartitions)
    assert outcome(lambda: bag.map(function).compute()) == outcome(lambda: [function(x) for x in items])
    kept = outcome(lambda: [x for x in items if function(x)])
    assert outcome(lambda: bag.filter(function).compute()) == kept


leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-100, 100),
    st.integers(),
    st.floats(),
    st.text(max_size=6),
    st.sampled_from(["Ärger", "straße", " a b ", "12", "1.5", "a,b,c", "", "日本"]),
)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner), max_leaves=6
)
records = st.fixed_dictionaries({"a": values, "b": values}, optional={"c": values}) | st.dictionaries(
    st.sampled_from("abc"), values
)

atoms = st.one_of(
    st.sampled_from(['r["a"]', 'r["b"]', 'r["c"]', 'r.get("c")', 'r.get("c", 0)', 'r["a"]["b"]', "LIMIT"]),
    st.sampled_from(["0", "2", "-3", "1.5", '"a"', '"1"', "None", "True"]),
)


def bigger(inner):
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/", "//", "%", "&", "|", "^"]), inner),
        st.builds("({} {} {})".format, inner, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), inner),
        st.builds("{}({})".format, st.sampled_from(["len", "int", "float", "str", "bool", "abs"]), inner),
        st.builds("{}({})".format, st.sampled_from(["-", "+", "~"]), inner),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner),
        st.builds(
            "{}.{}".format,
            st.sampled_from(['r["a"]', 'r["b"]', '(r["a"] + r["b"])']),
            st.sampled_from(
                ["lower()", "upper()", "strip()", 'split(",")', "split()", 'replace("a", "xx")', 'startswith("a")',
                 'find("b")', "title()", "isdigit()", "zfill(5)", 'partition(",")', "splitlines()", 'count("a")']
            ),
        ),
        st.builds("({})[{}]".format, inner, st.sampled_from(["0", "-1", "1:", ":2", '"a"'])),
        st.builds("({}, {})".format, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds('{{"x": {}, "y": {}}}'.format, inner, inner),
        st.builds("isinstance({}, {})".format, inner, st.sampled_from(["str", "int", "float", "dict", "list", "bool"])),
    )  # fmt: skip


expressions = st.recursive(atoms, bigger, max_leaves=5)


@given(expressions, st.lists(records, min_size=1, max_size=5))
def test_traced_expressions_are_pythons(source, items):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "str" object is not callable and the like, of texts that Python compiles
        function = eval(f"lambda r: {source}", {"LIMIT": LIMIT})
    check(function, items)


def traced(function, **kwargs):
    found = trace(function, **kwargs)
    assert found, found.reason
    return found.tree


def test_forms_of_traces():
    item = ("item",)
    age = ("getitem", item, "age")
    assert traced(lambda r: r["age"] > 30) == ("gt", age, 30)
    assert traced(lambda r: 30 < r["age"]) == ("gt", age, 30)  # noqa: SIM300
    assert traced(lambda r: r["age"] > LIMIT) == ("gt", age, 30)
    assert traced(lambda r: r["a"]["b"]) == ("getitem", ("getitem", item, "a"), "b")
    assert traced(lambda r: r.get("k", 1)) == ("get", item, "k", 1)
    assert traced(lambda r: len(r["x"]) + 1) == ("add", ("len", ("getitem", item, "x")), 1)
    assert traced(lambda s: s.split(",", maxsplit=1)) == ("split", item, ",", 1)
    assert traced(lambda s: json.loads(s)) == ("loads", item)
    assert traced(lambda r, n=2: r * n) == ("mul", item, 2)
    assert traced(operator.itemgetter("a", 0)) == ("tuple", ("getitem", item, "a"), ("getitem", item, 0))
    assert traced(operator.methodcaller("split", ",")) == ("split", item, ",")
    assert traced(functools.partial(operator.add, 5)) == ("add", 5, item)
    assert traced(lambda acc, x: acc + x["n"], fold=True) == ("add", ("acc",), ("getitem", item, "n"))
    assert traced(max, fold=True) == ("max2", ("acc",), item)
    assert traced(lambda x: None) is None
    for known, name in ((json.loads, "loads"), (json.dumps, "dumps"), (str.upper, "upper"), (len, "len"), (int, "int")):
        assert traced(known) == (name, item)


def test_assignments_and_shared_values_are_traced():
    def f(r):
        x = r["a"]
        y = x + x
        return {"y": y, "t": (x, y)}

    assert trace(f)
    check(f, [{"a": 1}, {"a": "ab"}, {"a": [1]}])
    check(f, [{"a": 1}, {"b": 1}])


UNTRACEABLE = {
    "and": lambda r: r["a"] and r["b"],
    "if": lambda r: 1 if r["a"] else 2,
    "not": lambda r: not r["a"],
    "in": lambda r: r["a"] in (1, 2),
    "is": lambda r: r["a"] is None,
    "chained": lambda r: 0 < r["a"] < 3,
    "format": lambda r: f"{r['a']}",
    "percent": lambda r: "%s" % (r["a"],),  # noqa: UP031
    "comprehension": lambda r: [x for x in r],
    "type": lambda r: type(r) is dict,
    "set": lambda r: {r["a"]},
    "key": lambda r: {r["a"]: 1},
    "hash": lambda r: hash(r["a"]),
    "repr": lambda r: repr(r["a"]),
    "unpack": lambda r: {**r},
    "method": lambda r: r.keys,
    "class": lambda r: r.__class__.__name__,
    "pop": lambda r: r.pop("a"),
    "range": lambda r: list(range(r["a"])),
    "math": lambda r: math.sqrt(r["a"]),
    "sum": lambda r: sum([r["a"], 1]),
    "lambda": lambda r: (lambda x: x)(r["a"]),
    "star": lambda *r: r[0]["a"],
    "nothing": lambda r: undefined(r),  # noqa: F821
    "conversion": lambda r: "abc"[r["a"]],
    "index": lambda r: [1, 2, 3][r["a"]],
    "join": lambda r: ",".join(r["a"]),
}  # fmt: skip


@pytest.mark.parametrize("name", UNTRACEABLE)
def test_what_is_not_traced_runs_in_python(name):
    function = UNTRACEABLE[name]
    found = trace(function)
    assert not found
    assert found.reason
    items = [{"a": 1, "b": 2}, {"a": 0, "b": None}, {"a": 2, "b": 1}]
    fresh = [dict(x) for x in items]
    bag = db.from_sequence(items, npartitions=1)
    text = bag.map(function).explain()
    assert f"Python, {found.reason}" in text

    def shown(made):  # objects without an order or with an address
        return [sorted(map(str, x)) if isinstance(x, (set, dict)) else callable(x) or x for x in made]

    expected = outcome(lambda: shown([function(x) for x in fresh]))
    assert outcome(lambda: shown(bag.map(function).compute())) == expected


def test_side_effects_are_never_run_by_tracing():
    calls = []
    box = type("Box", (), {"n": 0})()
    state = {"n": 0}

    def appends(r):
        calls.append(r)
        return r["a"]

    def counts(r):
        state["n"] += 1
        return r["a"]

    def sets(r):
        box.n = box.n + 1
        return r["a"]

    def changes_global(r):
        global LIMIT
        LIMIT = 31
        return r["a"]

    def imports(r):
        import antigravity

        return antigravity

    def prints(r):
        print("never")
        return r["a"]

    def yields(r):
        yield r["a"]

    def catches(r):
        try:
            return bool(r["a"])
        except BaseException:
            return None

    def loops(r):
        while True:
            pass

    def adds(r, seen=[]):  # noqa: B006
        return seen + r["a"]

    for function in (appends, counts, sets, changes_global, imports, prints, yields, catches, loops, adds):
        assert not trace(function), function.__name__
    assert (calls, box.n, state["n"], LIMIT) == ([], 0, 0, 30)


def test_a_call_that_is_left_out_of_the_result_is_not_traced():
    def forgets(r):
        r["missing"]
        return 1

    def looks_up(r):
        r.lower  # noqa: B018
        return 1

    assert not trace(forgets)
    assert not trace(looks_up)
    check(forgets, [{"a": 1}], 1)
    check(looks_up, [{"a": 1}], 1)


def test_an_item_that_is_changed_in_place_stays_in_python():
    def extends(r):
        t = r["a"]
        t += [1]
        return t

    assert trace(extends).reason == "it uses `+=`"


def test_values_from_outside_are_those_of_the_computation():
    global LIMIT
    bags = []
    for bound in range(3):
        bags.append(db.from_sequence(range(5), npartitions=1).filter(lambda x: x > bound))  # noqa: B023
    above = db.from_sequence(range(60)).filter(lambda x: x > LIMIT).map(lambda x: x + 1).count()
    assert [bag.compute() for bag in bags] == [[3, 4]] * 3  # as closures do: the last value of the loop
    assert above.compute() == 29
    try:
        LIMIT = 50
        assert above.compute() == 9
        assert above.to_delayed().compute() == 9
        kept = above.to_delayed()
        LIMIT = 58
        assert kept.compute() == 1
    finally:
        LIMIT = 30
    assert above.compute() == 29


def test_a_function_that_was_changed_is_traced_again():
    def f(x, y=1):
        return x + y

    bag = db.from_sequence([1, 2]).map(f)
    assert bag.compute() == [2, 3]
    f.__defaults__ = (10,)
    assert bag.compute() == [11, 12]
    f.__code__ = (lambda x, y=0: x * y).__code__
    assert bag.compute() == [10, 20]


def test_exceptions_are_pythons():
    bag = db.from_sequence([{"a": 1}, {"b": 2}], npartitions=1)
    with pytest.raises(KeyError) as caught:
        bag.map(lambda r: r["a"]).compute()
    assert caught.value.args == ("a",)
    with pytest.raises(TypeError) as caught:
        db.from_sequence([1, None]).map(lambda x: x + 1).compute()
    assert str(caught.value) == "unsupported operand type(s) for +: 'NoneType' and 'int'"
    with pytest.raises(json.JSONDecodeError):
        db.from_sequence(['{"a": 1}', "{"]).map(json.loads).compute()


documents = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner), max_leaves=8
)


@given(st.lists(st.builds(json.dumps, documents) | st.text(max_size=5), max_size=5))
def test_json_is_pythons(texts):
    bag = db.from_sequence(texts, npartitions=1)
    assert outcome(lambda: bag.map(json.loads).compute()) == outcome(lambda: [json.loads(x) for x in texts])
    assert outcome(lambda: bag.map(json.loads).pluck("a", None).compute()) == outcome(
        lambda: [_get(json.loads(x), "a") for x in texts]
    )


def _get(x, key):
    try:
        return x[key]
    except (KeyError, IndexError, TypeError):
        return None


@given(st.lists(documents, max_size=5))
def test_dumps_is_pythons(items):
    bag = db.from_sequence(items, npartitions=2)
    assert bag.map(json.dumps).compute() == [json.dumps(x) for x in items]
