{#-
    No model reads bronze but through these macros, so none reads beyond the load that the run was given.
    The environment is read while running, not while parsing: a new value does not make dbt parse again.
-#}

{#-
    How far the model reads. A run that began before another one ended does not take the table back: what the other was
    allowed to read was committed then, and is now. Asked when the build has its turn, not before.
-#}
{% macro max_load_id() -%}
    {%- if execute -%}
        {%- set given = env_var('ROLLCALL_MAX_LOAD_ID', '9223372036854775807') | int -%}
        {%- if silver_fingerprint() -%}
            greatest({{ given }}, (select max_load_id from ops.silver_models where model = '{{ model.name }}'))
        {%- else -%}
            {{ given }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- The rows of a bronze table up to max_load_id. -#}
{% macro bronze(table) -%}
    (select * from {{ source('bronze', table) }} where _load_id <= {{ max_load_id() }})
{%- endmacro %}

{#-
    The total order in which the first row is the version that stands; a version without a time is the oldest, and JSON
    records may share a line.
-#}
{% macro newest_first(version_column) -%}
    {{ version_column }} desc nulls last, _load_id desc, _source_line desc, _row_hash desc
{%- endmacro %}

{#-
    The newest version of each key of a full load, without the keys that are missing from its newest snapshot.
    Not the current table of bronze: there a later load may have written over what the run may see.
-#}
{% macro current_rows(table, key) -%}
    (
        select distinct on ({{ key | join(', ') }}) *
        from {{ bronze(table ~ '_history') }} as history
        where not exists (
            select from {{ source('bronze', table ~ '_presence') }} as gap
            where
                gap.missing_load_id <= {{ max_load_id() }}
                and (gap.returned_load_id is null or gap.returned_load_id > {{ max_load_id() }})
                {%- for column in key %}
                and gap.{{ column }} = history.{{ column }}
                {%- endfor %}
        )
        order by {{ key | join(', ') }}, {{ newest_first('updated_at') }}
    )
{%- endmacro %}

{#-
    The days that the calendars of the schools list. A day before 2000, or more than five years after it came in, is a
    slip of the pen: every school would get all the years between.
-#}
{% macro listed_school_days() -%}
    (
        select
            school_id,
            calendar_date,
            is_school_day,
            day_type,
            {{ school_year('calendar_date') }} as school_year
        from {{ current_rows('school_days', ['school_id', 'calendar_date']) }}
        where calendar_date >= '2000-01-01' and calendar_date < {{ local_date('_ingested_at') }} + interval '5 years'
    )
{%- endmacro %}
