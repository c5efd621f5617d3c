"""What a model is asked."""

import pickle

import numpy as np
import pytest
from conftest import QUICK

import mfgpu


def test_factors_are_shared_and_make_predictions(model):
    users, items = model.user_factors, model.item_factors
    assert users.shape == (model.n_users, 6) and items.shape == (model.n_items, 6)
    assert users.dtype == np.float32 and not users.flags.writeable and users.base is not None
    assert model.user_factors.__array_interface__["data"] == users.__array_interface__["data"], "no copy"
    with pytest.raises(ValueError):
        users[0, 0] = 1
    scores = model.mean + model.scale * (
        model.user_biases[:, None] + model.item_biases[None, :] + users @ items.T
    )
    assert model.rating_range == (0.5, 5.0)
    expected = np.clip(scores, *model.rating_range)
    some = np.random.default_rng(1).integers(0, [model.n_users, model.n_items], size=(500, 2))
    found = model.predict(model.user_ids[some[:, 0]], model.item_ids[some[:, 1]])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected[some[:, 0], some[:, 1]], atol=2e-5)
    lists = model.draw(0, by="lists")
    assert lists.user_factors.shape == (model.n_users, 6) and not np.array_equal(lists.user_factors, users)


def test_arrays_outlive_the_model(path):
    users = mfgpu.Recommender(**QUICK, objective="ratings", refit=False).fit(path).user_factors
    import gc

    gc.collect()
    assert np.isfinite(users).all() and users.any()


def test_predictions(model):
    one = model.predict(17, 333)
    assert (
        isinstance(one, float)
        and model.predict("17", "333") == one
        and model.predict(np.int32(17), 333) == one
    )
    many = model.predict([17, 18, 17], [333, 5, 5])
    assert many.shape == (3,) and many[0] == np.float32(one)
    assert (model.predict(17, [333, 5]) == many[[0, 2]]).all()
    unknown = model.predict("nobody", 333)
    assert 0.5 <= unknown <= 5 and unknown != one
    with pytest.raises(ValueError, match="as many"):
        model.predict([1, 2], [1, 2, 3])


def test_swapped_ids_are_found():
    users = [f"u{n % 9}" for n in range(90)]
    items = [f"i{n % 10}" for n in range(90)]
    ratings = [float(n * 7 % 5) for n in range(90)]
    model = mfgpu.Recommender(**QUICK, objective="ratings", refit=False).fit((users, items, ratings))
    with pytest.raises(ValueError, match="swap them"):
        model.predict(items[:5], users[:5])
    with pytest.raises(ValueError, match="swapped"):
        model.similar_items("u3")
    with pytest.raises(ValueError, match="swap the columns"):
        model.evaluate((items, users, ratings))
    with pytest.raises(ValueError, match="swap the columns"):
        model.fold_in((items, users, ratings))


def test_lists(model, rows):
    seen = {item for user, item, _ in rows if user == 17}
    table = model.recommend(17, top=5)
    assert table.columns == ["user", "rank", "item", "score", "rating", "title"]
    assert list(table["rank"]) == [1, 2, 3, 4, 5] and (np.diff(table["score"]) <= 0).all()
    # A tenth of what was seen was the test.
    assert len(seen & set(table["item"].tolist())) <= len(seen) / 5
    assert table["rating"][0] == np.float32(model.predict(17, table["item"][0]))
    everybody = model.recommend(top=3)
    assert len(everybody) == 3 * model.n_users and (everybody["user"][::3] == model.user_ids).all()
    few = model.recommend([17, 18], top=50, items=[1, 2, 3, 4], block=[2], exclude_seen=False)
    assert set(few["item"].tolist()) <= {1, 3, 4}
    why = model.recommend(17, top=2, explain=2)
    assert why.columns[-1] == "because" and "; " in why["because"][0]
    by_rating = model.recommend(17, top=3, by="ratings")
    assert "rating" not in by_rating.columns and by_rating["score"].max() <= 5
    assert (model.recommend(17, top=50, min_score=3.5)["score"] >= 3.5).all()
    assert len(model.recommend(17, top=0)) == 0
    users = model.recommend_users(333, top=4)
    assert users.columns == ["item", "rank", "user", "score"] and len(users) == 4
    for wrong in ({"items": ["none"]}, {"by": "both"}, {"top": -1}, {"explore": 1}, {"with_sd": True}):
        with pytest.raises(ValueError):
            model.recommend(17, **wrong)


def test_similar_rows(model):
    table = model.similar_items([333, 5], top=3)
    assert table.columns == ["id", "rank", "other", "similarity", "title"] and len(table) == 6
    factors = model.draw(0, by="lists").item_factors
    unit = factors / np.linalg.norm(factors, axis=1, keepdims=True)
    at = {item: row for row, item in enumerate(model.item_ids.tolist())}
    expected = [unit[at[a]] @ unit[at[b]] for a, b in zip(table["id"], table["other"])]
    np.testing.assert_allclose(table["similarity"], expected, atol=1e-5)
    assert len(model.similar_users(17, top=2)) == 2
    assert len(model.similar_items(top=1)) == model.n_items


def test_bayes(bayes):
    assert bayes.n_draws == 3
    with pytest.raises(ValueError, match=r"draw\(n\).user_factors"):
        _ = bayes.user_factors
    assert bayes.draw(2).user_factors.shape == (bayes.n_users, 6)
    ratings, deviations = bayes.predict([17, 18], [333, 5], with_sd=True)
    assert ratings.shape == deviations.shape == (2,) and (deviations > 0).all()
    explored = bayes.recommend(17, top=3, explore=1.0, with_sd=True)
    assert "sd" in explored.columns and (explored["sd"] > 0).all()


