"""Labels of pandas and names of the engine.

The engine names its columns by text. pandas labels them by any hashable: integers, None, tuples (a MultiIndex). A text
label is its own name, None is the empty name; any other becomes a mark and its Python literal, so every step of the
engine carries it unchanged and the result gets it back.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

MARK = "\x1f"


def encode(label: Hashable) -> str:
    """Return the engine's name of a label.

    >>> decode(encode(("delay", "mean")))
    ('delay', 'mean')
    """
    if label is None:
        return ""
    if isinstance(label, str) and label:
        return label
    if isinstance(label, tuple):
        label = tuple(_plain(part) for part in label)
    else:
        label = _plain(label)
    return f"{MARK}{label!r}"


def decode(name: str) -> Any:
    """Return the label of an engine's name."""
    if not name:
        return None
    return ast.literal_eval(name[1:]) if name.startswith(MARK) else name


def _plain(label: Hashable) -> Hashable:
    item = getattr(label, "item", None)
    value = item() if callable(item) else label
    if value is None or isinstance(value, (str, bytes, bool, int, float)):
        return value
    raise TypeError(
        f"a column label must be text, a number, None or a tuple of them, not {label!r} ({type(label).__name__})"
    )


def to_index(names: Iterable[str]) -> pd.Index:
    """Return pandas' ``columns`` for engine names: a MultiIndex when all labels are tuples."""
    import pandas as pd

    labels = [decode(name) for name in names]
    if labels and all(isinstance(label, tuple) for label in labels):
        return pd.MultiIndex.from_tuples(labels)
    return pd.Index(labels) if labels else pd.Index([], dtype="object")


def suggestion(label: Hashable, known: Sequence[Hashable]) -> str:
    """Return " (did you mean ...? ...)" for a label that is not among those known."""
    names = [str(name) for name in known]
    near = difflib.get_close_matches(str(label), names, n=3, cutoff=0.6)
    if near:
        return f"; did you mean {' or '.join(map(repr, near))}?"
    shown = ", ".join(map(repr, names[:10])) + (", ..." if len(names) > 10 else "")
    return f"; the columns are {shown}" if names else "; there are no columns"
