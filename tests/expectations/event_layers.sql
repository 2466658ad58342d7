-- Silver and the gold candidate of learning events, in the shape that the dbt models give them.

create table silver.fact_learning_events (
    event_id text,
    source text,
    user_id text,
    session_id text,
    event_type text,
    is_known boolean,
    occurred_at timestamptz,
    received_at timestamptz,
    event_date date,
    product text,
    content_id text,
    score numeric,
    max_score numeric,
    _load_id bigint
);

create table silver.minute_metrics (
    learner_id text,
    minute_at timestamptz,
    session_id text,
    total_events bigint,
    time_spent_seconds numeric,
    partition_date date,
    _load_id bigint
);

create table silver.session_metrics (
    source text,
    learner_id text,
    session_id text,
    duration_seconds numeric,
    total_events bigint,
    avg_assessment_score numeric,
    completion_rate numeric,
    last_activity_at timestamptz,
    partition_date date,
    _load_id bigint
);

create table silver.mastery_attempts (
    source text,
    event_id text,
    learner_id text,
    content_id text,
    partition_date date,
    mastery numeric,
    _load_id bigint
);

create table silver.mastery_deltas (
    source text,
    learner_id text,
    content_id text,
    previous_mastery numeric,
    current_mastery numeric,
    mastery_delta numeric,
    confidence_score numeric,
    partition_date date,
    _load_id bigint
);

create table silver.progress_days (
    user_id text,
    unit_id text,
    calendar_date date,
    attempts bigint,
    problems_judged bigint,
    problems_correct bigint,
    best_score numeric,
    _load_id bigint
);

create table silver.fact_learning_progress (
    user_id text,
    unit_id text,
    calendar_date date,
    best_score numeric,
    accuracy_rate numeric,
    mastery_status text,
    is_mastered boolean,
    _load_id bigint
);

create table silver.fact_student_activity (
    user_id text,
    calendar_date date,
    total_events bigint,
    problem_attempts bigint,
    problems_judged bigint,
    problems_correct bigint,
    accuracy_rate numeric,
    active_minutes bigint,
    _load_id bigint
);

create table silver.fact_user_days (
    user_id text,
    calendar_date date,
    source text,
    events bigint,
    active_events bigint,
    learning_events bigint,
    completions bigint,
    sessions bigint,
    session_seconds numeric,
    points_earned numeric,
    points_redeemed numeric,
    _load_id bigint
);

create table silver.fact_product_events (
    event_key text,
    user_key text,
    product_key text,
    verb_key text,
    object_key text,
    event_date date,
    _load_id bigint
);

create table silver.product_user_months (
    user_id text,
    product text,
    verb_id text,
    object_id text,
    month_start date,
    event_count bigint,
    active_days bigint,
    _load_id bigint
);

create table silver.dim_users (user_key text, user_id text);
create table silver.dim_verbs (verb_key text, verb_id text);
create table silver.dim_objects (object_key text, object_id text);
create table silver.dim_products (product_key text, product text, product_name text);

create table gold_candidate.learner_activity_summary (
    learner_id text,
    calendar_date date,
    daily_events bigint,
    hours_spent numeric,
    sessions bigint,
    lessons_completed bigint,
    assessments_completed bigint
);

create table gold_candidate.current_sessions (
    source text,
    learner_id text,
    session_id text,
    duration_seconds numeric,
    avg_assessment_score numeric,
    completion_rate numeric,
    partition_date date
);

create table gold_candidate.content_mastery_trends (
    content_id text,
    calendar_date date,
    learners_affected bigint,
    avg_mastery_change numeric,
    avg_current_mastery numeric,
    avg_confidence numeric
);

create table gold_candidate.mart_student_progress (
    student_id text,
    days_active bigint,
    total_events bigint,
    avg_accuracy_rate numeric,
    last_active_date date,
    units_attempted bigint,
    units_mastered bigint,
    units_in_progress bigint,
    mastery_rate numeric,
    days_active_last_7 bigint,
    events_last_7 bigint,
    accuracy_last_7 numeric,
    engagement_level text,
    progress_status text,
    activated_on date
);

create table gold_candidate.activation_by_cohort (
    school_id text,
    month_start date,
    users bigint,
    activated_users bigint,
    activation_rate numeric
);

create table gold_candidate.student_equity (
    school_year integer,
    poverty_level text,
    ethnicity text,
    students bigint,
    avg_mastery_rate numeric,
    attendance_rate numeric,
    is_suppressed boolean
);

create table gold_candidate.mart_user_product_activity_weekly (
    user_id text,
    product_name text,
    event_count bigint,
    first_event_date date,
    last_event_date date,
    is_active_user boolean
);

create view gold_candidate.mart_user_event_summary as
select user_id, product_name, event_count
from gold_candidate.mart_user_product_activity_weekly;

create table gold_candidate.mart_event_details_monthly (
    user_id text,
    product_name text,
    verb_id text,
    object_id text,
    year integer,
    month integer,
    event_count bigint,
    active_days bigint
);

create table gold_candidate.mart_user_avg_duration_monthly (
    month_start date,
    avg_duration_seconds numeric,
    min_duration_seconds numeric,
    max_duration_seconds numeric,
    users bigint
);

create table gold_candidate.mart_product_rank (
    product_name text,
    event_count bigint,
    rank bigint,
    active_users bigint,
    schools bigint
);
