"""Bags: lazy collections of Python objects; Dask's ``dask.bag`` on Swath's engine.

>>> import json
>>> import swath.bag as db
>>> lines = db.from_sequence(['{"name": "Alice", "age": 42}', '{"name": "Bob", "age": 27}'])
>>> lines.map(json.loads).filter(lambda r: r["age"] > 30).pluck("name").compute()
['Alice']

Text and records are worked on natively, functions that can be traced exactly included; others run in Python. What
``bag.explain()`` prints says which.
"""

from __future__ import annotations

from swath.bag import random, utils
from swath.bag.avro import read_avro
from swath.bag.bag import Bag
from swath.bag.creation import bag_range as range
from swath.bag.creation import concat, from_delayed, from_sequence, from_url
from swath.bag.elementwise import bag_map as map
from swath.bag.elementwise import bag_zip as zip
from swath.bag.elementwise import map_partitions
from swath.bag.item import Item
from swath.bag.text import read_text, to_textfiles
from swath.bag.utils import assert_eq
from swath.base import compute

__all__ = [
    "Bag",
    "Item",
    "assert_eq",
    "compute",
    "concat",
    "from_delayed",
    "from_sequence",
    "from_url",
    "map",
    "map_partitions",
    "random",
    "range",
    "read_avro",
    "read_text",
    "to_textfiles",
    "utils",
    "zip",
]
