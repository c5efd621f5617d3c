"""The native module. The package around it is what people use; this may change with any version."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

__version__: str

Watch = tuple[Callable[[str], Any] | None, Callable[[], Any] | None, bool]

class Table:
    names: list[str]
    @staticmethod
    def of(columns: list[tuple[str, Any, bool]]) -> Table: ...
    def __len__(self) -> int: ...
    def column(self, at: int) -> Any: ...
    def slice(self, start: int, count: int) -> Table: ...
    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any: ...

class Model:
    shape: tuple[int, int, int, int]
    is_of_lists: bool
    range: tuple[float, float]
    facts: str
    def scale(self, draw: int) -> tuple[float, float]: ...
    def factors(self, users: bool, draw: int) -> npt.NDArray[np.float32]: ...
    def bias(self, users: bool, draw: int) -> npt.NDArray[np.float32]: ...
    def ids(self, users: bool, kind: str) -> Table: ...
    def has_numbers(self, users: bool) -> bool: ...
    def rows(self, users: bool, ids: Any) -> list[int]: ...
    def predict(self, users: Any, items: Any, sd: bool, kinds: tuple[str, str]) -> Table: ...
    def similar(
        self, users: bool, ids: Any | None, top: int, min_ratings: int | None, kind: str
    ) -> Table: ...
    def find(self, words: list[str]) -> list[int]: ...
    def save(self, path: str) -> None: ...
    def to_bytes(self) -> bytes: ...
    @staticmethod
    def from_bytes(bytes: bytes) -> Model: ...
    def complete(
        self,
        path: str,
        users: Any | None,
        items: Any | None,
        blanks_only: bool,
        wide: bool,
        sd: bool,
        half: bool,
        overfill: bool,
    ) -> int: ...

class Fitted:
    model: Model
    lists: Model | None
    summary: str
    ids: tuple[tuple[str, str], tuple[str, str]] | None

def fit(
    config: str,
    ratings: Any,
    test: Any | None,
    valid: Any | None,
    titles: dict[str, str] | None,
    run_dir: str | None,
    overwrite: bool,
    watch: Watch,
) -> Fitted: ...
def resume(run_dir: str, threads: int | None, watch: Watch) -> Fitted: ...
def recommend(
    model: Model, ratings: Model | None, users: Any | None, wishes: Any, kinds: tuple[str, str]
) -> Table: ...
def recommend_users(
    model: Model,
    items: Any,
    users: Any | None,
    top: int,
    exclude_seen: bool,
    with_sd: bool,
    kinds: tuple[str, str],
) -> Table: ...
def evaluate(
    model: Model, lists: Model | None, data: Any, input: str, options: str, seed: int | None
) -> str: ...
def fold_in(
    model: Model, lists: Model | None, data: Any, options: str
) -> tuple[Model, Model | None, tuple[int, int, int, int]]: ...
def load(path: str) -> tuple[Model, Model | None]: ...
