"""What must hold of the days of users, beside the events that they are made of."""

from expectations.gx.event_rules import DailySum, no_row_where, sums_as_facts
from expectations.gx.rules import rate
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="silver",
    table="fact_student_activity",
    sources=EVENT_SOURCES,
    new_rows_by="_load_id",
    columns=(
        *("calendar_date", "total_events", "problem_attempts", "problems_judged", "problems_correct"),
        *("accuracy_rate", "active_minutes"),
    ),
    expectations=(
        rate("accuracy_rate"),
        sums_as_facts(DailySum("fact_student_activity", day="calendar_date")),
        no_row_where(
            "parts_of_a_whole",
            "problems_correct > problems_judged or problems_judged > problem_attempts or active_minutes > total_events",
            "critical",
            "more problems correct than judged or tried, or more active minutes than events",
        ),
    ),
)
