"""How good a model is: evaluations with a value a metric, and warnings."""

from __future__ import annotations

import warnings
from typing import Any

from ._errors import QualityWarning


def flat(evaluation: dict[str, Any]) -> dict[str, Any]:
    """An evaluation with a value a metric."""
    values: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    baselines: dict[str, dict[str, float]] = {}

    def add(name: str, metric: dict[str, Any]) -> None:
        for of, estimate in metric.items():
            if not isinstance(estimate, dict):
                continue
            if of == "model":
                values[name] = estimate["value"]
                if estimate["interval"] is not None:
                    intervals[name] = tuple(estimate["interval"])
            else:
                baselines.setdefault(of, {})[name] = estimate["value"]

    rating = evaluation.get("rating") or {}
    for name in ("rmse", "mae"):
        if name in rating:
            add(name, rating[name])
    for metric in (evaluation.get("ranking") or {}).get("metrics", []):
        add(f"{metric['metric']}@{metric['cutoff']}", metric)
    return {**values, "intervals": intervals, "baselines": baselines, "details": evaluation}


def warn_of_lists(evaluation: dict | None, stacklevel: int) -> None:
    for metric in ((evaluation or {}).get("ranking") or {}).get("metrics", []):
        if metric["metric"] == "ndcg" and metric["model"]["value"] < metric["most_rated"]["value"]:
            warnings.warn(
                f"NDCG@{metric['cutoff']} of the lists is {metric['model']['value']:.4f}; that of the "
                f"most rated items, the same for everybody, is {metric['most_rated']['value']:.4f}",
                QualityWarning,
                stacklevel=stacklevel,
            )
            return
