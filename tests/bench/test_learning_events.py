"""The benchmark of learning events on a few of them: that it measures what it says, not how fast."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from bench.learning_events.__main__ import main
from bench.learning_events.stream import TIME_COLUMN, Stream

DAYS = [date(2025, 3, day) for day in range(3, 31)]


def test_every_case_runs_and_has_its_lines(capsys: pytest.CaptureFixture[str]) -> None:
    sizes = ["--events", "120", "--histories", "120", "--increment", "60", "--rounds", "1"]
    assert main([*sizes, "--markdown", "--check"]) == 0
    lines = [[cell.strip() for cell in line.split("|")[1:4]] for line in capsys.readouterr().out.splitlines()[4:]]
    onto = "60 events of a day onto 120"
    assert [line[:2] for line in lines] == [
        ["120 events", "L: COPY into typed tables"],
        ["120 events", "into bronze"],
        ["of them 72", "platform_events into bronze"],
        ["of them 24", "product_events into bronze"],
        ["of them 12", "mobile_events into bronze"],
        ["of them 8", "web_events into bronze"],
        ["of them 4", "reward_events into bronze"],
        ["120 events", "through silver"],
        ["120 events", "bronze and silver"],
        [onto, "database time, all"],
        [onto, "database time, bronze"],
        [onto, "database time, silver"],
        [onto, "by the clock, without the start of dbt"],
        [onto, "database time of the data tests"],
    ]
    assert not any(figure.startswith("0.00 ") for _, _, figure in lines)


def test_a_stream_gives_the_same_lines_each_time_and_thirty_a_learner() -> None:
    once, again = (list(Stream(20, disturbed=False).day(DAYS[0])) for _ in range(2))
    assert once == again
    assert len(set(once)) == len(once) == 600


def test_some_events_are_late_repeated_or_corrected_in_the_shares_told() -> None:
    clean, disturbed = Stream(100, disturbed=False), Stream(100, disturbed=True)
    due = {line: day for day in DAYS for line in clean.day(day)}
    arrived = [(day, line) for day in DAYS for line in disturbed.day(day)]
    late = Counter((day - due[line]).days for day, line in arrived if line in due and day != due[line])
    corrected = [line for _, line in arrived if line not in due]
    in_time = Counter(line for day, line in arrived if due.get(line) == day)
    repeated = sum(line in in_time and day != due[line] for day, line in arrived if line in due)
    assert max(in_time.values()) == 1
    assert repeated == disturbed.repeated == pytest.approx(0.01 * len(due), rel=0.3)
    assert late.total() - repeated == pytest.approx(0.02 * len(due), rel=0.3)
    assert set(late) == set(range(1, 11))
    assert len(corrected) == pytest.approx(0.005 * 0.8 * len(due), rel=0.2)
    assert {source for source, _ in corrected} == set(TIME_COLUMN)
