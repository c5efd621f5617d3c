"""Python and the command line make the same models, byte for byte, and share runs."""

import hashlib
import json

import pytest
from conftest import QUICK

import mfgpu

FLAGS = ["--factors", 6, "--list-factors", 6, "--epochs", 4, "--seed", 3, "--device", "cpu", "--quiet"]


def sha256(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def models(directory):
    return {
        name: sha256(directory / name)
        for name in ("model.safetensors", "lists.safetensors")
        if (directory / name).exists()
    }


@pytest.fixture(scope="module")
def command(program, path, titles, tmp_path_factory):
    out = tmp_path_factory.mktemp("command") / "run"
    program("train", path, *FLAGS, "--test", "0.1", "--item-names", titles, "--out", out)
    return out


def test_both_models_have_the_bytes_of_the_command(model, command, tmp_path):
    model.save(tmp_path / "saved")
    expected = models(command)
    assert len(expected) == 2 and models(tmp_path / "saved") == expected
    record = json.loads((command / "run.json").read_text())["report"]
    assert record["evaluation"] == model.metrics["test"]["details"]


def test_ranks_make_the_same_models(command, path, titles, tmp_path):
    fitted = mfgpu.Recommender(**QUICK, ranks=3).fit(path, test=0.1, item_names=titles)
    fitted.save(tmp_path / "saved")
    assert models(tmp_path / "saved") == models(command)


def test_ratings_that_do_not_fit_memory_make_the_same_models(program, tmp_path):
    table, prepared = tmp_path / "ratings.csv", tmp_path / "ratings.mfr"
    program("generate", "--users", 1500, "--items", 600, "--ratings", 120_000, "--output", table)
    program("prepare", table, "--output", prepared, "--quiet")
    settings = {"algorithm": "als", "objective": "ratings", "regularization": 0.1}
    held = mfgpu.Recommender(**QUICK, **settings).fit(table)
    held.save(tmp_path / "held")
    assert "piece_bytes" not in held.summary["sizes"]
    for name, source in (("read", table), ("set", prepared)):
        found = mfgpu.Recommender(**QUICK, **settings, memory="34.6MiB").fit(source)
        assert found.summary["sizes"]["piece_bytes"] > 0
        found.save(tmp_path / name)
        assert models(tmp_path / name) == models(tmp_path / "held")


@pytest.mark.parametrize(
    "more",
    [
        {"objective": "lists", "unobserved_weight": 0.1},
        {"objective": "ratings", "algorithm": "als", "regularization": 0.05},
        {"algorithm": "ials", "solver": "exact", "confidence": "log"},
        {"objective": "ratings", "algorithm": "bayes", "burn_in": 2, "keep_draws": 2},
        {"objective": "both", "criterion": "recall@5", "patience": 1, "views": "off", "keep_ratings": False},
    ],
)
def test_settings_mean_the_same(more, program, path, tmp_path):
    flags = []
    for name, value in more.items():
        value = ("on" if value else "off") if isinstance(value, bool) else value
        flags += ["--" + name.replace("_", "-"), value]
    program("train", path, *FLAGS, *flags, "--out", tmp_path / "run")
    mfgpu.Recommender(**QUICK, **more).fit(path).save(tmp_path / "saved")
    assert models(tmp_path / "saved") == models(tmp_path / "run")


@pytest.mark.parametrize("form", ["path", "tuple"])
def test_a_run_in_a_directory_is_one_of_the_command(form, path, columns, titles, command, program, tmp_path):
    data = path if form == "path" else tuple(columns)
    names = titles if form == "path" else _read(titles)
    run = tmp_path / "runs" / "run"
    found = mfgpu.Recommender(**QUICK).fit(data, test=0.1, item_names=names, run_dir=run, top=3)
    assert models(run) == models(command)
    assert (
        found.metrics["test"]["details"] == json.loads((run / "run.json").read_text())["report"]["evaluation"]
    )
    listed = json.loads(program("runs", tmp_path / "runs", "--json"))
    assert len(json.dumps(listed)) > 100 and "finished" in json.dumps(listed)
    with pytest.raises(ValueError, match="overwrite=True"):
        mfgpu.Recommender(**QUICK).fit(data, run_dir=run)
    again = mfgpu.Recommender(**QUICK).fit(
        data, test=0.1, item_names=names, run_dir=run, top=3, overwrite=True
    )
    assert models(run) == models(command) and again.n_users == found.n_users
    assert program("recommend", run, "--users", "17", "--top", "2").count("\n") == 3


def _read(titles):
    import csv

    with open(titles, newline="") as file:
        next(reader := csv.reader(file))
        return dict((row[0], row[1]) for row in reader)


def test_a_run_that_was_interrupted_goes_on(path, command, titles, program, tmp_path):
    run = tmp_path / "run"

    def interrupt(event):
        if event["event"] == "epoch" and event["phase"] == "search":
            raise KeyboardInterrupt

    settings = {"test": 0.1, "item_names": titles}
    with pytest.raises(KeyboardInterrupt):
        mfgpu.Recommender(**QUICK).fit(
            path, run_dir=run, on_event=interrupt, checkpoint_every="1 epochs", **settings
        )
    assert not (run / "model.safetensors").exists()
    found = mfgpu.resume(run)
    assert models(run) == models(command)
    assert found.predict(17, 333) == mfgpu.load(command).predict(17, 333)
    assert mfgpu.resume(run).n_users == found.n_users, "a finished one is loaded"


def test_begin_from_a_model(program, path, command, tmp_path):
    program("train", path, *FLAGS, "--init-from", command, "--out", tmp_path / "next")
    start = mfgpu.load(command)
    for init in (start, command):
        mfgpu.Recommender(**QUICK).fit(path, init_from=init).save(tmp_path / "saved")
        ours = models(tmp_path / "saved")
        assert ours["model.safetensors"] == models(tmp_path / "next")["model.safetensors"]


def test_the_program_is_that_of_the_package(program):
    assert program("--version").split()[1] == mfgpu.__version__
