-- depends_on: {{ ref('user_lifecycle') }}
-- (first, so that the tests that compare the two run behind this model)

with

days as (

    select * from {{ ref('fact_user_days') }}
    where source = 'all' and calendar_date <= {{ as_of() }}

),

rules as (

    select * from {{ ref('segment_rules') }}

),

activity as (

    select
        user_id,
        count(*) filter (
            where active_events > 0 and calendar_date > {{ as_of() }} - 28
        ) as active_days_last_28,
        count(*) filter (
            where active_events > 0 and calendar_date > {{ as_of() }} - 56 and calendar_date <= {{ as_of() }} - 28
        ) as active_days_28_before,
        max(calendar_date) filter (where active_events > 0) as last_active_date
    from days
    group by user_id

),

users as (

    select
        *,
        ({{ as_of() }} - last_active_date)::bigint as days_since_active
    from activity

),

-- Of who was never active, a rule that asks for days since then does not hold.
judged as (

    select distinct on (users.user_id)
        users.*,
        rules.segment,
        rules.min_active_days_last_28,
        rules.min_active_days_28_before,
        rules.min_days_since_active
    from users
    left join rules
        on
            users.active_days_last_28 >= coalesce(rules.min_active_days_last_28, 0)
            and users.active_days_28_before >= coalesce(rules.min_active_days_28_before, 0)
            and (rules.min_days_since_active is null or users.days_since_active >= rules.min_days_since_active)
    order by users.user_id asc, rules.rule_order asc

),

segments as (

    select
        user_id,
        segment,
        case
            when last_active_date is null then 'Never active'
            else
                'Active on ' || active_days_last_28::text || ' of the last 28 days and '
                || active_days_28_before::text || ' of the 28 before, last on '
                || to_char(last_active_date, 'YYYY-MM-DD')
        end || ': '
        || coalesce(
            segment || ' takes at least ' || nullif(concat_ws(
                ' and ',
                min_active_days_last_28::text || ' of the last 28 days',
                min_active_days_28_before::text || ' of the 28 before',
                {{ counted('min_days_since_active', 'day', 'days') }} || ' without activity'
            ), ''),
            'no other rule holds'
        ) || '.' as reason,
        active_days_last_28,
        active_days_28_before,
        days_since_active
    from judged

)

select * from segments
