with

user_days as (

    select * from {{ ref('fact_user_days') }}
    where source = 'all' and active_events > 0 and calendar_date <= {{ as_of() }}

),

activity as (

    select * from {{ ref('fact_student_activity') }}
    where lesson_completes > 0 and calendar_date <= {{ as_of() }}

),

students as (

    select * from {{ ref('dim_student_versions') }}
    where valid_from <= {{ as_of() }} and valid_to > {{ as_of() }}

),

first_days as (

    select
        user_id,
        min(calendar_date) as first_active_date
    from user_days
    group by user_id

),

activations as (

    select
        user_id,
        min(calendar_date) as activated_on
    from activity
    group by user_id

),

users as (

    select
        coalesce(students.school_id, 'UNKNOWN') as school_id,
        date_trunc('month', first_days.first_active_date)::date as month_start,
        activations.activated_on - first_days.first_active_date as days_to_activation
    from first_days
    left join activations on first_days.user_id = activations.user_id
    left join students on first_days.user_id = students.student_id

),

cohorts as (

    select
        school_id,
        month_start,
        count(*) as users,
        count(days_to_activation) as activated_users,
        {{ rate('count(days_to_activation)', 'count(*)') }} as activation_rate,
        round((percentile_cont(0.5) within group (order by days_to_activation))::numeric, 2)
            as median_days_to_activation
    from users
    group by school_id, month_start

)

select * from cohorts
