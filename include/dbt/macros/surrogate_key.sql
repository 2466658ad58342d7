{#- md5 of the parts joined with `|`, NULL as `∅`. -#}
{% macro surrogate_key(columns) -%}
    md5(concat_ws('|'{% for column in columns %}, coalesce({{ column }}::text, '∅'){% endfor %}))
{%- endmacro %}
