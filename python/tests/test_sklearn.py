"""scikit-learn's conventions, by scikit-learn itself."""

import numpy as np
import pytest

pytest.importorskip("sklearn")

from conftest import QUICK
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_validate

import mfgpu
from mfgpu.sklearn import RatingRegressor

SETTINGS = {"factors": 4, "epochs": 4, "seed": 1, "device": "cpu", "regularization": 0.02, "start": "centred"}


@pytest.fixture(scope="module")
def table(columns):
    users, items, ratings = columns
    return np.stack([users, items], axis=1)[:6000], ratings[:6000]


def test_clone_and_parameters():
    settings = QUICK | {"missing": ["NA"], "cutoffs": [5]}
    model = mfgpu.Recommender(**settings)
    copy = clone(model)
    assert copy is not model and copy.get_params() == model.get_params()
    assert copy.set_params(factors=9).factors == 9 and model.factors == 6
    with pytest.raises(NotFittedError):
        copy.predict(1, 2)
    assert clone(RatingRegressor(**SETTINGS)).get_params()["factors"] == 4


def test_cross_validation_measures_the_rmse(table):
    rows, ratings = table
    found = cross_validate(
        RatingRegressor(**SETTINGS), rows, ratings, cv=3, scoring="neg_root_mean_squared_error"
    )
    deviation = ratings.std()
    assert (-found["test_score"] < deviation).all() and (-found["test_score"] > 0.3).all()
    direct = RatingRegressor(**SETTINGS).fit(rows[2000:], ratings[2000:])
    rmse = np.sqrt(np.mean((direct.predict(rows[:2000]) - ratings[:2000]) ** 2))
    assert abs(-found["test_score"][0] - rmse) < 1e-6, "folds of whole blocks, in order"


def test_a_grid_is_searched(table):
    rows, ratings = table
    search = GridSearchCV(
        RatingRegressor(**SETTINGS),
        {"factors": [1, 6], "regularization": [0.02, 5.0]},
        cv=2,
        scoring="neg_root_mean_squared_error",
    )
    search.fit(rows, ratings)
    assert search.best_params_["regularization"] == 0.02
    assert search.predict(rows[:3]).shape == (3,) and search.best_estimator_.recommender_.n_users > 0


def test_frames_and_texts(table):
    pandas = pytest.importorskip("pandas")
    rows, ratings = table
    frame = pandas.DataFrame({"who": rows[:, 0].astype(str), "what": rows[:, 1]})
    model = RatingRegressor(**SETTINGS).fit(frame, pandas.Series(ratings))
    same = RatingRegressor(**SETTINGS).fit(rows, ratings)
    assert (model.predict(frame[:50]) == same.predict(rows[:50])).all()
    with pytest.raises(ValueError, match="expected two"):
        model.predict(rows[:, :1])
    with pytest.raises(NotFittedError):
        RatingRegressor().predict(rows)
