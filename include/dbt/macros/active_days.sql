{#-
    Of each of the students, the newest active day up to as_of, and on how many of the last days, as many as the rule of
    indicator `engagement` says, there was activity: student_id, last_active_date, active_days, is_activity_recorded (of
    anybody). Needs the CTEs members and warning_rules. A look-up by student, for all days of all users are much more.
-#}
{% macro active_days() -%}
    (
        select
            members.student_id,
            newest.last_active_date,
            case when newest.last_active_date is not null then recent.active_days end as active_days,
            exists (
                select from {{ ref('fact_user_days') }} as anybody where anybody.calendar_date <= {{ as_of() }}
            ) as is_activity_recorded
        from members
        inner join warning_rules on warning_rules.indicator = 'engagement'
        left join lateral (
            select days.calendar_date as last_active_date from {{ ref('fact_user_days') }} as days
            where
                days.user_id = members.student_id
                and days.source = 'all'
                and days.active_events > 0
                and days.calendar_date <= {{ as_of() }}
            order by days.calendar_date desc
            limit 1
        ) as newest on true
        left join lateral (
            select count(*) as active_days from {{ ref('fact_user_days') }} as days
            where
                days.user_id = members.student_id
                and days.source = 'all'
                and days.active_events > 0
                and days.calendar_date > {{ as_of() }} - warning_rules.window_size::int
                and days.calendar_date <= {{ as_of() }}
        ) as recent on true
    )
{%- endmacro %}
