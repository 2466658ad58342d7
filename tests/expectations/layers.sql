-- Silver and the gold candidate in the shape that the dbt models give them, and a small school in which everything holds.

create schema if not exists gold_candidate;

create table silver.dim_students (
    student_id text primary key,
    student_name text,
    school_id text,
    class_id text,
    grade_level bigint,
    enrollment_status text,
    is_active boolean
);

create table silver.dim_student_versions (
    student_version_key text,
    student_id text,
    class_id text,
    valid_from date,
    valid_to date,
    is_current boolean,
    version_number bigint
);

create table silver.fact_attendance (
    attendance_id text,
    student_id text,
    attendance_date date,
    class_id text,
    status text,
    is_present boolean,
    is_orphan boolean,
    conflict_count bigint,
    created_at timestamptz,
    _load_id bigint
);

create table silver.fact_assessments (
    assessment_id text,
    student_id text,
    assessment_date date,
    score_percentage numeric,
    class_id text,
    is_orphan boolean,
    created_at timestamptz,
    _load_id bigint
);

create table gold_candidate.class_daily_performance (
    class_id text,
    calendar_date date,
    total_students bigint,
    students_with_attendance bigint,
    present_count bigint,
    absent_count bigint,
    attendance_rate numeric,
    attendance_rate_enrolled numeric,
    attendance_coverage numeric,
    students_with_assessment bigint,
    assessment_count bigint,
    avg_score numeric
);

create table gold_candidate.student_performance_summary (
    student_id text,
    student_name text,
    class_id text,
    total_attendance_days bigint,
    present_days bigint,
    absent_days bigint,
    attendance_rate numeric,
    total_assessments bigint,
    avg_score numeric,
    min_score_percentage numeric,
    max_score_percentage numeric,
    first_attendance_date date,
    last_attendance_date date,
    last_assessment_date date
);

create table gold_candidate.class_summary (
    class_id text,
    total_students bigint,
    active_students bigint,
    attendance_rate numeric,
    avg_score numeric,
    assessment_count bigint
);
