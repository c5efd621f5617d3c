"""Builds the wheel: maturin makes the module, and cargo the program `mfgpu` that comes with it."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import maturin

HERE = Path(__file__).resolve().parent
SCRIPTS = HERE / "mfgpu.data" / "scripts"

get_requires_for_build_wheel = maturin.get_requires_for_build_wheel
get_requires_for_build_sdist = maturin.get_requires_for_build_sdist
get_requires_for_build_editable = maturin.get_requires_for_build_editable
build_sdist = maturin.build_sdist


def prepare_metadata_for_build_wheel(*arguments, **more):
    # The directory must be there; what belongs into it is not needed yet.
    SCRIPTS.mkdir(parents=True, exist_ok=True)
    return maturin.prepare_metadata_for_build_wheel(*arguments, **more)


prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel


def build_wheel(*arguments, **more):
    _program()
    return maturin.build_wheel(*arguments, **more)


def build_editable(*arguments, **more):
    _program()
    return maturin.build_editable(*arguments, **more)


def _program():
    """Builds the program in the profile of the module, and puts it where maturin takes it from."""
    profile = "release"
    given = os.environ.get("MATURIN_PEP517_ARGS", "").split()
    for name, value in zip(given, given[1:]):
        if name == "--profile":
            profile = value
    # Both packages, so that libraries are built once for them.
    packages = ["-p", "mfgpu", "-p", "mfgpu-python", "--bin", "mfgpu"]
    command = [
        "cargo",
        "build",
        "--profile",
        profile,
        *packages,
        "--message-format",
        "json-render-diagnostics",
    ]
    built = subprocess.run(command, cwd=HERE.parent, stdout=subprocess.PIPE, check=True, text=True)
    messages = map(json.loads, built.stdout.splitlines())
    [program] = [found for message in messages if (found := message.get("executable"))]
    shutil.rmtree(SCRIPTS, ignore_errors=True)
    SCRIPTS.mkdir(parents=True)
    shutil.copy2(program, SCRIPTS)
