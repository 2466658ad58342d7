{{ config(pre_hook="{{ touch_user_days('user_id', 'calendar_date') }}") }}
-- depends_on: {{ ref('fact_user_days') }}
-- (first, so that the tests that compare the two run behind this model)

with

events as (

    select facts.*
    from {{ touched_facts(
        'fact_learning_events', 'facts.user_id = touched.user_id and facts.event_date = touched.calendar_date'
    ) }}
    where
        facts.is_completion
        or {{ starts_a_content() }}
        or facts.event_type in (
            'onboarding_complete', 'experiment_exposure', 'trial_start', 'subscription_start', 'feature_use'
        )

),

reached as (

    select
        source,
        event_id,
        user_id,
        event_date as calendar_date,
        occurred_at,
        event_type,
        case
            when {{ starts_a_content() }} then 'content_started'
            when is_completion then 'content_completed'
            else event_type
        end as milestone,
        platform,
        content_id,
        content_type,
        properties,
        _load_id
    from events

),

named as (

    select
        source,
        event_id,
        user_id,
        calendar_date,
        occurred_at,
        event_type,
        milestone,
        platform,
        content_id,
        content_type,
        case when milestone = 'experiment_exposure' then {{ said_of('experiment') }} end as experiment,
        case when milestone = 'experiment_exposure' then {{ said_of('variant') }} end as variant,
        case when milestone = 'feature_use' then {{ said_of('feature') }} end as feature,
        _load_id
    from reached

),

milestones as (

    select * from named
    where
        (milestone <> 'experiment_exposure' or num_nulls(experiment, variant) = 0)
        and (milestone <> 'feature_use' or feature is not null)

)

select * from milestones
{{ and_kept('calendar_date') }}
