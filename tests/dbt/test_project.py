from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from include.dbt_command import PROJECT, DbtFailed, ManifestError, dbt_environment, gold_models, run_dbt
from include.warehouse.connection import connect
from include.warehouse.silver_changes import newest_change
from tests.dbt.conftest import School, Tables
from tests.dbt.world import AS_OF

COLUMNS = {
    "fact_learning_events": "event_id source user_id session_id is_session_derived event_type is_known is_active"
    " is_learning is_completion occurred_at received_at event_date product platform device_os country access_type"
    " content_id content_type content_title unit_id page_id score max_score is_correct time_seconds points"
    " transaction_category utm_source properties _load_id",
    "dim_students": "student_id student_name school_id class_id grade_level enrollment_status is_active ethnicity"
    " special_education is_missing missing_since updated_at",
    "dim_student_versions": "student_version_key student_id student_name school_id class_id grade_level"
    " enrollment_status ethnicity special_education valid_from valid_to is_current version_number",
    "fact_attendance": "attendance_id student_id attendance_date school_id class_id grade_level enrollment_status"
    " status is_present day_fraction_absent is_excused is_orphan conflict_count created_at _load_id _other_ids",
    "fact_assessments": "assessment_id student_id subject assessment_date score max_score score_percentage school_id"
    " class_id grade_level enrollment_status is_orphan created_at _load_id",
    "dim_schools": "school_id school_name district school_type student_count free_reduced_lunch_pct poverty_level",
    "dim_learning_units": "unit_id unit_name subject grade_level sequence_order updated_at",
    "dim_dates": "calendar_date date_key year quarter month month_name day_of_month iso_day_of_week day_name is_weekend"
    " school_year school_year_label semester week_of_school_year",
    "dim_school_days": "school_id calendar_date is_school_day day_type",
    "roster_gaps": "student_id missing_from returned_on",
    "student_memberships": "student_id version_number school_id class_id grade_level enrollment_status is_enrolled"
    " member_from member_until",
    "class_days": "school_id class_id calendar_date students_with_attendance present_count absent_count days_absent"
    " students_with_assessment assessment_count score_percentage_sum guest_count",
    "student_months": "student_id month_start school_year attendance_days present_days absent_days"
    " first_attendance_date last_attendance_date assessment_count score_percentage_sum min_score_percentage"
    " max_score_percentage first_assessment_date last_assessment_date last_record_date days_recorded days_absent"
    " days_absent_excused leading_absences trailing_absences longest_absences",
    "minute_metrics": "learner_id minute_at session_id total_events page_views interactions assessments_started"
    " assessments_completed lessons_started lessons_completed errors time_spent_seconds partition_date _load_id",
    "session_metrics": "source learner_id session_id session_start_at session_end_at duration_seconds total_events"
    " unique_pages total_interactions lessons_attempted lessons_completed assessments_attempted"
    " assessments_completed avg_assessment_score completion_rate last_activity_at last_event_type partition_date"
    " _load_id",
    "mastery_attempts": "source event_id learner_id content_id content_type session_id event_type attempted_at"
    " partition_date mastery _load_id",
    "mastery_deltas": "source learner_id content_id content_type previous_mastery current_mastery mastery_delta"
    " trigger_event_id trigger_event_type session_id confidence_score evidence_count changed_at partition_date"
    " _load_id",
    "progress_days": "user_id unit_id calendar_date attempts problems_judged problems_correct best_score"
    " has_mastered _load_id",
    "fact_learning_progress": "user_id unit_id calendar_date attempts_count best_score accuracy_rate mastery_status"
    " is_mastered _load_id",
    "fact_student_activity": "user_id calendar_date total_events unique_units_accessed lesson_starts"
    " lesson_completes problem_attempts problems_judged problems_correct accuracy_rate help_requests"
    " avg_problem_time_seconds active_minutes first_activity_at last_activity_at _load_id",
    "fact_user_days": "user_id calendar_date source events active_events learning_events completions contents_started"
    " contents_completed first_completion_at last_completion_at sessions session_seconds points_earned points_redeemed"
    " shares likes searches platform country utm_source _load_id",
    "user_periods": "user_id source period period_start first_active_date active_days previous_period_start"
    " next_active_date _load_id",
    "user_day_places": "user_id calendar_date country platform events active_events learning_events completions"
    " _load_id",
    "fact_milestones": "source event_id user_id calendar_date occurred_at event_type milestone platform content_id"
    " content_type experiment variant feature _load_id",
    "miles_days": "user_id calendar_date transaction_category points_earned points_redeemed transactions _load_id",
    "product_user_months": "user_id product verb_id object_id month_start event_count active_days first_event_at"
    " last_event_at _load_id",
    "fact_product_events": "event_key user_key product_key verb_key object_key date_key event_id user_id event_at"
    " event_date _load_id",
    "dim_users": "user_key user_id",
    "dim_verbs": "verb_key verb_id event_type",
    "dim_objects": "object_key object_id",
    "dim_products": "product_key product product_name",
    "class_daily_performance": "class_id calendar_date total_students students_with_attendance present_count"
    " absent_count attendance_rate attendance_rate_enrolled attendance_coverage students_with_assessment"
    " assessment_count avg_score",
    "student_performance_summary": "student_id student_name school_id class_id grade_level enrollment_status is_active"
    " total_attendance_days present_days absent_days attendance_rate total_assessments avg_score min_score_percentage"
    " max_score_percentage first_attendance_date last_attendance_date last_assessment_date",
    "class_summary": "class_id total_students active_students chronically_absent_students attendance_rate avg_score"
    " assessment_count",
    "school_daily_attendance": "school_id calendar_date membership recorded_count present_count absent_count"
    " records_on_non_school_days days_attended attendance_rate attendance_coverage",
    "school_attendance_monthly": "school_id month_start school_days average_daily_attendance average_daily_membership"
    " ada_rate attendance_rate attendance_coverage is_complete",
    "student_attendance_status": "student_id school_year days_enrolled days_recorded coverage days_absent"
    " days_absent_excused absence_rate rule_id is_chronically_absent band longest_absence_streak",
    "early_warning": "student_id indicator severity reason value threshold rule_id chronic_absence_rule_id",
    "learner_activity_summary": "learner_id calendar_date daily_events hours_spent sessions lessons_completed"
    " assessments_completed",
    "current_sessions": "source learner_id session_id session_start_at session_end_at duration_seconds total_events"
    " unique_pages total_interactions lessons_attempted lessons_completed assessments_attempted assessments_completed"
    " avg_assessment_score completion_rate last_activity_at last_event_type partition_date is_active",
    "content_mastery_trends": "content_id calendar_date learners_affected avg_mastery_change avg_current_mastery"
    " avg_confidence",
    "mart_student_progress": "student_id full_name school_id school_name district poverty_level grade_level ethnicity"
    " days_active total_events avg_accuracy_rate lessons_completed problems_attempted first_active_date"
    " last_active_date avg_session_minutes units_attempted units_mastered units_in_progress mastery_rate"
    " days_active_last_7 events_last_7 accuracy_last_7 engagement_level progress_status is_activated activated_on",
    "activation_by_cohort": "school_id month_start users activated_users activation_rate median_days_to_activation",
    "student_equity": "school_year poverty_level ethnicity students avg_mastery_rate attendance_rate is_suppressed",
    "mart_user_product_activity_weekly": "user_id product_name event_count first_event_date last_event_date"
    " is_active_user",
    "mart_user_event_summary": "user_id product_name event_count",
    "mart_event_details_monthly": "user_id product_name verb_id object_id year month event_count active_days",
    "mart_user_avg_duration_monthly": "month_start avg_duration_seconds min_duration_seconds max_duration_seconds"
    " users",
    "mart_product_rank": "product_name event_count rank active_users schools",
    "growth_accounting": "source period period_start period_end is_complete active_users previous_active_users"
    " new_users retained_users resurrected_users churned_users quick_ratio gross_retention_rate churn_rate"
    " growth_quality",
    "quick_ratio_analysis": "month_start active_users new_users resurrected_users churned_users quick_ratio"
    " gross_retention_rate previous_quick_ratio quick_ratio_3mo_avg quick_ratio_change alert_level"
    " growth_quality_score retention_benchmark quick_ratio_benchmark business_stage strategic_recommendation"
    " new_user_ratio_pct resurrection_ratio_pct churn_impact_pct",
    "daily_engagement": "source calendar_date dau dal wau_7 mau_28 mau_30 stickiness_dau_mau stickiness_dau_wau"
    " stickiness_wau_mau avg_dau_7 sessions sessions_per_user avg_session_minutes contents_started contents_completed"
    " completion_rate contents_per_session dau_trend_7d",
    "retention_cohorts": "cohort_period cohort_start period_number cohort_size users_active retention_rate"
    " period_group is_complete",
    "retention_milestones": "cohort cohort_month n eligible_users classic_users rolling_users cumulative_users"
    " classic_rate rolling_rate cumulative_rate",
    "retention_quality": "calendar_date dau consecutive_day_users returning_week_users returning_long_gap_users"
    " new_users age_new_users age_growing_users age_established_users age_mature_users retention_health_score"
    " health_category engagement_trend",
    "user_resurrection": "calendar_date dau resurrected_users short_dormancy_users medium_dormancy_users"
    " long_dormancy_users very_long_dormancy_users avg_dormancy_days effectiveness quality pattern",
    "activity_streaks": "user_id current_streak_days longest_streak_days streaks",
    "regional_activity": "calendar_date country platform users learners completions is_dach",
    "regional_activity_dach": "window_start window_end users learners completions",
    "content_completion": "content_id content_type platform started finished completion_rate users",
    "session_drop_off": "last_event_type sessions share",
    "onboarding_funnel": "cohort_month step_number step users share_of_first share_of_previous median_hours"
    " is_complete",
    "experiment_results": "experiment variant users users_in_window crossover_users conversions conversion_rate lift"
    " difference difference_low difference_high p_value",
    "feature_adoption": "feature week_start is_complete users share_of_weekly_active new_adopters",
    "user_lifecycle": "user_id first_seen_date last_seen_date first_platform first_country first_utm_source active_days"
    " lifecycle_stage miles_balance has_negative_balance",
    "miles_analytics": "calendar_date miles_earned miles_redeemed net_miles transactions users_earning users_redeeming"
    " cumulative_net miles_earned_avg_7 miles_redeemed_avg_7 earn_redeem_ratio economy_health",
    "miles_by_category": "month_start is_complete transaction_category earned redeemed users",
    "users_with_negative_miles": "user_id earned redeemed balance negative_amount negative_since",
    "growth_drivers": "calendar_date dau earning_share redeeming_share sharing_share liking_share searching_share"
    " web_share mobile_share social_share social_level feature_adoption_score",
    "user_segments": "user_id segment reason active_days_last_28 active_days_28_before days_since_active",
    "churn_signals": "user_id sessions_before sessions_now completions_before completions_now features_before"
    " features_now has_fewer_sessions has_fewer_completions has_fewer_features signals reasons",
}
KEYS = {
    "activation_by_cohort": ("school_id", "month_start"),
    "activity_streaks": ("user_id",),
    "churn_signals": ("user_id",),
    "class_daily_performance": ("class_id", "calendar_date"),
    "class_summary": ("class_id",),
    "content_mastery_trends": ("content_id", "calendar_date"),
    "content_completion": ("content_id", "content_type", "platform"),
    "current_sessions": ("source", "learner_id", "session_id"),
    "daily_engagement": ("source", "calendar_date"),
    "early_warning": ("student_id", "indicator"),
    "growth_accounting": ("source", "period", "period_start"),
    "growth_drivers": ("calendar_date",),
    "experiment_results": ("experiment", "variant"),
    "feature_adoption": ("feature", "week_start"),
    "learner_activity_summary": ("learner_id", "calendar_date"),
    "mart_event_details_monthly": ("user_id", "product_name", "verb_id", "object_id", "year", "month"),
    "mart_product_rank": ("product_name",),
    "mart_student_progress": ("student_id",),
    "mart_user_avg_duration_monthly": ("month_start",),
    "mart_user_event_summary": ("user_id", "product_name"),
    "mart_user_product_activity_weekly": ("user_id", "product_name"),
    "miles_analytics": ("calendar_date",),
    "miles_by_category": ("month_start", "transaction_category"),
    "onboarding_funnel": ("cohort_month", "step_number"),
    "quick_ratio_analysis": ("month_start",),
    "regional_activity": ("calendar_date", "country", "platform"),
    "regional_activity_dach": ("window_end",),
    "retention_cohorts": ("cohort_period", "cohort_start", "period_number"),
    "retention_milestones": ("cohort", "n"),
    "retention_quality": ("calendar_date",),
    "school_attendance_monthly": ("school_id", "month_start"),
    "school_daily_attendance": ("school_id", "calendar_date"),
    "session_drop_off": ("last_event_type",),
    "student_attendance_status": ("student_id", "school_year"),
    "student_equity": ("school_year", "poverty_level", "ethnicity"),
    "student_performance_summary": ("student_id",),
    "user_lifecycle": ("user_id",),
    "user_resurrection": ("calendar_date",),
    "user_segments": ("user_id",),
    "users_with_negative_miles": ("user_id",),
}

