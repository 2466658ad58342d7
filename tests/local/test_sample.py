"""The sample's files: repeatable, small, and written without touching files of others."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import sys
import tracemalloc
from datetime import date
from pathlib import Path
from typing import get_args

import pyarrow as pa
import pytest
from pyarrow import parquet

from include.local.sample import Options, generate, sample_as_of
from include.local.sample.__main__ import main
from include.local.sample.rows import EventSource
from include.settings import REPOSITORY

COMMITTED = REPOSITORY / "data" / "raw"
LAST_DAY = date(2025, 3, 14)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample at its defaults; tests only read it."""
    folder = tmp_path_factory.mktemp("sample")
    assert main(["--out", str(folder)]) == 0
    return folder


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A small sample of its own, to be changed."""
    generate(tmp_path, Options(scale=0.005, seed=1))
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def uncompressed(folder: Path) -> dict[str, bytes | pa.Table]:
    """The contents of the files of a sample but for its manifest, whatever packed them: that may differ."""
    return {path.name: _uncompressed(path) for path in folder.iterdir() if not path.name.startswith(".")}


def _uncompressed(path: Path) -> bytes | pa.Table:
    if path.suffix == ".parquet":
        return parquet.read_table(path)
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def test_same_scale_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    generate(tmp_path / "one", Options(scale=0.02, seed=3))
    generate(tmp_path / "two", Options(scale=0.02, seed=3))
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_bytes_do_not_depend_on_the_process(tmp_path: Path, hash_seed: str) -> None:
    generate(tmp_path / "one", Options(scale=0.005, seed=1, late=0.1, corrected=0.1, duplicates=0.1, bad=0.1))
    shares = ["--late", "0.1", "--corrected", "0.1", "--duplicates", "0.1", "--bad", "0.1"]
    command = [sys.executable, "-m", "include.local.sample", "--scale", "0.005", "--seed", "1", *shares]
    environment = {"PYTHONHASHSEED": hash_seed, "LC_ALL": "C"}
    subprocess.run([*command, "--out", str(tmp_path / "two")], check=True, cwd=REPOSITORY, env=environment)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_another_seed_gives_another_district(small: Path, tmp_path: Path) -> None:
    generate(tmp_path / "other", Options(scale=0.005, seed=2))
    assert contents(tmp_path / "other")["students_2025-03-14.csv"] != (small / "students_2025-03-14.csv").read_bytes()


def test_committed_sample_is_what_the_defaults_make(sample: Path) -> None:
    assert uncompressed(COMMITTED) == uncompressed(sample)
    assert sample_as_of(COMMITTED) == LAST_DAY


def test_default_sample_takes_at_most_1600_kilobytes(sample: Path) -> None:
    blocks = sum(-(-path.stat().st_size // 4096) for path in sample.iterdir())
    assert (blocks + 1) * 4096 <= 1_600_000


def test_memory_does_not_grow_with_the_scale(tmp_path: Path) -> None:
    peaks = []
    for scale in (0.02, 0.08):
        tracemalloc.start()
        generate(tmp_path, Options(scale=scale, late=0.1, corrected=0.1, duplicates=0.1, bad=0.1))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]


def test_compressed_files_bear_no_name_and_no_time(sample: Path) -> None:
    for path in sample.glob("*.gz"):
        flags, *time = path.read_bytes()[3:8]
        assert (flags, time) == (0, [0, 0, 0, 0]), path.name


def test_without_events_there_are_no_files_of_them(small: Path) -> None:
    account = generate(small, Options(scale=0.005, seed=1, events=0))
    assert [name for name in contents(small) if "events" in name] == []
    assert not set(account.rows) & set(get_args(EventSource))


def test_an_earlier_sample_is_replaced(small: Path) -> None:
    before = contents(small)
    assert generate(small, Options(scale=0.01, seed=2)).as_of == LAST_DAY
    assert contents(small).keys() == before.keys()
    assert sample_as_of(small) == LAST_DAY


@pytest.mark.parametrize("earlier_sample", [True, False])
def test_a_file_it_did_not_write_is_not_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], earlier_sample: bool
) -> None:
    if earlier_sample:
        generate(tmp_path, Options(scale=0.005, seed=1))
    mine = tmp_path / "attendance_2024-09.csv"
    mine.write_text("mine")
    before = contents(tmp_path)
    assert main(["--scale", "0.01", "--out", str(tmp_path)]) == 2
    assert "attendance_2024-09.csv" in capsys.readouterr().err
    assert contents(tmp_path) == before


def test_other_files_in_the_folder_stay(small: Path) -> None:
    (small / "attendance_mine.csv").write_text("mine")
    generate(small, Options(scale=0.005, seed=2))
    assert (small / "attendance_mine.csv").read_text() == "mine"


def test_sample_as_of_is_the_last_day_of_an_untouched_sample(small: Path) -> None:
    (small / ".gitkeep").touch()
    assert sample_as_of(small) == LAST_DAY


def test_sample_as_of_is_none_once_a_file_is_added_below(small: Path) -> None:
    (small / "spring").mkdir()
    shutil.copy(small / "attendance_2024-09.csv", small / "spring")
    assert sample_as_of(small) is None


def test_sample_as_of_is_none_once_a_file_is_edited(small: Path) -> None:
    with (small / "attendance_2024-09.csv").open("a") as lines:
        lines.write("A9-1,S00001,2024-09-03,PRESENT,2024-09-03T15:00:00\n")
    assert sample_as_of(small) is None


@pytest.mark.parametrize("manifest", [None, "{", "[]", '{"as_of": 1, "files": {}}'])
def test_sample_as_of_is_none_without_a_readable_manifest(tmp_path: Path, manifest: str | None) -> None:
    if manifest:
        (tmp_path / ".sample.json").write_text(manifest)
    assert sample_as_of(tmp_path) is None
