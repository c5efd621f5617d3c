"""Ids: the engine keeps bytes, and a number as its digits; people get the types back that they gave."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Kind:
    """The type of the ids of a side. ``objects`` has the objects of ids that are neither numbers nor texts,
    by their text."""

    name: str = "str"
    objects: dict[str, Any] = field(default_factory=dict)

    def back(self, values: Any) -> Any:
        """Ids of a column of a table as they were."""
        if self.objects:
            return [self.objects.get(value, value) for value in values]
        return values


@dataclass(frozen=True)
class Kinds:
    """The types of ids of users and of items."""

    users: Kind = Kind()
    items: Kind = Kind()

    @property
    def names(self) -> tuple[str, str]:
        return self.users.name, self.items.name


def is_one(ids: Any) -> bool:
    """Whether it is one id, and not several."""
    return (
        isinstance(ids, (str, bytes, int, np.generic)) or np.ndim(ids) == 0 and not hasattr(ids, "__iter__")
    )


def encode(ids: Any) -> Any:
    """Ids as the engine takes them: an array of whole numbers, or a list of texts, numbers and bytes."""
    if is_one(ids):
        ids = [ids]
    if hasattr(ids, "to_numpy"):
        ids = ids.to_numpy()
    if isinstance(ids, (set, frozenset, dict)) or not hasattr(ids, "__len__"):
        ids = list(ids)
    if not isinstance(ids, np.ndarray):
        kinds = set(map(type, ids))
        if kinds == {int}:
            try:
                return np.asarray(ids, dtype=np.int64)
            except OverflowError:
                pass
        return [_plain(each) for each in ids]
    if ids.ndim != 1:
        raise ValueError(f"ids have {ids.ndim} dimensions; expected a sequence of ids")
    if ids.dtype.kind == "i" or (ids.dtype.kind == "u" and ids.dtype.itemsize < 8):
        return ids.astype(np.int64, copy=False)
    return [_plain(each) for each in ids.tolist()]


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        if not value.is_integer():
            raise ValueError(f"an id is {value}; expected a whole number, a text or bytes")
        return int(value)
    if value is None or isinstance(value, (str, bytes, int)):
        return value
    return str(value)
