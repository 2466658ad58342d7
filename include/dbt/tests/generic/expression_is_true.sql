{#- Rows for which the expression is false; NULL is not judged. -#}
{% test expression_is_true(model, expression) %}

select 1
from {{ model }}
where not ({{ expression }})

{% endtest %}
