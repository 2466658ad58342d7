{#-
    The student's versions with the days on which they count as membership: [member_from, member_until).
    A roster often carries yesterday's timestamp: the first version reaches back to the student's first record
    of the same school year.
-#}
{% macro student_memberships() -%}
    (
        select
            versions.*,
            least(versions.valid_from, first_records.first_record_date) as member_from,
            versions.valid_to as member_until
        from {{ ref('dim_student_versions') }} as versions
        left join (
            select
                student_id,
                {{ school_year('record_date') }} as school_year,
                min(record_date) as first_record_date
            from (
                select student_id, attendance_date as record_date from {{ ref('fact_attendance') }}
                union all
                select student_id, assessment_date as record_date from {{ ref('fact_assessments') }}
            ) as records
            group by 1, 2
        ) as first_records
            on versions.student_id = first_records.student_id
            and versions.version_number = 1
            and {{ school_year('versions.valid_from') }} = first_records.school_year
    )
{%- endmacro %}