READS_TOUCHED = "where_touched|join_touched_months|touched_facts|events_of_sources"
"""Macros by which a model reads what was touched."""


@pytest.fixture(scope="session")
def models(manifest: Path) -> list[dict]:
    nodes = json.loads(manifest.read_text())["nodes"].values()
    return [node for node in nodes if node["resource_type"] == "model"]


def test_the_models_are_in_the_schemas_of_their_layers(models: list[dict]) -> None:
    schemas = {"silver": "silver", "gold": "gold_candidate"}
    assert {node["name"]: node["schema"] for node in models} == {
        node["name"]: schemas[Path(node["path"]).parts[0]] for node in models
    }


def test_the_tables_have_the_columns_of_the_contract(built: Tables) -> None:
    assert {name: " ".join(built[name][0]) for name in COLUMNS} == COLUMNS


def test_every_model_describes_its_grain_and_its_columns(models: list[dict]) -> None:
    for node in models:
        description = " ".join(node["description"].split())
        assert description.rpartition(". ")[2].startswith("Grain: one row per "), node["name"]
        assert " ".join(node["columns"]) == COLUMNS[node["name"]]
        assert all(column["description"] for column in node["columns"].values()), node["name"]


@pytest.fixture(scope="session")
def silver(models: list[dict]) -> dict[str, dict]:
    """The silver models, by name."""
    return {node["name"]: node for node in models if node["path"].startswith("silver/")}


