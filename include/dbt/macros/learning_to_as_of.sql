{#- The instant at which as_of ends: midnight, in the zone of the school. -#}
{% macro end_of_as_of() -%}
    {%- if execute -%}
        (({{ as_of() }} + 1)::timestamp at time zone '{{ env_var('ROLLCALL_TIMEZONE', 'UTC') }}')
    {%- endif -%}
{%- endmacro %}

{#- Of the sessions that go on after as_of, what they were by then: made anew of their events up to there. -#}
{% macro sessions_cut_at_as_of() -%}
    (
        with

        cut as (

            select
                source,
                learner_id,
                session_id,
                partition_date
            from {{ ref('session_metrics') }}
            where partition_date <= {{ as_of() }} and session_end_at >= {{ end_of_as_of() }}

        ),

        events as (

            select facts.*
            from cut
            inner join {{ ref('fact_learning_events') }} as facts
                on
                    cut.session_id = facts.session_id
                    and cut.learner_id = facts.user_id
                    and cut.source = facts.source
                    and cut.partition_date <= facts.event_date
                    and facts.event_date <= {{ as_of() }}

        ),

        made_again as ({{ session_metrics_of_events() }})

        select * from made_again
    )
{%- endmacro %}

{#-
    Of the sessions that go on after as_of, how many seconds they lasted beyond its end, with the day on which they began:
    fact_user_days counts a session whole on that day.
-#}
{% macro session_seconds_after_as_of() -%}
    (
        select
            stored.source,
            stored.learner_id,
            stored.partition_date as calendar_date,
            stored.duration_seconds - cut.duration_seconds as session_seconds
        from {{ sessions_cut_at_as_of() }} as cut
        inner join {{ ref('session_metrics') }} as stored
            on
                cut.source = stored.source
                and cut.learner_id = stored.learner_id
                and cut.session_id = stored.session_id
    )
{%- endmacro %}

{#-
    What each user has done up to as_of: days and sessions, lessons and problems, units; `_last_7` is of the 7 days up to
    as_of. Also users of whom there is no student. A day is active that has an active event.
-#}
{% macro learning_to_as_of() -%}
    (
        with

        days as (

            select
                user_id,
                count(*) filter (where active_events > 0) as days_active,
                count(*) filter (where active_events > 0 and calendar_date > {{ as_of() }} - 7) as days_active_last_7,
                min(calendar_date) filter (where active_events > 0) as first_active_date,
                max(calendar_date) filter (where active_events > 0) as last_active_date,
                sum(events)::bigint as total_events,
                (sum(events) filter (where calendar_date > {{ as_of() }} - 7))::bigint as events_last_7,
                sum(sessions)::bigint as sessions,
                sum(session_seconds) as session_seconds
            from {{ ref('fact_user_days') }}
            where source = 'all' and calendar_date <= {{ as_of() }}
            group by user_id

        ),

        -- A session counts whole on the day on which it starts.
        after_as_of as (

            select
                learner_id as user_id,
                sum(session_seconds) as session_seconds
            from {{ session_seconds_after_as_of() }} as later
            group by learner_id

        ),

        activity as (

            select
                user_id,
                sum(lesson_completes)::bigint as lessons_completed,
                sum(problem_attempts)::bigint as problems_attempted,
                sum(problems_judged)::bigint as problems_judged,
                sum(problems_correct)::bigint as problems_correct,
                sum(problems_judged) filter (where calendar_date > {{ as_of() }} - 7) as problems_judged_last_7,
                sum(problems_correct) filter (where calendar_date > {{ as_of() }} - 7) as problems_correct_last_7,
                min(calendar_date) filter (where lesson_completes > 0) as activated_on
            from {{ ref('fact_student_activity') }}
            where calendar_date <= {{ as_of() }}
            group by user_id

        ),

        units as (

            select
                user_id,
                count(distinct unit_id) as units_attempted,
                -- Once mastered, always mastered: the status goes by the best score so far.
                count(distinct unit_id) filter (where is_mastered) as units_mastered
            from {{ ref('fact_learning_progress') }}
            where calendar_date <= {{ as_of() }}
            group by user_id

        )

        select
            days.user_id,
            days.days_active,
            days.days_active_last_7,
            days.first_active_date,
            days.last_active_date,
            days.total_events,
            days.events_last_7,
            days.sessions,
            days.session_seconds - coalesce(after_as_of.session_seconds, 0) as session_seconds,
            activity.lessons_completed,
            activity.problems_attempted,
            activity.problems_judged,
            activity.problems_correct,
            activity.problems_judged_last_7,
            activity.problems_correct_last_7,
            activity.activated_on,
            units.units_attempted,
            units.units_mastered
        from days
        left join after_as_of on days.user_id = after_as_of.user_id
        left join activity on days.user_id = activity.user_id
        left join units on days.user_id = units.user_id
    )
{%- endmacro %}
