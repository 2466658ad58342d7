from __future__ import annotations

import threading
from datetime import date

import psycopg
import pytest
from sqlalchemy import URL

from include.dbt_command import GoldModel
from include.warehouse.connection import connect
from include.warehouse.publish import PublishError, begin_candidate, publish

AS_OF = date(2025, 3, 14)
KEYS = {"totals": ("id",), "details": ("id", "part")}


def tables(keys: dict[str, tuple[str, ...]]) -> list[GoldModel]:
    return [GoldModel(name, key, is_view=False) for name, key in keys.items()]


def build(warehouse: psycopg.Connection, generation: int, *, run: str = "run", rows: int = 4) -> None:
    """A candidate in which every row carries its generation, and the total of a generation is that of its details."""
    begin_candidate(warehouse, dag_run_id=run, as_of=AS_OF)
    warehouse.execute(
        f"create table gold_candidate.totals as select id, {generation} as generation, {rows} as parts"
        " from generate_series(1, 3) as id"
    )
    warehouse.execute(
        f"create table gold_candidate.details as select id, part, {generation} as generation"
        f" from generate_series(1, 3) as id cross join generate_series(1, {rows}) as part"
    )


def publish_it(warehouse: psycopg.Connection, run: str = "run") -> dict[str, tuple[int, int, int]]:
    changes = publish(warehouse, dag_run_id=run, as_of=AS_OF, models=tables(KEYS))
    return {change.table: (change.rows_added, change.rows_changed, change.rows_removed) for change in changes}


def test_the_first_publication_makes_the_tables_with_their_keys(warehouse: psycopg.Connection) -> None:
    build(warehouse, 1)
    assert publish_it(warehouse) == {"details": (12, 0, 0), "totals": (3, 0, 0)}
    with pytest.raises(psycopg.errors.UniqueViolation):
        warehouse.execute("insert into gold.totals (id) values (1)")


def test_only_rows_that_differ_are_written(warehouse: psycopg.Connection) -> None:
    build(warehouse, 1)
    publish_it(warehouse)
    untouched = warehouse.execute("select xmin::text from gold.details where id = 1 and part = 1").fetchone()
    build(warehouse, 1, run="next")
    warehouse.execute("update gold_candidate.details set generation = 9 where id = 2 and part = 2")
    warehouse.execute("delete from gold_candidate.details where id = 3")
    warehouse.execute("insert into gold_candidate.details values (4, 1, 1)")
    assert publish_it(warehouse, "next") == {"details": (1, 1, 4), "totals": (0, 0, 0)}
    assert warehouse.execute("select xmin::text from gold.details where id = 1 and part = 1").fetchone() == untouched
    live = warehouse.execute("select * from gold.details order by 1, 2").fetchall()
    assert live == warehouse.execute("select * from gold_candidate.details order by 1, 2").fetchall()


def test_a_null_that_becomes_a_value_is_a_change(warehouse: psycopg.Connection) -> None:
    build(warehouse, 1)
    warehouse.execute("update gold_candidate.totals set parts = null")
    publish_it(warehouse)
    build(warehouse, 1, run="next")
    assert publish_it(warehouse, "next")["totals"] == (0, 3, 0)


def test_a_retry_after_a_committed_publication_succeeds_and_changes_nothing(warehouse: psycopg.Connection) -> None:
    build(warehouse, 1)
    first = publish_it(warehouse)
    assert publish_it(warehouse) == first
    assert warehouse.execute("select count(*) from ops.publications").fetchone() == (1,)


def test_a_cleared_run_publishes_its_new_candidate(warehouse: psycopg.Connection) -> None:
    build(warehouse, 1)
    publish_it(warehouse)
    build(warehouse, 2)
    assert publish_it(warehouse)["totals"] == (0, 3, 0)


def test_a_candidate_of_another_run_is_not_published(warehouse: psycopg.Connection) -> None:
    build(warehouse, 1, run="other")
    with pytest.raises(PublishError, match="belongs to run other"):
        publish_it(warehouse)


def test_a_candidate_that_is_not_complete_is_not_published(warehouse: psycopg.Connection) -> None:
    build(warehouse, 1)
    publish_it(warehouse)
    build(warehouse, 2)
    warehouse.execute("drop table gold_candidate.details")
    with pytest.raises(PublishError, match="missing: table details"):
        publish_it(warehouse)
    assert warehouse.execute("select distinct generation from gold.totals").fetchall() == [(1,)]


