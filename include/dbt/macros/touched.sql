{#-
    The keys that a model must compute again, as pre-hooks: each makes the temporary table `touched`.
    Nothing is made when the model is built whole.
-#}

{#- Of a relation the rows of touched keys: `columns` are its own, `touched` those of the table of touched keys. -#}
{% macro where_touched(columns, touched=none, among='touched') -%}
    {#- A unit test has no table to bring up to date. -#}
    {%- if this and is_incremental() -%}
        where ({{ columns | join(', ') }}) in (select {{ (touched or columns) | join(', ') }} from {{ among }})
    {%- endif -%}
{%- endmacro %}

{#- Of rows those of touched keys that are of the first touched day or a later one. -#}
{% macro join_touched_since(rows, columns, day) -%}
    {#- A unit test has no table to bring up to date. -#}
    {%- if this and is_incremental() -%}
        inner join touched
            on {{ equal_columns(rows, 'touched', columns) }} and {{ rows }}.{{ day }} >= touched.first_date
    {%- endif -%}
{%- endmacro %}

{#- Of facts those in touched months of their student: a month is read whole, for its days lie together. -#}
{% macro join_touched_months(date) -%}
    {#- A unit test has no table to bring up to date. -#}
    {%- if this and is_incremental() -%}
        inner join (select distinct month_start from touched) as months
            on
                facts.{{ date }} >= months.month_start
                and facts.{{ date }} < months.month_start + interval '1 month'
        inner join touched
            on
                facts.student_id = touched.student_id
                and months.month_start = touched.month_start
    {%- endif -%}
{%- endmacro %}

{#- What models have told since this model was built last. -#}
{% macro changes_of(models) -%}
    (
        select * from ops.silver_changes
        where
            model in ({% for name in models %}'{{ name }}'{{ ', ' if not loop.last }}{% endfor %})
            and change_id > (select max_change_id from ops.silver_models where model = '{{ model.name }}')
    )
{%- endmacro %}

{#- Of a row of bronze: whether it has come since this model was built last. -#}
{% macro is_new_load() -%}
    _load_id > (select max_load_id from ops.silver_models where model = '{{ model.name }}')
    and _load_id <= {{ max_load_id() }}
{%- endmacro %}

{#-
    Of a fact: whether its student's history has changed. Of a student that is known each day is in a version or in a
    gap: who listens to both learns of all that facts take from their student.
-#}
{% macro has_a_changed_history() -%}
    student_id in (select student_id from {{ changes_of(['dim_student_versions', 'roster_gaps']) }} as changes)
{%- endmacro %}

{#-
    `touched`: of an append source's facts, the ids of which a version has come since, and those of the students
    whose history has changed.
-#}
{% macro touch_ids(table, id) %}
    {% if execute and is_incremental() %}
        create temporary table touched on commit drop as
        select {{ id }} from {{ source('bronze', table) }}
        where {{ is_new_load() }}
        union
        select {{ id }} from {{ this }}
        where {{ has_a_changed_history() }};
        analyze touched
    {% endif %}
{% endmacro %}

{#-
    `touched`: the student-days on which any version of a touched id ever was, for its record may have left them.
    `touched_ids`: all ids that may stand there: one that leaves makes room for another.
-#}
{% macro touch_attendance_days() %}
    {% if execute and is_incremental() %}
        create temporary table new_ids on commit drop as
        select distinct attendance_id from {{ source('bronze', 'attendance') }}
        where {{ is_new_load() }};
        analyze new_ids;
        create temporary table touched on commit drop as
        select student_id, attendance_date from {{ bronze('attendance') }} as attendance
        where attendance_id in (select attendance_id from new_ids)
        union
        select student_id, attendance_date from {{ this }}
        where {{ has_a_changed_history() }};
        analyze touched;
        create temporary table touched_ids on commit drop as
        select attendance_id from new_ids
        union
        select jsonb_array_elements_text(_other_ids || to_jsonb(attendance_id)) from {{ this }} as fact
        where (student_id, attendance_date) in (select student_id, attendance_date from touched);
        analyze touched_ids
    {% endif %}
{% endmacro %}

{#- `touched`: the days of the classes of which a fact has changed. -#}
{% macro touch_class_days() %}
    {% if execute and is_incremental() %}
        create temporary table touched on commit drop as
        select distinct school_id, class_id, calendar_date
        from {{ changes_of(['fact_attendance', 'fact_assessments']) }} as changes
        where class_id is not null;
        analyze touched
    {% endif %}
{% endmacro %}

{#- `touched`: the months of the students of whom a fact has changed, or whose school's calendar has. -#}
{% macro touch_student_months() %}
    {% if execute and is_incremental() %}
        create temporary table touched on commit drop as
        select student_id, date_trunc('month', calendar_date)::date as month_start
        from {{ changes_of(['fact_attendance', 'fact_assessments']) }} as changes
        union
        select fact.student_id, date_trunc('month', fact.attendance_date)::date as month_start
        from {{ changes_of(['dim_school_days']) }} as changes
        inner join {{ ref('fact_attendance') }} as fact
            on
                changes.calendar_date = fact.attendance_date
                and changes.school_id = coalesce(fact.school_id, 'UNKNOWN');
        analyze touched
    {% endif %}
{% endmacro %}
