"""The schools of the sample's district. Their names are made up: no school is meant by them."""

from __future__ import annotations

from collections.abc import Iterator

from include.local.sample.district import school_number, school_sizes
from include.local.sample.draws import between, stream
from include.local.sample.options import Options
from include.local.sample.rows import Delivery, SchoolRow

DISTRICT = "Larkfield Unified School District"
SCHOOLS_FILE_DAY = "2024-08-01"

# Each zone of the district has one school of each kind. 9 and 8 names give 72 zones a name of their own.
KINDS = ("Middle", "Junior High", "High")
FIRST_WORDS = ("Cedar", "Maple", "River", "Stone", "Meadow", "Eagle", "Granite", "Prairie", "Orchard")
SECOND_WORDS = ("Creek", "Hill", "Ridge", "Valley", "Park", "Grove", "View", "Bend")
LUNCH_SHARES = ((0.42, 0.70), (0.76, 0.91), (0.14, 0.37))  # moderate, high and low poverty, one each in every zone


def school_rows(options: Options) -> Iterator[Delivery]:
    """The schools that have students, one row each."""
    for school_id, size in school_sizes(options).items():
        zone, kind = divmod(school_number(school_id) - 1, len(KINDS))
        place = f"{FIRST_WORDS[zone % len(FIRST_WORDS)]} {SECOND_WORDS[zone % len(SECOND_WORDS)]}"
        low, high = LUNCH_SHARES[(zone + kind) % len(LUNCH_SHARES)]
        row = SchoolRow(
            school_id=school_id,
            school_name=f"{place} {KINDS[kind]} School",
            district=DISTRICT,
            school_type=KINDS[kind],
            student_count=size,
            free_reduced_lunch_pct=f"{between(stream(options.seed, 'lunch', school_id), low, high):.4f}",
            updated_at="2024-07-22T09:00:00",
        )
        yield SCHOOLS_FILE_DAY, "plain", row