def test_what_fails_in_the_middle_leaves_gold_and_its_row_versions_untouched(warehouse: psycopg.Connection) -> None:
    build(warehouse, 1)
    publish_it(warehouse)
    before = warehouse.execute("select xmin::text, * from gold.details order by id, part").fetchall()
    build(warehouse, 2)
    warehouse.execute("alter table gold.totals add check (generation < 2)")
    with pytest.raises(psycopg.errors.CheckViolation):
        publish_it(warehouse)
    assert warehouse.execute("select xmin::text, * from gold.details order by id, part").fetchall() == before
    assert warehouse.execute("select count(*) from ops.publications").fetchone() == (1,)


def test_a_reader_with_a_snapshot_reads_the_old_gold_whole_until_it_ends(
    warehouse: psycopg.Connection, warehouse_url: URL
) -> None:
    build(warehouse, 1)
    publish_it(warehouse)
    with connect(warehouse_url) as reader:
        reader.execute("set transaction isolation level repeatable read")
        assert reader.execute("select count(*) from gold.totals").fetchone() == (3,)
        build(warehouse, 2, run="next", rows=9)
        publish_it(warehouse, "next")
        assert reader.execute("select count(*), min(generation), max(generation) from gold.details").fetchone() == (
            12,
            1,
            1,
        )
        reader.rollback()
        assert reader.execute("select count(*), min(generation) from gold.details").fetchone() == (27, 2)


def test_a_reader_in_a_loop_never_sees_a_missing_empty_or_mixed_table(
    warehouse: psycopg.Connection, warehouse_url: URL
) -> None:
    build(warehouse, 0)
    publish_it(warehouse)
    query = (
        "select (select count(*) from gold.totals), count(distinct generation), count(*) filter (where parts <> found)"
        " from (select t.generation, t.parts, (select count(*) from gold.details as d"
        " where d.id = t.id and d.generation = t.generation) as found from gold.totals as t) as compared"
    )
    seen: set[tuple] = set()
    errors: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            with connect(warehouse_url, autocommit=True) as reader:
                while not done.is_set():
                    seen.update(reader.execute(query).fetchall())
        except BaseException as error:  # noqa: BLE001 - the test looks at whatever it was
            errors.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for generation in range(1, 30):
        build(warehouse, generation, run=f"run {generation}", rows=3 + generation % 5)
        publish_it(warehouse, f"run {generation}")
    done.set()
    reader.join()
    assert errors == []
    assert seen == {(3, 1, 0)}


def test_grants_and_a_users_view_survive_a_publication_that_adds_a_column(warehouse: psycopg.Connection) -> None:
    build(warehouse, 1)
    publish_it(warehouse)
    warehouse.execute("create view public.my_totals as select id, generation from gold.totals")
    warehouse.execute("grant select on gold.totals to public")
    build(warehouse, 2, run="next")
    warehouse.execute("alter table gold_candidate.totals add column note text default 'new'")
    publish_it(warehouse, "next")
    assert warehouse.execute("select distinct generation from public.my_totals").fetchall() == [(2,)]
    assert warehouse.execute("select distinct note from gold.totals").fetchall() == [("new",)]
    assert warehouse.execute(
        "select count(*) from information_schema.role_table_grants where grantee = 'PUBLIC' and table_name = 'totals'"
        " and table_schema = 'gold'"
    ).fetchone() == (1,)


def test_a_column_that_a_users_view_needs_is_not_taken_away(warehouse: psycopg.Connection) -> None:
    build(warehouse, 1)
    publish_it(warehouse)
    warehouse.execute("create view public.my_totals as select parts from gold.totals")
    build(warehouse, 2, run="next")
    warehouse.execute("alter table gold_candidate.totals drop column parts")
    with pytest.raises(PublishError, match="change that view first"):
        publish_it(warehouse, "next")
    assert warehouse.execute("select distinct generation from gold.totals").fetchall() == [(1,)]


def test_a_type_that_changes_under_a_users_view_is_told_as_such(warehouse: psycopg.Connection) -> None:
    build(warehouse, 1)
    publish_it(warehouse)
    warehouse.execute("create view public.my_totals as select parts from gold.totals")
    build(warehouse, 2, run="next")
    warehouse.execute("alter table gold_candidate.totals alter column parts type numeric")
    with pytest.raises(PublishError, match="change that view first"):
        publish_it(warehouse, "next")