def test_new_users(model, rows):
    data = [("alice", 333, 5.0), ("alice", 5, 1.0), ("bob", 17, 4.0)]
    wider = model.fold_in(data)
    assert wider.added == {"users": 2, "items": 0, "known": 0, "unknown": 0}
    assert wider.n_users == model.n_users + 2 and "alice" not in model.user_ids.tolist()
    listed = wider.recommend("alice", top=5)
    assert listed["user"].tolist() == ["alice"] * 5 and 333 not in listed["item"].tolist()
    assert wider.user_ids.dtype == object, "a text among numbers makes all of them texts"


def test_evaluation(model, rows):
    few = rows[:2000]
    found = model.evaluate(few, cutoffs=[5, 20], resamples=20, relevant_from=4)
    users, items, ratings = map(np.array, zip(*few))
    rmse = np.sqrt(np.mean((model.predict(users, items) - ratings) ** 2))
    assert abs(found["rmse"] - rmse) < 1e-5
    low, high = found["intervals"]["rmse"]
    assert low <= found["rmse"] <= high
    assert {"ndcg@5", "ndcg@20", "recall@5", "mae"} <= set(found)
    assert found["baselines"]["mean"]["rmse"] > 0 and found["details"]["ranking"]["relevant_from"] == 4
    with pytest.raises(ValueError, match="resamples"):
        model.evaluate(few, resamples=3)


def test_completed_matrix(model, tmp_path, rows):
    assert model.complete(tmp_path / "all.npy") == model.n_users
    matrix = np.load(tmp_path / "all.npy")
    assert matrix.shape == (model.n_users, model.n_items)
    half = tmp_path / "half.npy"
    model.complete(half, users=[17, 18], items=[333, 5, 1], dtype="f16")
    assert np.load(half).shape == (2, 3)
    model.complete(tmp_path / "few.csv", users=[17], blanks_only=True)
    lines = (tmp_path / "few.csv").read_text().splitlines()
    assert lines[0] == "user,item,value,known" and len(lines) < model.n_items
    model.complete(tmp_path / "wide.csv", users=[17], layout="wide")
    assert len((tmp_path / "wide.csv").read_text().splitlines()) == 2
    with pytest.raises(ValueError):
        model.complete(tmp_path / "x.npy", blanks_only=True)
    with pytest.raises(OSError):
        model.complete(tmp_path / "none" / "x.csv")


def test_files_and_pickles(model, tmp_path):
    model.save(tmp_path / "saved")
    loaded, pickled = mfgpu.load(tmp_path / "saved"), pickle.loads(pickle.dumps(model))
    for other in (loaded, pickled):
        assert other.predict(17, 333) == model.predict(17, 333)
        assert (other.recommend(17, 5)["item"] == model.recommend(17, 5)["item"]).all()
        assert other.user_ids.dtype == np.int64
    assert pickled.metrics == model.metrics and pickled.get_params() == model.get_params()
    assert mfgpu.load(tmp_path / "saved", user_ids="str").user_ids.dtype == object
    with pytest.raises(ValueError, match="name a directory"):
        model.save(tmp_path / "one.safetensors")
    (tmp_path / "bad.safetensors").write_bytes(b"no model")
    with pytest.raises(mfgpu.DamagedError):
        mfgpu.load(tmp_path / "bad.safetensors")
    with pytest.raises(FileNotFoundError):
        mfgpu.load(tmp_path / "none")


def test_what_is_said_of_a_model(model):
    assert set(model.metrics["held_out"]) == {"rmse", "ndcg@10"}
    assert model.metrics["test"]["rmse"] < model.metrics["test"]["baselines"]["mean"]["rmse"]
    assert model.settings["ratings"]["factors"] == 6 and model.settings["lists"]["algorithm"] == "ials"
    phases = [(epoch["objective"], epoch["phase"]) for epoch in model.curve]
    assert ("lists", "search") in phases and ("ratings", "refit") in phases
    assert all({"epoch", "train_rmse", "seconds"} <= set(epoch) for epoch in model.curve)
    page = model._repr_html_()
    assert "test rmse" in page and f"{model.n_users:,}" in page
    assert repr(model).startswith("Recommender(factors=6")
    assert "not trained" in mfgpu.Recommender()._repr_html_()
    with pytest.raises(ValueError, match="not trained"):
        mfgpu.Recommender().predict(1, 2)


def test_tables(model):
    table = model.recommend([17, 18], top=2)
    assert len(list(table)) == 4 and list(table)[0][0] == 17
    assert set(table.to_dict()) == set(table.columns)
    assert "<th>score</th>" in table._repr_html_() and "4 rows" in repr(table)
    with pytest.raises(KeyError, match="the columns are"):
        table["none"]


def test_tables_of_others(model):
    table = model.recommend([17, 18], top=2)
    pandas = pytest.importorskip("pandas")
    frame = table.to_pandas()
    assert frame["user"].dtype == np.int64 and frame["score"].dtype == np.float32
    assert isinstance(frame, pandas.DataFrame)
    polars = pytest.importorskip("polars")
    assert table.to_polars()["item"].to_list() == frame["item"].to_list()
    assert polars.DataFrame(table).shape == table.to_arrow().shape == (4, 6)
