"""Models and runs on disk."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import _mfgpu
from ._fitting import kinds_of_model, stopped_of
from ._progress import Follower
from ._quiet import quiet
from ._recommender import Recommender


def load(path: str | os.PathLike, *, user_ids: str | None = None, item_ids: str | None = None) -> Recommender:
    """Loads what ``Recommender.save`` or the command ``mfgpu train`` left: a directory, or the file of a
    model.

    A file keeps ids as text. Where all of a side are whole numbers they come back as int64, else as str, as
    they do after ``fit`` on a file; ``user_ids`` and ``item_ids`` name another type: "str", "int64", "int32",
    "float64", "bytes" .."""
    model, lists = _mfgpu.load(os.fspath(path))
    found = Recommender()
    found._model, found._lists = model, lists
    found._kinds = kinds_of_model(model, user_ids, item_ids)
    found._summary, found._epochs, found._race = _recorded(Path(path), model, lists), [], []
    return found


def resume(
    run_dir: str | os.PathLike,
    *,
    threads: int | None = None,
    on_event: Callable[[dict], Any] | None = None,
    on_interrupt: str = "raise",
    stop: Any = None,
    progress: bool | None = None,
) -> Recommender:
    """Goes on with a run that was interrupted, or killed, and gives the same model as if it had not been. A
    run that is finished is loaded."""
    follower = Follower(on_event, progress)
    with quiet():
        try:
            watch = (follower, stopped_of(stop), on_interrupt == "keep")
            fitted = _mfgpu.resume(os.fspath(run_dir), threads, watch)
        finally:
            follower.close()
    found = load(run_dir)
    found._epochs, found._race, found._summary = follower.epochs, follower.race, json.loads(fitted.summary)
    return found


def _recorded(path: Path, model: Any, lists: Any) -> dict[str, Any]:
    """What the run in a directory says, or else the model itself."""
    try:
        record = json.loads((path / "run.json").read_text(encoding="utf-8"))
        return {name: record.get(name) for name in ("settings", "device", "sizes", "report", "shared")} | {
            "shared": []
        }
    except (OSError, ValueError):
        facts = json.loads(model.facts)
        return {"settings": None, "device": None, "sizes": None, "facts": facts, "report": _report(facts)}


def _report(facts: dict[str, Any]) -> dict[str, Any]:
    report = {"best_epoch": facts.get("best_epoch")}
    if facts.get("held_out_rmse") is not None:
        report["held_out"] = {"criterion": "rmse", "value": facts["held_out_rmse"]}
    elif facts.get("held_out"):
        report["held_out"] = facts["held_out"]
    return report
