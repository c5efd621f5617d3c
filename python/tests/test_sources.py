"""Ratings in every form give one model, and ids come back as they were."""

import hashlib
import uuid

import numpy as np
import pytest
from conftest import QUICK

import mfgpu

SETTINGS = QUICK | {"objective": "ratings"}


def sha256(model, tmp_path, name="model.safetensors"):
    file = tmp_path / name
    model.save(file)
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def expected(path, tmp_path_factory):
    return sha256(mfgpu.Recommender(**SETTINGS).fit(path), tmp_path_factory.mktemp("expected"))


def of_pandas(columns):
    pandas = pytest.importorskip("pandas")
    return pandas.DataFrame(dict(zip(("user", "item", "rating"), columns)))


def of_polars(columns):
    polars = pytest.importorskip("polars")
    return polars.DataFrame(dict(zip(("user", "item", "rating"), columns)))


def of_pyarrow(columns):
    pyarrow = pytest.importorskip("pyarrow")
    return pyarrow.table(dict(zip(("user", "item", "rating"), columns)))


def of_reader(columns):
    table = of_pyarrow(columns)
    return table.to_reader(max_chunksize=777)


def structured(columns):
    kinds = [(name, column.dtype) for name, column in zip(("user", "item", "rating"), columns)]
    array = np.empty(len(columns[0]), dtype=kinds)
    for name, column in zip(array.dtype.names, columns):
        array[name] = column
    return array


