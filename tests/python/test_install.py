"""A user's C++ project: `cmake --install`, then find_package(Swath) from outside the tree; the README's program too."""

from __future__ import annotations

import os
import pathlib
import subprocess

import pytest
from snippets import ROOT, snippets

BUILD = pathlib.Path(os.environ.get("SWATH_BUILD_DIR", ROOT / "build"))


def run(*command, cwd=ROOT):
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    prefix = tmp_path_factory.mktemp("prefix")
    run("cmake", "--install", BUILD, "--prefix", prefix, "--component", "development")
    return prefix


def build_app(prefix, main, folder):
    project = ROOT / "tests" / "cpp" / "out_of_tree"
    run(
        "cmake",
        "-S",
        project,
        "-B",
        folder,
        "-G",
        "Ninja",
        f"-DCMAKE_PREFIX_PATH={prefix}",
        f"-DMAIN={main}",
        "-DCMAKE_BUILD_TYPE=Release",
    )
    run("cmake", "--build", folder)
    return folder / "app"


def test_out_of_tree_project(prefix, tmp_path):
    app = build_app(prefix, ROOT / "tests" / "cpp" / "out_of_tree" / "main.cc", tmp_path)
    output = run(app, cwd=tmp_path)
    assert output.endswith("OK\n")
    assert "(2,3)" in output.replace(" ", "") and "(4,)" in output


def test_readme_program(prefix, tmp_path):
    (code,) = snippets(ROOT / "README.md", "c++")
    main = tmp_path / "readme.cc"
    main.write_text(code)
    output = run(build_app(prefix, main, tmp_path / "build"), cwd=ROOT)
    assert abs(float(output.splitlines()[0]) - 500_000) < 2_000
    assert "EWR" in output and "JFK" in output and "LGA" in output


def test_no_python_in_the_cpp_library(prefix):
    (library,) = prefix.glob("lib*/**/libswath.so")
    linked = run("ldd", library)
    assert "libpython" not in linked
