"""Users a second whose lists of ten are made: mfgpu, implicit, and numpy (a product and argpartition), in turn, of the same factors.

    pip install implicit safetensors
    python benches/lists.py BENCH MODEL      with BENCH what `cargo bench --no-run --bench lists` names
"""

import os
import re
import statistics
import subprocess
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = os.environ.get("THREADS", "2")

import implicit.cpu.als
import numpy as np
from safetensors.numpy import load_file
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

ROUNDS, COUNT, BLOCK = 5, 10, 1000

bench, path = sys.argv[1:]
model = load_file(path)
users, items = len(model["user_bias"]), len(model["item_bias"])
own = np.hstack([np.full((users, 1), model["scale"]), model["scale"] * model["user_factors"]]).astype(np.float32)
other = np.hstack([model["item_bias"][:, None], model["item_factors"]]).astype(np.float32)
starts, seen = model["rated_starts"].astype(np.int64), model["rated_items"].astype(np.int32)
rated = csr_matrix((np.ones(len(seen), np.float32), seen, starts), shape=(users, items))
everyone = np.arange(users)
threads = int(os.environ["OPENBLAS_NUM_THREADS"])
als = implicit.cpu.als.AlternatingLeastSquares(factors=own.shape[1], num_threads=threads)
als.user_factors, als.item_factors = own, other


def by_implicit():
    # It uses threads of its own, and requires BLAS to be single-threaded.
    with threadpool_limits(1, "blas"):
        return als.recommend(everyone, rated, N=COUNT, filter_already_liked_items=True)[0]


def by_numpy():
    lists = np.empty((users, COUNT), np.int64)
    for first in range(0, users, BLOCK):
        last = min(first + BLOCK, users)
        scores = own[first:last] @ other.T
        block = rated[first:last]
        scores[np.repeat(np.arange(last - first), np.diff(block.indptr)), block.indices] = -np.inf
        best = np.argpartition(scores, -COUNT)[:, -COUNT:]
        order = np.argsort(-np.take_along_axis(scores, best, 1))
        lists[first:last] = np.take_along_axis(best, order, 1)
    return lists


def by_mfgpu():
    environment = os.environ | {"MFGPU_DEVICE": "cpu", "RAYON_NUM_THREADS": str(threads)}
    said = subprocess.run([bench, path, str(COUNT)], env=environment, capture_output=True, text=True, check=True).stdout
    rates = [float(rate) for rate in re.findall(r"users_per_second=(\d+)", said)]
    return statistics.median(rates[1:])


def rate(function):
    begun = time.perf_counter()
    function()
    return users / (time.perf_counter() - begun)


print(f"{users} users, {items} items, {own.shape[1] - 1} factors; {threads} threads")
print(f"implicit and numpy agree on {np.mean(by_implicit() == by_numpy()):.4f} of all places")
rounds = [(by_mfgpu(), rate(by_implicit), rate(by_numpy)) for _ in range(ROUNDS)]
for name, rates in zip(["mfgpu", "implicit", "numpy"], zip(*rounds)):
    print(f"{name:9} {statistics.median(rates):9.0f} users/s")
for name, at in [("implicit", 1), ("numpy", 2)]:
    print(f"mfgpu / {name}: {statistics.median(row[0] / row[at] for row in rounds):.2f}")
