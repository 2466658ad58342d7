{#- A share from 0 to 1, NULL when there is nothing to divide by. -#}
{% macro rate(numerator, denominator) -%}
    round({{ numerator }}::numeric / nullif({{ denominator }}, 0), 4)
{%- endmacro %}
