"""Keywords are flags, and errors are of their kind."""

import re
import warnings

import pytest
from conftest import QUICK

import mfgpu
from mfgpu._errors import with_keywords
from mfgpu._settings import OF_FIT, SETTINGS, config_of

#: Flags of `mfgpu train` that are no keywords: what they do is done in another way, or is of a terminal.
ELSEWHERE = {
    "valid": "fit(validation=)",
    "out": "fit(run_dir=)",
    "force": "fit(overwrite=)",
    "quiet": "fit(progress=)",
    "verbose": "fit(on_event=)",
    "progress": "fit(progress=)",
    "progress_output": "fit(on_event=)",
    "config": "keywords",
    "mpi": "mpirun, which starts commands",
    "dry_run": "the command",
    "color": "a terminal",
    "help": "help(Recommender)",
    "version": "mfgpu.__version__",
}


def test_every_flag_is_a_keyword(program):
    flags = {
        flag.replace("-", "_")
        for flag in re.findall(r"^ {2,}(?:-\w, )?--([a-z][a-z-]+)", program("train", "--help"), re.M)
    }
    keywords = set(SETTINGS) | set(OF_FIT)
    assert len(flags) > 40
    assert flags - keywords <= set(ELSEWHERE), flags - keywords - set(ELSEWHERE)
    assert keywords - flags - {"validation"} == set()


def test_settings_as_the_engine_reads_them():
    both = config_of({"factors": 8, "solver": "exact", "criterion": "recall@5", "seed": 1})
    assert both["training"] == {"factors": 8, "seed": 1}
    assert both["lists"] == {"algorithm": "ials", "solver": "exact", "criterion": "recall@5"}
    lists = config_of({"objective": "lists", "factors": 8, "epochs": 3, "list_factors": 4})
    assert lists["lists"]["factors"] == 8 and lists["training"] == {}
    assert config_of({"algorithm": "als", "solver": "cg"})["training"] == {"algorithm": "als", "solver": "cg"}
    assert config_of({"views": "off", "cutoffs": 5, "user_col": 2, "missing": [-1, "NA"]}) == {
        "training": {"views": 0.0},
        "lists": {"algorithm": "ials"},
        "input": {"user_column": "2", "missing": ["-1", "NA"]},
        "evaluation": {"cutoffs": [5]},
    }


@pytest.mark.parametrize(
    "name, value, said",
    [
        ("factors", 0, "factors is 0; "),
        ("factors", 2.5, "factors is 2.5; expected a whole number"),
        ("epochs", -1, "epochs is -1"),
        ("learning_rate", 0, "learning_rate is 0; it must be above 0"),
        ("learning_rate", "high", "learning_rate is 'high'; expected a number"),
        ("regularization", "some", "expected a number or 'auto'"),
        ("algorithm", "svd", "svd"),
        ("objective", "clicks", "clicks"),
        ("refit", "yes", "expected True or False"),
        ("threads", 0, "threads is 0; it must be at least 1"),
        ("device", "tpu", "tpu"),
        ("vram", "lots", "lots"),
        ("memory", "lots", "lots"),
        ("cutoffs", [0], "cutoffs"),
        ("rating_col", "none_such", "`rating_col=none_such`"),
        ("start", "anywhere", "anywhere"),
    ],
)
def test_wrong_settings(name, value, said, path):
    with pytest.raises(ValueError) as raised:
        mfgpu.Recommender(**QUICK | {name: value}).fit(path)
    assert said in str(raised.value), raised.value
    assert "training." not in str(raised.value) and "--" not in str(raised.value)


def test_settings_that_exclude_each_other(path):
    with pytest.raises(ValueError, match="leave one of them out"):
        mfgpu.Recommender(algorithm="als", objective="lists").fit(path)
    with pytest.raises(ValueError, match="run_dir"):
        mfgpu.Recommender().fit(path, folds=3)
    with pytest.raises(TypeError):
        mfgpu.Recommender(factor=3)
    with pytest.raises(ValueError, match="no keyword 'factor'"):
        mfgpu.Recommender().set_params(factor=3)


def test_errors_of_files(tmp_path):
    file = tmp_path / "r.csv"
    file.write_text("user,item,rating\n1,2,3\n1,3,good\n")
    with pytest.raises(mfgpu.InputError) as raised:
        mfgpu.Recommender(**QUICK).fit(file)
    assert (raised.value.file, raised.value.line) == (str(file), 3) and isinstance(raised.value, ValueError)
    with pytest.raises(FileNotFoundError) as raised:
        mfgpu.Recommender(**QUICK).fit(tmp_path / "none.csv")
    assert raised.value.filename == str(tmp_path / "none.csv")
    with pytest.raises(mfgpu.DeviceError):
        mfgpu.Recommender(**QUICK | {"device": "gpu:77"}).fit(file.parent)


def test_doubts_are_warnings(rows):
    odd = [
        (user, item, -1.0 if n % 50 == 0 else rating) for n, (user, item, rating) in enumerate(rows[:3000])
    ]
    with pytest.warns(mfgpu.DataWarning, match="`missing"):
        mfgpu.Recommender(**QUICK, objective="ratings").fit(odd)
    with pytest.warns(mfgpu.DataWarning, match="test_overlap='drop'"):
        mfgpu.Recommender(**QUICK, objective="ratings").fit(rows[:2000], test=rows[100:200])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mfgpu.Recommender(**QUICK, objective="ratings").fit(rows)


def test_texts_name_keywords():
    assert with_keywords("training.factors is 0; so", "training.factors") == "factors is 0; so"
    assert (
        with_keywords("more (`vram = SIZE`), `training.start`, `vram`")
        == "more (`vram=SIZE`), `start`, `vram`"
    )
    assert with_keywords("`input.decimal` and `valid = 0.1`") == "`decimal` and `validation=0.1`"
