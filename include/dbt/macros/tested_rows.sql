{#-
    dbt asks this macro of its own for the rows that a generic test looks at. Of a model that computes only what was
    touched these are the rows that have changed since the last publication: what was published has passed, and a test
    that failed kept its run from publishing.
-#}
{% macro get_where_subquery(relation) %}
    {% set unpublished = unpublished_rows(model.attached_node) if execute %}
    {% set conditions = [config.get('where'), unpublished] | select | list %}
    {% if not conditions %}{% do return(relation) %}{% endif %}
    {% do return("(select * from " ~ relation ~ " where (" ~ conditions | join(") and (") ~ ")) as tested_rows") %}
{% endmacro %}

{#- The condition that a row has changed since the last publication; none when all have, or when all are looked at. -#}
{% macro unpublished_rows(node_id) %}
    {% set node = graph.nodes.get(node_id, {}) %}
    {% set meta = node.get('config', {}).get('meta', {}) %}
    {% if not meta.get('touched_by') %}{% do return(none) %}{% endif %}
    {% set unpublished %}
        from ops.silver_changes
        where
            model = '{{ node.name }}'
            and change_id > (select coalesce(max(max_change_id), 0) from ops.publications)
    {% endset %}
    {% if run_query("select " ~ unpublished ~ " and is_everything limit 1").rows | length > 0 %}
        {% do return(none) %}
    {% endif %}
    {# The day of a student says enough: school and class may be unknown. #}
    {% set told = meta['tells'].items() | rejectattr(0, 'in', ['school_id', 'class_id']) | list
        if 'student_id' in meta['tells'] else meta['tells'].items() | list %}
    {% do return(
        "(" ~ told | map(attribute=1) | join(', ') ~ ") in (select " ~ told | map(attribute=0) | join(', ') ~ unpublished ~ ")"
    ) %}
{% endmacro %}
