{#-
    A table that is partitioned by month, built whole: dbt's own macro cannot make one. A month more on either side,
    because the months of bronze are those of UTC.
-#}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
    {%- set partition_by = config.get('meta', {}).get('partition_by') if model.resource_type == 'model' -%}
    {%- if temporary or not partition_by -%}
        {{ default__create_table_as(temporary, relation, sql) }}
    {%- else -%}
        create temporary table columns_of_model on commit drop as select * from ({{ sql }}) as model limit 0;
        create table {{ relation }} (like columns_of_model) partition by range ({{ partition_by }});
        select ops.make_month_partitions(
            '{{ relation }}'::regclass,
            array(
                select distinct (obj_description(inhrelid, 'pg_class')::date + months * interval '1 month')::date
                from pg_inherits
                inner join pg_class on pg_inherits.inhparent = pg_class.oid
                cross join generate_series(-1, 1) as months
                where relnamespace = 'bronze'::regnamespace and relkind = 'p'
            )
        );
        insert into {{ relation }} (
            {{ sql }}
        )
    {%- endif -%}
{%- endmacro %}
