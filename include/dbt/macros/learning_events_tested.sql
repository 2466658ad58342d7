{#-
    What the tests of learning events look at, as macros/tested_rows.sql does for other tests: the users' days of which a
    row has changed since the last publication, and all when a table was built anew.
-#}

{#- Whether the tests of these models look at changed days only. -#}
{% macro is_tested_in_part(models) %}
    {% if not execute %}{% do return(false) %}{% endif %}
    {% set found = run_query("select " ~ unpublished_changes(models) ~ " and is_everything limit 1") %}
    {% do return(found.rows | length == 0) %}
{% endmacro %}

{% macro unpublished_changes(models) -%}
    from ops.silver_changes
    where
        model in ({% for name in models %}'{{ name }}'{{ ', ' if not loop.last }}{% endfor %})
        and change_id > (select coalesce(max(max_change_id), 0) from ops.publications)
{%- endmacro %}

{#- The rows of a model as `facts` that belong to `changed`: days of users, as student_id and calendar_date. -#}
{% macro unpublished_facts(models, model_name, condition) -%}
    {%- if is_tested_in_part(models) -%}
        {%- set changed = "(select distinct student_id, calendar_date " ~ unpublished_changes(models) ~ ") as changed" -%}
        {{ facts_of(changed, model_name, condition) }}
    {%- else -%}
        {{ ref(model_name) }} as facts
    {%- endif -%}
{%- endmacro %}

{#- The same for the rows that belong to those of a CTE. -#}
{% macro unpublished_facts_of(models, keys, model_name, condition) -%}
    {%- if is_tested_in_part(models) -%}
        {{ facts_of(keys, model_name, condition) }}
    {%- else -%}
        {{ ref(model_name) }} as facts
    {%- endif -%}
{%- endmacro %}

{#-
    Whether a model has taken in all changes of the one it is made of. Another run may have changed that one since: then
    the two cannot be compared, and the build that follows tests them.
-#}
{% macro is_in_step(model_name, with_model) -%}
    not exists (
        select from ops.silver_changes
        where
            model = '{{ with_model }}'
            and change_id > (select max_change_id from ops.silver_models where model = '{{ model_name }}')
    )
{%- endmacro %}
