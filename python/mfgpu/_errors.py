"""The exceptions, and the texts of the engine with keywords in place of settings."""

from __future__ import annotations

import os
import re

from ._settings import KEYWORD_OF


class InputError(ValueError):
    """Ratings cannot be used. ``file`` and ``line`` say where, if the fault has a place; in a table from
    memory the line is the row, from 1."""

    def __init__(self, text: str):
        super().__init__(text)
        place = re.match(r"(.+?):(\d+): ", text)
        self.file: str | None = place[1] if place else None
        self.line: int | None = int(place[2]) if place else None


class DeviceError(RuntimeError):
    """The device that was asked for is not there, or failed."""


class DivergedError(ArithmeticError):
    """Training diverged: a lower learning rate helps."""


class DamagedError(ValueError):
    """A file of a model or a checkpoint is damaged, or of another version."""


class LockedError(RuntimeError):
    """Another process works on the run."""


class DataWarning(UserWarning):
    """Something about the ratings looks odd."""


class QualityWarning(UserWarning):
    """The model is no better than something simpler."""


KINDS = {
    "usage": ValueError,
    "setting": ValueError,
    "input": InputError,
    "memory": MemoryError,
    "device": DeviceError,
    "diverged": DivergedError,
    "damaged": DamagedError,
    "locked": LockedError,
}

#: What the texts of runs say of the command line.
COMMANDS = {
    "replace it with --force": "replace it with `overwrite=True`",
    "--out names a directory": "`run_dir` names a directory",
}


def of(kind: str, text: str, setting: str | None, number: int | None, path: str | None) -> BaseException:
    """The exception for an error of the engine."""
    if kind == "system":
        if number is None:
            return OSError(text)
        return OSError(number, os.strerror(number), path)
    text = with_keywords(text, setting)
    if kind == "bug":
        return RuntimeError(text)
    return KINDS[kind](text)


def with_keywords(text: str, setting: str | None = None) -> str:
    """A text of the engine, in which settings in backquotes become keywords."""
    if setting is not None and text.startswith(setting):
        text = KEYWORD_OF.get(setting, setting) + text[len(setting) :]
    for command, here in COMMANDS.items():
        text = text.replace(command, here)
    text = re.sub(r"go on with `mfgpu resume (.+?)`", r"go on with `mfgpu.resume('\1')`", text)
    return re.sub(r"`([^`]+)`", lambda quoted: f"`{_keyword(quoted[1])}`", text)


def _keyword(quoted: str) -> str:
    name, equals, value = quoted.partition(" = ")
    keyword = KEYWORD_OF.get(name)
    if keyword is None or not (equals or "." in name):
        return quoted
    return f"{keyword}={value}" if equals else keyword
