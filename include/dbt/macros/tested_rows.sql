{#-
    dbt asks this macro of its own for the rows that a generic test looks at. Of a model that computes only what was
    touched these are the rows that have changed since the last publication: what was published has passed, and a test
    that failed kept its run from publishing.
-#}
{% macro get_where_subquery(relation) %}
    {% set where, node = config.get('where') or 'true', graph.nodes.get(model.attached_node, {}) if execute else {} %}
    {% if is_tested_by_change(node) %}
        {% do return(changed_rows(relation, where, node)) %}
    {% endif %}
    {% do return("(select * from " ~ relation ~ " where (" ~ where ~ ")) as tested_rows" if config.get('where') else relation) %}
{% endmacro %}

{#- Whether the tests of a model look at changed rows only; not so when all have changed. -#}
{% macro is_tested_by_change(node) %}
    {% if not node.get('config', {}).get('meta', {}).get('touched_by') %}{% do return(false) %}{% endif %}
    {% set found = run_query("select " ~ unpublished_changes([node.name]) ~ " and is_everything limit 1") %}
    {% do return(found.rows | length == 0) %}
{% endmacro %}

{#-
    The rows that were told of. One that does not say itself which it is, for what was told of it is NULL, equals none:
    all such rows are looked at, and the table is not read for them as long as none was told of.
-#}
{% macro changed_rows(relation, where, node) %}
    {% set tells = node.config.meta['tells'] %}
    {# The day of a student says enough: school and class may be unknown. #}
    {% set left_out = ['school_id', 'class_id'] if 'student_id' in tells else [] %}
    {% set told = dict(tells.items() | rejectattr(0, 'in', left_out)) %}
    {% set columns, values, changes = told.keys() | join(', '), told.values() | join(', '), unpublished_changes([node.name]) %}
    {% set rows %}
        (
            select * from {{ relation }}
            where ({{ where }}) and ({{ values }}) in (select {{ columns }} {{ changes }})
            union all
            select * from {{ relation }}
            where
                ({{ where }}) and num_nulls({{ values }}) > 0
                and exists (select {{ changes }} and num_nulls({{ columns }}) > 0)
        ) as tested_rows
    {% endset %}
    {% do return(rows) %}
{% endmacro %}
