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
    partition_date date,
    _load_id bigint
);

create table silver.session_metrics (
    source text,
    learner_id text,
    session_id text,
    duration_seconds numeric,
    total_events bigint,
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
    _load_id bigint
);

create table silver.fact_student_activity (
    user_id text,
    calendar_date date,
    total_events bigint,
    _load_id bigint
);

create table silver.fact_user_days (
    user_id text,
    calendar_date date,
    source text,
    events bigint,
    _load_id bigint
);

create table silver.fact_product_events (
    event_key text,
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
    hours_spent numeric
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

create table gold_candidate.mart_student_progress (
    student_id text,
    mastery_rate numeric
);

create table gold_candidate.activation_by_cohort (
    school_id text,
    month_start date,
    activation_rate numeric
);

create table gold_candidate.student_equity (
    school_year integer,
    poverty_level text,
    ethnicity text,
    students bigint,
    is_suppressed boolean
);

create table gold_candidate.mart_user_product_activity_weekly (
    user_id text,
    product_name text,
    event_count bigint
);

create table gold_candidate.mart_event_details_monthly (
    user_id text,
    product_name text,
    verb_id text,
    object_id text,
    year integer,
    month integer,
    event_count bigint
);

create table gold_candidate.mart_user_avg_duration_monthly (
    month_start date,
    max_duration_seconds numeric
);

create table gold_candidate.mart_product_rank (
    product_name text,
    event_count bigint
);

create table gold_candidate.growth_accounting (
    source text,
    period text,
    period_start date
);

create table gold_candidate.retention_cohorts (
    cohort_period text,
    cohort_start date,
    period_number bigint
);

create table gold_candidate.regional_activity (
    calendar_date date,
    country text,
    platform text
);

create table gold_candidate.user_lifecycle (user_id text);

create table gold_candidate.content_completion (
    content_id text,
    content_type text,
    platform text
);

create table gold_candidate.daily_engagement (
    source text,
    calendar_date date,
    dau bigint
);

create table gold_candidate.quick_ratio_analysis (
    month_start date,
    alert_level text
);

create table gold_candidate.miles_analytics (
    calendar_date date,
    miles_earned numeric,
    users_earning bigint
);

create table gold_candidate.users_with_negative_miles (
    user_id text,
    negative_since date
);

create table gold_candidate.experiment_results (
    experiment text,
    variant text,
    users bigint,
    crossover_users bigint
);

create table gold_candidate.activity_streaks (user_id text);
create table gold_candidate.feature_adoption (feature text, week_start date);
create table gold_candidate.growth_drivers (calendar_date date);
create table gold_candidate.miles_by_category (month_start date, transaction_category text);
create table gold_candidate.onboarding_funnel (cohort_month date, step_number integer);
create table gold_candidate.retention_milestones (cohort text, n bigint);
create table gold_candidate.retention_quality (calendar_date date);
create table gold_candidate.session_drop_off (last_event_type text);
create table gold_candidate.user_resurrection (calendar_date date);
create table gold_candidate.user_segments (user_id text);
