{#- The day up to which gold looks. -#}
{% macro as_of() -%}
    {%- if execute -%}
        {%- set day = env_var('ROLLCALL_AS_OF', '') -%}
        {%- if not modules.re.fullmatch('\\d{4}-\\d{2}-\\d{2}', day) -%}
            {{ exceptions.raise_compiler_error(
                "gold needs the environment variable ROLLCALL_AS_OF as YYYY-MM-DD; it is '" ~ day ~ "'"
            ) }}
        {%- endif -%}
        date '{{ day }}'
    {%- endif -%}
{%- endmacro %}

{#- The date of an instant, in the zone of the school. -#}
{% macro local_date(timestamp) -%}
    {%- if execute -%}
        ({{ timestamp }} at time zone '{{ env_var('ROLLCALL_TIMEZONE', 'UTC') }}')::date
    {%- endif -%}
{%- endmacro %}

{#- The year in which the school year of a date starts: it runs from August to July. -#}
{% macro school_year(date) -%}
    extract(year from {{ date }} - interval '7 months')::int
{%- endmacro %}

{#- The number of a date's week, Monday to Sunday, within its school year: week 1 holds the first of August. -#}
{% macro week_of_school_year(date, school_year) -%}
    (date_trunc('week', {{ date }})::date - date_trunc('week', make_date({{ school_year }}, 8, 1))::date) / 7 + 1
{%- endmacro %}