def test_every_silver_model_names_its_key_and_what_it_tells_if_it_computes_what_is_touched(
    silver: dict[str, dict],
) -> None:
    metas = {name: node["config"]["meta"] for name, node in silver.items()}
    assert [name for name, meta in metas.items() if not meta.get("key")] == []
    assert [name for name, meta in metas.items() if "touched_by" in meta and not meta.get("tells")] == []


def test_a_silver_model_that_computes_what_is_touched_has_keys_and_a_hook_for_it_and_no_other_has(
    silver: dict[str, dict],
) -> None:
    reads = {name for name, node in silver.items() if re.search(READS_TOUCHED, node["raw_code"])}
    names = {name for name, node in silver.items() if node["config"]["meta"].get("touched_by")}
    touches = {
        name
        for name, node in silver.items()
        if any(re.search(r"\btouch_\w+\(", hook["sql"]) for hook in node["config"]["pre-hook"])
    }
    assert reads
    assert reads == names == touches


@pytest.fixture(scope="session")
def gold(models: list[dict]) -> list[dict]:
    return [node for node in models if node["path"].startswith("gold/")]


def test_every_gold_column_that_can_be_null_says_what_null_means(gold: list[dict], built: Tables) -> None:
    for node in gold:
        with_null = {name for row in built[node["name"]] for name, value in row.items() if value is None}
        for name, column in node["columns"].items():
            assert column["description"].strip().endswith("."), (node["name"], name)
            assert name not in with_null or "NULL" in column["description"], (node["name"], name)


