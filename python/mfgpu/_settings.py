"""The settings: keywords have the names of the flags of the command line, and become settings of the
engine."""

from __future__ import annotations

import json
import operator
import os
from typing import Any

#: Every keyword of ``Recommender`` with the setting of the engine that it sets.
SETTINGS = {
    "objective": "objective",
    "algorithm": "training.algorithm",
    "factors": "training.factors",
    "list_factors": "lists.factors",
    "epochs": "training.epochs",
    "regularization": "training.regularization",
    "power": "training.power",
    "views": "training.views",
    "learning_rate": "training.learning_rate",
    "unobserved_weight": "training.unobserved_weight",
    "alpha": "training.alpha",
    "confidence": "training.confidence",
    "dislikes_below": "training.dislikes_below",
    "solver": "training.solver",
    "criterion": "training.criterion",
    "start": "training.start",
    "stages": "training.stages",
    "burn_in": "training.burn_in",
    "keep_draws": "training.keep_draws",
    "patience": "training.patience",
    "refit": "training.refit",
    "seed": "training.seed",
    "user_col": "input.user_column",
    "item_col": "input.item_column",
    "rating_col": "input.rating_column",
    "weight_col": "input.weight_column",
    "time_col": "input.time_column",
    "format": "input.format",
    "layout": "input.layout",
    "decimal": "input.decimal",
    "thousands": "input.thousands",
    "missing": "input.missing",
    "bad_rows": "input.bad_rows",
    "duplicates": "input.duplicates",
    "test_overlap": "test_overlap",
    "keep_ratings": "keep_ratings",
    "cutoffs": "evaluation.cutoffs",
    "relevant_from": "evaluation.relevance",
    "resamples": "evaluation.resamples",
    "device": "device",
    "vram": "vram",
    "memory": "memory",
    "fallback": "fallback",
    "threads": "threads",
    "ranks": "ranks",
}

#: Keywords of ``Recommender.fit`` with their settings.
OF_FIT = {
    "test": "test",
    "validation": "valid",
    "item_names": "item_names",
    "init_from": "init_from",
    "folds": "folds",
    "top": "top",
    "csv_safe": "csv_safe",
    "max_time": "max_time",
    "checkpoint_every": "checkpoint_every",
}

#: The keyword of a setting, for texts of the engine.
KEYWORD_OF = {setting: keyword for keyword, setting in (SETTINGS | OF_FIT).items()} | {
    "training.valid": "validation"
}

WHOLE = {
    "epochs",
    "stages",
    "burn_in",
    "keep_draws",
    "patience",
    "seed",
    "factors",
    "threads",
    "ranks",
    "resamples",
    "folds",
    "top",
}
NUMBERS = {"power", "learning_rate", "alpha", "dislikes_below"}
CHOICES = {"regularization", "views", "unobserved_weight"}
FLAGS = {"refit", "keep_ratings", "csv_safe"}

#: Algorithms that make lists, and those of ratings that have a solver.
OF_LISTS = ("ials",)
WITH_SOLVER = ("als",)


def _wrong(name: str, value: Any, expected: str) -> ValueError:
    return ValueError(f"{name} is {value!r}; expected {expected}")


def whole(name: str, value: Any) -> int:
    """A whole number from 0."""
    if isinstance(value, bool):
        raise _wrong(name, value, "a whole number")
    try:
        number = operator.index(value)
    except TypeError:
        if isinstance(value, float) and value.is_integer():
            number = int(value)
        else:
            raise _wrong(name, value, "a whole number") from None
    if number < 0:
        raise _wrong(name, value, "a whole number from 0")
    return number


def _number(name: str, value: Any) -> float:
    if not isinstance(value, (bool, str)):
        try:
            return float(value)
        except (TypeError, ValueError):
            pass
    raise _wrong(name, value, "a number")


def checked(name: str, value: Any) -> Any:
    """The value of a keyword as the engine takes it."""
    if name in WHOLE:
        return whole(name, value)
    if name in NUMBERS:
        return _number(name, value)
    if name == "list_factors":
        return None if value == "auto" else whole(name, value)
    if name in CHOICES:
        if isinstance(value, str):
            if value == "off" and name == "views":
                return 0.0
            if value == "auto":
                return value
            raise _wrong(name, value, "a number or 'auto'")
        return _number(name, value)
    if name in FLAGS:
        if isinstance(value, (bool, int)) and value in (0, 1):
            return bool(value)
        raise _wrong(name, value, "True or False")
    if name == "cutoffs":
        values = value if isinstance(value, (list, tuple)) else [value]
        return [whole(name, each) for each in values]
    if name == "missing":
        marks = value if isinstance(value, (list, tuple, set)) else [value]
        return [each if isinstance(each, str) else format(each) for each in marks]
    if name == "relevant_from" and not isinstance(value, str):
        return _number(name, value)
    if name.endswith("_col"):
        # A position is a name of digits, and so is a column called 7.
        return value if isinstance(value, str) else str(value)
    if not isinstance(value, str):
        raise _wrong(name, value, "a text")
    return value


def config_of(given: dict[str, Any]) -> dict[str, Any]:
    """The settings of a run as the engine reads them; those that are None keep their defaults.

    Where only lists are trained, the settings of training in general are for lists, as on the command line.
    """
    given = {name: checked(name, value) for name, value in given.items() if value is not None}
    training: dict[str, Any] = {}
    lists: dict[str, Any] = {"algorithm": "ials"}
    config: dict[str, Any] = {"training": training, "lists": lists, "input": {}, "evaluation": {}}
    objective, algorithm = given.pop("objective", None), given.pop("algorithm", None)
    if objective is not None and algorithm is not None and (algorithm in OF_LISTS) != (objective == "lists"):
        advice = "it makes lists" if algorithm in OF_LISTS else "it predicts ratings"
        raise ValueError(
            f"algorithm is {algorithm!r} with objective={objective!r}: {advice}; leave one of them out"
        )
    if algorithm in OF_LISTS:
        objective = "lists"
    elif algorithm is not None:
        training["algorithm"] = algorithm
    if objective is not None:
        config["objective"] = objective
    only_lists = objective == "lists"
    for name in ("list_factors", "unobserved_weight", "alpha", "confidence", "dislikes_below"):
        if name in given:
            lists["factors" if name == "list_factors" else name] = given.pop(name)
    for name in ("factors", "epochs", "regularization", "power", "patience"):
        if name in given:
            (lists if only_lists else training)[name] = given.pop(name)
    if "solver" in given:
        lists["solver"] = solver = given.pop("solver")
        if algorithm in WITH_SOLVER or objective == "ratings":
            training["solver"] = solver
    if "criterion" in given:
        criterion = given.pop("criterion")
        of_lists = only_lists or criterion != "rmse"
        (lists if of_lists and objective != "ratings" else training)["criterion"] = criterion
    for name, value in given.items():
        *table, setting = (SETTINGS | OF_FIT)[name].split(".")
        (config[table[0]] if table else config)[setting] = value
    return config


def as_json(config: dict[str, Any]) -> str:
    return json.dumps(config, default=os.fspath)
