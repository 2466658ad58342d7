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
    "minute_metrics expect_no_rows(time_in_a_minute)": "update silver.minute_metrics set time_spent_seconds = 61",
    "session_metrics expect_column_values_to_be_between(completion_rate)": (
        "update silver.session_metrics set completion_rate = 1.1"
    ),
    "session_metrics expect_column_values_to_be_between(avg_assessment_score)": (
        "update silver.session_metrics set avg_assessment_score = 101"
    ),
    "session_metrics expect_no_rows(negative_duration)": "update silver.session_metrics set duration_seconds = -1",
    "session_metrics expect_no_rows(events_of_facts)": "delete from silver.session_metrics where session_id = 's2'",
    "mastery_attempts expect_no_rows(share)": "update silver.mastery_attempts set mastery = 1.1",
    "mastery_attempts expect_no_rows(events_of_facts)": (
        "insert into silver.mastery_attempts select * from silver.mastery_attempts"
    ),
    "mastery_deltas expect_no_rows(share)": "update silver.mastery_deltas set current_mastery = 1.1",
    "mastery_deltas expect_no_rows(mastery_delta_of_both)": "update silver.mastery_deltas set mastery_delta = 0.1",
    "mastery_deltas expect_no_rows(confidence_score)": "update silver.mastery_deltas set confidence_score = 0.4",
    "progress_days expect_no_rows(parts_of_a_whole)": "update silver.progress_days set problems_correct = 2",
    "progress_days expect_no_rows(share)": "update silver.progress_days set best_score = 1.1",
    "fact_learning_progress expect_column_values_to_be_between(accuracy_rate)": (
        "update silver.fact_learning_progress set accuracy_rate = 1.1"
    ),
    "fact_learning_progress expect_no_rows(share)": "update silver.fact_learning_progress set best_score = 1.1",
    "fact_learning_progress expect_no_rows(mastered_by_the_best_score)": (
        "update silver.fact_learning_progress set is_mastered = false"
    ),
    "fact_student_activity expect_column_values_to_be_between(accuracy_rate)": (
        "update silver.fact_student_activity set accuracy_rate = 1.1"
    ),
    "fact_student_activity expect_no_rows(events_of_facts)": "update silver.fact_student_activity set total_events = 9",
    "fact_student_activity expect_no_rows(parts_of_a_whole)": (
        "update silver.fact_student_activity set problems_correct = 2"
    ),
    "fact_user_days expect_no_rows(events_of_facts)": "update silver.fact_user_days set events = 9",
    "fact_user_days expect_no_rows(sources_of_all)": "delete from silver.fact_user_days where source = 'web_events'",
    "fact_user_days expect_no_rows(parts_of_a_whole)": "update silver.fact_user_days set points_earned = -1",
    "fact_product_events expect_no_rows(unknown_keys)": "update silver.fact_product_events set verb_key = 'v9'",
    "fact_product_events expect_no_rows(events_of_facts)": (
        "insert into silver.fact_product_events select * from silver.fact_product_events"
    ),
    "product_user_months expect_no_rows(events_of_facts)": "update silver.product_user_months set event_count = 9",
    "product_user_months expect_no_rows(days_of_a_month)": "update silver.product_user_months set active_days = 0",
}

SUSPECT_SILVER = {
    "fact_learning_events expect_no_rows_by_name(unmapped_event_types)": (
        2,
        f"{FACTS} select 'U' || n, 'web_events', 'S1', 'd8', 'hop' || n % 2, false, '2025-12-03', '2025-12-03', 104"
        " from generate_series(1, 3) as n",
    ),
    "fact_learning_events expect_no_rows(orphans)": (3, "delete from bronze.students where student_id = 'S2'"),
    "fact_learning_events expect_no_rows(impossible_scores)": (
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
        " ('web_events', 'S1', 'd9', 43201, 1, null, null, '2025-12-01', '2025-12-01', 104)",
    ),
    "dim_products expect_no_rows_by_name(unnamed_products)": (
        1,
        "insert into silver.dim_products values ('p2', 'history', 'history')",
    ),
}

