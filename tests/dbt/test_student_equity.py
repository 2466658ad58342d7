from __future__ import annotations

from collections import defaultdict

from tests.dbt.conftest import Steps


def test_no_group_is_suppressed_alone_of_its_year_poverty_level_or_ethnicity(steps: Steps) -> None:
    lines: dict[tuple, list[bool]] = defaultdict(list)
    for table in (steps.built["student_equity"], steps.cut["student_equity"]):
        for row in table:
            for line in ((), ("poverty_level", row["poverty_level"]), ("ethnicity", row["ethnicity"])):
                lines[(id(table), row["school_year"], *line)].append(row["is_suppressed"])
    assert any(sum(line) > 1 for line in lines.values())
    assert [name for name, line in lines.items() if sum(line) == 1 and len(line) > 1] == []
