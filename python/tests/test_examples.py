"""The tour runs, as a script and as a notebook, which have the same cells."""

import json
import re
import subprocess
import sys

import pytest
from conftest import EXAMPLES


def cells():
    """The cells of the script, as (kind, text)."""
    text = (EXAMPLES / "tour.py").read_text(encoding="utf-8")
    for head, body in re.findall(r"^# %%( \[markdown\])?\n((?:(?!^# %%).*\n)*)", text, re.M):
        body = body.strip("\n")
        if head:
            yield "markdown", re.sub(r"^# ?", "", body, flags=re.M)
        else:
            yield "code", body


def test_the_notebook_is_the_script():
    notebook = json.loads((EXAMPLES / "tour.ipynb").read_text(encoding="utf-8"))
    assert [(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]] == list(cells())
    assert all(not cell.get("outputs") for cell in notebook["cells"])


def test_the_script_runs(tmp_path):
    for needed in ("faiss", "matplotlib", "pandas"):
        pytest.importorskip(needed)
    done = subprocess.run(
        [sys.executable, EXAMPLES / "tour.py"], cwd=EXAMPLES, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "RMSE" in done.stdout


def test_the_notebook_runs():
    nbclient = pytest.importorskip("nbclient")
    for needed in ("faiss", "ipykernel", "matplotlib", "pandas"):
        pytest.importorskip(needed)
    import nbformat

    notebook = nbformat.read(EXAMPLES / "tour.ipynb", as_version=4)
    resources = {"metadata": {"path": str(EXAMPLES)}}
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in outputs), "the learning curve"
    assert any("<th>because</th>" in str(output.get("data", {}).get("text/html")) for output in outputs)
