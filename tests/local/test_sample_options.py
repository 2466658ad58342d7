"""What can be asked of the sample: late, corrected, repeated and bad rows and class changes, in the shares given."""

from __future__ import annotations

import json
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest

from include.ingestion.sources import SOURCES
from include.ingestion.task import ingest
from include.local.sample import Options, RowCounts, SampleError, generate
from include.local.sample.__main__ import main
from include.local.sample.files import of_district
from include.settings import REPOSITORY, load_settings

ASKED = Options(scale=0.2, seed=5, late=0.03, corrected=0.03, duplicates=0.03, bad=0.03)
DISTRICT_SOURCES = ("schools", "learning_units", "school_days")
IDS = {"students": "student_id", "attendance": "attendance_id", "assessments": "assessment_id"}
TERMS = {"10": "2024-12", "12": "2024-12", "03": "2025-03"}
Rows = dict[str, RowCounts]
Line = tuple[str, dict[str, str]]


def lines(folder: Path, source: str) -> Iterator[Line]:
    """Each row of the source, in the order of the files, with the day, month or term of its file."""
    for path in sorted(folder.glob(f"{source}_*")):
        arrival = path.stem.removeprefix(f"{source}_")
        text = path.read_text(encoding="utf-8").splitlines()
        if path.suffix == ".json":
            yield from ((arrival, row) for row in json.loads("\n".join(text)))
        else:
            header, *cells = (line.split(",") for line in text)
            yield from ((arrival, dict(zip(header, row, strict=True))) for row in cells)


def is_bad(source: str, row: Mapping[str, object]) -> bool:
    return {
        "students": lambda: row["grade_level"] == "0" or not row["class_id"] or "2024-13" in str(row["updated_at"]),
        "schools": lambda: not row["school_name"] or row["student_count"] in (-1, "-1") or "1.2" in row.values(),
        "learning_units": lambda: not row["unit_name"] or row["grade_level"] == "six" or "1.5" in row.values(),
        "school_days": lambda: row["is_school_day"] in ("", "maybe") or "2024-13" in str(row["updated_at"]),
        "attendance": lambda: row["status"] == "SICK" or "2025-02-29" in row.values() or not row["created_at"],
        "assessments": lambda: row["score"] == 101 or not row["subject"] or row["assessment_date"] == "nodate",
    }[source]()


def own_file(source: str, row: Mapping[str, str]) -> str:
    """The month or term in whose file the first version of a row is due."""
    return row["attendance_date"][:7] if source == "attendance" else TERMS[row["assessment_date"][5:7]]


def versions(folder: Path, source: str) -> dict[str, dict[tuple[str, ...], list[Line]]]:
    """The good rows by id and content, the oldest content first."""
    found: dict[str, dict[tuple[str, ...], list[Line]]] = defaultdict(lambda: defaultdict(list))
    good = [line for line in lines(folder, source) if not is_bad(source, line[1])]
    for arrival, row in sorted(good, key=lambda line: line[1][SOURCES[source].newest_by]):
        found[row[IDS[source]]][tuple(map(str, row.values()))].append((arrival, row))
    return found


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Rows]:
    """A sample with a few of everything, and what the generator says it wrote; tests only read it."""
    folder = tmp_path_factory.mktemp("asked")
    return folder, dict(generate(folder, ASKED).rows)


@pytest.fixture(scope="module")
def in_order(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Rows]:
    """A sample with nothing special in it; tests only read it."""
    folder = tmp_path_factory.mktemp("in_order")
    return folder, dict(generate(folder, Options(scale=0.2, seed=5, events=0, corrected=0, class_changes=0)).rows)


@pytest.mark.parametrize("source", [*IDS, *DISTRICT_SOURCES])
def test_rows_are_counted_as_written(asked: tuple[Path, Rows], source: str) -> None:
    folder, counts = asked
    written = [row for _, row in lines(folder, source)]
    assert counts[source].rows == len(written)
    assert counts[source].bad == sum(is_bad(source, row) for row in written)


def test_the_manifest_holds_the_options_and_the_counts(asked: tuple[Path, Rows]) -> None:
    folder, counts = asked
    manifest = json.loads((folder / ".sample.json").read_text())
    assert Options(**manifest["options"]) == ASKED
    assert {source: RowCounts(**found) for source, found in manifest["rows"].items()} == counts


