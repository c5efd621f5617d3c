"""mfgpu beside implicit and Surprise: lines of code, seconds, peak memory and quality, each script whole.

    pip install "./python[all]" implicit==0.7.3 scikit-surprise
    python benches/python.py DATA [ROUNDS]
    python benches/python.py --tables RATINGS [ROUNDS]

DATA holds folders `ml-1m` and `goodbooks` with `train.csv[.gz]` and `test.csv[.gz]` of user, item, rating. Each script
runs in a process of its own, from the files to a number, in turn with the others; medians are printed. Lists are
measured alike for all: NDCG@10 over the whole catalogue, relevant are test ratings from the mean of the training.

With --tables, one file of ratings as csv, and as tables of three libraries: seconds of `fit` in turn, how much of
them is the engine's own, and the users a second that lists of all users take as an Arrow table.
"""

import inspect
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

SETS = ("ml-1m", "goodbooks")


def mfgpu_lists(train, test):
    import mfgpu
    import pandas

    ratings = pandas.read_csv(train)
    model = mfgpu.Recommender(objective="lists").fit(ratings)
    lists = model.recommend(top=10).to_pandas()
    return lists[["user", "item", "rank"]]


def mfgpu_lists_of_named_factors(train, test):
    import mfgpu
    import pandas

    ratings = pandas.read_csv(train)
    model = mfgpu.Recommender(objective="lists", factors=FACTORS[Path(train).parent.name]).fit(ratings)
    lists = model.recommend(top=10).to_pandas()
    return lists[["user", "item", "rank"]]


def implicit_lists(train, test):
    import implicit
    import numpy as np
    import pandas
    from scipy.sparse import csr_matrix

    ratings = pandas.read_csv(train)
    users, user_ids = pandas.factorize(ratings.iloc[:, 0])
    items, item_ids = pandas.factorize(ratings.iloc[:, 1])
    seen = csr_matrix((ratings.iloc[:, 2].astype(np.float32), (users, items)))
    factors, regularization, alpha = implicit_of(train)
    model = implicit.als.AlternatingLeastSquares(factors=factors, regularization=regularization, alpha=alpha)
    model.fit(seen, show_progress=False)
    rows = np.arange(len(user_ids))
    found, _ = model.recommend(rows, seen, N=10)
    lists = pandas.DataFrame({"user": np.repeat(user_ids, 10), "item": item_ids[found.ravel()]})
    lists["rank"] = np.tile(np.arange(1, 11), len(user_ids))
    return lists


#: Factors of mfgpu, in place of a race that doubles them as long as lists gain.
FACTORS = {"ml-1m": 64, "goodbooks": 256}
#: Factors, regularization and alpha of implicit: the best that was found by the test of each set, which flatters.
IMPLICIT = {"ml-1m": (128, 50.0, 0.5), "goodbooks": (256, 50.0, 2.0)}


def implicit_of(train):
    return IMPLICIT[Path(train).parent.name]


def mfgpu_ratings(train, test):
    import mfgpu
    import pandas

    model = mfgpu.Recommender(objective="ratings").fit(pandas.read_csv(train))
    pairs = pandas.read_csv(test)
    return model.predict(pairs.iloc[:, 0], pairs.iloc[:, 1])


def surprise_ratings(train, test):
    import pandas
    import surprise

    ratings, pairs = pandas.read_csv(train), pandas.read_csv(test)
    scale = surprise.Reader(rating_scale=(1, 5))
    data = surprise.Dataset.load_from_df(ratings.iloc[:, :3], scale).build_full_trainset()
    model = surprise.SVD(random_state=1)
    model.fit(data)
    return [model.predict(user, item).est for user, item in zip(pairs.iloc[:, 0], pairs.iloc[:, 1])]


SCRIPTS = (
    mfgpu_lists,
    mfgpu_lists_of_named_factors,
    implicit_lists,
    mfgpu_ratings,
    surprise_ratings,
)


def rmse(found, test):
    import numpy as np
    import pandas

    given = pandas.read_csv(test).iloc[:, 2].to_numpy(float)
    return float(np.sqrt(np.mean((np.clip(np.asarray(found, float), 1, 5) - given) ** 2)))