def test_every_gold_model_has_questions_for_the_page_of_metrics_with_one_query_each(gold: list[dict]) -> None:
    for node in gold:
        examples = node["config"]["meta"].get("examples")
        assert examples, node["name"]
        for example in examples:
            assert example["question"].endswith("?")
            assert re.match(r"(select|with)\s", example["sql"]), example["question"]
            assert ";" not in example["sql"], example["question"]


def test_the_gold_models_name_their_keys_and_the_one_that_is_a_view(manifest: Path) -> None:
    assert {model.name: model.key for model in gold_models(manifest)} == KEYS
    assert [model.name for model in gold_models(manifest) if model.is_view] == ["mart_user_event_summary"]


def test_a_missing_manifest_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="run `dbt parse`"):
        gold_models(tmp_path / "manifest.json")


def test_a_gold_model_without_a_key_is_named(tmp_path: Path) -> None:
    node = {"resource_type": "model", "path": "gold/x/keyless.sql", "name": "keyless", "config": {"meta": {}}}
    (tmp_path / "manifest.json").write_text(json.dumps({"nodes": {"model.rollcall.keyless": node}}))
    with pytest.raises(ManifestError, match="keyless"):
        gold_models(tmp_path / "manifest.json")


@pytest.mark.usefixtures("steps")
def test_the_unit_tests_pass(school: School) -> None:
    School(school.url, school.target, "UTC").dbt("test", "--select", "test_type:unit", as_of=None)
    results = json.loads((school.target / "run_results.json").read_text())["results"]
    assert len(results) >= 15
    assert {result["status"] for result in results} == {"pass"}


