"""How rows reach the files: most in order, and on request some late, twice or broken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from random import Random

from include.local.sample.draws import one_of, stream
from include.local.sample.options import Options
from include.local.sample.rows import Delivery, SourceName

# Each breaks one rule of the contract. Keys stay whole: a rejected student without id would count as missing.
BAD_CELLS: Mapping[SourceName, Sequence[Mapping[str, str | int]]] = {
    "students": ({"grade_level": 0}, {"class_id": ""}, {"updated_at": "2024-13-01T07:30:00"}),
    "schools": ({"school_name": ""}, {"student_count": -1}, {"free_reduced_lunch_pct": "1.2"}),
    "learning_units": ({"unit_name": ""}, {"grade_level": "six"}, {"sequence_order": "1.5"}),
    "school_days": ({"is_school_day": ""}, {"is_school_day": "maybe"}, {"updated_at": "2024-13-01T07:30:00"}),
    "attendance": ({"status": "SICK"}, {"attendance_date": "2025-02-29"}, {"created_at": ""}),
    "assessments": ({"score": 101}, {"subject": ""}, {"assessment_date": "nodate"}),
    "platform_events": ({"event_type": ""}, {"data": "[]"}, {"timestamp": "1970-01-01T00:00:00.000Z"}),
    "product_events": ({"verb": ""}, {"object": ""}, {"timestamp": "2025-02-29T10:00:00Z"}),
    "mobile_events": ({"event_name": ""}, {"user_id": ""}, {"event_timestamp": "soon"}),
    "web_events": ({"event_name": ""}, {"user_id": ""}, {"event_timestamp": "soon"}),
    "reward_events": ({"event_type": ""}, {"miles_amount": "ten"}, {"event_time": "1970-01-01T00:00:00Z"}),
}


def disturbed(
    deliveries: Iterable[Delivery],
    source: SourceName,
    later: Mapping[str, Sequence[str]],
    options: Options,
    owner: object,
) -> Iterable[Delivery]:
    """The deliveries of a student, or of the district, disturbed as the options ask.

    `later` gives the later files of a file that late rows and duplicates can arrive in; full loads have none, for each
    must hold all there is. `owner` is the student's number, 0 for the district, a user's id for its events.
    """
    if options.bad:
        random = stream(options.seed, "bad", source, owner)
        deliveries = _with_bad_rows(deliveries, options.bad, BAD_CELLS[source], random)
    if late := options.late_share(source):
        random = stream(options.seed, "late", source, owner)
        deliveries = _with_late_rows(deliveries, late, later, random)
    if duplicates := options.duplicate_share(source):
        random = stream(options.seed, "duplicates", source, owner)
        deliveries = _with_duplicates(deliveries, duplicates, later, random)
    return deliveries


def _with_bad_rows(
    deliveries: Iterable[Delivery], share: float, bad_cells: Sequence[Mapping[str, str | int]], random: Random
) -> Iterator[Delivery]:
    for file, kind, row in deliveries:
        if random.random() < share:
            yield file, "bad", row._replace(**one_of(random, bad_cells))  # type: ignore[arg-type]
        else:
            yield file, kind, row


def _with_late_rows(
    deliveries: Iterable[Delivery], share: float, later: Mapping[str, Sequence[str]], random: Random
) -> Iterator[Delivery]:
    for file, kind, row in deliveries:
        if kind == "plain" and file in later and random.random() < share:
            yield one_of(random, later[file]), "late", row
        else:
            yield file, kind, row


def _with_duplicates(
    deliveries: Iterable[Delivery], share: float, later: Mapping[str, Sequence[str]], random: Random
) -> Iterator[Delivery]:
    for file, kind, row in deliveries:
        yield file, kind, row
        if kind != "bad" and random.random() < share:
            in_another = file in later and random.random() < 0.5
            yield one_of(random, later[file]) if in_another else file, "duplicate", row
