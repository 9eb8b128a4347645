"""The settings: Dask's functions on the engine's store."""

import pytest

import swath
from swath import config


def test_get_and_set():
    assert config.get("scheduler") == "threads"
    assert config.get("array.chunk-size") == config.get("array.chunk_size")
    with config.set({"array.chunk-size": "1MiB"}, scheduler="sync"):
        assert config.get("array.chunk-size") == "1MiB"
        assert config.get("scheduler") == "sync"
        with config.set(array__chunk_size="2MiB"):
            assert config.get("array.chunk-size") == "2MiB"
        assert config.get("array.chunk-size") == "1MiB"
    assert config.get("scheduler") == "threads"
    assert config.get("array.chunk-size") == "128MiB"


def test_nested_and_own_keys():
    with config.set({"mine": {"a": 1, "b": [1, "x", None]}}):
        assert config.get("mine.a") == 1
        assert config.get("mine") == {"a": 1, "b": [1, "x", None]}
        with config.set({"mine.c": 1.5}):
            assert config.get("mine.c") == 1.5
        assert config.get("mine.c", None) is None
    assert config.get("mine", "gone") == "gone"


def test_missing_keys():
    with pytest.raises(KeyError, match=r"memory\.limt"):
        config.get("memory.limt")
    assert config.get("memory.limt", 5) == 5
    assert config.get("scheduler", override_with="mine") == "mine"


def test_wrong_values_fail_at_once():
    with pytest.raises((ValueError, TypeError)):
        config.set({"num-workers": "many"})
    with pytest.raises((ValueError, TypeError)):
        config.set({"scheduler": "sync", "array.chunk-size": "big"})
    assert config.get("scheduler") == "threads", "a failed set leaves nothing behind"


def test_functions_on_given_dicts():
    assert config.merge({"x": 1, "y": {"a": 2}}, {"y": {"b": 3}}) == {"x": 1, "y": {"a": 2, "b": 3}}
    assert config.update({"x": 1}, {"x": 2, "z": 3}, priority="old") == {"x": 1, "z": 3}
    mine = {"a": {"b": 1}}
    with config.set({"a.b": 2, "a.c": 3}, config=mine):
        assert mine == {"a": {"b": 2, "c": 3}}
    assert mine == {"a": {"b": 1}}
    assert config.get("a.b", config=mine) == 1
    assert config.pop("a.b", config=mine) == 1
    assert mine == {"a": {}}
    assert config.deserialize(config.serialize({"x": [1]})) == {"x": [1]}
    assert config.canonical_name("a_b", {"a-b": 1}) == "a-b"


def test_collect(tmp_path, monkeypatch):
    (tmp_path / "one.yaml").write_text("x: 1\nnested:\n  y: [1, two]\n")
    (tmp_path / "two.json").write_text('{"x": 2}')
    found = config.collect([str(tmp_path)], env={"SWATH_NESTED__Z": "3", "SWATH_FLAG": "true", "OTHER": "1"})
    assert found == {"x": 2, "nested": {"y": [1, "two"], "z": 3}, "flag": True}
    monkeypatch.setenv("MY_FOLDER", "/data")
    assert config.expand_environment_variables({"a": ["$MY_FOLDER/x"]}) == {"a": ["/data/x"]}


def test_sources(run_python, tmp_path):
    (tmp_path / "swath.yaml").write_text("array:\n  chunk-size: 3MiB\nretries: 4\n")
    code = "from swath.config import get; print(get('array.chunk-size'), get('retries'), get('my.key'))"
    output = run_python(code, SWATH_CONFIG=str(tmp_path), SWATH_RETRIES="5", SWATH_MY__KEY="[1, 2]")
    assert output.split(maxsplit=2) == ["3MiB", "5", "[1, 2]\n"]


def test_refresh_and_defaults():
    config.set({"temporary.key": 1})
    assert config.get("temporary.key") == 1
    config.refresh()
    assert config.get("temporary.key", None) is None
    config.update_defaults({"library": {"option": 7}, "scheduler": "sync"})
    assert config.get("library.option") == 7
    assert config.get("scheduler") == "threads"
    config.refresh()
    assert isinstance(swath.config.config, dict)
    assert config.config["array"]["chunk-size"] == "128MiB"