def ndcg(lists, train, test):
    import numpy as np
    import pandas

    ratings, given = pandas.read_csv(train), pandas.read_csv(test)
    given = given[given.iloc[:, 2] >= ratings.iloc[:, 2].mean()]
    wanted = given.groupby(given.columns[0])[given.columns[1]].agg(set)
    gains = 1 / np.log2(np.arange(2, 12))
    ideal = np.concatenate([[0], np.cumsum(gains)])
    found = {user: (part["item"].to_numpy(), part["rank"].to_numpy()) for user, part in lists.groupby("user")}
    scores = []
    for user, items in wanted.items():
        listed, ranks = found.get(user, ((), np.zeros(0, int)))
        hits = [gains[rank - 1] for item, rank in zip(listed, ranks) if item in items]
        scores.append(sum(hits) / ideal[min(10, len(items))])
    return float(np.mean(scores))


def one(name, train, test):
    """Runs a script in this process; prints its seconds, its peak memory and its quality."""
    script = next(script for script in SCRIPTS if script.__name__ == name)
    began = time.perf_counter()
    found = script(train, test)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cpu = resource.getrusage(resource.RUSAGE_SELF)
    quality = ndcg(found, train, test) if "lists" in name else rmse(found, test)
    print(
        json.dumps({"seconds": seconds, "cpu": cpu.ru_utime + cpu.ru_stime, "peak": peak, "quality": quality})
    )


def main(data, rounds=3):
    for of in SETS:
        folder = Path(data) / of
        train, test = (str(next(folder.glob(f"{part}.csv*"))) for part in ("train", "test"))
        results = {script.__name__: [] for script in SCRIPTS}
        for _ in range(int(rounds)):
            for name, found in results.items():
                command = [sys.executable, __file__, "--one", name, train, test]
                done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
                found.append(json.loads(done.stdout.splitlines()[-1]))
        for script in SCRIPTS:
            runs = results[script.__name__]
            middle = {fact: statistics.median(run[fact] for run in runs) for fact in runs[0]}
            lines = len(inspect.getsource(script).strip().splitlines()) - 1
            measure = "NDCG@10" if "lists" in script.__name__ else "RMSE"
            print(
                f"{of:10} {script.__name__:30} {lines:3} lines {middle['seconds']:7.2f} s {middle['cpu']:7.1f} CPU-s "
                f"{middle['peak']:6.0f} MiB  {measure} {middle['quality']:.4f}",
                flush=True,
            )


def tables(path, rounds=3):
    import mfgpu
    import pandas
    import polars
    import pyarrow.csv

    given = {
        "path": path,
        "pandas": pandas.read_csv(path),
        "polars": polars.read_csv(path),
        "pyarrow": pyarrow.csv.read_csv(path),
    }
    settings = {
        "objective": "ratings",
        "epochs": 8,
        "factors": 32,
        "regularization": 0.02,
        "start": "centred",
    }
    whole, own = {name: [] for name in given}, {name: [] for name in given}
    for _ in range(int(rounds)):
        for name, data in given.items():
            began = time.perf_counter()
            model = mfgpu.Recommender(**settings).fit(data, progress=False)
            whole[name].append(time.perf_counter() - began)
            own[name].append(model.summary["report"]["train_seconds"])
    for name in given:
        seconds, engine = statistics.median(whole[name]), statistics.median(own[name])
        print(f"{name:10} fit {seconds:6.2f} s, training {engine:6.2f} s, the rest {seconds - engine:5.2f} s")
    began = time.perf_counter()
    listed = model.recommend(top=10).to_arrow()
    seconds = time.perf_counter() - began
    print(f"lists of {model.n_users:,} users: {listed.num_rows / 10 / seconds:,.0f} users/s")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(*sys.argv[2:])
    elif sys.argv[1:2] == ["--tables"]:
        tables(*sys.argv[2:])
    elif len(sys.argv) in (2, 3):
        main(*sys.argv[1:])
    else:
        sys.exit(__doc__)
