"""The example notebook and the code of the page, executed."""

import re
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]


def test_the_notebook_runs_to_its_end(tmp_path, monkeypatch):
    # figures appear in the notebook
    monkeypatch.delenv("MPLBACKEND", raising=False)
    notebook = nbformat.read(ROOT / "python" / "examples" / "scan.ipynb", as_version=4)
    NotebookClient(notebook, resources={"metadata": {"path": tmp_path}}).execute()
    figures = [out for cell in notebook.cells for out in cell.get("outputs", []) if "image/png" in out.get("data", {})]
    assert len(figures) == 4


def test_the_code_of_the_page_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    code = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    assert len(code) > 5
    names: dict = {}
    for block in code:
        exec(block, names)