def test_a_key_that_changes_is_followed(warehouse: psycopg.Connection) -> None:
    build(warehouse, 1)
    publish_it(warehouse)
    begin_candidate(warehouse, dag_run_id="next", as_of=AS_OF)
    warehouse.execute("create table gold_candidate.totals as select 1 as id, part from generate_series(1, 2) as part")
    warehouse.execute("create table gold_candidate.details as select * from gold.details")
    changes = publish(warehouse, dag_run_id="next", as_of=AS_OF, models=tables({**KEYS, "totals": ("id", "part")}))
    assert {change.table: change.rows_added for change in changes} == {"details": 0, "totals": 2}
    with pytest.raises(psycopg.errors.UniqueViolation):
        warehouse.execute("insert into gold.totals (id, part) values (1, 1)")


def test_a_table_that_no_model_makes_any_more_is_taken_away(warehouse: psycopg.Connection) -> None:
    build(warehouse, 1)
    publish_it(warehouse)
    warehouse.execute("create table gold.notes_of_a_user as select 1 as id")
    build(warehouse, 1, run="next")
    warehouse.execute("drop table gold_candidate.details")
    changes = publish(warehouse, dag_run_id="next", as_of=AS_OF, models=tables({"totals": ("id",)}))
    assert {change.table: change.rows_removed for change in changes} == {"details": 12, "totals": 0}
    assert warehouse.execute("select tablename from pg_tables where schemaname = 'gold' order by 1").fetchall() == [
        ("notes_of_a_user",),
        ("totals",),
    ]


def test_a_key_that_shrinks_replaces_the_rows_and_frees_the_column(warehouse: psycopg.Connection) -> None:
    build(warehouse, 1)
    publish_it(warehouse)
    begin_candidate(warehouse, dag_run_id="next", as_of=AS_OF)
    warehouse.execute("create table gold_candidate.totals as select * from gold.totals")
    warehouse.execute("create table gold_candidate.details as select 1 as id, null::int as part, 1 as generation")
    changes = publish(warehouse, dag_run_id="next", as_of=AS_OF, models=tables({**KEYS, "details": ("id",)}))
    assert [(change.rows_added, change.rows_changed, change.rows_removed) for change in changes] == [
        (1, 0, 12),
        (0, 0, 0),
    ]


def test_a_users_table_of_a_retired_name_is_left_alone(warehouse: psycopg.Connection) -> None:
    build(warehouse, 1)
    publish_it(warehouse)
    for run in ("second", "third"):
        build(warehouse, 1, run=run)
        warehouse.execute("drop table gold_candidate.details")
        publish(warehouse, dag_run_id=run, as_of=AS_OF, models=tables({"totals": ("id",)}))
        warehouse.execute("create table if not exists gold.details as select 'mine' as note")
    assert warehouse.execute("select note from gold.details").fetchall() == [("mine",)]


def build_with_view(
    warehouse: psycopg.Connection, run: str = "run", *, query: str = "select id from {}.totals"
) -> None:
    build(warehouse, 1, run=run)
    warehouse.execute("create view gold_candidate.ids as " + query.format("gold_candidate"))


def publish_with_view(warehouse: psycopg.Connection, run: str = "run") -> None:
    publish(warehouse, dag_run_id=run, as_of=AS_OF, models=[*tables(KEYS), GoldModel("ids", ("id",), is_view=True)])


def version_of_view(warehouse: psycopg.Connection) -> tuple | None:
    return warehouse.execute(
        "select ev_class, xmin::text from pg_rewrite where ev_class = 'gold.ids'::regclass"
    ).fetchone()


def test_a_view_is_made_on_the_tables_of_gold_and_not_again_while_it_stays_the_same(
    warehouse: psycopg.Connection,
) -> None:
    build_with_view(warehouse)
    publish_with_view(warehouse)
    version = version_of_view(warehouse)
    build_with_view(warehouse, "next")
    warehouse.execute("insert into gold_candidate.totals values (4, 1, 4)")
    publish_with_view(warehouse, "next")
    assert warehouse.execute("select id from gold.ids order by id").fetchall() == [(1,), (2,), (3,), (4,)]
    assert version_of_view(warehouse) == version


def test_a_candidate_without_a_view_or_with_a_table_in_its_place_is_not_complete(warehouse: psycopg.Connection) -> None:
    build(warehouse, 1)
    with pytest.raises(PublishError, match="missing: view ids; unknown: none"):
        publish_with_view(warehouse)
    warehouse.execute("create table gold_candidate.ids as select 1 as id")
    with pytest.raises(PublishError, match="missing: view ids; unknown: table ids"):
        publish_with_view(warehouse)


