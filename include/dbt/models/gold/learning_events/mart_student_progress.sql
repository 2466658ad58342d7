with

students as (

    select * from {{ ref('dim_student_versions') }}
    where valid_from <= {{ as_of() }} and valid_to > {{ as_of() }}

),

schools as (

    select * from {{ ref('dim_schools') }}

),

learning as (

    select * from {{ learning_to_as_of() }} as users

),

progress as (

    select
        students.student_id,
        coalesce(students.student_name, 'Unknown') as full_name,
        schools.school_id,
        schools.school_name,
        schools.district,
        schools.poverty_level,
        students.grade_level,
        students.ethnicity,

        coalesce(learning.days_active, 0) as days_active,
        coalesce(learning.total_events, 0) as total_events,
        {{ rate('learning.problems_correct', 'learning.problems_judged') }} as avg_accuracy_rate,
        coalesce(learning.lessons_completed, 0) as lessons_completed,
        coalesce(learning.problems_attempted, 0) as problems_attempted,
        learning.first_active_date,
        learning.last_active_date,
        round(learning.session_seconds / nullif(60 * learning.sessions, 0), 2) as avg_session_minutes,

        coalesce(learning.units_attempted, 0) as units_attempted,
        coalesce(learning.units_mastered, 0) as units_mastered,
        coalesce(learning.units_attempted - learning.units_mastered, 0) as units_in_progress,
        {{ rate('learning.units_mastered', 'learning.units_attempted') }} as mastery_rate,

        coalesce(learning.days_active_last_7, 0) as days_active_last_7,
        coalesce(learning.events_last_7, 0) as events_last_7,
        {{ rate('learning.problems_correct_last_7', 'learning.problems_judged_last_7') }} as accuracy_last_7,
        case
            when learning.days_active_last_7 >= 5 then 'highly_engaged'
            when learning.days_active_last_7 >= 3 then 'moderately_engaged'
            when learning.days_active_last_7 >= 1 then 'low_engagement'
            else 'inactive'
        end as engagement_level,
        case
            when learning.units_mastered >= 0.8 * learning.units_attempted then 'on_track'
            when learning.units_mastered >= 0.5 * learning.units_attempted then 'needs_support'
            when learning.units_attempted > 0 then 'at_risk'
            else 'not_started'
        end as progress_status,

        learning.activated_on is not null as is_activated,
        learning.activated_on

    from students
    inner join schools on students.school_id = schools.school_id
    left join learning on students.student_id = learning.user_id

)

select * from progress