BROKEN_GOLD = {
    "learner_activity_summary expect_no_rows(after_as_of)": "set calendar_date = '2026-02-02' where learner_id = 'S2'",
    "learner_activity_summary expect_no_rows(events_of_silver)": "set daily_events = 9",
    "learner_activity_summary expect_no_rows(parts_of_a_whole)": "set sessions = 0",
    "current_sessions expect_column_values_to_be_between(completion_rate)": "set completion_rate = 1.1",
    "current_sessions expect_column_values_to_be_between(avg_assessment_score)": "set avg_assessment_score = 101",
    "current_sessions expect_no_rows(after_as_of)": "set partition_date = '2026-02-01'",
    "current_sessions expect_no_rows(negative_duration)": "set duration_seconds = -1",
    "content_mastery_trends expect_no_rows(after_as_of)": "set calendar_date = '2026-02-01'",
    "content_mastery_trends expect_no_rows(shares)": "set avg_confidence = 1.1",
    "mart_student_progress expect_column_values_to_be_between(avg_accuracy_rate)": "set avg_accuracy_rate = 1.1",
    "mart_student_progress expect_column_values_to_be_between(mastery_rate)": "set mastery_rate = 1.1",
    "mart_student_progress expect_column_values_to_be_between(accuracy_last_7)": "set accuracy_last_7 = 1.1",
    "mart_student_progress expect_no_rows(current_students_of_silver)": "set student_id = 'S9' where student_id = 'S2'",
    "mart_student_progress expect_no_rows(units_of_students)": "set units_mastered = 2",
    "mart_student_progress expect_no_rows(parts_of_a_whole)": "set days_active_last_7 = 2",
    "mart_student_progress expect_no_rows(after_as_of)": "set activated_on = '2026-02-01'",
    "activation_by_cohort expect_column_values_to_be_between(activation_rate)": "set activation_rate = 1.1",
    "activation_by_cohort expect_column_pair_values_a_to_be_greater_than_b(users, activated_users)": (
        "set activated_users = 3"
    ),
    "activation_by_cohort expect_no_rows(after_as_of)": "set month_start = '2026-02-01'",
    "student_equity expect_column_values_to_be_between(avg_mastery_rate)": "set avg_mastery_rate = 1.1",
    "student_equity expect_column_values_to_be_between(attendance_rate)": "set attendance_rate = 1.1",
    "student_equity expect_no_rows(numbers_of_suppressed_groups)": "set students = 3 where is_suppressed",
    "student_equity expect_no_rows(lone_suppressed_groups)": (
        "set is_suppressed = false, students = 10 where ethnicity = 'c' and poverty_level = 'high_poverty'"
    ),
    "student_equity expect_no_rows(shown_without_students)": "set students = null where ethnicity = 'a'",
    "mart_user_product_activity_weekly expect_no_rows(outside_the_week)": "set first_event_date = '2026-01-24'",
    "mart_user_product_activity_weekly expect_no_rows(active_by_events)": "set is_active_user = true",
    "mart_user_product_activity_weekly expect_no_rows(events_of_silver)": "set event_count = 2",
    "mart_event_details_monthly expect_no_rows(after_as_of)": "values ('S1', 'Science', 'v', 'o', 2026, 2, 1, 1)",
    "mart_event_details_monthly expect_no_rows(days_of_a_month)": "set active_days = 32",
    "mart_event_details_monthly expect_no_rows(events_of_silver)": "set event_count = 2 where month = 1",
    "mart_user_avg_duration_monthly expect_no_rows(order_of_durations)": "set avg_duration_seconds = -7",
    "mart_user_avg_duration_monthly expect_no_rows(more_than_a_month)": "set max_duration_seconds = 2678401",
    "mart_product_rank expect_no_rows(users_of_products)": "set active_users = 3",
    "mart_product_rank expect_no_rows(events_of_silver)": "set event_count = 2",
}
