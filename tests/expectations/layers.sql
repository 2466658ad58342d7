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
    school_id text,
    class_id text,
    valid_from date,
    valid_to date,
    is_current boolean,
    version_number bigint
);

create table silver.dim_schools (
    school_id text,
    school_name text,
    district text,
    school_type text,
    student_count bigint,
    free_reduced_lunch_pct numeric,
    poverty_level text
);

create table silver.dim_learning_units (
    unit_id text,
    unit_name text,
    subject text,
    grade_level bigint,
    sequence_order bigint
);

create table silver.dim_dates (
    calendar_date date,
    is_weekend boolean,
    school_year integer
);

create table silver.dim_school_days (
    school_id text,
    calendar_date date,
    is_school_day boolean,
    day_type text
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

create table silver.class_days (
    school_id text,
    class_id text,
    calendar_date date,
    students_with_attendance bigint,
    assessment_count bigint
);

create table silver.student_months (
    student_id text,
    month_start date,
    attendance_days bigint,
    present_days bigint,
    days_recorded bigint,
    days_absent numeric,
    last_record_date date
);

create table silver.student_memberships (
    student_id text,
    school_id text,
    class_id text,
    enrollment_status text,
    is_enrolled boolean,
    member_from date,
    member_until date
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

create table gold_candidate.school_daily_attendance (
    school_id text,
    calendar_date date,
    membership bigint,
    recorded_count bigint,
    records_on_non_school_days bigint,
    attendance_rate numeric,
    attendance_coverage numeric
);

create table gold_candidate.school_attendance_monthly (
    school_id text,
    month_start date,
    school_days bigint,
    ada_rate numeric,
    attendance_rate numeric,
    attendance_coverage numeric
);

create table gold_candidate.student_attendance_status (
    student_id text,
    school_year integer,
    days_enrolled bigint,
    days_recorded bigint,
    days_absent numeric,
    absence_rate numeric
);

create table gold_candidate.early_warning (
    student_id text,
    indicator text,
    severity text
);
