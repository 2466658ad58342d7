{{ config(pre_hook="{{ touch_ids('assessments', 'assessment_id') }}") }}

with

assessments as (

    select * from {{ bronze('assessments') }} as assessments
    {{ where_touched(['assessment_id']) }}

),

students as (

    select * from {{ ref('dim_students') }}

),

versions as (

    select * from {{ ref('dim_student_versions') }}

),

gaps as (

    select * from {{ ref('roster_gaps') }}

),

newest_versions as (

    select distinct on (assessment_id) *
    from assessments
    order by assessment_id, {{ newest_first('created_at') }}

),

as_of_their_date as (

    select
        newest_versions.assessment_id,
        newest_versions.student_id,
        newest_versions.subject,
        newest_versions.assessment_date,

        newest_versions.score,
        newest_versions.max_score,
        round(100 * newest_versions.score / newest_versions.max_score, 2) as score_percentage,

        versions.school_id,
        versions.class_id,
        versions.grade_level,
        {{ enrollment_status_as_of('newest_versions.assessment_date') }} as enrollment_status,
        students.student_id is null as is_orphan,

        newest_versions.created_at,
        newest_versions._load_id

    from newest_versions
    {{ join_student_as_of('newest_versions', 'assessment_date') }}

)

select * from as_of_their_date
