{#-
    No model reads bronze but through these macros, so none reads beyond the load that the run was given.
    The environment is read while running, not while parsing: a new value does not make dbt parse again.
-#}

{% macro max_load_id() -%}
    {%- if execute -%}
        {{ env_var('ROLLCALL_MAX_LOAD_ID', '9223372036854775807') | int }}
    {%- endif -%}
{%- endmacro %}

{#- The rows of a bronze table up to max_load_id. -#}
{% macro bronze(table) -%}
    (select * from {{ source('bronze', table) }} where _load_id <= {{ max_load_id() }})
{%- endmacro %}

{#- The spans in which a student was missing from the roster; returned_on is exclusive, NULL while still missing. -#}
{% macro student_gaps() -%}
    (
        select
            student_id,
            missing_from,
            case when returned_load_id <= {{ max_load_id() }} then returned_on end as returned_on
        from {{ source('bronze', 'students_presence') }}
        where missing_load_id <= {{ max_load_id() }}
    )
{%- endmacro %}

{#- The total order in which the first row is the version that stands; JSON records may share a line. -#}
{% macro newest_first(version_column) -%}
    {{ version_column }} desc, _load_id desc, _source_line desc, _row_hash desc
{%- endmacro %}
