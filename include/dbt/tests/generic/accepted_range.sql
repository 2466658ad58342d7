{#- Values outside of the bounds, which are allowed themselves; NULL is not judged. -#}
{% test accepted_range(model, column_name, min_value=none, max_value=none) %}

select 1
from {{ model }}
where
    false
    {% if min_value is not none %}or {{ column_name }} < {{ min_value }}{% endif %}
    {% if max_value is not none %}or {{ column_name }} > {{ max_value }}{% endif %}

{% endtest %}