@pytest.mark.usefixtures("steps")
def test_gold_needs_as_of(school: School) -> None:
    with pytest.raises(DbtFailed, match=r"model\.rollcall\.class_summary: .*\s.*ROLLCALL_AS_OF as YYYY-MM-DD"):
        school.dbt("run", "--select", "class_summary", as_of=None)


@pytest.mark.usefixtures("steps")
def test_gold_is_built_from_no_later_silver_than_was_checked(school: School) -> None:
    with connect(school.url, autocommit=True) as warehouse:
        newest = newest_change(warehouse)
    environment = dbt_environment(school.url, as_of=AS_OF, fingerprints=school.fingerprints(), timezone=school.timezone)
    build = ("run", "--select", "class_summary")
    run_dbt(*build, environment=environment | {"ROLLCALL_MAX_CHANGE_ID": str(newest)}, target=school.target)
    with pytest.raises(DbtFailed, match="silver has changed since checkpoint_silver let it pass"):
        run_dbt(*build, environment=environment | {"ROLLCALL_MAX_CHANGE_ID": str(newest - 1)}, target=school.target)


@pytest.mark.usefixtures("steps")
def test_nothing_is_written_into_the_project() -> None:
    assert not {"target", "logs", "dbt_packages", ".user.yml"} & {path.name for path in PROJECT.iterdir()}
