"""Long work: interrupts, callbacks, threads, processes and memory."""

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from conftest import QUICK

import mfgpu
from mfgpu._quiet import RUNTIME

ENDLESS = QUICK | {
    "objective": "ratings",
    "epochs": 1_000_000,
    "patience": 1_000_000,
    "regularization": 0.01,
    "start": "centred",
}


def after(event_wanted, act):
    """Acts at the second event of a kind."""
    seen = []

    def on_event(event):
        if event["event"] == event_wanted:
            seen.append(event)
            if len(seen) == 2:
                return act()

    return on_event


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_an_interrupt_raises_or_keeps_the_best(path):
    with pytest.raises(KeyboardInterrupt):
        mfgpu.Recommender(**ENDLESS).fit(path, on_event=after("epoch", interrupt))
    model = mfgpu.Recommender(**ENDLESS).fit(path, on_event=after("epoch", interrupt), on_interrupt="keep")
    assert 0 < model.metrics["best_epoch"] < 1_000_000 and model.predict(17, 333) > 0
    with pytest.raises(ValueError, match="on_interrupt"):
        mfgpu.Recommender().fit(path, on_interrupt="never")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_an_interrupt_is_answered_without_callbacks(path):
    timer = threading.Timer(1.0, interrupt)
    began = time.monotonic()
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        mfgpu.Recommender(**ENDLESS).fit(path)
    assert time.monotonic() - began < 20


def test_callbacks_end_training(path):
    model = mfgpu.Recommender(**ENDLESS).fit(path, on_event=after("epoch", lambda: False))
    assert model.metrics["best_epoch"] >= 1

    def fail():
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        mfgpu.Recommender(**ENDLESS).fit(path, on_event=after("epoch", fail))
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    assert mfgpu.Recommender(**ENDLESS).fit(path, stop=stop).n_users == model.n_users


def test_events_tell_the_story(path):
    events = []
    mfgpu.Recommender(**QUICK).fit(path, on_event=events.append)
    kinds = [event["event"] for event in events]
    assert {"reading", "read", "objective", "ready", "begin", "turn", "raced", "epoch", "found"} <= set(kinds)
    assert kinds.index("read") < kinds.index("objective") < kinds.index("epoch")


def test_two_fits_at_once_and_one_is_interrupted(path):
    expected = mfgpu.Recommender(**QUICK, objective="ratings").fit(path).user_factors.copy()
    found, failed = {}, {}

    def run(name, **more):
        try:
            settings = ENDLESS if "on_event" in more else QUICK | {"objective": "ratings"}
            found[name] = mfgpu.Recommender(**settings).fit(path, **more)
        except BaseException as error:
            failed[name] = error

    def cancel():
        raise KeyboardInterrupt

    threads = [
        threading.Thread(target=run, args=("whole",)),
        threading.Thread(target=run, args=("cut",), kwargs={"on_event": after("epoch", cancel)}),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert list(failed) == ["cut"] and isinstance(failed["cut"], KeyboardInterrupt)
    assert np.array_equal(found["whole"].user_factors, expected)


def test_python_goes_on_meanwhile(path):
    """Training lets go of the interpreter."""
    counted, stop = [0], threading.Event()

    def count():
        while not stop.is_set():
            counted[0] += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    try:
        mfgpu.Recommender(**ENDLESS | {"epochs": 300}).fit(path)
    finally:
        stop.set()
        thread.join()
    assert counted[0] > 10


def _fit(path):
    return mfgpu.Recommender(**QUICK, objective="ratings").fit(path).predict(17, 333)


def _ask(model):
    return model.predict(17, 333), model.recommend(17, 3)["item"].tolist()


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_processes(method, path, model):
    # Threads are there before the fork, and are not in the child.
    here, asked = _fit(path), _ask(model)
    with multiprocessing.get_context(method).Pool(1) as pool:
        assert pool.apply_async(_fit, (path,)).get(120) == here
        assert pool.apply_async(_ask, (model,)).get(120) == asked


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory by /proc")
def test_memory_does_not_grow(columns):
    import resource

    def fits(count):
        for _ in range(count):
            model = mfgpu.Recommender(**QUICK, refit=False, regularization=0.01, unobserved_weight=0.1).fit(
                tuple(columns)
            )
            model.recommend(17, 5)
            pickle.dumps(model)
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize()

    before = fits(10)
    after_all = fits(50)
    assert after_all - before < 16 << 20, f"{before:,} {after_all:,}"


def test_nothing_is_written_beside_the_package(path, tmp_path):
    """A package that nobody may write to works."""
    from pathlib import Path

    def there():
        return {
            file: file.stat().st_mtime_ns
            for file in Path(mfgpu.__file__).parent.rglob("*")
            if "__pycache__" not in str(file)
        }

    before = there()
    code = f"import mfgpu; mfgpu.Recommender(**{QUICK!r}).fit({path!r}).save({str(tmp_path / 'm')!r})"
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, env=environment)
    assert there() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["m"]


def test_no_foreign_lines(path, tmp_path):
    settings = QUICK | {"device": "auto"}
    code = (
        f"import mfgpu, os; mfgpu.Recommender(**{settings!r}).fit({path!r}); print('{RUNTIME}' in os.environ)"
    )
    environment = {name: value for name, value in os.environ.items() if name != RUNTIME}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, cwd=tmp_path
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "False\n", "")
