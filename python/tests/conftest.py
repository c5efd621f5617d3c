"""Data that tests share."""

import csv
import shutil
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import numpy as np
import pytest

import mfgpu

# A shell that starts the tests in the background has them ignore interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

#: Small and quick, and the same wherever the tests run.
QUICK = {"factors": 6, "list_factors": 6, "epochs": 4, "seed": 3, "device": "cpu"}


@pytest.fixture(scope="session")
def path():
    return str(EXAMPLES / "ratings.csv")


@pytest.fixture(scope="session")
def rows(path):
    with open(path, newline="") as file:
        next(reader := csv.reader(file))
        return [(int(user), int(item), float(rating)) for user, item, rating, *_ in reader]


@pytest.fixture(scope="session")
def columns(rows):
    users, items, ratings = zip(*rows)
    return np.array(users), np.array(items), np.array(ratings)


@pytest.fixture(scope="session")
def titles():
    return str(EXAMPLES / "titles.csv")


@pytest.fixture(scope="session")
def model(path, titles):
    return mfgpu.Recommender(**QUICK).fit(path, test=0.1, item_names=titles)


@pytest.fixture(scope="session")
def bayes(path):
    settings = QUICK | {"epochs": 6}
    return mfgpu.Recommender(algorithm="bayes", objective="ratings", burn_in=2, keep_draws=3, **settings).fit(
        path
    )


@pytest.fixture(scope="session")
def program():
    """The command that came with the package."""
    found = Path(sysconfig.get_path("scripts")) / ("mfgpu.exe" if sys.platform == "win32" else "mfgpu")
    found = str(found) if found.exists() else shutil.which("mfgpu")
    if found is None:
        pytest.fail("the package came without the command `mfgpu`")

    def run(*arguments):
        done = subprocess.run([found, *map(str, arguments)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
