-- A school with two students, of which everything holds in every layer. Loads: 1 students, 2 attendance, 3 assessments,
-- 4 schools, 5 learning_units, 6 school_days.

insert into ops.file_loads
    (source, file, sha256, bytes, status, contract, rows_read, rows_inserted, started_at, finished_at)
values
    ('students', 'students.csv', 'a', 1, 'loaded', 'c', 2, 2, now(), now()),
    ('attendance', 'attendance.csv', 'b', 1, 'loaded', 'c', 2, 2, now(), now()),
    ('assessments', 'assessments.json', 'c', 1, 'loaded', 'c', 1, 1, now(), now()),
    ('schools', 'schools.csv', 'd', 1, 'loaded', 'c', 1, 1, now(), now()),
    ('learning_units', 'learning_units.csv', 'e', 1, 'loaded', 'c', 2, 2, now(), now()),
    ('school_days', 'school_days.csv', 'f', 1, 'loaded', 'c', 3, 3, now(), now());

insert into bronze.students
    (
        student_id, student_name, class_id, grade_level, enrollment_status, updated_at,
        _load_id, _ingested_at, _source_file, _source_line, _row_hash
    )
values
    ('S1', 'Ada', 'CLASS-01', 5, 'ACTIVE', '2026-01-01', 1, now(), 'students.csv', 2, default),
    ('S2', 'Bo', 'CLASS-01', 5, 'ACTIVE', '2026-01-01', 1, now(), 'students.csv', 3, default);

insert into bronze.attendance
    (
        attendance_id, student_id, attendance_date, status, created_at,
        _load_id, _ingested_at, _source_file, _source_line, _row_hash
    )
values
    ('A1', 'S1', '2026-01-07', 'PRESENT', '2026-01-07', 2, now(), 'attendance.csv', 2, default),
    ('A2', 'S2', '2026-01-07', 'ABSENT', '2026-01-07', 2, now(), 'attendance.csv', 3, default);

insert into bronze.assessments
    (
        assessment_id, student_id, subject, score, max_score, assessment_date, created_at,
        _load_id, _ingested_at, _source_file, _source_line, _row_hash
    )
values
    ('E1', 'S1', 'Math', 8, 10, '2026-01-07', '2026-01-07', 3, now(), 'assessments.json', 1, default);

insert into bronze.schools
    (
        school_id, school_name, district, student_count,
        _load_id, _ingested_at, _source_file, _source_line, _row_hash
    )
values
    ('N', 'North', 'Valley', 2, 4, now(), 'schools.csv', 2, default);

insert into bronze.learning_units
    (
        unit_id, unit_name, subject, grade_level, sequence_order,
        _load_id, _ingested_at, _source_file, _source_line, _row_hash
    )
values
    ('U1', 'Fractions', 'Math', 5, 1, 5, now(), 'learning_units.csv', 2, default),
    ('U2', 'Ratios', 'Math', 5, 2, 5, now(), 'learning_units.csv', 3, default);

insert into bronze.school_days
    (
        school_id, calendar_date, is_school_day,
        _load_id, _ingested_at, _source_file, _source_line, _row_hash
    )
values
    ('N', '2026-01-07', true, 6, now(), 'school_days.csv', 2, default),
    ('N', '2026-01-08', true, 6, now(), 'school_days.csv', 3, default),
    ('N', '2026-01-10', false, 6, now(), 'school_days.csv', 4, default);

insert into silver.dim_students values
    ('S1', 'Ada', 'UNKNOWN', 'CLASS-01', 5, 'ACTIVE', true),
    ('S2', 'Bo', 'UNKNOWN', 'CLASS-01', 5, 'ACTIVE', true);

insert into silver.dim_student_versions values
    ('k1', 'S1', 'UNKNOWN', 'CLASS-01', '2026-01-01', '9999-12-31', true, 1),
    ('k2', 'S2', 'UNKNOWN', 'CLASS-01', '2026-01-01', '9999-12-31', true, 1);

