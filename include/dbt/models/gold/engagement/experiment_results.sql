with

exposed as (

    select
        user_id,
        experiment,
        (array_agg(variant order by occurred_at, event_id collate "C", source collate "C"))[1] as variant,
        min(occurred_at) as exposed_at,
        min(calendar_date) as exposed_on,
        count(distinct variant) > 1 as is_crossover
    from {{ ref('fact_milestones') }}
    where milestone = 'experiment_exposure' and calendar_date <= {{ as_of() }}
    group by user_id, experiment

),

-- A day is shorter than the window, so its first and last completion tell whether one lies within. The window is one
-- of hours, for not each day has 24.
judged as (

    select
        experiment,
        variant,
        is_crossover,
        exposed_at + interval '168 hours' < {{ end_of_as_of() }} as is_complete,
        exists(
            -- A look-up of nine days for each user: the days of all users are many more.
            select from {{ ref('fact_user_days') }} as user_days
            where
                user_days.source = 'all'
                and user_days.user_id = exposed.user_id
                and user_days.calendar_date between exposed.exposed_on and exposed.exposed_on + 8
                and user_days.calendar_date <= {{ as_of() }}
                and user_days.first_completion_at <= exposed.exposed_at + interval '168 hours'
                and user_days.last_completion_at > exposed.exposed_at
        ) as is_converted
    from exposed

),

counted as (

    select
        experiment,
        variant,
        count(*) filter (where is_complete) as users,
        count(*) filter (where not is_complete) as users_in_window,
        count(*) filter (where is_complete and is_crossover) as crossover_users,
        count(*) filter (where is_complete and is_converted) as conversions,
        avg(is_converted::int) filter (where is_complete) as rate
    from judged
    group by experiment, variant

),

compared as (

    select
        counted.*,
        controls.rate as control_rate,
        counted.rate - controls.rate as difference,
        {{ unpooled_error('counted', 'controls') }} as unpooled_error,
        {{ pooled_error('counted', 'controls') }} as pooled_error
    from counted
    left join counted as controls
        on
            counted.experiment = controls.experiment
            and counted.variant <> 'control'
            and controls.variant = 'control'
            and least(counted.users, controls.users) > 0

),

results as (

    select
        experiment,
        variant,
        users,
        users_in_window,
        crossover_users,
        conversions,
        round(rate, 4) as conversion_rate,
        {{ rate('difference', 'control_rate') }} as lift,
        round(difference, 4) as difference,
        -- 1.96 standard errors to each side; the normal distribution has 95 % between.
        round(difference - 1.959963984540054 * unpooled_error, 4) as difference_low,
        round(difference + 1.959963984540054 * unpooled_error, 4) as difference_high,
        round(erfc(abs(difference / nullif(pooled_error, 0)) / sqrt(2))::numeric, 6) as p_value
    from compared

)

select * from results
