"""dbt rendered as Airflow tasks by Cosmos: one task group a layer, with each model and its tests."""

from __future__ import annotations

from typing import ClassVar, Literal

from cosmos import DbtTaskGroup, ExecutionConfig, ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import ExecutionMode, InvocationMode, LoadMode, TestBehavior, TestIndirectSelection
from cosmos.profiles import PostgresUserPasswordProfileMapping

from include.dbt_command import PROJECT, manifest_path
from include.orchestration.dbt_errors import hide_row_values
from include.orchestration.warehouse_connection import WAREHOUSE
from include.settings import URL_OPTIONS, load_settings
from include.silver_fingerprints import OF_EVENTS
from include.warehouse.connection import LOOKUP_OPTIONS

SELECTED = {
    "silver": ["path:seeds", "path:models/silver"],
    "gold": ["path:models/gold"],
    # Of the seeds those that are read.
    "learning_events": [
        select
        for domain in OF_EVENTS
        for select in (f"+path:models/silver/{domain},path:seeds", f"path:models/silver/{domain}")
    ],
}


class WarehouseProfile(PostgresUserPasswordProfileMapping):
    """The connection `warehouse` as dbt's profile, with all that ROLLCALL_WAREHOUSE_URL may say of TLS."""

    airflow_param_mapping: ClassVar[dict[str, str]] = {
        **PostgresUserPasswordProfileMapping.airflow_param_mapping,
        **{option: f"extra.{option}" for option in URL_OPTIONS},
    }


def dbt_layer(
    layer: Literal["silver", "gold"], domain: Literal["learning_events"] | None = None, told_by: str = "start"
) -> DbtTaskGroup:
    """The task group of a layer, or of what is made of learning events: a task for each model, which builds it and runs
    its data tests.

    `told_by`: the task whose output says what dbt is told of the run.
    """
    return DbtTaskGroup(
        group_id=layer,
        project_config=ProjectConfig(
            dbt_project_path=PROJECT,
            manifest_path=manifest_path(load_settings().home),
            install_dbt_deps=False,
            env_vars=_variables(layer, told_by),
        ),
        profile_config=ProfileConfig(
            profile_name="rollcall",
            target_name="warehouse",
            profile_mapping=WarehouseProfile(conn_id=WAREHOUSE, profile_args={"schema": "silver", "threads": 4}),
        ),
        execution_config=ExecutionConfig(
            # Not WATCHER: its tasks, cleared in the UI, take the models for built from what the first try left behind.
            execution_mode=ExecutionMode.LOCAL,
            invocation_mode=InvocationMode.DBT_RUNNER,
            # A test runs with the last of its models, when the others are built; eager would take in later models.
            test_indirect_selection=TestIndirectSelection.BUILDABLE,
        ),
        render_config=RenderConfig(
            load_method=LoadMode.DBT_MANIFEST,
            select=SELECTED[domain or layer],
            test_behavior=TestBehavior.BUILD,
            # The asset `gold` is ours, updated by publish_gold: a built model is not yet a published one.
            emit_datasets=False,
        ),
        operator_args={
            "append_env": True,
            "full_refresh": "{{ params.get('full_refresh', False) }}",
            "pre_execute": hide_row_values,
        },
    )


def _variables(layer: str, told_by: str) -> dict[str, str]:
    """What dbt is told of the run. By variables of the environment: `--vars` would have it parse the project anew."""
    run = f"ti.xcom_pull(task_ids='{told_by}')"
    of_gold = {
        "ROLLCALL_AS_OF": f"{{{{ {run}['as_of'] }}}}",
        "ROLLCALL_MAX_CHANGE_ID": "{{ ti.xcom_pull(task_ids='checkpoint_silver') }}",
    }
    return {
        **(of_gold if layer == "gold" else {}),
        "ROLLCALL_MAX_LOAD_ID": f"{{{{ {run}['max_load_id'] }}}}",
        "ROLLCALL_SILVER_FINGERPRINTS": f"{{{{ {run}['fingerprints'] }}}}",
        "ROLLCALL_TIMEZONE": load_settings().timezone,
        "PGOPTIONS": LOOKUP_OPTIONS,
        # Nobody reads the manifest that a task would write, twice; it costs a third of a task's time.
        "DBT_WRITE_JSON": "false",
        "DBT_USE_COLORS": "false",
        # Unit tests judge the code, not the data: they run in `make test`.
        "DBT_EXCLUDE_RESOURCE_TYPES": "unit_test",
    }
