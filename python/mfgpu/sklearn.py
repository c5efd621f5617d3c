"""An estimator for scikit-learn: rows of (user, item) and their ratings, for ``cross_validate`` and
``GridSearchCV``.

>>> from mfgpu.sklearn import RatingRegressor
>>> scores = cross_validate(RatingRegressor(factors=32), frame[["user", "item"]], frame["rating"],
...                         scoring="neg_root_mean_squared_error")
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin

from ._recommender import Recommender

__all__ = ["RatingRegressor"]


class RatingRegressor(RegressorMixin, BaseEstimator):
    """Predicts ratings. ``X`` has a row a rating, its user and its item: a DataFrame, or an array of two
    columns.

    The keywords are those of :class:`mfgpu.Recommender` that are of ratings. ``recommender_`` is the trained
    one."""

    def __init__(
        self,
        *,
        algorithm=None,
        factors=None,
        epochs=None,
        regularization=None,
        power=None,
        views=None,
        learning_rate=None,
        start=None,
        stages=None,
        burn_in=None,
        keep_draws=None,
        patience=None,
        refit=None,
        seed=None,
        device=None,
        threads=None,
        validation=None,
    ):
        self.algorithm = algorithm
        self.factors = factors
        self.epochs = epochs
        self.regularization = regularization
        self.power = power
        self.views = views
        self.learning_rate = learning_rate
        self.start = start
        self.stages = stages
        self.burn_in = burn_in
        self.keep_draws = keep_draws
        self.patience = patience
        self.refit = refit
        self.seed = seed
        self.device = device
        self.threads = threads
        self.validation = validation

    def fit(self, X: Any, y: Any) -> RatingRegressor:
        """Trains on the ratings ``y`` of the rows ``X``."""
        users, items = _columns(X)
        params = self.get_params()
        validation = params.pop("validation")
        self.recommender_ = Recommender(objective="ratings", **params)
        ratings = np.asarray(y, dtype=np.float64)
        self.recommender_.fit((users, items, ratings), validation=validation, progress=False)
        self.n_features_in_ = 2
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The expected ratings of rows; an unknown user or item is predicted from the other alone."""
        if not hasattr(self, "recommender_"):
            from sklearn.exceptions import NotFittedError

            raise NotFittedError("this RatingRegressor is not trained; call fit")
        return self.recommender_.predict(*_columns(X)).astype(np.float64)


def _columns(rows: Any) -> tuple[Any, Any]:
    """The columns of users and of items."""
    is_frame = hasattr(rows, "iloc")
    rows = rows if is_frame else np.asarray(rows)
    width = rows.shape[1] if len(rows.shape) == 2 else 1
    if width != 2:
        raise ValueError(f"X has {width} columns; expected two, of users and of items")
    return (rows.iloc[:, 0], rows.iloc[:, 1]) if is_frame else (rows[:, 0], rows[:, 1])
