-- The columns of gold that the analytics read.
create table gold.class_daily_performance (class_id text, calendar_date date, attendance_rate numeric);
create table gold.class_summary (class_id text);
create table gold.student_performance_summary (
    student_id text, student_name text, school_id text, class_id text, attendance_rate numeric
);
create table gold.school_attendance_monthly (
    school_id text, month_start date, school_days bigint, average_daily_attendance numeric,
    average_daily_membership numeric, ada_rate numeric, is_complete boolean
);
create table gold.student_attendance_status (
    student_id text, school_year integer, band text, is_chronically_absent boolean
);
create table gold.early_warning (student_id text, indicator text, severity text, rule_id text, reason text);
create table gold.mart_student_progress (
    student_id text, school_id text, progress_status text, units_attempted bigint, units_mastered bigint,
    days_active_last_7 bigint
);
create table gold.mart_product_rank (
    product_name text, event_count bigint, rank bigint, active_users bigint, schools bigint
);
create table gold.current_sessions (source text, learner_id text, session_id text);
create table gold.content_mastery_trends (
    content_id text, calendar_date date, learners_affected bigint, avg_mastery_change numeric,
    avg_current_mastery numeric
);
create table gold.activation_by_cohort (school_id text, month_start date, activation_rate numeric);
create table gold.daily_engagement (
    source text, calendar_date date, dau bigint, wau_7 bigint, mau_30 bigint, stickiness_dau_mau numeric,
    sessions bigint, avg_session_minutes numeric, dau_trend_7d text
);
create table gold.growth_accounting (
    source text, period text, period_start date, is_complete boolean, active_users bigint, new_users bigint,
    retained_users bigint, resurrected_users bigint, churned_users bigint, quick_ratio numeric,
    gross_retention_rate numeric
);
create table gold.quick_ratio_analysis (
    month_start date, quick_ratio numeric, quick_ratio_3mo_avg numeric, gross_retention_rate numeric,
    alert_level text, strategic_recommendation text
);
create table gold.retention_cohorts (
    cohort_period text, cohort_start date, period_number bigint, cohort_size bigint, users_active bigint,
    is_complete boolean
);
create table gold.retention_milestones (
    cohort_month date, n bigint, eligible_users bigint, classic_rate numeric, rolling_rate numeric,
    cumulative_rate numeric
);
create table gold.miles_analytics (
    calendar_date date, miles_earned numeric, miles_redeemed numeric, cumulative_net numeric, users_earning bigint,
    users_redeeming bigint, miles_earned_avg_7 numeric, miles_redeemed_avg_7 numeric, economy_health text
);
create table gold.user_segments (user_id text, segment text, reason text);
create table gold.content_completion (
    content_id text, content_type text, platform text, started bigint, finished bigint, completion_rate numeric,
    users bigint
);
create table gold.regional_activity (
    calendar_date date, country text, platform text, users bigint, learners bigint, completions bigint,
    is_dach boolean
);
create table gold.regional_activity_dach (
    window_start date, window_end date, users bigint, learners bigint, completions bigint
);
create table gold.onboarding_funnel (cohort_month date, step_number integer, step text, users bigint);
create table gold.experiment_results (
    experiment text, variant text, users bigint, conversions bigint, conversion_rate numeric, lift numeric,
    p_value numeric
);
