"""What the documentation shows is what happens: the Python snippets of a page run, in order, as one program."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from snippets import ROOT, pages, snippets

WITH_PYTHON = [page for page in pages() if snippets(page, "python")]


@pytest.mark.parametrize("page", WITH_PYTHON, ids=lambda page: page.name)
def test_python_snippets_run(page, tmp_path):
    program = "\n".join(snippets(page, "python"))
    # Snippets read data/ of the checkout and write beside it: give them a folder of their own with the same names.
    (tmp_path / "data").mkdir(exist_ok=True)
    for entry in (ROOT / "data").iterdir():
        (tmp_path / "data" / entry.name).symlink_to(entry)
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{page.name}:\n{done.stdout}\n{done.stderr}"


def test_every_page_has_a_snippet_or_none_is_python():
    for page in pages():
        untested = re.findall(r"(?<!-->\n)^```python\n(.*?)^```", page.read_text(), re.S | re.M)
        for code in untested:
            compile(code, str(page), "exec")  # a fragment that is not run must at least parse


DOCUMENTS = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md", ROOT / "STYLE.md"]
DOCUMENTS += sorted((ROOT / "docs").glob("**/*.md"))


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_paths_exist(page):
    text = page.read_text()
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"
    for path in re.findall(r"`((?:src|python|tools|docs|tests|examples|include)/[\w./-]+)`", text):
        assert (ROOT / path).exists(), f"{page.name} names {path}"
