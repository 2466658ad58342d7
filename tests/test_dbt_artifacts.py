"""What is made of the dbt project alone: the manifest, and the page of the dbt docs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from include.dbt_artifacts import MENDED, build_docs_page, build_manifest, docs_page, project_digest
from include.dbt_command import gold_models, manifest_path
from include.settings import REPOSITORY


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ROLLCALL_HOME in which the command has run, on a machine without a warehouse."""
    folder = tmp_path_factory.mktemp("home")
    subprocess.run(
        [sys.executable, "-m", "include.dbt_artifacts"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), "ROLLCALL_HOME": str(folder)},
        cwd=folder,
        check=True,
    )
    return folder


def test_the_command_makes_manifest_and_page_without_a_warehouse(home: Path) -> None:
    assert "class_summary" in {model.name for model in gold_models(manifest_path(home))}
    assert "class_summary" in docs_page(home).read_text()


def test_what_is_up_to_date_is_left_alone(home: Path) -> None:
    assert (build_manifest(home), build_docs_page(home)) == (False, False)


def test_a_page_that_is_gone_comes_back(home: Path) -> None:
    docs_page(home).unlink()

    assert build_docs_page(home)
    assert docs_page(home).exists()


def test_the_page_is_alone_in_its_folder_and_names_no_folder_of_the_machine(home: Path) -> None:
    page = docs_page(home)

    assert list(page.parent.iterdir()) == [page]
    assert not [folder for folder in (REPOSITORY, home, Path.home()) if f"{folder}/" in page.read_text()]


def test_what_is_mended_in_the_page_is_still_there_as_dbt_writes_it(home: Path) -> None:
    written = (manifest_path(home).parent / "index.html").read_text()

    assert [broken for broken, _ in MENDED if broken not in written] == []


def test_the_dbt_project_has_changed_when_a_file_has(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.sql").write_text("select 1")
    first = project_digest(tmp_path)

    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "manifest.json").write_text("{}")
    assert project_digest(tmp_path) == first

    (tmp_path / "models" / "a.sql").write_text("select 2")
    assert project_digest(tmp_path) != first
