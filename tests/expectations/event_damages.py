"""What is done to a good day of learning events, and which expectation must then not hold."""

from __future__ import annotations

from expectations.table import EVENT_SOURCES

NEW_RAW_EVENTS = {
    "platform_events": (
        'insert into bronze.platform_events (event_id, learner_id, event_type, "timestamp", _load_id, _ingested_at,'
        " _source_file, _source_line) select 'N' || n, 'S1', 'page_view', '{time}', 101, now(), 'f', n"
    ),
    "product_events": (
        'insert into bronze.product_events (id, "userId", verb, object, product, "timestamp", _load_id, _ingested_at,'
        " _source_file, _source_line) select 'N' || n, 'S1', 'viewed', 'O1', 'ela', '{time}', 102, now(), 'f', n"
    ),
    "mobile_events": (
        "insert into bronze.mobile_events (event_name, event_timestamp, user_id, item_id, _load_id, _ingested_at,"
        " _source_file, _source_line) select 'app-open', '{time}', 'S1', n, 103, now(), 'f', n"
    ),
    "web_events": (
        "insert into bronze.web_events (event_name, event_timestamp, user_id, item_id, _load_id, _ingested_at,"
        " _source_file, _source_line) select 'app-open', '{time}', 'S1', n, 104, now(), 'f', n"
    ),
    "reward_events": (
        "insert into bronze.reward_events (event_time, user_id, event_type, miles_amount, _load_id, _ingested_at,"
        " _source_file, _source_line) select '{time}', 'S1', 'miles_earned', n, 105, now(), 'f', n"
    ),
}


def raw_events(source: str, time: str, count: int) -> str:
    return NEW_RAW_EVENTS[source].format(time=time) + f" from generate_series(100, 99 + {count}) as n"


FACTS = (
    "insert into silver.fact_learning_events (event_id, source, user_id, session_id, event_type, is_known,"
    " occurred_at, event_date, _load_id)"
)

BROKEN_SILVER = {
    **{
        f"fact_learning_events expect_no_rows(lost_{source})": raw_events(source, "2026-01-30T09:00:00Z", 1)
        for source in EVENT_SOURCES
    },
    "minute_metrics expect_no_rows(events_of_facts)": "update silver.minute_metrics set total_events = 9",
    "session_metrics expect_no_rows(events_of_facts)": "delete from silver.session_metrics where session_id = 's2'",
    "mastery_attempts expect_no_rows(events_of_facts)": (
        "insert into silver.mastery_attempts select * from silver.mastery_attempts"
    ),
    "fact_student_activity expect_no_rows(events_of_facts)": "update silver.fact_student_activity set total_events = 9",
    "fact_user_days expect_no_rows(events_of_facts)": "update silver.fact_user_days set events = 9",
    "fact_user_days expect_no_rows(sources_of_all)": "delete from silver.fact_user_days where source = 'web_events'",
    "fact_product_events expect_no_rows(events_of_facts)": (
        "insert into silver.fact_product_events select * from silver.fact_product_events"
    ),
    "product_user_months expect_no_rows(events_of_facts)": "update silver.product_user_months set event_count = 9",
}

SUSPECT_SILVER = {
    "fact_learning_events expect_no_rows_by_name(unmapped_event_types)": (
        5,
        f"{FACTS} select 'U' || n, 'web_events', 'S1', 'd8', word, false, '2025-12-03', '2025-12-03', 104 from unnest("
        "array['hop0', 'hop1', 'hop1', 'ada lovelace', 's1', repeat('x', 64)]) with ordinality as words (word, n)",
    ),
    "fact_learning_events expect_no_rows(orphans)": (3, "delete from bronze.students where student_id = 'S2'"),
    "fact_learning_events expect_no_rows_by_name(impossible_scores)": (
        2,
        "update silver.fact_learning_events set score = 101 where event_id in ('P1', 'P2')",
    ),
    "fact_learning_events expect_no_rows(received_before_it_happened)": (
        1,
        "update silver.fact_learning_events set received_at = occurred_at - interval '25 hours'"
        " where source = 'mobile_events'",
    ),
    "fact_learning_events expect_no_rows(sent_twice)": (
        31,
        f"{FACTS} select 'T' || n, 'web_events', 'S1', 'd9', 'app_open', true, '2025-12-01', '2025-12-01', 104"
        " from generate_series(1, 31) as n",
    ),
    "session_metrics expect_no_rows(long_sessions)": (
        1,
        "insert into silver.session_metrics values"
        " ('web_events', 'S1', 'd9', 43201, 1, '2025-12-01', '2025-12-01', 104)",
    ),
    "dim_products expect_no_rows_by_name(unnamed_products)": (
        1,
        "insert into silver.dim_products values ('p2', 'history', 'history')",
    ),
}

