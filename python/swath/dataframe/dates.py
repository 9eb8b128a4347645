"""``Series.dt``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from swath.dataframe.series import Series


def _part(name: str, doc: str = "") -> property:
    def get(self: DatetimeAccessor) -> Series:
        return self._call(name)

    get.__name__ = name
    get.__doc__ = doc or f"The {name.replace('_', ' ')} of each value."
    return property(get)


class DatetimeAccessor:
    """Parts of dates, times and durations, as ``pandas.Series.dt``.

    Examples
    --------
    >>> import pandas as pd, swath.dataframe as sd
    >>> s = sd.from_pandas(pd.Series(pd.to_datetime(["2013-01-31 22:10"])), npartitions=1)
    >>> s.dt.hour.compute().tolist()
    [22]
    """

    __slots__ = ("_series",)

    def __init__(self, series: Series) -> None:
        if series._kind not in ("datetime", "timedelta"):
            raise AttributeError("Can only use .dt accessor with datetimelike values")
        self._series = series

    def _call(self, function: str, *arguments: Any) -> Series:
        return self._series._call(f"dt.{function}", *arguments)

    year, month, day = _part("year"), _part("month"), _part("day")
    hour, minute, second = _part("hour"), _part("minute"), _part("second")
    microsecond, nanosecond = _part("microsecond"), _part("nanosecond")
    dayofweek = weekday = day_of_week = _part("dayofweek", "Monday is 0.")
    dayofyear = day_of_year = _part("dayofyear", "January 1st is 1.")
    quarter = _part("quarter")
    days_in_month = daysinmonth = _part("days_in_month")
    date = _part("date", "The dates, as Python's ``datetime.date`` when computed.")
    is_month_start, is_month_end = _part("is_month_start"), _part("is_month_end")
    is_quarter_start, is_quarter_end = _part("is_quarter_start"), _part("is_quarter_end")
    is_year_start, is_year_end = _part("is_year_start"), _part("is_year_end")
    is_leap_year = _part("is_leap_year")
    days = _part("days", "Whole days of durations.")
    seconds = _part("seconds", "Seconds of durations beside whole days.")

    def total_seconds(self) -> Series:
        """Durations in seconds."""
        return self._call("total_seconds")

    def day_name(self, locale: None = None) -> Series:
        return self._call("day_name")

    def month_name(self, locale: None = None) -> Series:
        return self._call("month_name")

    def normalize(self) -> Series:
        """The midnight before each time."""
        return self._call("normalize")

    def floor(self, freq: str) -> Series:
        return self._call("floor", freq)

    def ceil(self, freq: str) -> Series:
        return self._call("ceil", freq)

    def round(self, freq: str) -> Series:
        return self._call("round", freq)

    def strftime(self, date_format: str) -> Series:
        return self._call("strftime", date_format)
