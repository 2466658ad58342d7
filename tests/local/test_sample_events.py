"""The sample's learning events: like those of a real school year, and late, twice, corrected or bad when asked."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from statistics import correlation, mean
from typing import NamedTuple

import pytest

from include.local.sample import Options, RowCounts, generate
from include.local.sample.district import students
from include.local.sample.school_year import SCHOOL_DAYS
from include.settings import REPOSITORY
from tests.local.sample_files import Row, rows
from tests.local.test_sample_rows import EVENTS, LAST_DAY

SAMPLE = REPOSITORY / "data" / "raw"
COLUMNS = {  # user, time, type of the event
    "platform_events": ("learner_id", "timestamp", "event_type"),
    "product_events": ("userId", "timestamp", "verb"),
    "mobile_events": ("user_id", "event_timestamp", "event_name"),
    "web_events": ("user_id", "event_timestamp", "event_name"),
    "reward_events": ("user_id", "event_time", "event_type"),
}
ASKED = Options(scale=0.1, seed=5, events=4, late=0.03, corrected=0.03, duplicates=0.03, bad=0.03)


class Event(NamedTuple):
    """An event of the sample, whatever its source."""

    source: str
    user_id: str
    at: datetime
    type: str
    row: Row


def read(folder: Path, source: str) -> list[Event]:
    """The different good events of a source in the order of their times."""
    user, time, kind = COLUMNS[source]
    distinct = {tuple(row.values()): row for row in rows(folder, source) if not is_bad(source, row)}
    found = [Event(source, row[user], datetime.fromisoformat(row[time]), row[kind], row) for row in distinct.values()]
    return sorted(found, key=lambda event: event.at)


def is_bad(source: str, row: Row) -> bool:
    required = [row[name] for name in (*COLUMNS[source], "object") if name in row]
    broken = ("1970-01-01", "2025-02-29", "soon")
    return (
        not all(required)
        or any(cell.startswith(broken) for cell in required)
        or row.get("data") == "[]"
        or row.get("miles_amount") == "ten"
    )


def told(event: Event) -> dict[str, object]:
    data: dict[str, object] = json.loads(event.row["data"])
    return data


@pytest.fixture(scope="module")
def everything() -> list[Event]:
    """All events of the committed sample; tests only read it."""
    return [event for source in EVENTS for event in read(SAMPLE, source)]


@pytest.fixture(scope="module")
def platform(everything: list[Event]) -> list[Event]:
    """Those of the platform."""
    return [event for event in everything if event.source == "platform_events"]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, RowCounts]]:
    """A sample with a few of everything, and what the generator says it wrote; tests only read it."""
    folder = tmp_path_factory.mktemp("asked")
    return folder, {str(source): counts for source, counts in generate(folder, ASKED).rows.items()}


def test_events_are_of_students_and_of_a_few_others(everything: list[Event]) -> None:
    enrolled = {row["student_id"] for row in rows(SAMPLE, "students")}
    users = {event.user_id for event in everything}
    assert len(users & enrolled) > 0.9 * len(enrolled)
    assert {user[0] for user in users - enrolled} == {"V"}


def test_events_lie_in_the_year_and_mostly_on_school_days(everything: list[Event]) -> None:
    days = Counter(event.at.date() for event in everything)
    assert min(days) >= date(2024, 8, 26)
    assert max(days) == LAST_DAY
    assert 0.8 < sum(days[day] for day in SCHOOL_DAYS) / days.total() < 0.97


def test_every_one_of_the_last_fourteen_days_has_active_users(everything: list[Event]) -> None:
    assert {event.at.date() for event in everything} >= {date(2025, 3, day) for day in range(1, 15)}


def test_most_events_are_of_the_hours_of_school(everything: list[Event]) -> None:
    hours = [event.at.hour for event in everything]
    assert 0.5 < mean(8 <= hour < 15 for hour in hours) < 0.9
    assert min(hours) >= 6


def test_users_begin_over_months_and_some_pause_and_come_back(everything: list[Event]) -> None:
    days = defaultdict(set)
    for event in everything:
        days[event.user_id].add(event.at.date())
    assert len({min(found).isoformat()[:7] for found in days.values()}) >= 5
    gaps = [max((after - before).days for before, after in pairwise(sorted(d))) for d in days.values() if len(d) > 5]
    assert 0.1 < mean(gap > 28 for gap in gaps) < 0.7
    assert 0.1 < mean(max(found) < date(2025, 2, 14) for found in days.values()) < 0.5


def test_units_are_those_of_the_file_of_the_learners_grade(platform: list[Event]) -> None:
    units = {row["unit_id"]: (row["subject"], row["grade_level"]) for row in rows(SAMPLE, "learning_units")}
    grades = {student.student_id: str(student.grade_level) for student in students(Options())}
    with_unit = [event for event in platform if "unit_id" in told(event)]
    assert {units[str(told(event)["unit_id"])][1] == grades[event.user_id] for event in with_unit} == {True}
    subjects = {(told(event).get("product"), units[str(told(event)["unit_id"])][0]) for event in with_unit}
    assert subjects >= {("ela", "English"), ("science", "Science")}


def test_every_kind_of_event_occurs_and_one_that_nobody_has_mapped(everything: list[Event]) -> None:
    types = defaultdict(set)
    for event in everything:
        types[event.source].add(event.type)
    learning = "page_view interaction lesson_start lesson_complete assessment_start assessment_complete problem_attempt"
    others = "help_requested resource_access error custom onboarding_complete experiment_exposure trial_start"
    assert types == {
        "platform_events": {*learning.split(), *others.split(), "subscription_start", "feature_use", "tool_opened"},
        "product_events": {"viewed", "selected", "answered", "completed", "started", "bookmarked"},
        "mobile_events": {"app-open", "item-started", "item-finished"},
        "web_events": {"login-successful", "item-started", "item-finished"},
        "reward_events": {"miles_earned", "miles_redeemed", "share", "like", "reward_search"},
    }


def test_most_sessions_are_given_and_keep_to_one_user_and_day(everything: list[Event]) -> None:
    with_sessions = [event for event in everything if "session_id" in event.row]
    missing = mean(not event.row["session_id"] for event in with_sessions)
    assert 0.03 < missing < 0.15
    found = {(event.row["session_id"], event.user_id, event.at.date()) for event in with_sessions}
    ids = [session for session, _, _ in found if session]
    assert len(set(ids)) == len(ids)


def test_scores_grow_over_the_year_and_with_ability(tmp_path: Path) -> None:
    generate(tmp_path, Options(scale=0.1, seed=7, events=4))
    scores, by_student = defaultdict(list), defaultdict(list)
    for event in read(tmp_path, "platform_events"):
        if event.type == "assessment_complete":
            share = float(str(told(event)["score"])) / float(str(told(event)["max_score"]))
            scores[event.at.date() < date(2024, 11, 1)].append(share)
            by_student[event.user_id].append(share)
    assert mean(scores[False]) > mean(scores[True]) + 0.05
    assert 0.1 < mean(share >= 0.8 for share in scores[False]) < 0.7
    abilities = {student.student_id: student.ability for student in students(Options(scale=0.1, seed=7))}
    able = [abilities[student] for student in by_student]
    assert correlation(able, [mean(found) for found in by_student.values()]) > 0.5


def test_a_user_sees_one_variant_of_an_experiment_and_both_are_seen(platform: list[Event]) -> None:
    seen = defaultdict(set)
    for event in platform:
        if event.type == "experiment_exposure":
            seen[told(event)["experiment"], event.user_id].add(str(told(event)["variant"]))
    single = Counter(next(iter(found)) for found in seen.values() if len(found) == 1)
    assert single.total() >= 0.95 * len(seen)
    assert 0.4 < single["treatment"] / single.total() < 0.6


def test_some_balances_of_miles_are_negative() -> None:
    balances: Counter[str] = Counter()
    for event in read(SAMPLE, "reward_events"):
        sign = {"miles_earned": 1, "miles_redeemed": -1}.get(event.type, 0)
        balances[event.user_id] += sign * int(event.row["miles_amount"] or 0)
    assert 0.02 < mean(balance < 0 for balance in balances.values()) < 0.25


def test_the_committed_sample_has_a_few_late_and_repeated_events() -> None:
    written = json.loads((SAMPLE / ".sample.json").read_text())["rows"]
    for source in EVENTS:
        assert 0 < written[source]["late"] < 0.02 * written[source]["rows"]
        assert 0 < written[source]["duplicates"] < 0.02 * written[source]["rows"]
        assert written[source]["bad"] == 0


@pytest.mark.parametrize("source", EVENTS)
def test_events_are_counted_as_written(asked: tuple[Path, dict[str, RowCounts]], source: str) -> None:
    folder, counts = asked
    written = list(rows(folder, source))
    good = [tuple(row.values()) for row in written if not is_bad(source, row)]
    assert counts[source].rows == len(written)
    assert counts[source].bad == len(written) - len(good)
    assert counts[source].duplicates == len(good) - len(set(good))


@pytest.mark.parametrize("source", EVENTS)
def test_shares_of_events_come_out_as_asked(asked: tuple[Path, dict[str, RowCounts]], source: str) -> None:
    counts = asked[1][source]
    share_with_later_file = 0.9 if source == "platform_events" else 0.5
    has_id = source in ("platform_events", "product_events")
    for found, expected in (
        (counts.duplicates, 1),
        (counts.bad, 1),
        (counts.late, share_with_later_file),
        (counts.corrected, share_with_later_file * has_id),
    ):
        assert found == pytest.approx(0.03 * counts.rows * expected, rel=0.35)


def test_a_late_event_is_in_the_file_of_a_later_month(asked: tuple[Path, dict[str, RowCounts]]) -> None:
    folder, counts = asked
    months = sorted(path.name.split("_")[2][:7] for path in folder.glob("platform_events*"))
    later = sum(
        row["timestamp"][:7] < month
        for month in months
        for row in rows(folder, f"platform_events_{month}")
        if not is_bad("platform_events", row)
    )
    late_or_corrected = counts["platform_events"].late + counts["platform_events"].corrected
    assert late_or_corrected <= later <= late_or_corrected + counts["platform_events"].duplicates


@pytest.mark.parametrize(("source", "name"), [("platform_events", "event_id"), ("product_events", "id")])
def test_a_corrected_event_keeps_its_id_and_has_a_later_time(
    asked: tuple[Path, dict[str, RowCounts]], source: str, name: str
) -> None:
    folder, counts = asked
    versions = defaultdict(list)
    for event in read(folder, source):
        versions[event.row.get("product"), event.row[name]].append(event)
    corrected = [found for found in versions.values() if len(found) > 1]
    assert 0.9 * counts[source].corrected <= len(corrected) <= counts[source].corrected
    assert {(len(found), found[0].at < found[1].at, found[0].type == found[1].type) for found in corrected} == {
        (2, True, True)
    }
