"""ROLLCALL_HOME: taken and removed only when it is ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.local.home import HomeError, claim, held, is_ours, note_raw_dir, remove
from include.settings import REPOSITORY


@pytest.fixture
def home(tmp_path: Path) -> Path:
    claim(tmp_path / "home")
    return tmp_path / "home"


def test_a_new_folder_becomes_ours(home: Path) -> None:
    claim(home)

    assert is_ours(home)


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()

    with pytest.raises(HomeError, match=r"thesis\.tex"):
        claim(tmp_path)


def test_what_rollcall_writes_is_no_stranger(tmp_path: Path) -> None:
    (tmp_path / "data_docs").mkdir()

    claim(tmp_path)

    assert is_ours(tmp_path)


def test_only_our_own_folder_is_removed(home: Path, tmp_path: Path) -> None:
    remove(home, raw_dir=REPOSITORY / "data" / "raw")
    with pytest.raises(HomeError, match="nothing was removed"):
        remove(tmp_path, raw_dir=REPOSITORY / "data" / "raw")

    assert not home.exists()
    assert tmp_path.exists()


def test_a_folder_that_holds_the_raw_files_is_not_removed(home: Path) -> None:
    (home / "raw").mkdir()

    with pytest.raises(HomeError, match="nothing was removed"):
        remove(home, raw_dir=home / "raw")


def test_two_commands_at_once_are_refused(home: Path) -> None:
    with held(home), pytest.raises(HomeError, match="another command"), held(home):
        pass
    with held(home):
        pass


def test_files_of_another_raw_folder_are_warned_of_once(home: Path, tmp_path: Path) -> None:
    assert note_raw_dir(home, tmp_path / "north") is None
    assert note_raw_dir(home, tmp_path / "north") is None

    warning = note_raw_dir(home, tmp_path / "south")

    assert warning is not None
    assert "north" in warning
    assert "ROLLCALL_HOME=" in warning
    assert note_raw_dir(home, tmp_path / "south") is None
