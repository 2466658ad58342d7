{#-
    The joins that give a fact its student's version as of the fact's date.
    A fact before the first version takes the first; a fact inside a gap takes none.
    Needs the CTEs students, versions and gaps.
-#}
{% macro join_student_as_of(fact, date) -%}
    left join students
        on {{ fact }}.student_id = students.student_id
    left join gaps
        on {{ fact }}.student_id = gaps.student_id
        and gaps.missing_from <= {{ fact }}.{{ date }}
        and (gaps.returned_on is null or {{ fact }}.{{ date }} < gaps.returned_on)
    left join versions
        on {{ fact }}.student_id = versions.student_id
        and gaps.student_id is null
        and {{ fact }}.{{ date }} < versions.valid_to
        and (versions.valid_from <= {{ fact }}.{{ date }} or versions.version_number = 1)
{%- endmacro %}

{#- The student's enrollment status on the day of a fact; NULL when no version of that school year or earlier says. -#}
{% macro enrollment_status_as_of(date) -%}
    case
        when versions.valid_from <= {{ date }} or {{ school_year('versions.valid_from') }} = {{ school_year(date) }}
            then versions.enrollment_status
    end
{%- endmacro %}
