"""CONTRIBUTING.md is followed word for word, in a copy of the repository and on a warehouse of its own."""

from __future__ import annotations

import os
import re
import shutil
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from sqlalchemy import URL

from include.settings import REPOSITORY
from tests.contributing import Step, StepError, steps

PAPER = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
# What `make run` has made before anybody adds to it, as far as the lists need it.
DISTRICT = """
.venv/bin/python -m include.ingestion load students
make dbt ARGS="build --select path:seeds path:models/silver --resource-type seed model"
"""
LISTS = ("Add a source", "Add a model", "Add an expectation")
# Used without being imported.
BY_NAME = {
    "apache-airflow": "brings apache-airflow-core and apache-airflow-task-sdk, which are imported",
    "dbt-postgres": "dbt loads the adapter that include/dbt/profiles.yml names",
}
FOLDERS = ("include", "expectations", "dags", "plugins")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The repository as it stands, without what git ignores, with the Python that runs the tests as its `.venv`."""
    ignored = (REPOSITORY / ".gitignore").read_text(encoding="utf-8").split()
    folder = tmp_path / "rollcall"
    shutil.copytree(REPOSITORY, folder, ignore=shutil.ignore_patterns(".git", *(name.strip("/") for name in ignored)))
    (folder / ".venv").mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (folder / ".venv" / name).symlink_to(Path(sys.prefix) / name)
    # make asks for the stamps in this order.
    for stamp in ("made", "run", "test"):
        (folder / ".venv" / f"{stamp}.stamp").touch()
    cache = REPOSITORY / ".mypy_cache"
    if cache.is_dir():
        shutil.copytree(cache, folder / cache.name)
    return folder


@pytest.fixture
def environment(warehouse_url: URL) -> dict[str, str]:
    """What a contributor's shell has: nothing of this run of the tests but the warehouse."""
    kept = {name: value for name, value in os.environ.items() if not re.match("ROLLCALL_|AIRFLOW|PYTEST|PYTHON", name)}
    return {**kept, "ROLLCALL_WAREHOUSE_URL": warehouse_url.render_as_string(hide_password=False)}


def test_the_lists_can_be_followed(copy: Path, environment: dict[str, str]) -> None:
    Step("Set up", "Run", "", DISTRICT).follow(copy, environment)
    for heading in LISTS:
        followed = steps(PAPER, heading)
        assert followed, heading
        for step in followed:
            step.follow(copy, environment)


@pytest.mark.parametrize(
    ("step", "complaint"),
    [
        pytest.param(Step("step 1", "Change", "a.txt", " no such line\n+more\n"), "has 0 places", id="no place"),
        pytest.param(Step("step 1", "Change", "a.txt", " twice\n+more\n"), "has 2 places", id="two places"),
        pytest.param(Step("step 1", "Run", "", "echo told; exit 3"), "exit status 3 of(?s:.*)\ntold", id="failure"),
        pytest.param(Step("step 1", "Run", "", "echo other", "this…\n"), "did not print(?s:.*)\nother", id="output"),
    ],
)
def test_a_step_that_does_not_do_what_the_paper_says_is_named(tmp_path: Path, step: Step, complaint: str) -> None:
    (tmp_path / "a.txt").write_text("twice\ntwice\n")
    with pytest.raises(StepError, match=f"step 1: .*{complaint}"):
        step.follow(tmp_path, dict(os.environ))


def test_a_change_keeps_what_it_does_not_name(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\n| two | 2 |\nthree\n")
    Step("step 1", "Change", "a.txt", "-| two | …\n+| two | more, …\n  …\n three\n+four\n").follow(tmp_path, {})
    assert (tmp_path / "a.txt").read_text() == "one\n| two | more, 2 |\nthree\nfour\n"


def test_a_block_that_nothing_announces_is_an_error() -> None:
    with pytest.raises(StepError, match="Add, step 1: nothing says what to do"):
        steps("\n## Add\n\n1. Look:\n\n   ```sh\n   ls\n   ```\n", "Add")


def direct(name: str) -> list[Requirement]:
    lines = (REPOSITORY / name).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]


def pins(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in (REPOSITORY / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(("#", "-", " ")):
            pinned = Requirement(line.partition(" ;")[0].rstrip(" \\"))
            found.setdefault(canonicalize_name(pinned.name), set()).update(
                specifier.version for specifier in pinned.specifier
            )
    return found


@pytest.mark.parametrize("name", ["requirements", "requirements-dev", "requirements-bench", "docker/requirements"])
def test_every_direct_dependency_is_pinned_to_a_version_that_it_allows(name: str) -> None:
    pinned = pins("requirements.txt") | pins(f"{name}.txt")
    for requirement in direct(f"{name}.in"):
        versions = pinned.get(canonicalize_name(requirement.name), set())
        assert versions, f"{requirement.name} is in {name}.in and not in {name}.txt: run `make requirements`"
        assert all(requirement.specifier.contains(version) for version in versions), requirement.name


def test_the_image_has_the_pins_of_everybody_else() -> None:
    image = pins("docker/requirements.txt")
    assert not {name for name, versions in pins("requirements.txt").items() if not versions <= image.get(name, set())}


def test_every_direct_dependency_is_imported_or_named_with_its_use() -> None:
    files = [*REPOSITORY.glob("*.py"), *(path for name in FOLDERS for path in (REPOSITORY / name).rglob("*.py"))]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    modules = set(re.findall(r"^\s*(?:from|import) (\w+)", text, re.MULTILINE))
    distributions = packages_distributions()
    imported = {canonicalize_name(name) for module in modules for name in distributions.get(module, [])}
    named = {canonicalize_name(requirement.name) for requirement in direct("requirements.in")}
    assert set(BY_NAME) <= named <= imported | set(BY_NAME)