FORMS = {
    "pandas": of_pandas,
    "pandas with texts": lambda columns: of_pandas(
        (columns[0].astype(str), columns[1].astype(str), columns[2])
    ),
    "pandas with categories": lambda columns: of_pandas(columns).astype(
        {"user": "category", "item": "category"}
    ),
    "pandas with an index": lambda columns: of_pandas(columns).set_index(columns[0] * 7),
    "polars": of_polars,
    "polars, lazy": lambda columns: of_polars(columns).lazy(),
    "pyarrow": of_pyarrow,
    "pyarrow, batch by batch": of_reader,
    "tuple": lambda columns: tuple(columns),
    "tuple of lists": lambda columns: tuple(column.tolist() for column in columns),
    "dict": lambda columns: {"rating": columns[2], "item": columns[1].astype(np.int16), "user": columns[0]},
    "dict of objects": lambda columns: {
        "user": columns[0].astype(object),
        "item": columns[1],
        "rating": columns[2],
    },
    "rows": lambda columns: list(zip(*(column.tolist() for column in columns))),
    "structured array": structured,
    "strided": lambda columns: tuple(np.repeat(column, 2)[::2] for column in columns),
    "other bytes": lambda columns: tuple(column.astype(column.dtype.newbyteorder(">")) for column in columns),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_bytes(form, columns, expected, tmp_path):
    model = mfgpu.Recommender(**SETTINGS).fit(FORMS[form](columns))
    assert sha256(model, tmp_path) == expected


def test_paths(path, expected, tmp_path):
    from pathlib import Path

    for given in (Path(path), [path], (path,)):
        assert sha256(mfgpu.Recommender(**SETTINGS).fit(given), tmp_path) == expected


def test_sparse_matrices(columns, tmp_path):
    sparse = pytest.importorskip("scipy.sparse")
    users, items, ratings = columns
    by_tuple = sha256(mfgpu.Recommender(**SETTINGS).fit((users, items, ratings)), tmp_path, "a.safetensors")
    matrix = sparse.coo_matrix((ratings, (users, items)))
    for given in (matrix, sparse.coo_array(matrix)):
        assert sha256(mfgpu.Recommender(**SETTINGS).fit(given), tmp_path) == by_tuple
    # In the order of rows the same ratings have other positions.
    rows = mfgpu.Recommender(**SETTINGS).fit(matrix.tocsr())
    assert rows.n_users == len(np.unique(users)) and rows.user_ids.tolist() == sorted(set(users.tolist()))
    pairs = mfgpu.Recommender(**QUICK).fit(matrix > 3)
    assert list(pairs.settings) == ["lists"]
    with pytest.raises(ValueError, match="transpose"):
        mfgpu.Recommender(**SETTINGS).fit(matrix, test=matrix.T.tocsr()[: matrix.shape[1]])


def test_duckdb_like_streams(columns, expected, tmp_path):
    """Anything with `__arrow_c_stream__` is read."""

    class Result:
        def __init__(self, table):
            self.table = table

        def __arrow_c_stream__(self, requested_schema=None):
            return self.table.__arrow_c_stream__(requested_schema)

    from mfgpu import _mfgpu

    names = ("user", "item", "rating")
    table = _mfgpu.Table.of([(name, column, False) for name, column in zip(names, columns)])
    assert sha256(mfgpu.Recommender(**SETTINGS).fit(Result(table)), tmp_path) == expected


KINDS = {
    "int8": (np.arange(5, dtype=np.int8), np.int8),
    "uint64": (np.array([1, 2**63, 2**64 - 1, 7, 9], dtype=np.uint64), np.uint64),
    "negative": (np.array([-5, 0, 3, 9, 11]), np.int64),
    "float": (np.array([1.0, 2.0, 3.0, 40.0, 5.0]), np.float64),
    "text": (np.array(["ä", "b c", "d", "e", "07"]), object),
    "object text": (np.array(["x", "y", "z", "u", "v"], dtype=object), object),
    "bytes": (np.array([b"a", b"b", b"c", b"d", b"e"]), object),
    "uuid": ([uuid.UUID(int=n) for n in range(5)], object),
    "mixed": (np.array(["a", 1, 2, "b", 3], dtype=object), object),
}


@pytest.mark.parametrize("kind", KINDS)
def test_ids_come_back_as_they_were(kind):
    ids, dtype = KINDS[kind]
    users = [ids[n % 5] for n in range(60)]
    users = np.array(users, dtype=ids.dtype) if isinstance(ids, np.ndarray) else users
    items = np.arange(60) % 7
    ratings = (np.arange(60) * 7 % 5 + 1).astype(float)
    model = mfgpu.Recommender(**SETTINGS, refit=False).fit((users, items, ratings), validation=0)
    found = model.user_ids
    assert found.dtype == dtype and list(found) == list(ids), found
    some = model.recommend([ids[2]], top=2, exclude_seen=False, min_ratings=0)
    assert list(some["user"]) == [ids[2]] * 2 and some["item"].dtype == np.int64
    assert model.similar_users(ids[1], top=1)["other"].dtype == dtype
    # The same person by another type.
    assert model.predict(ids[3], 4) == model.predict([ids[3]], np.array([4]))[0]


def test_columns_are_found_or_named(columns):
    users, items, ratings = columns
    data = {"when": np.arange(len(users)), "stars": ratings, "movie": items, "who": users}
    model = mfgpu.Recommender(**SETTINGS, user_col="who", item_col="movie", rating_col="stars").fit(data)
    assert model.n_users == len(set(users.tolist()))
    plays = {"user": users, "item": items, "n": ratings}
    lists = mfgpu.Recommender(**QUICK, weight_col="n").fit(plays)
    assert list(lists.settings) == ["lists"] and lists.recommend(users[0], 3)["score"].shape == (3,)
    pairs = mfgpu.Recommender(**QUICK).fit((users, items))
    assert list(pairs.settings) == ["lists"]


def test_times_order_slices(columns):
    users, items, ratings = columns
    times = np.datetime64("2001-01-01") + (np.arange(len(users)) % 1000).astype("timedelta64[D]")
    late = mfgpu.Recommender(**SETTINGS).fit((users, items, ratings, times), test="after:2002-01-01")
    report = late.metrics["test"]["details"]["rating"]
    expected = (times >= np.datetime64("2002-01-01")).sum()
    assert report["ratings"] == expected
    last = mfgpu.Recommender(**SETTINGS).fit((users, items, ratings, times), test="last:1")
    several = (np.bincount(users) > 1).sum()
    assert last.metrics["test"]["details"]["rating"]["ratings"] == several


def test_blanks_and_bad_values(columns):
    users, items, ratings = columns
    holes = ratings.copy()
    holes[5] = np.nan
    with pytest.raises(mfgpu.InputError) as raised:
        mfgpu.Recommender(**SETTINGS).fit((users, items, holes))
    assert (raised.value.file, raised.value.line) == ("the ratings", 6), raised.value
    fewer = mfgpu.Recommender(**SETTINGS, bad_rows="skip").fit((users, items, holes))
    assert fewer.summary["read"]["skipped"] == 1
    missing = mfgpu.Recommender(**SETTINGS, missing=-1).fit(
        (users, items, np.where(np.isnan(holes), -1, holes))
    )
    assert missing.summary["read"]["missing"] == 1
    for wrong, match in [
        (np.zeros((3, 3)), "matrix or rows"),
        ((users, items[:-1], ratings), "as many"),
        (3, "expected a path"),
        ([], "expected"),
        ([(1, 2, 3.0), (1, 2)], "lengths"),
    ]:
        with pytest.raises((ValueError, TypeError), match=match):
            mfgpu.Recommender(**SETTINGS).fit(wrong)


def test_titles_in_every_form(path, titles):
    names = {17: "Seventeen", "18": "Eighteen"}
    model = mfgpu.Recommender(**SETTINGS, refit=False).fit(path, item_names=names)
    assert model.find("seventeen") == [17]
    frames = [[(17, "Seventeen")]]
    try:
        import pandas

        frames.append(pandas.DataFrame({"item": [17], "title": ["Seventeen"]}))
    except ImportError:
        pass
    for frame in frames:
        again = mfgpu.Recommender(**SETTINGS, refit=False).fit(path, item_names=frame)
        assert again.find("seventeen") == [17]