def test_a_view_that_gains_a_column_keeps_its_grants_and_what_users_have_built_on_it(
    warehouse: psycopg.Connection,
) -> None:
    build_with_view(warehouse, query="select id from {}.totals where generation = 1")
    publish_with_view(warehouse)
    warehouse.execute("grant select on gold.ids to public")
    warehouse.execute("create view public.my_ids as select id from gold.ids")
    build_with_view(warehouse, "next", query="select id, parts from {}.totals")
    # The view as it was reads a column that goes.
    warehouse.execute("alter table gold_candidate.totals drop column generation")
    publish_with_view(warehouse, "next")
    assert warehouse.execute("select parts from gold.ids inner join public.my_ids using (id)").fetchall() == [(4,)] * 3
    assert public_may_read_the_view(warehouse)


def public_may_read_the_view(warehouse: psycopg.Connection) -> bool:
    row = warehouse.execute("select has_table_privilege('public', 'gold.ids', 'select')").fetchone()
    return row == (True,)


def test_a_view_that_loses_a_column_keeps_its_grants(warehouse: psycopg.Connection) -> None:
    build_with_view(warehouse, query="select parts, id from {}.totals")
    publish_with_view(warehouse)
    warehouse.execute("grant select on gold.ids to public")
    build_with_view(warehouse, "next")
    warehouse.execute("alter table gold_candidate.totals drop column parts")
    publish_with_view(warehouse, "next")
    assert warehouse.execute("select * from gold.ids order by id").fetchall() == [(1,), (2,), (3,)]
    assert public_may_read_the_view(warehouse)


def test_a_column_of_a_view_that_a_users_view_needs_is_not_taken_away(warehouse: psycopg.Connection) -> None:
    build_with_view(warehouse, query="select parts, id from {}.totals")
    publish_with_view(warehouse)
    warehouse.execute("create view public.my_parts as select parts from gold.ids")
    build_with_view(warehouse, "next")
    with pytest.raises(PublishError, match="change that view first"):
        publish_with_view(warehouse, "next")
    assert warehouse.execute("select parts from public.my_parts").fetchall() == [(4,)] * 3


def test_a_view_that_no_model_makes_any_more_is_taken_away_and_a_users_view_is_not(
    warehouse: psycopg.Connection,
) -> None:
    build_with_view(warehouse)
    publish_with_view(warehouse)
    warehouse.execute("create view gold.of_a_user as select id from gold.totals")
    build(warehouse, 1, run="next")
    publish_it(warehouse, "next")
    assert warehouse.execute("select viewname from pg_views where schemaname = 'gold'").fetchall() == [("of_a_user",)]


def test_a_table_becomes_a_view_and_a_table_again(warehouse: psycopg.Connection) -> None:
    for run in ("first", "second"):
        build(warehouse, 1, run=run)
        warehouse.execute("create table gold_candidate.ids as select 5 as id")
        publish(warehouse, dag_run_id=run, as_of=AS_OF, models=tables({**KEYS, "ids": ("id",)}))
        assert warehouse.execute("select id from gold.ids").fetchall() == [(5,)]
        build_with_view(warehouse, run)
        publish_with_view(warehouse, run)
        assert warehouse.execute("select count(*) from gold.ids").fetchone() == (3,)


def test_a_publication_does_not_stand_for_what_changes_in_silver_after_its_run_began(
    warehouse: psycopg.Connection,
) -> None:
    tell = "insert into ops.silver_changes (model, is_everything) values ('a_model', true) returning change_id"
    before = warehouse.execute(tell).fetchone()
    build(warehouse, 1)
    warehouse.execute(tell)
    publish_it(warehouse)
    assert warehouse.execute("select max_change_id from ops.publications").fetchone() == before


def test_a_run_begins_when_who_changes_silver_is_done(warehouse: psycopg.Connection, warehouse_url: URL) -> None:
    with connect(warehouse_url) as builder:
        builder.execute("select pg_advisory_xact_lock_shared(hashtextextended('rollcall:silver', 0))")
        tell = "insert into ops.silver_changes (model, is_everything) values ('a_model', true) returning change_id"
        change_id = builder.execute(tell).fetchone()
        with connect(warehouse_url, autocommit=True) as claimant:
            waiting = threading.Thread(target=build, args=(claimant, 1))
            waiting.start()
            while warehouse.execute("select from pg_locks where not granted").fetchone() is None:
                assert waiting.is_alive()
            builder.commit()
            waiting.join()
    publish_it(warehouse)
    assert warehouse.execute("select max_change_id from ops.publications").fetchone() == change_id
