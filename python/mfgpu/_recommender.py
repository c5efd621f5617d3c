"""The recommender: training, and what a model is asked."""

from __future__ import annotations

import html
import inspect
import json
import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from . import _mfgpu
from ._data import Source, source_of, titles_of
from ._errors import DataWarning, with_keywords
from ._fitting import kinds_of_model, path_of_model, same_shape, slice_of, stopped_of
from ._ids import Kind, Kinds, encode, is_one
from ._measured import flat, warn_of_lists
from ._parts import Draw, Wishes, not_fitted
from ._progress import Follower
from ._quiet import quiet
from ._settings import SETTINGS, as_json, config_of, whole
from ._table import Table

#: The files of a directory of models.
MODEL, LISTS = "model.safetensors", "lists.safetensors"


class Recommender:
    """Trains on ratings, plays or pairs, predicts ratings, and lists what users should see next.

    Every keyword is a flag of the command ``mfgpu train``, has its default where it is None, and is explained
    by ``mfgpu train --help``. The same ratings and settings give the same models as the command, byte for
    byte.

    Parameters
    ----------
    objective : {"ratings", "lists", "both"}, optional
        What is trained: a model that predicts ratings, one that makes lists, or one of each. The default is
        both for ratings, and lists for weights and pairs.
    algorithm : {"sgd", "als", "bayes", "ials"}, optional
        How ratings are learned; "ials" is that of lists.
    factors, list_factors : int, optional
        Numbers that describe a user or an item: of the model of ratings, and of that of lists.
    epochs, regularization, power, views, learning_rate, start, stages, burn_in, keep_draws, patience, refit,
    criterion
        Settings of training. What is open is chosen by a short race on held-out ratings.
    unobserved_weight, alpha, confidence, dislikes_below, solver
        Settings of lists.
    seed : int, optional
        The seed of everything random.
    user_col, item_col, rating_col, weight_col, time_col : str or int, optional
        Columns, by name or by position from 1; the default is found out. ``rating_col="none"`` is for pairs,
        ``weight_col`` for plays, clicks and quantities.
    format, layout, decimal, thousands, missing, bad_rows, duplicates
        How ratings are read.
    test_overlap, cutoffs, relevant_from, resamples
        How a test is measured.
    keep_ratings : bool, optional
        Whether models keep the ratings, so that lists leave out what was seen.
    device, vram, memory, fallback, threads, ranks
        "auto", "cpu", "gpu", "gpu:1", "gpu:all" ..; the memory of a GPU to use at most; that of the machine,
        for files of ratings, which are read from disk as they are needed if they do not fit; what takes over
        if a GPU fails; the number of threads; the number of ranks, threads with a device each that train
        together.

    Examples
    --------
    >>> model = mfgpu.Recommender(factors=64, seed=1).fit(ratings, test=0.1)
    >>> model.metrics["test"]["rmse"], model.metrics["test"]["ndcg@10"]
    >>> model.recommend([17, 42], top=10).to_pandas()
    """

    def __init__(
        self,
        *,
        objective: Literal["ratings", "lists", "both"] | None = None,
        algorithm: Literal["sgd", "als", "bayes", "ials"] | None = None,
        factors: int | None = None,
        list_factors: int | Literal["auto"] | None = None,
        epochs: int | None = None,
        regularization: float | Literal["auto"] | None = None,
        power: float | None = None,
        views: float | Literal["auto", "off"] | None = None,
        learning_rate: float | None = None,
        unobserved_weight: float | Literal["auto"] | None = None,
        alpha: float | None = None,
        confidence: Literal["auto", "linear", "log", "none"] | None = None,
        dislikes_below: float | None = None,
        solver: Literal["auto", "exact", "cg"] | None = None,
        criterion: str | None = None,
        start: Literal["centred", "offset"] | None = None,
        stages: int | None = None,
        burn_in: int | None = None,
        keep_draws: int | None = None,
        patience: int | None = None,
        refit: bool | None = None,
        seed: int | None = None,
        user_col: str | int | None = None,
        item_col: str | int | None = None,
        rating_col: str | int | None = None,
        weight_col: str | int | None = None,
        time_col: str | int | None = None,
        format: str | None = None,
        layout: Literal["auto", "long", "wide"] | None = None,
        decimal: str | None = None,
        thousands: str | None = None,
        missing: Any | None = None,
        bad_rows: Literal["error", "skip"] | None = None,
        duplicates: Literal["last", "mean", "sum", "count", "error"] | None = None,
        test_overlap: Literal["error", "drop", "keep"] | None = None,
        keep_ratings: bool | None = None,
        cutoffs: int | Sequence[int] | None = None,
        relevant_from: float | Literal["all", "mean"] | None = None,
        resamples: int | None = None,
        device: str | None = None,
        vram: str | None = None,
        memory: str | None = None,
        fallback: Literal["none", "cpu"] | None = None,
        threads: int | None = None,
        ranks: int | None = None,
    ):
        # As scikit-learn wants it: what was given, under its name, and nothing else.
        self.objective = objective
        self.algorithm = algorithm
        self.factors = factors
        self.list_factors = list_factors
        self.epochs = epochs
        self.regularization = regularization
        self.power = power
        self.views = views
        self.learning_rate = learning_rate
        self.unobserved_weight = unobserved_weight
        self.alpha = alpha
        self.confidence = confidence
        self.dislikes_below = dislikes_below
        self.solver = solver
        self.criterion = criterion
        self.start = start
        self.stages = stages
        self.burn_in = burn_in
        self.keep_draws = keep_draws
        self.patience = patience
        self.refit = refit
        self.seed = seed
        self.user_col = user_col
        self.item_col = item_col
        self.rating_col = rating_col
        self.weight_col = weight_col
        self.time_col = time_col
        self.format = format
        self.layout = layout
        self.decimal = decimal
        self.thousands = thousands
        self.missing = missing
        self.bad_rows = bad_rows
        self.duplicates = duplicates
        self.test_overlap = test_overlap
        self.keep_ratings = keep_ratings
        self.cutoffs = cutoffs
        self.relevant_from = relevant_from
        self.resamples = resamples
        self.device = device
        self.vram = vram
        self.memory = memory
        self.fallback = fallback
        self.threads = threads
        self.ranks = ranks

    #: What ``fold_in`` added: users, items, and the ratings that were not used.
    added: dict[str, int]

    # Settings.

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The keywords and their values, None where one was not given."""
        return {name: getattr(self, name) for name in SETTINGS}

    def set_params(self, **params: Any) -> Recommender:
        """Changes keywords; a model that was trained stays as it is until the next ``fit``."""
        for name, value in params.items():
            if name not in SETTINGS:
                raise ValueError(f"Recommender has no keyword {name!r}; it has {', '.join(SETTINGS)}")
            setattr(self, name, value)
        return self

    def _input(self) -> str:
        """How ratings are read, for the engine."""
        return as_json(
            config_of(
                {
                    name: getattr(self, name)
                    for name, setting in SETTINGS.items()
                    if setting.startswith("input.")
                }
            )["input"]
        )

    # Training.

    def fit(
        self,
        data: Any,
        *,
        test: Any = None,
        validation: Any = None,
        item_names: Any = None,
        init_from: Any = None,
        run_dir: str | os.PathLike | None = None,
        overwrite: bool = False,
        top: int | None = None,
        folds: int | None = None,
        max_time: str | None = None,
        checkpoint_every: str | None = None,
        csv_safe: bool | None = None,
        on_event: Callable[[dict], Any] | None = None,
        on_interrupt: str = "raise",
        stop: Any = None,
        progress: bool | None = None,
    ) -> Recommender:
        """Trains on ratings.

        Parameters
        ----------
        data
            Ratings: a path or several, whose layout is found out; a DataFrame of pandas or polars, a table of
            pyarrow, a result of duckdb, or anything else with ``__arrow_c_stream__``; a scipy.sparse matrix,
            users by items; a dict of columns; a tuple ``(users, items[, ratings[, times]])``; a list of such
            rows. Ids may be numbers, texts, bytes or other objects, and come back as they were; those of text
            files as int64 where all are whole numbers, else as str.
        test
            Ratings that measure the finished model: a fraction such as 0.1, ``"last:5"`` of each user,
            ``"after:2001-05-01"``, or data of their own. A fraction and slices are taken out of ``data``.
        validation
            The same for the ratings that decide when training stops; the default is a fraction that suits the
            data.
        item_names
            Titles of items: a path, a dict, or a table of ids and titles.
        init_from
            A model to start from: a ``Recommender``, or the path of one.
        run_dir : path, optional
            Trains as a run in this directory, which the command line knows, and which ``mfgpu.resume`` goes
            on with. Tables from memory are saved beside it as ``NAME.ratings.parquet``. Without it
            nothing is written.
        overwrite : bool
            Whether a run that is in ``run_dir`` is replaced.
        top, folds, max_time, checkpoint_every, csv_safe
            Settings of a run in a directory, as on the command line.
        on_event : callable, optional
            Is called with a dict for each event: ``{"event": "epoch", "phase": .., "epoch": .., "train_rmse":
            .., "held_out": ..}`` and others. If it returns False, training ends with the best model so far.
        on_interrupt : {"raise", "keep"}
            What ctrl-c, or an interrupted cell, does: raises KeyboardInterrupt without a model, or ends
            training after the stage with the best model so far. In a directory, "raise" saves what
            ``mfgpu.resume`` needs.
        stop : callable or threading.Event, optional
            Training ends with the best model so far once it is set, or returns true.
        progress : bool, optional
            Whether a bar of tqdm shows; the default is where somebody looks on and tqdm is installed.

        Returns
        -------
        Recommender
            Itself.
        """
        if on_interrupt not in ("raise", "keep"):
            raise ValueError(f"on_interrupt is {on_interrupt!r}; expected 'raise' or 'keep'")
        given = self.get_params()
        run_only = {
            "top": top,
            "folds": folds,
            "max_time": max_time,
            "checkpoint_every": checkpoint_every,
            "csv_safe": csv_safe,
        }
        if run_dir is None:
            for name, value in run_only.items():
                if value is not None:
                    raise ValueError(f"{name} is of a run in a directory; name one with run_dir")
        given |= run_only
        parts: dict[str, Source] = {}
        for name, part in (("test", test), ("validation", validation)):
            slice_ = slice_of(name, part)
            if part is not None and slice_ is None:
                parts[name] = source_of(part)
                if (paths := parts[name].paths) is not None and run_dir is not None:
                    # A run names its files.
                    if len(paths) != 1:
                        raise ValueError(f"{name} is several files; with run_dir name one")
                    slice_ = os.path.abspath(paths[0])
                    del parts[name]
            given[name] = slice_
        names, titles = titles_of(item_names)
        given["item_names"] = names
        config = config_of(
            {name: value for name, value in given.items() if name not in ("test", "validation")}
        )
        for name, setting in (("test", "test"), ("validation", "valid")):
            if given[name] is not None:
                config[setting] = given[name]
        source = source_of(data)
        for name, part in parts.items():
            same_shape(source, part, name)
        follower = Follower(on_event, progress)
        with path_of_model(init_from, Recommender) as path, quiet():
            if path is not None:
                config["init_from"] = path
            try:
                fitted = _mfgpu.fit(
                    as_json(config),
                    source.of,
                    parts["test"].of if "test" in parts else None,
                    parts["validation"].of if "validation" in parts else None,
                    titles,
                    None if run_dir is None else os.fspath(run_dir),
                    bool(overwrite),
                    (follower, stopped_of(stop), on_interrupt == "keep"),
                )
            finally:
                follower.close()
        self._take(fitted, source, follower)
        return self

    def _take(self, fitted: Any, source: Source | None, follower: Follower) -> None:
        self._model, self._lists = fitted.model, fitted.lists
        kinds = None
        if source is not None and fitted.ids is not None:
            kinds = source.kinds_of(fitted.ids[1], fitted.ids[0])
        self._kinds = kinds or kinds_of_model(self._model)
        self._summary = json.loads(fitted.summary)
        self._epochs, self._race = follower.epochs, follower.race
        for doubt in self._summary.get("read", {}).get("doubts", []):
            warnings.warn(with_keywords(doubt), DataWarning, stacklevel=3)
        for shared in self._summary.get("shared", []):
            of = "test" if shared["setting"] == "test" else "validation"
            if not shared["dropped"]:
                warnings.warn(
                    f"{shared['ratings']:,} of the {shared['of']:,} {of} ratings are of pairs that are "
                    "trained on; errors look too small; test_overlap='drop' leaves them out of training",
                    DataWarning,
                    stacklevel=3,
                )
        warn_of_lists((self._summary["report"] or {}).get("evaluation"), stacklevel=4)

    # What is there.

    def _fitted(self) -> Any:
        model = self.__dict__.get("_model")
        if model is None:
            raise not_fitted()
        return model

    def _of_lists(self, by: str | None = None) -> tuple[Any, Any]:
        """The model that makes lists, and that of ratings beside it."""
        model, lists = self._fitted(), self._lists
        if by not in (None, "ratings", "lists"):
            raise ValueError(f"by is {by!r}; expected 'ratings' or 'lists'")
        if lists is not None and by != "ratings":
            return lists, model
        if by is not None and model.is_of_lists != (by == "lists"):
            raise ValueError(f"there is no model of {by}; leave out by={by!r}")
        return model, None

    @property
    def metrics(self) -> dict[str, Any]:
        """How good the models are: ``held_out`` scores, those of the ``test`` (``rmse``, ``mae``, ``ndcg@10``
        ..) with their 95 % ``intervals``, and ``baselines``."""
        self._fitted()
        report = self._summary.get("report") or {}
        found: dict[str, Any] = {"held_out": {}, "best_epoch": report.get("best_epoch")}
        for score in (report.get("held_out"), (report.get("lists") or {}).get("held_out")):
            if score is not None:
                found["held_out"][score["criterion"]] = score["value"]
        if report.get("evaluation"):
            found["test"] = flat(report["evaluation"])
        if report.get("folds"):
            found["folds"] = report["folds"]
        return found

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that the models were trained with, open ones decided: ``ratings`` and ``lists``."""
        self._fitted()
        report = self._summary.get("report") or {}
        found, main = {}, self._summary.get("settings")
        if main is not None:
            found["lists" if self._model.is_of_lists else "ratings"] = main
        if report.get("lists"):
            found["lists"] = report["lists"]["settings"]
        return found

    @property
    def curve(self) -> list[dict[str, Any]]:
        """Every epoch: objective, phase (race, search, refit, sample), epoch, train_rmse, held_out, test,
        seconds .. Epochs begin again with each phase. Empty for a model that was loaded."""
        self._fitted()
        return list(self.__dict__.get("_epochs", []))

    @property
    def summary(self) -> dict[str, Any]:
        """Everything about the training: settings, device, sizes, times in seconds, and results."""
        self._fitted()
        return self._summary

    @property
    def n_users(self) -> int:
        """The number of users."""
        return self._fitted().shape[0]

    @property
    def n_items(self) -> int:
        """The number of items."""
        return self._fitted().shape[1]

    @property
    def rating_range(self) -> tuple[float, float]:
        """The smallest and the largest rating that was trained on; predictions are clipped to them."""
        return self._fitted().range

    @property
    def user_ids(self) -> np.ndarray:
        """The ids of users, in the order of the rows of ``user_factors``."""
        return self._ids(True)

    @property
    def item_ids(self) -> np.ndarray:
        """The ids of items, in the order of the rows of ``item_factors``."""
        return self._ids(False)

    @property
    def item_titles(self) -> np.ndarray | None:
        """The titles of items, in the order of ``item_ids``; None if none are known."""
        table = Table(self._fitted().ids(False, "str"))
        return table["title"] if "title" in table.columns else None

    def _ids(self, users: bool) -> np.ndarray:
        kind = self._kinds.users if users else self._kinds.items
        return Table(self._fitted().ids(users, kind.name), {"id": kind})["id"]

    def _one_draw(self, what: str) -> Any:
        model = self._fitted()
        draws = model.shape[3]
        if draws != 1:
            raise ValueError(f"the model has {draws} draws, each with factors of its own; see draw(n).{what}")
        return self.draw(0)

    @property
    def user_factors(self) -> np.ndarray:
        """The factors of users, (users, factors) float32, read-only, without a copy. They are those of the
        model of ratings; of that of lists, see ``draw(0, by="lists")``."""
        return self._one_draw("user_factors").user_factors

    @property
    def item_factors(self) -> np.ndarray:
        """The factors of items, (items, factors) float32, read-only, without a copy."""
        return self._one_draw("item_factors").item_factors

    @property
    def user_biases(self) -> np.ndarray:
        """The biases of users, (users,) float32, in units of ``scale``, read-only, without a copy."""
        return self._one_draw("user_biases").user_biases

    @property
    def item_biases(self) -> np.ndarray:
        """The biases of items, (items,) float32, in units of ``scale``, read-only, without a copy."""
        return self._one_draw("item_biases").item_biases

    @property
    def mean(self) -> float:
        """What is added to every prediction: ``mean + scale * (user_bias + item_bias + user_factors @
        item_factors)``."""
        return self._one_draw("mean").mean

    @property
    def scale(self) -> float:
        """Rating units per unit of a product of factors."""
        return self._one_draw("scale").scale

    @property
    def n_draws(self) -> int:
        """The sets of factors of the model: 1, but for ``algorithm="bayes"``."""
        return self._fitted().shape[3]

    def draw(self, number: int, by: str | None = None) -> Draw:
        """One set of factors, from 0. ``by`` chooses the model: of "ratings" or of "lists"."""
        model = self._fitted() if by is None else self._of_lists(by)[0]
        return Draw(model, number)

    # Questions.

    def predict(self, users: Any, items: Any, *, with_sd: bool = False) -> Any:
        """The expected ratings of pairs, within the range of the ratings.

        A user or an item that the model does not know is predicted from the other alone; of two unknown ones
        it is the mean. ``users`` and ``items`` are two ids, or two sequences of one length, or one id and a
        sequence.

        Returns
        -------
        float or array of float32
            The ratings; with ``with_sd``, a tuple of these and their standard deviations, which needs
            ``algorithm="bayes"``.
        """
        model = self._fitted()
        single = is_one(users) and is_one(items)
        users, items = encode(users), encode(items)
        if len(users) == 1 < len(items):
            users = users[0:1].repeat(len(items)) if isinstance(users, np.ndarray) else users * len(items)
        if len(items) == 1 < len(users):
            items = items[0:1].repeat(len(users)) if isinstance(items, np.ndarray) else items * len(users)
        if len(users) != len(items):
            raise ValueError(f"there are {len(users)} users and {len(items)} items; expected as many of each")
        self._not_swapped(model, users, items)
        table = Table(model.predict(users, items, with_sd, ("str", "str")))
        columns = [table["prediction"]] + ([table["sd"]] if with_sd else [])
        found = [float(values[0]) for values in columns] if single else columns
        return tuple(found) if with_sd else found[0]

    @staticmethod
    def _not_swapped(model: Any, users: Any, items: Any) -> None:
        few = slice(0, 1000)
        here = max(model.rows(True, users[few]), default=0), max(model.rows(False, items[few]), default=0)
        if (
            here == (-1, -1)
            and max(model.rows(False, users[few])) >= 0
            and max(model.rows(True, items[few])) >= 0
        ):
            raise ValueError("the users are items of the model, and the items are users; swap them")

    def recommend(
        self,
        users: Any = None,
        top: int = 20,
        *,
        exclude_seen: bool = True,
        items: Any = None,
        block: Any = None,
        explain: int = 0,
        min_ratings: int | None = None,
        min_score: float | None = None,
        explore: float = 0.0,
        with_sd: bool = False,
        by: str | None = None,
    ) -> Table:
        """The best items of users: all of the model if none are named.

        Parameters
        ----------
        users : id or sequence of ids, optional
            A user that the model does not know gets the list that suits nobody in particular.
        top : int
            Items a user.
        exclude_seen : bool
            Whether what a user has rated is left out.
        items, block : sequence of ids, optional
            The items that may be listed, and those that may not.
        explain : int
            The number of items of the user that speak most for each listed one, in a column ``because``.
        min_ratings : int, optional
            Items with fewer ratings are not listed; the default keeps out what hardly anyone rated.
        min_score, explore, with_sd
            The lowest score, in rating units; how many standard deviations are added to it; whether they are
            a column. These are of the model of ratings.
        by : {"ratings", "lists"}, optional
            The model to list by; that of lists, if there is one.

        Returns
        -------
        Table
            ``user, rank, item, score[, rating][, sd][, title][, because]``.
        """
        of_ratings = with_sd or explore != 0 or min_score is not None
        model, ratings = self._of_lists(by or ("ratings" if of_ratings and self._lists is not None else None))
        wishes = Wishes(
            top=whole("top", top),
            exclude_seen=bool(exclude_seen),
            items=None if items is None else encode(items),
            block=None if block is None else encode(block),
            explain=whole("explain", explain),
            min_ratings=None if min_ratings is None else whole("min_ratings", min_ratings),
            min_score=None if min_score is None else float(min_score),
            explore=float(explore),
            with_sd=bool(with_sd),
            device=self.device or "auto",
        )
        with quiet():
            table = _mfgpu.recommend(
                model, ratings, None if users is None else encode(users), wishes, self._kinds.names
            )
        return self._table(table)

    def recommend_users(
        self,
        items: Any,
        top: int = 20,
        *,
        users: Any = None,
        exclude_seen: bool = True,
        with_sd: bool = False,
        by: str | None = None,
    ) -> Table:
        """The users who would like items best, of those who have not rated them: ``item, rank, user, score[,
        sd]``."""
        model, _ = self._of_lists(by)
        users = None if users is None else encode(users)
        table = _mfgpu.recommend_users(
            model,
            encode(items),
            users,
            whole("top", top),
            bool(exclude_seen),
            bool(with_sd),
            self._kinds.names,
        )
        return self._table(table)

    def similar_items(
        self, items: Any = None, top: int = 20, *, min_ratings: int | None = None, by: str | None = None
    ) -> Table:
        """The items most similar to items, to all if none are named: ``id, rank, other, similarity[,
        title]``. The similarity is the cosine of the factors, from -1 to 1; how much an item is liked has no
        influence."""
        return self._similar(False, items, top, min_ratings, by)

    def similar_users(self, users: Any = None, top: int = 20, *, by: str | None = None) -> Table:
        """The users most similar to users, as ``similar_items``."""
        return self._similar(True, users, top, None, by)

    def _similar(self, users: bool, ids: Any, top: int, min_ratings: int | None, by: str | None) -> Table:
        kind = self._kinds.users if users else self._kinds.items
        model, _ = self._of_lists(by)
        ids = None if ids is None else encode(ids)
        if min_ratings is not None:
            min_ratings = whole("min_ratings", min_ratings)
        table = model.similar(users, ids, whole("top", top), min_ratings, kind.name)
        return Table(table, {"id": kind, "other": kind})

    def _table(self, native: Any) -> Table:
        return Table(native, {"user": self._kinds.users, "item": self._kinds.items})

    def find(self, text: str) -> list:
        """The ids of the items that have all these words in their title or id."""
        ids = self.item_ids
        return [ids[row] for row in self._fitted().find(text.split())]

    def fold_in(self, data: Any) -> Recommender:
        """A recommender that also knows the users and items of ``data`` that are new: each gets the factors
        that training would give it with all others fixed. This one stays as it is. ``added`` of the result
        counts them."""
        model, other = self._fitted(), self.__class__(**self.get_params())
        source = source_of(data)
        other.__dict__.update(self.__dict__)
        other._model, other._lists, added = _mfgpu.fold_in(model, self._lists, source.of, self._input())
        other.added = dict(zip(("users", "items", "known", "unknown"), added))
        objects = self._kinds.users.objects or self._kinds.items.objects
        if objects:
            more = {text: value for kind in source.kinds.values() for text, value in kind.objects.items()}
            other._kinds = Kinds(
                *(
                    Kind(kind.name, {**more, **kind.objects}) if kind.objects else kind
                    for kind in (self._kinds.users, self._kinds.items)
                )
            )
        return other

    def evaluate(
        self,
        data: Any,
        *,
        cutoffs: Any = None,
        relevant_from: Any = None,
        resamples: int | None = None,
        seed: int | None = None,
    ) -> dict[str, Any]:
        """Measures the models on ratings that they were not trained on: ``rmse``, ``mae``, ``precision@10``,
        ``recall@10``, ``ndcg@10`` .., their 95 % ``intervals``, ``baselines`` that need no model, and all
        ``details``."""
        given = {"cutoffs": cutoffs, "relevant_from": relevant_from, "resamples": resamples}
        given = {name: value if value is not None else getattr(self, name) for name, value in given.items()}
        options = config_of(given)["evaluation"]
        seed = self.seed if seed is None else seed
        seed = None if seed is None else whole("seed", seed)
        source, options = source_of(data).of, as_json(options)
        found = json.loads(_mfgpu.evaluate(self._fitted(), self._lists, source, self._input(), options, seed))
        warn_of_lists(found, stacklevel=3)
        return flat(found)

    def complete(
        self,
        path: str | os.PathLike,
        *,
        users: Any = None,
        items: Any = None,
        blanks_only: bool = False,
        layout: str = "long",
        with_sd: bool = False,
        dtype: str = "f32",
        force: bool = False,
    ) -> int:
        """Writes the completed matrix while it is computed: as an array (``.npy``), or as a table (``.csv``,
        ``.jsonl``, ``.parquet``, text also packed as ``.csv.zst``), a row a cell, or a row a user with
        ``layout="wide"``. Known ratings are kept. Returns the number of rows."""
        if layout not in ("long", "wide"):
            raise ValueError(f"layout is {layout!r}; expected 'long' or 'wide'")
        if dtype not in ("f32", "f16"):
            raise ValueError(f"dtype is {dtype!r}; expected 'f32' or 'f16'")
        users, items = (None if ids is None else encode(ids) for ids in (users, items))
        return self._fitted().complete(
            os.fspath(path),
            users,
            items,
            bool(blanks_only),
            layout == "wide",
            bool(with_sd),
            dtype == "f16",
            bool(force),
        )

    # Files.

    def save(self, path: str | os.PathLike) -> None:
        """Saves the models: one to a file that is called ``.safetensors``, else all to a directory, where the
        command line finds them (``mfgpu recommend DIRECTORY``)."""
        model, path = self._fitted(), Path(path)
        if path.suffix == ".safetensors":
            if self._lists is not None:
                raise ValueError(f"there are two models, and {path} is one file; name a directory")
            model.save(os.fspath(path))
            return
        path.mkdir(parents=True, exist_ok=True)
        lists = path / LISTS
        if self._lists is not None:
            self._lists.save(os.fspath(lists))
        elif lists.exists():
            raise ValueError(f"{lists} is of other models; name another directory")
        model.save(os.fspath(path / MODEL))

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        for name in ("_model", "_lists"):
            if state.get(name) is not None:
                state[name] = state[name].to_bytes()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for name in ("_model", "_lists"):
            if state.get(name) is not None:
                self.__dict__[name] = _mfgpu.Model.from_bytes(state[name])

    def __sklearn_is_fitted__(self) -> bool:
        return self.__dict__.get("_model") is not None

    def __repr__(self) -> str:
        given = ", ".join(
            f"{name}={value!r}" for name, value in self.get_params().items() if value is not None
        )
        return f"{type(self).__name__}({given})"

    def _repr_html_(self) -> str:
        rows = [("settings", repr(self))]
        if self.__sklearn_is_fitted__():
            users, items, factors, draws = self._model.shape
            rows += [("users", f"{users:,}"), ("items", f"{items:,}"), ("factors", f"{factors}")]
            if self._lists is not None:
                rows.append(("factors for lists", str(self._lists.shape[2])))
            if draws > 1:
                rows.append(("draws", str(draws)))
            metrics = self.metrics
            rows += [(f"held-out {name}", f"{value:.4f}") for name, value in metrics["held_out"].items()]
            test = metrics.get("test", {})
            rows += [
                (f"test {name}", f"{test[name]:.4f}") for name in ("rmse", "mae", "ndcg@10") if name in test
            ]
        else:
            rows.append(("state", "not trained"))
        cells = "".join(f"<tr><th>{name}</th><td>{html.escape(value)}</td></tr>" for name, value in rows)
        return f"<table><caption>mfgpu.{type(self).__name__}</caption>{cells}</table>"


assert list(inspect.signature(Recommender).parameters) == list(SETTINGS), "keywords and settings"
