"""Tables that the engine makes: lists, predictions, similar items."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

import numpy as np

from . import _mfgpu
from ._ids import Kind

#: Rows that a notebook shows.
SHOWN = 20


class Table:
    """A table in memory. Every library that reads Arrow takes it as it is, without a copy:
    ``polars.DataFrame(table)``, ``pyarrow.table(table)``, ``duckdb.sql("from table")`` after
    ``pyarrow.table``; ``table["item"]`` is a column."""

    def __init__(self, native: _mfgpu.Table, kinds: dict[str, Kind] | None = None):
        self._native = native
        self._kinds = kinds or {}

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return self._native.names

    def __len__(self) -> int:
        return len(self._native)

    def __getitem__(self, name: str) -> np.ndarray:
        """A column as an array: of numbers, or of objects for texts."""
        if name not in self.columns:
            raise KeyError(f"{name!r}; the columns are {', '.join(self.columns)}")
        values = self._native.column(self.columns.index(name))
        if isinstance(values, np.ndarray):
            return values
        values = self._kinds[name].back(values) if name in self._kinds else values
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return array

    def __iter__(self) -> Iterator[tuple]:
        """The rows."""
        return zip(*(self[name].tolist() for name in self.columns))

    def to_dict(self) -> dict[str, list]:
        """A list of values a column."""
        return {name: self[name].tolist() for name in self.columns}

    def to_pandas(self) -> Any:
        """A pandas DataFrame."""
        import pandas

        return pandas.DataFrame({name: self[name] for name in self.columns})

    def to_polars(self) -> Any:
        """A polars DataFrame."""
        import polars

        return polars.DataFrame(self)

    def to_arrow(self) -> Any:
        """A pyarrow Table."""
        import pyarrow

        return pyarrow.table(self)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._native.__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        return f"<mfgpu.Table of {len(self)} rows: {', '.join(self.columns)}>"

    def _repr_html_(self) -> str:
        head = Table(self._native.slice(0, SHOWN), self._kinds)
        cells = "".join(f"<th>{html.escape(name)}</th>" for name in self.columns)
        rows = "".join(
            "<tr>" + "".join(f"<td>{_shown(value)}</td>" for value in row) + "</tr>" for row in head
        )
        more = f"<p>{len(self) - SHOWN:,} more rows</p>" if len(self) > SHOWN else ""
        return f"<table><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table>{more}"


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else html.escape(str(value))
