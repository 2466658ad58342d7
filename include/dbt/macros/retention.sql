{#- The day before which raw events are purged, and are not taken in any more. -#}
{% macro raw_horizon() -%}
    (select coalesce(max(horizon), '-infinity') from ops.purges where kind = 'raw_events')
{%- endmacro %}

{#-
    Behind the last step of an aggregate of events, built whole: the rows of days whose raw events are purged, as they
    stand in the table that it replaces. A column that is new is NULL there.
-#}
{% macro and_kept(date) -%}
    {#- A unit test has no table to replace. -#}
    {%- if execute and this and not is_incremental() -%}
        {%- set table = load_relation(this) -%}
        {%- if table -%}
            {%- set there = adapter.get_columns_in_relation(table) | map(attribute='name') | list %}
            union all
            select
                {% for column in model.columns -%}
                    {{ column if column in there else 'null' }}{{ ',' if not loop.last }}
                {% endfor -%}
            from {{ this }}
            where {{ date }} < {{ raw_horizon() }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
