with

onboarded as (

    select
        user_id,
        min(occurred_at) as onboarded_at,
        date_trunc('month', min(calendar_date))::date as cohort_month
    from {{ ref('fact_milestones') }}
    where milestone = 'onboarding_complete' and calendar_date <= {{ as_of() }}
    group by user_id

),

journeys as (

    select
        onboarded.cohort_month,
        onboarded.onboarded_at,
        content_started.started_at,
        content_completed.finished_at,
        trial_start.trial_at,
        subscription_start.subscribed_at
    from onboarded
    {{ join_next_milestone('onboarded', 'onboarded.onboarded_at', 'content_started', 'started_at') }}
    {{ join_next_milestone('onboarded', 'content_started.started_at', 'content_completed', 'finished_at') }}
    {{ join_next_milestone('onboarded', 'content_completed.finished_at', 'trial_start', 'trial_at') }}
    {{ join_next_milestone('onboarded', 'trial_start.trial_at', 'subscription_start', 'subscribed_at') }}

),

-- Also those in which nobody was onboarded.
months as (

    select generate_series(min(cohort_month), {{ as_of() }}, '1 month')::date as cohort_month
    from onboarded

),

cohorts as (

    select
        months.cohort_month,
        count(journeys.onboarded_at) as onboarded,
        count(journeys.started_at) as started,
        count(journeys.finished_at) as finished,
        count(journeys.trial_at) as tried,
        count(journeys.subscribed_at) as subscribed,
        {{ median_hours('journeys.onboarded_at', 'journeys.started_at') }} as hours_to_start,
        {{ median_hours('journeys.started_at', 'journeys.finished_at') }} as hours_to_finish,
        {{ median_hours('journeys.finished_at', 'journeys.trial_at') }} as hours_to_trial,
        {{ median_hours('journeys.trial_at', 'journeys.subscribed_at') }} as hours_to_subscription
    from months
    left join journeys on months.cohort_month = journeys.cohort_month
    group by months.cohort_month

),

funnel as (

    select
        cohorts.cohort_month,
        steps.step_number,
        steps.step,
        steps.users,
        {{ rate('steps.users', 'cohorts.onboarded') }} as share_of_first,
        {{ rate('steps.users', 'steps.previous_users') }} as share_of_previous,
        steps.median_hours,
        (cohorts.cohort_month + interval '1 month')::date - 1 <= {{ as_of() }} as is_complete
    from cohorts
    cross join lateral (
        values
        (1, 'onboarding_complete', cohorts.onboarded, null::bigint, null::numeric),
        (2, 'content_started', cohorts.started, cohorts.onboarded, cohorts.hours_to_start),
        (3, 'content_completed', cohorts.finished, cohorts.started, cohorts.hours_to_finish),
        (4, 'trial_start', cohorts.tried, cohorts.finished, cohorts.hours_to_trial),
        (5, 'subscription_start', cohorts.subscribed, cohorts.tried, cohorts.hours_to_subscription)
    ) as steps (step_number, step, users, previous_users, median_hours)

)

select * from funnel
