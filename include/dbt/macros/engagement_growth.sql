{#-
    The periods in which users were active, as they were known at the end of as_of: of user_periods, with where the
    period before, the one after and the one behind that begin; next_active_date is NULL when the user was not active
    again by as_of.
-#}
{% macro active_periods() -%}
    (
        select
            user_periods.user_id,
            user_periods.source,
            user_periods.period,
            user_periods.period_start,
            user_periods.previous_period_start,
            (user_periods.period_start - lengths.length)::date as period_before,
            (user_periods.period_start + lengths.length)::date as period_after,
            (user_periods.period_start + 2 * lengths.length)::date as period_after_next,
            case
                when user_periods.next_active_date <= {{ as_of() }} then user_periods.next_active_date
            end as next_active_date
        from {{ ref('user_periods') }} as user_periods
        inner join
            (
                values ('day', interval '1 day'), ('week', interval '7 days'), ('month', interval '1 month')
            ) as lengths (period, length)
            on user_periods.period = lengths.period
        where user_periods.first_active_date <= {{ as_of() }}
    )
{%- endmacro %}

{#-
    By source and day, from the first one with an active user to as_of: dau, and wau_7, mau_28, mau_30, the users active
    in the so many days that end then. A user is in every window that ends on an active day, or one of the n - 1 days
    behind it until the next active day takes over, so that nobody is in a window twice, and no day is counted anew for
    each window that holds it.
-#}
{% macro users_of_windows() -%}
    (
        with

        days as (

            select * from {{ active_periods() }} as periods_to_as_of
            where period = 'day'

        ),

        entering as (

            select
                source,
                period_start as calendar_date,
                count(*) as users
            from days
            group by source, period_start

        ),

        leaving as (

            select
                days.source,
                least(days.period_start + lengths.days, days.next_active_date) as calendar_date,
                count(*) filter (where lengths.days = 7) as left_7,
                count(*) filter (where lengths.days = 28) as left_28,
                count(*) filter (where lengths.days = 30) as left_30
            from days
            cross join (values (7), (28), (30)) as lengths (days)
            group by days.source, least(days.period_start + lengths.days, days.next_active_date)

        ),

        spine as (

            select
                source,
                generate_series(min(calendar_date), {{ as_of() }}, '1 day')::date as calendar_date
            from entering
            group by source

        )

        select
            spine.source,
            spine.calendar_date,
            coalesce(entering.users, 0) as dau,
            {%- for column, days in [('wau_7', 7), ('mau_28', 28), ('mau_30', 30)] %}
            (sum(coalesce(entering.users, 0) - coalesce(leaving.left_{{ days }}, 0)) over so_far)::bigint as {{ column }}
            {%- if not loop.last %},{% endif %}
            {%- endfor %}
        from spine
        left join entering on spine.source = entering.source and spine.calendar_date = entering.calendar_date
        left join leaving on spine.source = leaving.source and spine.calendar_date = leaving.calendar_date
        window so_far as (partition by spine.source order by spine.calendar_date)
    )
{%- endmacro %}

{#- A percentage, NULL when there is nothing to divide by. -#}
{% macro percentage(part, whole) -%}
    round(100 * {{ part }}::numeric / nullif({{ whole }}, 0), 2)
{%- endmacro %}

{#- The label of the first edge that the value reaches, else the last label; NULL of NULL. -#}
{% macro graded(value, edges, otherwise) -%}
    case
        {%- for edge, label in edges %}
        when {{ value }} >= {{ edge }} then '{{ label }}'
        {%- endfor %}
        when {{ value }} is not null then '{{ otherwise }}'
    end
{%- endmacro %}

{#- Of a month of quick_ratio_analysis, by its unrounded ratios and what they are made of. -#}
{% macro alert_level() -%}
    case
        when quick_ratio < 1 then 'CRITICAL: Quick Ratio Below 1.0'
        when quick_ratio < 1.2 and previous_quick_ratio >= 1.2 then 'WARNING: Quick Ratio Dropped Below 1.2'
        -- quick_ratio - previous_quick_ratio < -0.3, without the divisions, which round.
        when
            churned_users > 0
            and previous_churned_users > 0
            and gained_users * previous_churned_users - previous_gained_users * churned_users
            < -0.3 * churned_users * previous_churned_users
            then 'WARNING: Quick Ratio Declined >0.3 Points'
        -- Such a month is critical already: the rule would speak if the first one were taken away.
        when churned_users > 1.5 * gained_users then 'WARNING: Churn Significantly Exceeding Growth'
        else 'OK'
    end
{%- endmacro %}

{% macro strategic_recommendation() -%}
    case
        when quick_ratio < 1 then 'Focus on reducing churn before growth'
        when quick_ratio >= 1.5 and gross_retention_rate >= 0.6 then 'Invest heavily in user acquisition'
        when gross_retention_rate < 0.4 then 'Improve product stickiness and onboarding'
        when new_users = 0 then 'Restart user acquisition efforts'
        else 'Optimize current growth strategy'
    end
{%- endmacro %}
