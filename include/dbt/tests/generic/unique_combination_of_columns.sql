{#- Keys that are held by more than one row, or that are NULL in part. -#}
{% test unique_combination_of_columns(model, combination_of_columns) %}

select 1
from {{ model }}
group by {{ combination_of_columns | join(', ') }}
having count(*) > 1 or {{ combination_of_columns | join(' is null or ') }} is null

{% endtest %}