BROKEN_GOLD = {
    "learner_activity_summary expect_no_rows(events_of_silver)": "set daily_events = 9",
    "current_sessions expect_column_values_to_be_between(completion_rate)": "set completion_rate = 1.1",
    "current_sessions expect_column_values_to_be_between(avg_assessment_score)": "set avg_assessment_score = 101",
    "current_sessions expect_no_rows(negative_duration)": "set duration_seconds = -1",
    "mart_student_progress expect_column_values_to_be_between(mastery_rate)": "set mastery_rate = 1.1",
    "mart_student_progress expect_no_rows(current_students_of_silver)": "set student_id = 'S9' where student_id = 'S2'",
    "activation_by_cohort expect_column_values_to_be_between(activation_rate)": "set activation_rate = 1.1",
    "activation_by_cohort expect_no_rows(after_as_of)": "set month_start = '2026-02-01'",
    "student_equity expect_no_rows(lone_suppressed_groups)": (
        "set is_suppressed = false, students = 10 where ethnicity = 'c' and poverty_level = 'high_poverty'"
    ),
    "mart_user_product_activity_weekly expect_no_rows(events_of_silver)": "set event_count = 2",
    "mart_event_details_monthly expect_no_rows(events_of_silver)": "set event_count = 2 where month = 1",
    "mart_user_avg_duration_monthly expect_no_rows(more_than_a_month)": "set max_duration_seconds = 2678401",
    "mart_product_rank expect_no_rows(events_of_silver)": "set event_count = 2",
}

SUSPECT_GOLD = {
    "learner_activity_summary expect_no_rows(more_than_a_day)": (
        1,
        "update gold_candidate.learner_activity_summary set hours_spent = 25 where learner_id = 'S1'",
    ),
    "mart_product_rank expect_no_rows_by_name(sudden_drop_of_events)": (
        2,
        "insert into silver.fact_learning_events (event_id, source, product, event_date) select n, 'product_events',"
        " case when n <= 100 then 'ela' when n <= 200 then 'Ada' else 'science' end, '2026-01-24'"
        " from generate_series(1, 299) as n",
    ),
    "daily_engagement expect_no_rows_by_name(no_active_user_on_a_school_day)": (
        1,
        "update silver.dim_school_days set is_school_day = true where calendar_date = '2026-01-31'",
    ),
    "quick_ratio_analysis expect_no_rows_by_name(quick_ratio_alert)": (
        1,
        "update gold_candidate.quick_ratio_analysis set alert_level = 'CRITICAL: Quick Ratio Below 1.0'",
    ),
    "miles_analytics expect_no_rows(miles_of_ten_days)": (
        1,
        "update gold_candidate.miles_analytics set miles_earned = 51 where calendar_date = '2026-01-31'",
    ),
    "users_with_negative_miles expect_no_rows_by_name(new_negative_balances)": (
        1,
        "insert into gold_candidate.users_with_negative_miles values ('S2', '2026-01-31'), ('S3', '2026-01-31')",
    ),
    "experiment_results expect_no_rows_by_name(without_control)": (
        1,
        "insert into gold_candidate.experiment_results values ('button', 'red', 9, 9)",
    ),
    "experiment_results expect_no_rows_by_name(many_crossovers)": (
        1,
        "update gold_candidate.experiment_results set crossover_users = 4 where variant = 'blue'",
    ),
}
