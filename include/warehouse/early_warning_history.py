"""ops.early_warning_history: what gold.early_warning has said, as of which day, by which rule and publication."""

from __future__ import annotations

import psycopg

TABLE = "early_warning"
"""The gold table that is remembered."""

APPEND = """
insert into ops.early_warning_history (
    as_of, student_id, indicator, severity, reason, value, threshold, rule_id, chronic_absence_rule_id, publication_id
)
select
    publication.as_of, said.student_id, said.indicator, said.severity, said.reason, said.value, said.threshold,
    said.rule_id, said.chronic_absence_rule_id, publication.publication_id
from gold.early_warning as said
cross join ops.publications as publication
left join (
    select distinct on (student_id, indicator) history.*
    from ops.early_warning_history as history
    inner join ops.publications using (as_of)
    where publications.publication_id = %(publication_id)s
    order by student_id, indicator, history.publication_id desc
) as before using (student_id, indicator)
where
    publication.publication_id = %(publication_id)s
    and (said.severity, said.reason, said.value, said.threshold, said.rule_id, said.chronic_absence_rule_id)
    is distinct from (
        before.severity, before.reason, before.value, before.threshold, before.rule_id, before.chronic_absence_rule_id
    )
"""


def append_early_warnings(connection: psycopg.Connection, publication_id: int) -> int:
    """Add what the publication says that the history of its as_of does not say yet; returns the number of rows.

    Belongs into the transaction of the publication, after the tables of gold.
    """
    return connection.execute(APPEND, {"publication_id": publication_id}).rowcount
