"""The breaks of tests/dbt/breaks_by_name.py for the tests of engagement and growth."""

from __future__ import annotations

from tests.dbt.breaks import one, one_more, without_one

GOLD = "gold_candidate"

BREAKS_OF_ENGAGEMENT: dict[str, tuple[str, ...]] = {
    "activity_streaks_begin_when_users_come": (
        one("gold_candidate.activity_streaks", "streaks = streaks + 1"),
        "update gold_candidate.activity_streaks set current_streak_days = 1",
        "update gold_candidate.activity_streaks set current_streak_days = 0",
        without_one("gold_candidate.activity_streaks"),
    ),
    "churn_signals_are_of_who_was_active_before": (
        without_one(f"{GOLD}.churn_signals"),
        one(f"{GOLD}.user_segments", "active_days_28_before = (active_days_28_before = 0)::int"),
    ),
    "daily_engagement_counts_the_users_of_growth_accounting": (
        one("gold_candidate.daily_engagement", "dau = dau + 1"),
        without_one("gold_candidate.daily_engagement"),
        "delete from gold_candidate.growth_accounting where period = 'day'",
    ),
    "daily_engagement_windows_hold_each_user_once": (
        *(
            f"update gold_candidate.daily_engagement set {column} = {column} + 1"
            for column in ("wau_7", "mau_28", "mau_30")
        ),
        "delete from gold_candidate.daily_engagement",
    ),
    "days_agree_on_who_is_new_and_who_came_back": (
        *(
            one("gold_candidate.retention_quality", f"{column} = {column} + 1")
            for column in (
                "dau",
                "returning_week_users",
                "returning_long_gap_users",
                "new_users",
                "consecutive_day_users",
            )
        ),
        one("gold_candidate.user_resurrection", "dau = dau + 1"),
        one("gold_candidate.user_resurrection", "resurrected_users = resurrected_users + 1"),
        without_one("gold_candidate.user_resurrection"),
        without_one("gold_candidate.retention_quality"),
        "update gold_candidate.growth_accounting set resurrected_users = resurrected_users + 1",
    ),
    "every_user_has_a_stage_and_a_segment": (
        one(
            f"{GOLD}.user_lifecycle",
            "lifecycle_stage = case lifecycle_stage when 'dormant' then 'mature' else 'dormant' end",
        ),
        one(f"{GOLD}.user_segments", "active_days_last_28 = (active_days_last_28 = 0)::int"),
        without_one(f"{GOLD}.user_lifecycle"),
        without_one(f"{GOLD}.user_segments"),
    ),
    "experiment_results_have_every_user_once": (
        *(
            one("gold_candidate.experiment_results", f"{column} = {column} + 1")
            for column in ("users", "users_in_window")
        ),
        "update gold_candidate.experiment_results set difference = difference + 0.001 where variant <> 'control'",
        "delete from gold_candidate.experiment_results",
    ),
    "fact_milestones_hold_what_days_count": (
        *one_more("silver.fact_user_days", "contents_started", where="source = 'all'"),
        # More than those that might be starts as well.
        one("silver.fact_user_days", "completions = completions + 1000", "source = 'all'"),
        one(
            "silver.fact_user_days",
            "first_completion_at = first_completion_at + interval '1 day'",
            "source = 'all' and first_completion_at is not null",
        ),
        "delete from silver.fact_milestones where milestone = 'content_started'",
        "delete from silver.fact_milestones where milestone = 'content_completed'",
    ),
    "feature_adoption_has_every_adopter_once": (
        one("gold_candidate.feature_adoption", "new_adopters = new_adopters + 1"),
        without_one("gold_candidate.feature_adoption"),
    ),
    "growth_accounting_counts_the_active_users": (
        "update gold_candidate.growth_accounting set active_users = active_users + 1 where period = 'month'",
        "update gold_candidate.growth_accounting set active_users = active_users + 1 where period = 'day'",
        "delete from gold_candidate.growth_accounting where period = 'month'",
    ),
    "growth_accounting_goes_on_from_period_to_period": (
        "update gold_candidate.growth_accounting set previous_active_users = previous_active_users + 1",
        "delete from gold_candidate.growth_accounting where not is_complete or period_end = '2025-01-31'",
    ),
    "growth_accounting_meets_each_user_once": (one("gold_candidate.growth_accounting", "new_users = new_users + 1"),),
    "growth_drivers_are_of_the_active_users": (
        *one_more(f"{GOLD}.growth_drivers", "dau"),
        without_one(f"{GOLD}.growth_drivers", "dau > 0"),
    ),
    "miles_analytics_goes_on_from_day_to_day": (
        *one_more(f"{GOLD}.miles_analytics", "cumulative_net", "net_miles"),
        f"delete from {GOLD}.miles_analytics where calendar_date = (select min(calendar_date) + 1 from"
        f" {GOLD}.miles_analytics)",
    ),
    "miles_are_the_same_by_day_and_by_category": (
        *one_more(f"{GOLD}.miles_analytics", "miles_earned", "miles_redeemed"),
        *one_more(f"{GOLD}.miles_by_category", "earned", "redeemed"),
    ),
    "miles_days_are_the_points_of_user_days": (
        *one_more("silver.fact_user_days", "points_earned", "points_redeemed", where="source = 'all'"),
        *one_more("silver.miles_days", "points_earned", "points_redeemed"),
        without_one("silver.miles_days", "points_earned > 0"),
    ),
    "miles_ledger_balances": (
        f"update {GOLD}.miles_analytics set cumulative_net = cumulative_net + 1",
        *one_more(f"{GOLD}.miles_by_category", "earned", "redeemed"),
        *one_more(f"{GOLD}.user_lifecycle", "miles_balance"),
    ),
    "negative_miles_are_of_the_same_users": (
        without_one(f"{GOLD}.users_with_negative_miles"),
        *one_more(f"{GOLD}.users_with_negative_miles", "balance"),
        *one_more(f"{GOLD}.user_lifecycle", "miles_balance", where="has_negative_balance"),
        one(f"{GOLD}.user_lifecycle", "has_negative_balance = true", "not has_negative_balance"),
    ),
    "onboarding_funnel_has_every_user_and_month": (
        "update gold_candidate.onboarding_funnel set users = users + 1 where step_number = 1",
        without_one("gold_candidate.onboarding_funnel"),
        "update gold_candidate.onboarding_funnel set cohort_month = cohort_month - 31",
    ),
    "onboarding_funnel_is_closed": (
        "update gold_candidate.onboarding_funnel set users = users + 1000 where step_number = 5",
        *(
            f"update gold_candidate.onboarding_funnel set {column} = {wrong} where step_number = 2"
            for column in ("share_of_first", "share_of_previous")
            for wrong in ("0.1234", "null")
        ),
    ),
    "regional_activity_dach_agrees_with_its_days": tuple(
        f"update gold_candidate.regional_activity_dach set {column} = {wrong}"
        for column in ("users", "learners", "completions")
        for wrong in ("1000000", "-1")
    ),
    "regional_activity_has_every_user_day": (
        *(
            one("gold_candidate.regional_activity", f"{column} = {column} + 1")
            for column in ("users", "learners", "completions", "calendar_date")
        ),
        without_one("gold_candidate.regional_activity"),
    ),
    "retention_cohorts_are_the_new_users": (
        one("gold_candidate.retention_cohorts", "cohort_size = cohort_size + 1"),
        "delete from gold_candidate.retention_cohorts where cohort_period = 'week'",
        "update gold_candidate.growth_accounting set new_users = new_users + 1",
    ),
    "retention_cohorts_hold_every_user_once": (
        "update gold_candidate.retention_cohorts set cohort_size = cohort_size + 1 where cohort_period = 'day'",
        "delete from gold_candidate.retention_cohorts where cohort_period = 'month' and cohort_start >= '2025-01-01'",
    ),
    # Only a cohort of days is not followed further, and a school of weeks and months has none of so many.
    "retention_cohorts_values": (one("gold_candidate.retention_cohorts", "cohort_period = 'day', period_number = 91"),),
    "retention_milestones_add_up": (
        *(
            one("gold_candidate.retention_milestones", f"{column} = {column} + 1")
            for column in ("eligible_users", "classic_users", "rolling_users", "cumulative_users")
        ),
        "delete from gold_candidate.retention_milestones where cohort_month is null",
    ),
    "segment_rules_end_with_one_that_always_holds": (
        *(
            f"update silver.segment_rules set {column} = 1"
            for column in ("min_active_days_last_28", "min_active_days_28_before", "min_days_since_active")
        ),
        "delete from silver.segment_rules",
    ),
    "session_drop_off_shares_are_of_all_sessions": (
        one("gold_candidate.session_drop_off", "sessions = sessions + 1000000"),
        one("gold_candidate.session_drop_off", "share = 0.00001"),
    ),
    "user_day_places_count_every_event": (
        *one_more("silver.user_day_places", "events", "active_events", "learning_events", "completions"),
        without_one("silver.user_day_places"),
        without_one("silver.fact_user_days", "source = 'all'"),
    ),
    # Nobody need be there who was never active.
    "user_lifecycle_values": (one(f"{GOLD}.user_lifecycle", "active_days = 0, lifecycle_stage = 'new'"),),
    "user_periods_are_the_active_days": (
        one("silver.fact_user_days", "active_events = 0", "active_events > 0"),
        without_one("silver.user_periods", "period = 'day'"),
    ),
    "user_periods_hold_their_days": (
        *one_more("silver.user_periods", "active_days", "first_active_date", where="period = 'week'"),
        *one_more("silver.user_periods", "active_days", "first_active_date", where="period = 'month'"),
        without_one("silver.user_periods", "period = 'day'"),
    ),
    "user_periods_know_their_neighbours": (
        one("silver.user_periods", "next_active_date = null", "next_active_date is not null"),
        one("silver.user_periods", "previous_period_start = null", "previous_period_start is not null"),
        *one_more("silver.user_periods", "next_active_date", where="next_active_date is not null"),
        without_one("silver.user_periods", "previous_period_start is not null"),
    ),
}
