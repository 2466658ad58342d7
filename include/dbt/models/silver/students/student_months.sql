{{ config(pre_hook="{{ touch_student_months() }}") }}

with

attendance as (

    select facts.* from {{ ref('fact_attendance') }} as facts
    {{ join_touched_months('attendance_date') }}

),

assessments as (

    select facts.* from {{ ref('fact_assessments') }} as facts
    {{ join_touched_months('assessment_date') }}

),

student_months as (

    {{ student_months_of_facts() }}

)

select * from student_months
