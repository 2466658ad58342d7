"""The files that are loaded: the same bytes each time, for a given number of rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

FIRST_DAY = date(2022, 8, 1)
SCHOOL_DAYS = tuple(
    day.isoformat() for day in (FIRST_DAY + timedelta(days=n) for n in range(900)) if day.isoweekday() < 6
)
STUDENTS_A_DAY = 16_667
"""With it 3 million attendance rows are a school year of 180 days."""
CODES = ("PRESENT",) * 92 + ("TARDY",) * 3 + ("ABSENT",) * 3 + ("EXCUSED", "HALF_DAY")
SUBJECTS = ("Mathematics", "English", "Science", "History")
ATTENDANCE = ("attendance_id", "student_id", "attendance_date", "status", "created_at")
ASSESSMENTS = ("assessment_id", "student_id", "subject", "score", "max_score", "assessment_date", "created_at")
STUDENTS = (
    *("student_id", "student_name", "class_id", "grade_level", "enrollment_status", "updated_at"),
    *("school_id", "ethnicity", "special_education"),
)
Row = tuple[str, ...]


def attendance_rows(numbers: Iterable[int]) -> Iterator[Row]:
    """Attendance records by their number; the day moves on with it, as in a file that grows."""
    for number in numbers:
        day, student = divmod(number, STUDENTS_A_DAY)
        date_of = SCHOOL_DAYS[day]
        code = CODES[number * 7919 % 100]
        created_at = f"{date_of}T15:{number // 60 % 60:02}:{number % 60:02}"
        yield f"A-{number:08}", f"S-{student:06}", date_of, code, created_at


def with_bad_rows(rows: Iterable[Row]) -> Iterator[Row]:
    """The same rows, of which one in a hundred is bad, in one of four ways."""
    for number, (key, student, day, code, created_at) in enumerate(rows):
        if number % 100 != 50:
            yield key, student, day, code, created_at
            continue
        yield (
            (key, student, day, "ASLEEP", created_at),
            (key, student, "nodate", code, created_at),
            (key, student, day, code, created_at, "one cell more"),
            (key, "", day, code, created_at),
        )[number // 100 % 4]


def in_lower_case(rows: Iterable[Row]) -> Iterator[Row]:
    """The same rows with their codes in lower case, which are accepted, but only on a closer look."""
    return ((*before, code.lower(), after) for *before, code, after in rows)


def mixed(number: int) -> int:
    """By which numbers are put into an order that looks random, and is always the same."""
    return number * 2654435761 % 2**32


def student_rows(count: int, changed: int = 0) -> Iterator[Row]:
    """Students, of whom `changed` have moved to another class since the file without."""
    for number in range(count):
        moved = number % (count // changed) == 0 if changed else False
        yield (
            *(f"S-{number:06}", f"Student {number}", f"CLASS-{(number + moved) % 400:02}", str(1 + number % 12)),
            *("ACTIVE", f"2025-0{9 if moved else 8}-01T08:00:00", f"SCHOOL-{number % 20:02}", "", "false"),
        )


def assessment_rows(count: int) -> Iterator[Row]:
    """Assessment records in contract order."""
    for number in range(count):
        day = SCHOOL_DAYS[number * 180 // count]
        score = f"{number % 51}.5" if number % 51 < 50 else "50.0"
        yield f"E-{number:06}", f"S-{number % 5000:06}", SUBJECTS[number % 4], score, "50", day, f"{day}T16:20:00"


def write_csv(path: Path, header: Row, rows: Iterable[Row], *, quoted: bool = False) -> Path:
    """A CSV file, with every cell in quotes or none."""
    line: Callable[[Row], str] = _quoted if quoted else _plain
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(line(header))
        file.writelines(map(line, rows))
    return path


def write_nested_json(path: Path, rows: Iterable[Row]) -> Path:
    """A JSON array of assessments, one a line, of which student and assessment are objects."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        file.write("[\n" + ",\n".join(map(_nested, rows)) + "\n]\n")
    return path


def _nested(row: Row) -> str:
    key, student, subject, score, max_score, day, created_at = row
    return json.dumps(
        {
            "assessment": {"id": key, "date": day},
            "student": {"id": student},
            "subject": subject,
            "score": float(score),
            "max_score": int(max_score),
            "created_at": created_at,
        }
    )


def _plain(row: Row) -> str:
    return ",".join(row) + "\n"


def _quoted(row: Row) -> str:
    return '"' + '","'.join(row) + '"\n'
