"""``Series.str``."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

from swath.dataframe import _arguments

if TYPE_CHECKING:
    from swath.dataframe.series import Series


class StringAccessor:
    """Functions of text, as ``pandas.Series.str``. Missing values stay missing; tests of them are False.

    Examples
    --------
    >>> import swath.dataframe as sd
    >>> s = sd.from_dict({"name": ["Ewr ", "jfk"]}, npartitions=1)["name"]
    >>> s.str.strip().str.upper().compute().tolist()
    ['EWR', 'JFK']
    """

    __slots__ = ("_series",)

    def __init__(self, series: Series) -> None:
        if series._kind != "text":
            raise AttributeError(f"Can only use .str accessor with string values, not {series.dtype}")
        self._series = series

    def _call(self, function: str, *arguments: Any) -> Series:
        return self._series._call(f"str.{function}", *arguments)

    def lower(self) -> Series:
        return self._call("lower")

    def upper(self) -> Series:
        return self._call("upper")

    def capitalize(self) -> Series:
        return self._call("capitalize")

    def title(self) -> Series:
        return self._call("title")

    def swapcase(self) -> Series:
        return self._call("swapcase")

    def strip(self, to_strip: str | None = None) -> Series:
        return self._call("strip", to_strip)

    def lstrip(self, to_strip: str | None = None) -> Series:
        return self._call("lstrip", to_strip)

    def rstrip(self, to_strip: str | None = None) -> Series:
        return self._call("rstrip", to_strip)

    def len(self) -> Series:
        return self._call("len")

    def contains(self, pat: str, case: bool = True, flags: int = 0, na: Any = None, regex: bool = True) -> Series:
        _arguments.only("str.contains", "flags", flags, 0)
        _arguments.only("str.contains", "na", na, None, False)
        return self._call("contains", pat, bool(case), bool(regex))

    def startswith(self, pat: str, na: Any = None) -> Series:
        _arguments.only("str.startswith", "na", na, None, False)
        return self._call("startswith", pat)

    def endswith(self, pat: str, na: Any = None) -> Series:
        _arguments.only("str.endswith", "na", na, None, False)
        return self._call("endswith", pat)

    def replace(
        self, pat: str, repl: str, n: int = -1, case: bool | None = None, flags: int = 0, regex: bool = False
    ) -> Series:
        _arguments.only("str.replace", "case", case, None, True)
        _arguments.only("str.replace", "flags", flags, 0)
        return self._call("replace", pat, repl, int(n), bool(regex))

    def slice(self, start: int | None = None, stop: int | None = None, step: int | None = None) -> Series:
        return self._call("slice", start, stop, step)

    def get(self, i: int) -> Series:
        return self._call("get", int(i))

    def __getitem__(self, index: builtins.slice | int) -> Series:
        if isinstance(index, builtins.slice):
            return self.slice(index.start, index.stop, index.step)
        return self.get(index)

    def zfill(self, width: int) -> Series:
        return self._call("zfill", int(width))

    def pad(self, width: int, side: str = "left", fillchar: str = " ") -> Series:
        return self._call("pad", int(width), side, fillchar)

    def isalpha(self) -> Series:
        return self._call("isalpha")

    def isdigit(self) -> Series:
        return self._call("isdigit")

    def isnumeric(self) -> Series:
        return self._call("isnumeric")

    def isalnum(self) -> Series:
        return self._call("isalnum")

    def isspace(self) -> Series:
        return self._call("isspace")

    def islower(self) -> Series:
        return self._call("islower")

    def isupper(self) -> Series:
        return self._call("isupper")

    def isdecimal(self) -> Series:
        return self._call("isdecimal")

    def istitle(self) -> Series:
        return self._call("istitle")

    def match(self, pat: str, case: bool = True, flags: int = 0, na: Any = None) -> Series:
        """Whether the pattern matches from the start."""
        _arguments.only("str.match", "flags", flags, 0)
        _arguments.only("str.match", "na", na, None, False)
        return self._call("match", pat, bool(case))

    def fullmatch(self, pat: str, case: bool = True, flags: int = 0, na: Any = None) -> Series:
        """Whether the pattern matches all of the text."""
        _arguments.only("str.fullmatch", "flags", flags, 0)
        _arguments.only("str.fullmatch", "na", na, None, False)
        return self._call("fullmatch", pat, bool(case))

    def center(self, width: int, fillchar: str = " ") -> Series:
        return self._call("center", int(width), fillchar)

    def ljust(self, width: int, fillchar: str = " ") -> Series:
        return self._call("ljust", int(width), fillchar)

    def rjust(self, width: int, fillchar: str = " ") -> Series:
        return self._call("rjust", int(width), fillchar)

    def repeat(self, repeats: int) -> Series:
        return self._call("repeat", int(repeats))

    def rfind(self, sub: str, start: int = 0) -> Series:
        return self._call("rfind", sub, int(start))

    def count(self, pat: str) -> Series:
        return self._call("count", pat)

    def find(self, sub: str, start: int = 0) -> Series:
        return self._call("find", sub, int(start))
