"""Ratings in every form that people have them in, as sources for the engine: paths, or Arrow streams."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import _mfgpu
from ._ids import Kind, Kinds

#: The names of columns that have none.
COLUMNS = ("user", "item", "rating", "timestamp")

FORMS = (
    "a path, several paths, a DataFrame or another table of Arrow, a scipy.sparse matrix, a dict of columns, "
    "a tuple (users, items[, ratings[, times]]), or a list of such rows"
)


@dataclass
class Source:
    """What the engine reads, and the types of ids in columns that are no numbers and no text."""

    of: Any
    kinds: dict[str, Kind] = field(default_factory=dict)
    #: Rows and columns of a sparse matrix.
    shape: tuple[int, int] | None = None

    @property
    def paths(self) -> list[str] | None:
        return self.of if isinstance(self.of, list) else None

    def kinds_of(self, native: tuple[str, str] | None, columns: tuple[str, str] | None) -> Kinds | None:
        """The types of ids, from what the engine found; None of files, whose ids are text."""
        if native is None or columns is None:
            return None
        users, items = (self.kinds.get(column, Kind(name)) for column, name in zip(columns, native))
        return Kinds(users, items)


def source_of(data: Any) -> Source:
    """The source for some data."""
    if isinstance(data, Source):
        return data
    if _is_path(data):
        return Source([os.fspath(data)])
    if isinstance(data, (list, tuple)) and len(data) > 0 and all(map(_is_path, data)):
        # Columns of text are lists or arrays, never texts.
        return Source([os.fspath(path) for path in data])
    if hasattr(data, "tocoo"):
        return _of_sparse(data)
    if _is_pandas(data):
        return _of_pandas(data)
    if hasattr(data, "collect_schema") and hasattr(data, "collect"):
        data = data.collect()
    if hasattr(data, "__arrow_c_stream__"):
        return Source(data)
    if hasattr(data, "__arrow_c_array__"):
        return Source(_table_of_batch(data))
    if isinstance(data, dict):
        return _of_columns(list(data.items()))
    if isinstance(data, tuple) and 2 <= len(data) <= 4:
        return _of_columns(list(zip(COLUMNS, data)))
    if isinstance(data, list) and data and isinstance(data[0], (tuple, list)):
        widths = set(map(len, data))
        if len(widths) != 1 or not 2 <= widths.copy().pop() <= 4:
            raise ValueError("rows have different lengths; expected (user, item[, rating[, time]]) in each")
        return _of_columns(list(zip(COLUMNS, map(list, zip(*data)))))
    if isinstance(data, np.ndarray) and data.dtype.names:
        return _of_columns([(name, data[name]) for name in data.dtype.names])
    if isinstance(data, np.ndarray) and data.ndim == 2:
        raise ValueError(
            "an array of two dimensions may be a matrix or rows of ratings; say which: "
            "scipy.sparse.coo_matrix(array) for a matrix, tuple(array.T) for rows"
        )
    raise TypeError(f"the data are of type {type(data).__name__}; expected {FORMS}")


def _is_path(data: Any) -> bool:
    return isinstance(data, (str, os.PathLike))


def _is_pandas(data: Any) -> bool:
    return type(data).__module__.split(".")[0] == "pandas" and hasattr(data, "columns")


def _table_of_batch(batch: Any) -> Any:
    import pyarrow

    return pyarrow.table(batch)


def _of_sparse(matrix: Any) -> Source:
    found = matrix.tocoo()
    if len(found.shape) != 2:
        raise ValueError(f"a sparse array has {len(found.shape)} dimensions; expected users by items")
    columns = [("user", np.asarray(found.row)), ("item", np.asarray(found.col))]
    if found.data.dtype.kind == "b":
        kept = np.asarray(found.data)
        columns = [(name, values[kept]) for name, values in columns]
    else:
        columns.append(("rating", np.asarray(found.data)))
    source = _of_columns(columns)
    source.shape = tuple(found.shape)
    return source


def _of_pandas(frame: Any) -> Source:
    columns = [(str(name), frame.iloc[:, at]) for at, name in enumerate(frame.columns)]
    if any(getattr(column.dtype, "kind", "O") == "O" for _, column in columns):
        # Types of pandas and of Arrow, and columns of objects, of which some may be of other kinds than text.
        try:
            import pyarrow

            table = pyarrow.Table.from_pandas(frame, preserve_index=False)
            if not any(_is_of_objects(column) for _, column in columns):
                return Source(table)
        except ImportError:
            pass
        except Exception as error:
            if type(error).__module__.split(".")[0] != "pyarrow":
                raise
    return _of_columns(columns)


def _is_of_objects(column: Any) -> bool:
    """Whether values are neither numbers nor text."""
    if column.dtype != object:
        return False
    return any(not issubclass(kind, (str, bytes, int, float, type(None))) for kind in set(map(type, column)))


def _of_columns(columns: list[tuple[str, Any]]) -> Source:
    taken, kinds, length = [], {}, None
    for name, values in columns:
        name = str(name)
        values, is_time, kind = _column(values)
        if length is not None and len(values) != length:
            raise ValueError(
                f"column {name!r} has {len(values)} rows and the one before {length}; expected as many"
            )
        length = len(values)
        if kind is not None:
            kinds[name] = kind
        taken.append((name, values, is_time))
    return Source(_mfgpu.Table.of(taken), kinds)


def _column(values: Any) -> tuple[Any, bool, Kind | None]:
    """A column for the engine: an array of numbers or a list; whether it has times; the type of its values if
    it has another name than that of the array."""
    if hasattr(values, "to_numpy"):
        values = values.to_numpy()
    if not isinstance(values, np.ndarray):
        values = list(values)
        if any(isinstance(each, (str, bytes)) for each in values):
            return _listed(values)
        values = np.asarray(values)
    if values.ndim != 1:
        raise ValueError(f"a column has {values.ndim} dimensions; expected one")
    kind = values.dtype.kind
    if kind == "M":
        return np.ascontiguousarray(values.astype("datetime64[ms]").astype(np.int64)), True, None
    if kind == "f" and values.dtype.itemsize not in (4, 8):
        values = values.astype(np.float64)
    if kind in "iufb":
        values = np.ascontiguousarray(values)
        return values.astype(values.dtype.newbyteorder("="), copy=False), False, None
    return _listed(values.tolist())


def _listed(values: list[Any]) -> tuple[Any, bool, Kind | None]:
    values = [None if _is_blank(value) else value for value in values]
    kinds = {type(value) for value in values if value is not None}
    if all(issubclass(kind, str) for kind in kinds):
        return values, False, None
    if all(issubclass(kind, bytes) for kind in kinds):
        return values, False, Kind("bytes")
    if kinds <= {int} and None not in values:
        try:
            return np.asarray(values, dtype=np.int64), False, None
        except OverflowError:
            return values, False, Kind("object", {str(value): value for value in values})
    if all(issubclass(kind, (int, float, np.number)) and kind is not bool for kind in kinds):
        return (
            np.asarray([np.nan if value is None else value for value in values], dtype=np.float64),
            False,
            None,
        )
    texts = [value if value is None or isinstance(value, bytes) else str(value) for value in values]
    objects = {text: value for text, value in zip(texts, values) if isinstance(text, str)}
    return texts, False, Kind("object", objects)


def _is_blank(value: Any) -> bool:
    return (
        value is None
        or (isinstance(value, float) and value != value)
        or type(value).__name__ in ("NAType", "NaTType")
    )


def titles_of(names: Any) -> tuple[str | None, dict[str, str] | None]:
    """Titles of items: the path of a file, or a dict by the text of an id."""
    if names is None:
        return None, None
    if _is_path(names):
        return os.fspath(names), None
    if hasattr(names, "items") and not hasattr(names, "columns"):
        pairs = names.items()
    elif hasattr(names, "columns"):
        columns = [names[column] for column in list(names.columns)[:2]]
        if len(columns) < 2:
            raise ValueError("item_names has one column; expected one of ids and one of titles")
        pairs = zip(*(column.to_list() if hasattr(column, "to_list") else list(column) for column in columns))
    else:
        pairs = iter(names)
    titles = {}
    for item, title in pairs:
        if not _is_blank(title):
            item = item.decode() if isinstance(item, bytes) else item
            item = int(item) if isinstance(item, float) and item.is_integer() else item
            titles[str(item)] = str(title)
    return None, titles
