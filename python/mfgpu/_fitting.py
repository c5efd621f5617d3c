"""What a fit needs beside its data: slices, the model to start from, and what ends it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np

from ._data import Source
from ._ids import Kind, Kinds


def slice_of(name: str, part: Any) -> Any:
    """A slice of the ratings, as settings write it; None for data of their own."""
    if isinstance(part, bool):
        raise ValueError(f"{name} is {part}; expected a fraction, 'last:N', 'after:DATE', or data")
    if isinstance(part, (int, float, np.floating, np.integer)):
        return float(part)
    if isinstance(part, str) and part.startswith(("last:", "after:")):
        return part
    return None


def same_shape(data: Source, part: Source, name: str) -> None:
    """Refuses a sparse matrix that is transposed."""
    if data.shape and part.shape and data.shape != part.shape and data.shape == part.shape[::-1]:
        raise ValueError(
            f"{name} is a matrix of {part.shape}, and the ratings are one of {data.shape}; transpose one"
        )


def stopped_of(stop: Any) -> Callable[[], Any] | None:
    if stop is None or callable(stop):
        return stop
    if hasattr(stop, "is_set"):
        return stop.is_set
    raise TypeError("stop is no callable and no threading.Event")


def kinds_of_model(model: Any, users: str | None = None, items: str | None = None) -> Kinds:
    """The types of ids that came as text: whole numbers where all of a side are."""
    names = (
        asked or ("int64" if model.has_numbers(side) else "str")
        for asked, side in ((users, True), (items, False))
    )
    return Kinds(*map(Kind, names))


class path_of_model:
    """The path of a model to start from; that of one in memory is there as long as it is needed."""

    def __init__(self, model: Any, kind: type[Any]):
        self.model: Any = model
        self.kind = kind
        self.folder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> str | None:
        if self.model is None:
            return None
        if not isinstance(self.model, self.kind):
            return os.path.abspath(os.fspath(self.model))
        self.folder = tempfile.TemporaryDirectory()
        self.model.save(self.folder.name)
        return self.folder.name

    def __exit__(self, *_: Any) -> None:
        if self.folder is not None:
            self.folder.cleanup()
