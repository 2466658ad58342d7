"""The benchmark of bronze on a few rows: that it measures what it says, not how fast."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.bronze import files
from bench.bronze.__main__ import main
from bench.bronze.contestants import Measured
from bench.bronze.results import faster, ratio


def test_every_case_runs_and_has_its_lines(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    main(["--rows", "3000", "--rounds", "1", "--peers", str(tmp_path / "no python"), "--markdown"])
    printed = capsys.readouterr()
    judged, reference = printed.out.split("\n\n")[1:]
    works = [line.split("|")[1].strip() for line in judged.splitlines()[2:]]
    assert works == [
        "first load, 3,000 attendance rows",
        "first load, 3,000 attendance rows",
        "the same with 1 % bad rows",
        "the same file with quoted cells",
        *("100 rows, half known (the last ones), onto 3,000", "100 rows, half known (the last ones), onto 10,000"),
        *("checkpoint_bronze at 500 rows of history", "checkpoint_bronze at 10,000 rows of history"),
        *("100 rows, half known (all over it), onto 3,000", "100 rows, half known (all over it), onto 10,000"),
        "100 nested assessments",
        *("100 students, 5 changed", "100 students, 5 changed"),
    ]
    assert "| L " in reference
    assert "NOT MEASURED: pandas and dlt" in printed.err


def test_a_ratio_is_the_median_of_those_of_each_round() -> None:
    ours, theirs = ([Measured(seconds, seconds) for seconds in times] for times in ((2, 9, 4), (1, 3, 4)))
    result = ratio("work", "ours / theirs", ours, theirs, at_most=1.9)
    assert result.cells() == ("work", "ours / theirs", "2.00 (1.00 to 3.00)", "≤ 1.9", "**missed**")


def test_a_peer_is_compared_in_the_rounds_in_which_it_took_part() -> None:
    slow = [Measured(20, 20, {"version": "1.0"})]
    result = faster("work", "peer", slow, [Measured(2, 2), Measured(100, 100)], than=8)
    assert result.cells() == ("work", "peer (1.0) / Rollcall, rounds: 1", "10.0 (10.0 to 10.0)", "> 8", "met")


def test_one_row_in_a_hundred_is_bad_in_one_of_four_ways() -> None:
    good = list(files.attendance_rows(range(800)))
    bad = [row for row, before in zip(files.with_bad_rows(good), good, strict=True) if row != before]
    assert len(bad) == 8
    assert {(len(row), row[1] == "", row[2] == "nodate", row[3] == "ASLEEP") for row in bad} == {
        (5, False, False, True),
        (5, False, True, False),
        (6, False, False, False),
        (5, True, False, False),
    }