insert into silver.dim_schools values
    ('N', 'North', 'Valley', null, 2, 0.5, 'moderate_poverty'),
    ('UNKNOWN', 'Unknown', null, null, null, null, null);

insert into silver.dim_learning_units values
    ('U1', 'Fractions', 'Math', 5, 1),
    ('U2', 'Ratios', 'Math', 5, 2);

insert into silver.dim_dates
select
    calendar_date,
    extract(isodow from calendar_date) >= 6,
    extract(year from calendar_date - interval '7 months')
from generate_series('2025-08-01'::date, '2027-07-31', '1 day') as calendar_date;

-- The calendar of N lists the weekdays of September to June of the first year.
insert into silver.dim_school_days
select
    school_id,
    calendar_date,
    not is_weekend and (not is_listed or is_between),
    case
        when is_listed then case when is_between and not is_weekend then 'instructional' else 'unlisted' end
        when is_weekend then 'weekend'
        else 'weekday'
    end
from silver.dim_schools
cross join silver.dim_dates
cross join lateral (
    select
        school_id = 'N' and school_year = 2025 as is_listed,
        calendar_date between '2025-09-01' and '2026-06-30' as is_between
) as calendar;

insert into silver.fact_attendance values
    ('A1', 'S1', '2026-01-07', 'CLASS-01', 'PRESENT', true, false, 0, '2026-01-07', 2),
    ('A2', 'S2', '2026-01-07', 'CLASS-01', 'ABSENT', false, false, 0, '2026-01-07', 2);

insert into silver.fact_assessments values
    ('E1', 'S1', '2026-01-07', 80, 'CLASS-01', false, '2026-01-07', 3);

insert into silver.class_days values ('UNKNOWN', 'CLASS-01', '2026-01-07', 2, 1);

insert into silver.student_months values
    ('S1', '2026-01-01', 1, 1, 1, 0, '2026-01-07'),
    ('S2', '2026-01-01', 1, 0, 1, 1, '2026-01-07');

insert into silver.student_memberships values
    ('S1', 'UNKNOWN', 'CLASS-01', 'ACTIVE', true, '2026-01-01', '9999-12-31'),
    ('S2', 'UNKNOWN', 'CLASS-01', 'ACTIVE', true, '2026-01-01', '9999-12-31');

insert into ops.silver_models (model, fingerprint, max_load_id, max_change_id)
select table_name, '', 6, 0 from information_schema.tables where table_schema = 'silver';

insert into gold_candidate.class_daily_performance values
    ('CLASS-01', '2026-01-07', 2, 2, 1, 1, 0.5, 0.5, 1, 1, 1, 80);

insert into gold_candidate.student_performance_summary values
    ('S1', 'Ada', 'CLASS-01', 1, 1, 0, 1, 1, 80, 80, 80, '2026-01-07', '2026-01-07', '2026-01-07'),
    ('S2', 'Bo', 'CLASS-01', 1, 0, 1, 0, 0, null, null, null, '2026-01-07', '2026-01-07', null);

insert into gold_candidate.class_summary values ('CLASS-01', 2, 2, 0.5, 80, 1);

insert into gold_candidate.school_daily_attendance values
    ('UNKNOWN', '2026-01-07', 2, 2, 0, 0.5, 1),
    ('UNKNOWN', '2026-01-30', 2, 0, 0, null, 0);

insert into gold_candidate.school_attendance_monthly values
    ('UNKNOWN', '2026-01-01', 1, 0.5, 0.5, 0.5);

insert into gold_candidate.student_attendance_status values
    ('S1', 2025, 22, 1, 0, 0),
    ('S2', 2025, 22, 1, 1, 1);

insert into gold_candidate.early_warning values
    ('S1', 'course', 'none'),
    ('S2', 'course', 'not_enough_data');

insert into gold_candidate.mart_student_progress values ('S1', null), ('S2', null);
