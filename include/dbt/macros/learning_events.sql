{#-
    The events of all sources in one shape: of each event the version that stands, or, with `only_new`, every version
    that has come since the model was built last.
-#}
{% macro events_of_sources(only_new=false) -%}
    {{ platform_events(rows_of('platform_events', ['event_id'], '"timestamp"', only_new)) }}
    union all
    {{ product_events(rows_of('product_events', ['product', 'id'], '"timestamp"', only_new)) }}
    union all
    {{ mobile_events(rows_of('mobile_events', ['event_key'], none, only_new)) }}
    union all
    {{ web_events(rows_of('web_events', ['event_key'], none, only_new)) }}
    union all
    {{ reward_events(rows_of('reward_events', ['event_key'], none, only_new)) }}
{%- endmacro %}

{% macro rows_of(table, key, version, only_new) -%}
    {%- if only_new -%}
        (select * from {{ source('bronze', table) }} where {{ is_new_load() }})
    {%- else -%}
        {{ newest_versions(table, key, version) }}
    {%- endif -%}
{%- endmacro %}

{#- The newest version of each event; in an incremental build of those that are new or touched. -#}
{% macro newest_versions(table, key, version) -%}
    {%- set order = ([version] if version else []) + ['_load_id', '_source_line', '_row_hash'] -%}
    {#- A unit test has no table to bring up to date. -#}
    {%- if this and is_incremental() -%}
        (
            select distinct on ({{ key | join(', ') }}) *
            from {{ touched_versions(table, key) }} as versions
            order by {{ key | join(', ') }}, {{ order | join(' desc, ') }} desc
        )
    {%- else -%}
        {#- Few events have a second version: to look for it costs less than to sort them all. -#}
        (
            select * from {{ bronze(table) }} as versions
            where not exists (
                select from {{ bronze(table) }} as newer
                where
                    {{ equal_columns('newer', 'versions', key) }}
                    and ({{ prefixed('newer', order) }}) > ({{ prefixed('versions', order) }})
            )
        )
    {%- endif -%}
{%- endmacro %}

{#- Every version of the events that are new or touched. -#}
{% macro touched_versions(table, key) -%}
    (
        select * from {{ source('bronze', table) }}
        where {{ is_new_load() }}
        union all
        select * from {{ source('bronze', table) }}
        where
            ({{ key | join(', ') }}) in (
                select {{ 'product, key' if key | length > 1 else 'key' }} from touched where source = '{{ table }}'
            )
            and _load_id <= (select max_load_id from ops.silver_models where model = '{{ model.name }}')
    )
{%- endmacro %}

{#- The name of a derived session: source, user, and when its first event was. -#}
{% macro derived_session_id(events) -%}
    {{ events }}.source || ':' || {{ events }}.user_id || ':'
    || to_char({{ events }}.session_start_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
{%- endmacro %}
