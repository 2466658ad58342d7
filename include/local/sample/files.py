"""Writes the sample's files, and tells whether a folder holds the sample and nothing else."""

from __future__ import annotations

import csv
import hashlib
import json
import math
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO

from include.local.sample.district import StudentRow, student_row, students
from include.local.sample.records import TERMS, AssessmentRow, AttendanceRow, assessment_rows, attendance_rows, statuses
from include.local.sample.school_year import LAST_DAY, MONTHS, SNAPSHOT_DAYS

MANIFEST = ".sample.json"


class SampleError(ValueError):
    """The sample cannot be written as asked; the message says why."""


@dataclass(frozen=True)
class _Manifest:
    """What `.sample.json` says of the files written; nothing, where it is missing or is not ours."""

    as_of: date | None
    digests: dict[str, str]


class _CsvFile:
    def __init__(self, lines: IO[str], columns: tuple[str, ...]) -> None:
        self._writer = csv.writer(lines, lineterminator="\n")
        self._writer.writerow(columns)

    def write(self, row: StudentRow | AttendanceRow) -> None:
        self._writer.writerow(row)


class _JsonArrayFile:
    """A JSON array with one object per line, written as the objects come."""

    def __init__(self, lines: IO[str]) -> None:
        self._lines = lines
        self._before = "[\n"

    def write(self, row: AssessmentRow) -> None:
        self._lines.write(self._before + json.dumps(row._asdict(), separators=(",", ":")))
        self._before = ",\n"

    def close(self) -> None:
        self._lines.write("[]\n" if self._before == "[\n" else "\n]\n")


def generate(out: Path, *, scale: float, seed: int) -> date:
    """Write the sample into `out`, in place of an earlier sample there; the date is the last day it holds.

    One student is in memory at a time. Files appear under their names once all of them are complete.

    Raises:
        SampleError: `scale` is no positive number, or a file would be overwritten that is not an untouched sample file.
    """
    if not (math.isfinite(scale) and scale > 0):
        raise SampleError(f"the scale is {scale}; expected a number above 0")
    if out.exists() and not out.is_dir():
        raise SampleError(f"{out} is not a folder")
    names = _names()
    earlier = _manifest(out)
    _refuse_to_overwrite(out, names, earlier)
    out.mkdir(parents=True, exist_ok=True)
    parts = {name: out / f".{name}.part" for name in names}
    try:
        _write(parts, scale, seed)
        digests = {name: _sha256(part) for name, part in parts.items()}
        for name in earlier.digests:
            (out / name).unlink(missing_ok=True)
        for name, part in parts.items():
            part.replace(out / name)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
    manifest = {"as_of": LAST_DAY.isoformat(), "scale": scale, "seed": seed, "files": digests}
    (out / MANIFEST).write_bytes((json.dumps(manifest, indent=2) + "\n").encode())
    return LAST_DAY


def sample_as_of(raw_dir: Path) -> date | None:
    """The sample's last day, if all that lies below `raw_dir` is the sample as it was written; else None.

    Hidden files and folders do not count.
    """
    manifest = _manifest(raw_dir)
    digests = manifest.digests
    relative = [path.relative_to(raw_dir) for path in sorted(raw_dir.rglob("*")) if path.is_file()]
    found = [path for path in relative if not any(part.startswith(".") for part in path.parts)]
    if any(path.as_posix() not in digests for path in found):
        return None
    if any(_sha256(raw_dir / path) != digests[path.as_posix()] for path in found):
        return None
    return manifest.as_of


def _names() -> list[str]:
    return [
        *(_students_name(day) for day in SNAPSHOT_DAYS),
        *(_attendance_name(month) for month in MONTHS),
        *(_assessments_name(term) for term in TERMS),
    ]


def _students_name(day: date) -> str:
    return f"students_{day}.csv"


def _attendance_name(month: str) -> str:
    return f"attendance_{month}.csv"


def _assessments_name(term: str) -> str:
    return f"assessments_{term}.json"


def _write(paths: dict[str, Path], scale: float, seed: int) -> None:
    with ExitStack() as stack:
        lines = {
            name: stack.enter_context(path.open("w", encoding="utf-8", newline="")) for name, path in paths.items()
        }
        snapshots = {day: _CsvFile(lines[_students_name(day)], StudentRow._fields) for day in SNAPSHOT_DAYS}
        attendance = {month: _CsvFile(lines[_attendance_name(month)], AttendanceRow._fields) for month in MONTHS}
        assessments = {term: _JsonArrayFile(lines[_assessments_name(term)]) for term in TERMS}
        for student in students(scale, seed):
            for day, snapshot in snapshots.items():
                line = student_row(student, day)
                if line:
                    snapshot.write(line)
            recorded = statuses(student, seed)
            for month, attendance_row in attendance_rows(student, recorded, seed):
                attendance[month].write(attendance_row)
            for term, assessment_row in assessment_rows(student, recorded, seed):
                assessments[term].write(assessment_row)
        for array in assessments.values():
            array.close()


def _refuse_to_overwrite(out: Path, names: list[str], earlier: _Manifest) -> None:
    """An edited sample file counts as somebody's own: the edit would be lost."""
    present = [name for name in dict.fromkeys([*names, *earlier.digests]) if (out / name).exists()]
    foreign = [
        name for name in present if not (out / name).is_file() or earlier.digests.get(name) != _sha256(out / name)
    ]
    if foreign:
        raise SampleError(
            f"{out} holds files that the sample would overwrite, but did not write or that were edited since: "
            f"{', '.join(foreign)}; move them away, or choose another folder with --out"
        )


def _manifest(folder: Path) -> _Manifest:
    try:
        content = json.loads((folder / MANIFEST).read_bytes())
        return _Manifest(date.fromisoformat(content["as_of"]), dict(content["files"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return _Manifest(None, {})


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
