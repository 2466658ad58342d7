{#-
    How silver is kept up to date: dbt's materialization `incremental` with the strategy `differences`.
    A model computes its rows, all or those of the keys that were touched, and only rows that differ are written.
    What is written is told in ops.silver_changes, from which the models behind know which of their keys were touched.
    In a model's meta: `key` is unique; `touched_by` names the columns of the temporary table `touched`, which a pre-hook
    makes (macros/touched.sql); `touched_since` names the date of a row, when of a touched key only the rows from
    `touched.first_date` on are computed and compared; `tells` names what stands in the columns of ops.silver_changes;
    `partition_by` names the date, one of the key, by whose months the table is partitioned.
-#}

{#- dbt asks this macro of its own whether to build a table anew. -#}
{% macro should_full_refresh() %}
    {% if flags.FULL_REFRESH or not execute or config.get('incremental_strategy') != 'differences' %}
        {% do return(flags.FULL_REFRESH) %}
    {% endif %}
    {% do return(not is_continued()) %}
{% endmacro %}

{#-
    Whether the table may be brought up to date from where it stands: it was built by the same code, and nothing that it
    reads was built anew since.
-#}
{% macro is_continued() %}
    {% if not silver_fingerprint() %}{% do return(false) %}{% endif %}
    {% do return(run_query("select where " ~ may_be_continued()).rows | length > 0) %}
{% endmacro %}

{% macro may_be_continued() -%}
    exists (
        select from ops.silver_models
        where
            model = '{{ model.name }}' and fingerprint = '{{ silver_fingerprint() }}'
            and not exists (
                select from ops.silver_changes
                where
                    is_everything and change_id > max_change_id
                    and model = any(array[{{ upstream_models() | join(', ') }}]::text[])
            )
    )
{%- endmacro %}

{#- What the model is made by, as the run was told; empty when it was not told: then every build is a whole one. -#}
{% macro silver_fingerprint() %}
    {% do return(fromjson(env_var('ROLLCALL_SILVER_FINGERPRINTS', '{}')).get(model.name, '')) %}
{% endmacro %}

{% macro upstream_models() %}
    {% set names = [] %}
    {% for node in model.depends_on.nodes if node.startswith('model.') %}
        {% do names.append("'" ~ node.split('.')[-1] ~ "'") %}
    {% endfor %}
    {% do return(names) %}
{% endmacro %}

{#-
    First pre-hook of every silver model. The DAGs take turns, but dbt may be run by hand, and an old task be cleared:
    each waits for who builds the same table, or one that it reads, so that it sees all or nothing of what that one tells. Nobody
    waits for a table behind its own, so none waits for each other. Who purges silver waits for all.
    Whether the table is built whole was decided before the wait; when that is not right any more, the build gives up.
-#}
{% macro wait_for_builds() %}
    {% if execute %}
        select pg_advisory_xact_lock_shared(hashtextextended('rollcall:silver', 0));
        select pg_advisory_xact_lock(hashtextextended('rollcall:silver:{{ model.name }}', 0));
        {{ wait_for_silver() }}
        {% if silver_fingerprint() and not flags.FULL_REFRESH %}
            ;
            do $$ begin
                if {{ is_incremental() }} <> (to_regclass('{{ this }}') is not null and {{ may_be_continued() }}) then
                    raise exception 'another run has built {{ this.identifier }}, or what it reads, meanwhile: try again';
                end if;
            end $$
        {% endif %}
    {% endif %}
{% endmacro %}

{#- Pre-hook of every gold model too: while it reads a table of silver, nobody builds that. -#}
{% macro wait_for_silver() %}
    {% if execute %}
        select pg_advisory_xact_lock_shared(hashtextextended('rollcall:silver:' || name, 0))
        from unnest(array[{{ upstream_models() | join(', ') }}]::text[]) as name
    {% endif %}
{% endmacro %}

{#-
    Pre-hook of every gold model: a run that has checked silver builds all of gold from that silver and no later one. A
    task that is cleared when another run has changed silver would make gold of two states.
-#}
{% macro require_checked_silver() %}
    {% if execute %}
        {% set checked = env_var('ROLLCALL_MAX_CHANGE_ID', '') %}
        {% if checked %}
            do $$ begin
                if exists (select from ops.silver_changes where change_id > {{ checked | int }}) then
                    raise exception
                        'silver has changed since checkpoint_silver let it pass: trigger student_dbt again';
                end if;
            end $$
        {% endif %}
    {% endif %}
{% endmacro %}

{#- Pre-hook of every silver model: a table that is built anew has changed everywhere. -#}
{% macro tell_when_built_anew() %}
    {% if execute and not is_incremental() %}
        insert into ops.silver_changes (model, is_everything) values ('{{ model.name }}', true)
    {% endif %}
{% endmacro %}

{#- Post-hook of every silver model: how far it has come. -#}
{% macro remember_build() %}
    {% if execute %}
        insert into ops.silver_models (model, fingerprint, max_load_id, max_change_id)
        select
            '{{ model.name }}',
            '{{ silver_fingerprint() }}',
            least({{ max_load_id() }}, (select coalesce(max(load_id), 0) from ops.file_loads)),
            coalesce(max(change_id), 0)
        from ops.silver_changes
        on conflict (model) do update set
        fingerprint = excluded.fingerprint, max_load_id = excluded.max_load_id,
        max_change_id = excluded.max_change_id, built_at = excluded.built_at
    {% endif %}
{% endmacro %}

{#- The strategy: takes out the rows that are not as computed, puts in those that are missing, and tells of both. -#}
{% macro get_incremental_differences_sql(arguments) %}
    {% set target, computed = arguments['target_relation'], arguments['temp_relation'] %}
    {% set columns = arguments['dest_columns'] | map(attribute='quoted') | list %}
    {% set meta = config.get('meta') %}
    analyze {{ computed }};
    with written as (
        delete from {{ target }} as old
        {% if meta.get('touched_since') %}using touched{% endif %}
        where
            {% if meta.get('touched_since') %}
            {{ equal_columns('old', 'touched', meta['touched_by']) }} and old.{{ meta['touched_since'] }} >= touched.first_date and
            {% elif meta.get('touched_by') %}
            ({{ meta['touched_by'] | join(', ') }}) in (select {{ meta['touched_by'] | join(', ') }} from touched) and
            {% endif %}
            not exists (
                select from {{ computed }} as new
                where
                    {{ equal_columns('old', 'new', meta['key']) }}
                    and row({{ prefixed('old', columns) }}) is not distinct from row({{ prefixed('new', columns) }})
            )
        returning old.*
    )
    {{ tell('written') }};
    {% if meta.get('partition_by') %}
    select ops.make_month_partitions(
        '{{ target }}'::regclass, array(select distinct date_trunc('month', {{ meta['partition_by'] }})::date from {{ computed }})
    );
    {% endif %}
    with written as (
        insert into {{ target }} ({{ columns | join(', ') }})
        select {{ prefixed('new', columns) }} from {{ computed }} as new
        {# Each row is looked up for itself: as a join it would read the keys of the whole table. #}
        left join lateral (
            select true as is_there from {{ target }} as old where {{ equal_columns('old', 'new', meta['key']) }} limit 1
        ) as old on true
        where old.is_there is null
        returning *
    )
    {{ tell('written') }};
    drop table {{ computed }}
{% endmacro %}

{#- Tells of the rows of a relation in ops.silver_changes. -#}
{% macro tell(written) %}
    {% set tells = config.get('meta').get('tells', {}) %}
    insert into ops.silver_changes ({{ (['model'] + tells.keys() | list) | join(', ') }})
    select distinct {{ (["'" ~ model.name ~ "'"] + tells.values() | list) | join(', ') }} from {{ written }}
{% endmacro %}

{% macro equal_columns(left, right, columns) -%}
    {%- for column in columns %}{{ left }}.{{ column }} = {{ right }}.{{ column }}{{ ' and ' if not loop.last }}{% endfor -%}
{%- endmacro %}

{% macro prefixed(relation, columns) -%}
    {%- for column in columns %}{{ relation }}.{{ column }}{{ ', ' if not loop.last }}{% endfor -%}
{%- endmacro %}

{#- Post-hook of every silver model: autovacuum comes too late for the model behind, when much has changed. -#}
{% macro analyze_when_much_has_changed() %}
    {% if execute %}
        {% set found = run_query(
            "select 1 from pg_class where oid = '" ~ this ~ "'::regclass and (reltuples < 0 or reltuples < 20 * ("
            ~ "select count(*) from ops.silver_changes where model = '" ~ model.name ~ "' and (is_everything or change_id"
            ~ " > (select coalesce(max(max_change_id), 0) from ops.silver_models where model = '" ~ model.name ~ "'))))"
        ) %}
        {% if found.rows | length > 0 %}analyze {{ this }}{% endif %}
    {% endif %}
{% endmacro %}
