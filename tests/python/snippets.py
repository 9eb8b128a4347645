"""The executable snippets of our Markdown pages: fenced blocks below a ``<!-- run: LANGUAGE -->`` line."""

from __future__ import annotations

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BLOCK = re.compile(r"<!-- run: (?P<language>[\w+]+) -->\n```\w*\n(?P<code>.*?)^```", re.S | re.M)


def pages() -> list[pathlib.Path]:
    """README and every page of the guide."""
    return [ROOT / "README.md", *sorted((ROOT / "docs" / "guide").glob("*.md"))]


def snippets(page: pathlib.Path, language: str) -> list[str]:
    """The blocks of one language in a page, in order."""
    return [match["code"] for match in BLOCK.finditer(page.read_text()) if match["language"] == language]
