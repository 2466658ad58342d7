with

uses as (

    select * from {{ ref('fact_milestones') }}
    where milestone = 'feature_use' and calendar_date <= {{ as_of() }}

),

active_users as (

    select
        user_id,
        period_start as week_start
    from {{ ref('user_periods') }}
    where source = 'all' and period = 'week' and first_active_date <= {{ as_of() }}

),

user_weeks as (

    select
        feature,
        user_id,
        date_trunc('week', calendar_date)::date as week_start,
        min(date_trunc('week', min(calendar_date))::date) over (partition by feature, user_id) as adopted_in
    from uses
    group by feature, user_id, date_trunc('week', calendar_date)::date

),

feature_weeks as (

    select
        user_weeks.feature,
        user_weeks.week_start,
        count(*) as users,
        count(active_users.user_id) as weekly_active_users,
        count(*) filter (where user_weeks.week_start = user_weeks.adopted_in) as new_adopters
    from user_weeks
    left join active_users
        on user_weeks.user_id = active_users.user_id and user_weeks.week_start = active_users.week_start
    group by user_weeks.feature, user_weeks.week_start

),

weeks as (

    select
        week_start,
        count(*) as active_users
    from active_users
    group by week_start

),

-- Also the weeks in which nobody used it.
spine as (

    select
        feature,
        generate_series(min(week_start), {{ as_of() }}, '7 days')::date as week_start
    from feature_weeks
    group by feature

),

adoption as (

    select
        spine.feature,
        spine.week_start,
        spine.week_start + 6 <= {{ as_of() }} as is_complete,
        coalesce(feature_weeks.users, 0) as users,
        {{ rate('coalesce(feature_weeks.weekly_active_users, 0)', 'weeks.active_users') }} as share_of_weekly_active,
        coalesce(feature_weeks.new_adopters, 0) as new_adopters
    from spine
    left join feature_weeks on spine.feature = feature_weeks.feature and spine.week_start = feature_weeks.week_start
    left join weeks on spine.week_start = weeks.week_start

)

select * from adoption
