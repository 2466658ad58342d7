-- depends_on: {{ ref('growth_accounting') }}
-- (first, so that the tests that compare the two run behind this model)

with

users as (

    select * from {{ users_of_windows() }} as users_of_days

),

user_days as (

    select * from {{ ref('fact_user_days') }}
    where calendar_date <= {{ as_of() }}

),

after_as_of as (

    select
        coalesce(source, 'all') as source,
        calendar_date,
        sum(session_seconds) as session_seconds
    from {{ session_seconds_after_as_of() }} as later
    group by grouping sets ((source, calendar_date), (calendar_date))

),

work as (

    select
        source,
        calendar_date,
        count(*) filter (where learning_events > 0) as dal,
        sum(sessions)::bigint as sessions,
        sum(session_seconds) as session_seconds,
        sum(contents_started)::bigint as contents_started,
        sum(contents_completed)::bigint as contents_completed
    from user_days
    group by source, calendar_date

),

-- Rows are days: there are no holes.
days as (

    select
        users.*,
        avg(users.dau) over (partition by users.source order by users.calendar_date rows 6 preceding) as avg_dau_7,
        count(*) over week_before as days_before,
        sum(users.dau) over week_before as dau_before,
        coalesce(work.dal, 0) as dal,
        coalesce(work.sessions, 0) as sessions,
        work.session_seconds - coalesce(after_as_of.session_seconds, 0) as session_seconds,
        coalesce(work.contents_started, 0) as contents_started,
        coalesce(work.contents_completed, 0) as contents_completed
    from users
    left join work on users.source = work.source and users.calendar_date = work.calendar_date
    left join after_as_of
        on users.source = after_as_of.source and users.calendar_date = after_as_of.calendar_date
    window
        week_before as (
            partition by users.source
            order by users.calendar_date rows between 7 preceding and 1 preceding
        )

),

engagement as (

    select
        source,
        calendar_date,
        dau,
        dal,
        wau_7,
        mau_28,
        mau_30,
        {{ rate('dau', 'mau_30') }} as stickiness_dau_mau,
        {{ rate('dau', 'wau_7') }} as stickiness_dau_wau,
        {{ rate('wau_7', 'mau_30') }} as stickiness_wau_mau,
        round(avg_dau_7, 2) as avg_dau_7,
        sessions,
        {{ rate('sessions', 'dau') }} as sessions_per_user,
        round(session_seconds / (60 * nullif(sessions, 0)), 2) as avg_session_minutes,
        contents_started,
        contents_completed,
        {{ rate('contents_completed', 'contents_started') }} as completion_rate,
        {{ rate('contents_started', 'sessions') }} as contents_per_session,
        -- dau over the mean of the days before, without the division, which rounds.
        case
            when dau_before > 0 and dau * days_before > 1.05 * dau_before then 'Trending Up'
            when dau_before > 0 and dau * days_before < 0.95 * dau_before then 'Trending Down'
            when dau_before > 0 then 'Stable'
        end as dau_trend_7d
    from days

)

select * from engagement
