with

members as (

    select * from {{ ref('student_memberships') }}
    where is_enrolled and member_from <= {{ as_of() }} and member_until > {{ as_of() }}

),

warning_rules as (

    select * from {{ ref('early_warning_rules') }}

),

absence_rule as (

    select * from {{ ref('chronic_absence_rules') }}
    where rule_id = '{{ var("chronic_absence_rule") }}' and school_year_from <= {{ school_year(as_of()) }}
    order by school_year_from desc
    limit 1

),

statuses as (

    select * from {{ ref('student_attendance_status') }}
    where school_year = {{ school_year(as_of()) }}

),

courses as (

    select * from {{ newest_scores() }}

),

engagements as (

    select * from {{ active_days() }}

),

measured as (

    select
        members.student_id,
        warning_rules.*,
        statuses.band,
        statuses.days_absent,
        statuses.days_recorded,
        statuses.absence_rate,
        absence_rule.rule_id as chronic_absence_rule_id,
        absence_rule.threshold as absence_threshold,
        absence_rule.is_inclusive,
        absence_rule.minimum_days_recorded,
        absence_rule.at_risk_from,
        absence_rule.severe_from,
        courses.assessment_count,
        courses.mean_score,
        engagements.active_days,
        engagements.last_active_date,
        engagements.is_activity_recorded
    from members
    cross join warning_rules
    left join absence_rule on warning_rules.indicator = 'attendance'
    left join statuses on warning_rules.indicator = 'attendance' and members.student_id = statuses.student_id
    left join courses on warning_rules.indicator = 'course' and members.student_id = courses.student_id
    left join engagements on warning_rules.indicator = 'engagement' and members.student_id = engagements.student_id

),

warnings as (

    select
        student_id,
        indicator,
        case
            when band = any(string_to_array(warning_bands, ' ')) then 'warning'
            when coalesce(mean_score, active_days) < threshold then 'warning'
            when band = any(string_to_array(watch_bands, ' ')) then 'watch'
            when band <> 'not_enough_data' or coalesce(mean_score, active_days) is not null then 'none'
            else 'not_enough_data'
        end as severity,
        case indicator
            when 'attendance' then {{ absence_sentence() }}
            when 'course' then {{ course_sentence() }}
            else {{ engagement_sentence() }}
        end as reason,
        coalesce(absence_rate, round(mean_score, 2), active_days) as value,
        coalesce(absence_threshold, threshold) as threshold,
        rule_id,
        chronic_absence_rule_id
    from measured

)

select * from warnings
