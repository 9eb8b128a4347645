"""What `import swath` loads, and how the engine is found."""

import json
import sys

import pytest

HEAVY = ("numpy", "pandas", "pyarrow", "swath._core", "yaml", "dask")


def test_import_loads_nothing_heavy(run_python):
    loaded = json.loads(run_python("import sys, json, swath; print(json.dumps(sorted(sys.modules)))"))
    assert not [name for name in HEAVY if name in loaded]
    assert len([name for name in loaded if name.startswith("swath")]) == 1


def test_dir_and_settings_load_no_numpy(run_python):
    code = "import sys, swath; dir(swath); swath.config.get('scheduler'); loaded = sys.modules"
    code += "; print('numpy' in loaded, 'swath._core' in loaded)"
    assert run_python(code).split() == ["False", "True"]


def test_arrays_load_neither_pandas_nor_pyarrow(run_python):
    code = "import sys, swath.array as sa; sa.ones(3).sum().compute()"
    code += "; print([m for m in ('pandas', 'pyarrow') if m in sys.modules])"
    assert run_python(code).strip() == "[]"


def test_unknown_names(run_python):
    code = "import swath\ntry:\n    swath.nothing\nexcept AttributeError as error:\n    print(error)"
    assert "no attribute 'nothing'" in run_python(code)


@pytest.mark.parametrize("modules", ["swath.array, pyarrow", "pyarrow, swath.array"])
def test_one_libarrow_in_the_process(run_python, modules):
    code = f"""
import {modules}
print(len({{line.split()[-1] for line in open('/proc/self/maps') if '/libarrow.so' in line}}))
"""
    assert run_python(code).strip() == "1"


def test_a_missing_engine_says_what_to_do(run_python, tmp_path):
    import pathlib

    import swath

    package = pathlib.Path(swath.__file__).parent
    (tmp_path / "swath").mkdir()
    for name in ("__init__.py", "_engine.py", "config.py"):
        (tmp_path / "swath" / name).write_text((package / name).read_text())
    code = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
import swath
try:
    swath.config
except ImportError as error:
    print(error)
"""
    assert "is not built" in run_python(code, SWATH_BUILD_DIR="")


def test_threads_may_import_at_once(run_python):
    code = """
import threading
results = []
def work():
    import swath.array as sa
    results.append(sa.ones(3).sum().compute())
threads = [threading.Thread(target=work) for _ in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
print(len(results), set(results))
"""
    assert run_python(code).split() == ["8", "{np.float64(3.0)}"]


def test_package_is_typed():
    import pathlib

    import swath

    assert (pathlib.Path(swath.__file__).parent / "py.typed").exists()
    assert sys.version_info >= (3, 11)