@pytest.mark.parametrize("source", IDS)
def test_shares_come_out_as_asked(asked: tuple[Path, Rows], in_order: tuple[Path, Rows], source: str) -> None:
    counts, plain = asked[1][source], in_order[1][source].rows
    for found in (counts.duplicates, counts.bad):
        assert found == pytest.approx(0.03 * counts.rows, rel=0.3)
    if source == "students":
        assert (counts.late, counts.corrected) == (0, 9)  # of 240 students
    else:
        with_later_file = {"attendance": 0.93, "assessments": 0.66}[source]
        for found in (counts.late, counts.corrected):
            assert found == pytest.approx(0.03 * with_later_file * plain, rel=0.3)


@pytest.mark.parametrize("source", DISTRICT_SOURCES)
def test_rows_of_the_district_are_bad_or_twice_in_one_file_and_never_late(source: str) -> None:
    options = Options(scale=20, late=1, corrected=1, duplicates=0.2, bad=0.2)
    deliveries = list(dict(of_district(options))[source])
    kinds = Counter(kind for _, kind, _ in deliveries)
    assert kinds.keys() == {"plain", "bad", "duplicate"}
    assert kinds["bad"] == sum(is_bad(source, row._asdict()) for _, _, row in deliveries)
    good = Counter((day, row) for day, kind, row in deliveries if kind != "bad")
    assert good.total() - len(good) == kinds["duplicate"]


@pytest.mark.parametrize("source", ["attendance", "assessments"])
def test_late_rows_are_in_a_later_file_than_their_day(asked: tuple[Path, Rows], source: str) -> None:
    folder, counts = asked
    first_versions = [next(iter(found.values())) for found in versions(folder, source).values()]
    first_arrivals = [min(arrival for arrival, _ in version) for version in first_versions]
    due = [own_file(source, version[0][1]) for version in first_versions]
    assert all(arrival >= day for arrival, day in zip(first_arrivals, due, strict=True))
    late = sum(arrival > day for arrival, day in zip(first_arrivals, due, strict=True))
    # The first version of a few is a bad row, so that the correction is all that is left of them.
    assert counts[source].late <= late <= 1.05 * counts[source].late


@pytest.mark.parametrize("source", ["attendance", "assessments"])
def test_corrected_rows_keep_their_id_and_have_new_content_and_a_later_time(
    asked: tuple[Path, Rows], source: str
) -> None:
    folder, counts = asked
    changed = {"attendance": "status", "assessments": "score"}[source]
    corrected = [list(found.values()) for found in versions(folder, source).values() if len(found) > 1]
    assert 0.9 * counts[source].corrected <= len(corrected) <= counts[source].corrected
    for first, second in corrected:
        before, after = first[0][1], second[0][1]
        assert before["created_at"] < after["created_at"]
        assert {name for name in before if before[name] != after[name]} == {"created_at", changed}
        assert min(arrival for arrival, _ in second) > own_file(source, before)


def test_corrected_students_have_another_name_and_a_later_time(asked: tuple[Path, Rows]) -> None:
    folder, counts = asked
    by_student = [[found[0][1] for found in known.values()] for known in versions(folder, "students").values()]
    renamed = [found for found in by_student if len({row["student_name"] for row in found}) == 2]
    # One came so late that the row with the first name is the only one of it, and bad.
    assert len(renamed) == counts["students"].corrected - 1 == 8
    assert all(len({row["updated_at"] for row in found}) == len(found) for found in renamed)


@pytest.mark.parametrize("source", ["attendance", "assessments"])
def test_duplicates_are_the_same_row_again_in_one_file_and_in_two(asked: tuple[Path, Rows], source: str) -> None:
    folder, counts = asked
    repeated = [arrivals for found in versions(folder, source).values() for arrivals in found.values()]
    assert sum(len(arrivals) - 1 for arrivals in repeated) == counts[source].duplicates
    files = Counter(len({arrival for arrival, _ in arrivals}) for arrivals in repeated if len(arrivals) == 2)
    assert min(files[1], files[2]) > 0.2 * counts[source].duplicates


