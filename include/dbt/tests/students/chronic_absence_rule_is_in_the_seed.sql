-- School years that were judged by no rule: the var chronic_absence_rule names none of the seed chronic_absence_rules,
-- or one that begins later.
select distinct school_year
from {{ ref('student_attendance_status') }}
where rule_id is null
