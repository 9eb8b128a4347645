"""Lazy tables with the names of pandas and Dask.

>>> import swath.dataframe as sd
>>> df = sd.from_dict({"carrier": ["UA", "AA", "UA"], "delay": [2, 7, 4]}, npartitions=2)
>>> df[df.delay > 3].groupby("carrier").delay.sum().compute().to_dict()
{'AA': 7, 'UA': 4}
"""

from swath.base import compute
from swath.dataframe._functions import isna, repartition
from swath.dataframe.frame import DataFrame
from swath.dataframe.functions import map_overlap, map_partitions
from swath.dataframe.groupby import GroupBy, SeriesGroupBy
from swath.dataframe.grouped_functions import Aggregation
from swath.dataframe.io.csv import read_csv, read_table, to_csv
from swath.dataframe.io.memory import concat, from_arrow, from_dict, from_pandas
from swath.dataframe.io.parquet import read_parquet, to_parquet
from swath.dataframe.made import from_delayed, from_map
from swath.dataframe.scalar import Scalar
from swath.dataframe.series import Index, Series

DataFrameGroupBy = GroupBy  # as pandas calls it

__all__ = [
    "Aggregation",
    "DataFrame",
    "DataFrameGroupBy",
    "GroupBy",
    "Index",
    "Scalar",
    "Series",
    "SeriesGroupBy",
    "compute",
    "concat",
    "from_arrow",
    "from_dict",
    "from_delayed",
    "from_map",
    "from_pandas",
    "map_overlap",
    "map_partitions",
    "isna",
    "read_csv",
    "read_parquet",
    "read_table",
    "repartition",
    "to_csv",
    "to_parquet",
]