def test_duplicates_of_students_are_in_the_same_snapshot(asked: tuple[Path, Rows]) -> None:
    folder, counts = asked
    good = Counter((day, *row.values()) for day, row in lines(folder, "students") if not is_bad("students", row))
    assert good.total() - len(good) == counts["students"].duplicates


@pytest.mark.parametrize("source", [*IDS, *DISTRICT_SOURCES])
def test_asking_for_none_gives_none(in_order: tuple[Path, Rows], source: str) -> None:
    folder, counts = in_order
    assert counts[source] == RowCounts(rows=counts[source].rows, late=0, corrected=0, duplicates=0, bad=0)
    if source in ("attendance", "assessments"):
        ids = [row[IDS[source]] for _, row in lines(folder, source)]
        assert len(set(ids)) == len(ids)
        assert all(own_file(source, row) == arrival for arrival, row in lines(folder, source))


@pytest.mark.parametrize(("share", "students"), [(0, 0), (0.1, 24), (0.91, 219)])
def test_as_many_students_change_class_as_asked(tmp_path: Path, share: float, students: int) -> None:
    generate(tmp_path, Options(scale=0.2, seed=5, class_changes=share))
    classes = defaultdict(set)
    for _, row in lines(tmp_path, "students"):
        classes[row["student_id"]].add(row["class_id"])
    assert sum(len(found) == 2 for found in classes.values()) == students


def test_all_other_rows_are_the_same_whatever_is_asked(asked: tuple[Path, Rows], in_order: tuple[Path, Rows]) -> None:
    undisturbed = {tuple(row.values()) for _, row in lines(in_order[0], "attendance")}
    good = {tuple(row.values()) for _, row in lines(asked[0], "attendance") if not is_bad("attendance", row)}
    assert len(undisturbed - good) < 0.04 * len(undisturbed)


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_a_scale_that_is_no_positive_number_is_refused(scale: float) -> None:
    with pytest.raises(SampleError, match="expected a number above 0"):
        Options(scale=scale)


@pytest.mark.parametrize("events", [-1.0, 101.0, float("nan")])
def test_what_is_no_number_of_events_a_day_is_refused(events: float) -> None:
    with pytest.raises(SampleError, match="expected a number from 0 to 100 a day"):
        Options(events=events)


@pytest.mark.parametrize("name", ["late", "corrected", "duplicates", "bad", "class_changes"])
@pytest.mark.parametrize("share", [-0.01, 1.01, float("nan")])
def test_what_is_no_share_is_refused(name: str, share: float) -> None:
    with pytest.raises(SampleError, match=f"{name.replace('_', ' ')} is {share}; expected a share from 0 to"):
        Options(**{name: share})


def test_the_command_says_what_it_refuses_and_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--late", "2", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err == "sample: late is 2.0; expected a share from 0 to 1\n"
    assert main(["--scale", "0.005", "--duplicates", "0.5", "--out", str(tmp_path)]) == 0
    assert "students: 46 rows, 11 duplicates\n" in capsys.readouterr().out


def test_make_sample_passes_every_option_on(tmp_path: Path) -> None:
    options = {
        "EVENTS": "4",
        **dict.fromkeys(("CLASS_CHANGES", "LATE", "CORRECTED", "DUPLICATES", "BAD"), "0"),
        "SCALE": "1",
        "SEED": "3",
    }
    variables = [f"{name}={value}" for name, value in options.items()]
    command = ["make", "--dry-run", "sample", f"OUT={tmp_path}", *variables]
    shown = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    for name, value in options.items():
        assert f'--{name.lower().replace("_", "-")} "{value}"' in shown


def test_the_load_accounts_agree_with_the_counts(
    asked: tuple[Path, Rows], warehouse: psycopg.Connection, tmp_path: Path
) -> None:
    folder, counts = asked
    settings = load_settings({"ROLLCALL_RAW_DIR": str(folder), "ROLLCALL_HOME": str(tmp_path)})
    for source, written in counts.items():
        ingest(warehouse, SOURCES[source], settings, dag_run_id="test")
        loaded = warehouse.execute(
            """select sum(rows_read), sum(rows_duplicate), sum(rows_rejected), sum(tied_versions)
            from ops.file_loads where source = %s and status = 'loaded'""",
            [source],
        ).fetchone()
        assert loaded == (written.rows, written.duplicates, written.bad, 0)
