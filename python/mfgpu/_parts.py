"""What the engine is asked with, and a set of factors."""

from __future__ import annotations

from typing import Any

import numpy as np


class Draw:
    """One set of factors of a model; its arrays are read-only and share the memory of the model."""

    def __init__(self, model: Any, number: int):
        self.user_factors: np.ndarray = model.factors(True, number)
        self.item_factors: np.ndarray = model.factors(False, number)
        self.user_biases: np.ndarray = model.bias(True, number)
        self.item_biases: np.ndarray = model.bias(False, number)
        self.mean, self.scale = model.scale(number)


class Wishes:
    """What lists may hold, as attributes."""

    def __init__(self, **wishes: Any):
        self.__dict__.update(wishes)


def not_fitted() -> Exception:
    text = "this Recommender is not trained; call fit, or mfgpu.load"
    try:
        from sklearn.exceptions import NotFittedError
    except ImportError:
        return ValueError(text)
    return NotFittedError(text)
