"""What happens while a model is trained: a bar, callbacks, and the record of epochs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any


class Follower:
    """Hears the events of a run, and keeps the epochs."""

    def __init__(self, on_event: Callable[[dict], Any] | None, progress: bool | None):
        self.on_event = on_event
        self.bar = _bar(progress)
        self.objective: str | None = None
        self.epochs: list[dict] = []
        self.race: list[dict] = []

    def __call__(self, text: str) -> Any:
        event = json.loads(text)
        kind = event["event"]
        if kind == "objective":
            self.objective = event["objective"]
        elif kind == "epoch":
            event["objective"] = self.objective
            self.epochs.append({name: value for name, value in event.items() if name != "event"})
        elif kind == "raced":
            self.race.append({"objective": self.objective, **event})
        if self.bar is not None:
            _show(self.bar, event)
        if self.on_event is not None:
            return self.on_event(event)
        return None

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()


def _bar(wanted: bool | None) -> Any:
    """A bar of tqdm: where people look on if nothing is said, and where tqdm is installed."""
    if wanted is False or (wanted is None and not _is_watched()):
        return None
    try:
        from tqdm.auto import tqdm
    except ImportError:
        if wanted:
            raise ImportError("a progress bar needs tqdm: pip install tqdm") from None
        return None
    return tqdm(desc="reading", unit="epoch", leave=bool(wanted))


def _is_watched() -> bool:
    return "ipykernel" in sys.modules or (sys.stderr is not None and sys.stderr.isatty())


def _show(bar: Any, event: dict) -> None:
    kind = event["event"]
    if kind == "objective":
        bar.set_description(f"training for {event['objective']}")
    elif kind == "begin":
        bar.reset(total=event["epochs"])
        bar.set_postfix_str(event["phase"])
    elif kind == "epoch":
        held_out = event["held_out"] or {}
        facts = {"phase": event["phase"], "train_rmse": f"{event['train_rmse']:.4f}"}
        if "value" in held_out:
            facts["held_out"] = f"{held_out['value']:.4f}"
        bar.set_postfix(facts, refresh=False)
        bar.update()
