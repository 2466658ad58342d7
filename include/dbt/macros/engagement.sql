{#- What silver's models of engagement and growth make of learning events, and of users' days. -#}

{#-
    Of the CTE `events` the contents of each user's day, in each source and in all: how many were started, and how many of
    these an event after the first start completed, in the order of events.
-#}
{% macro contents_of_days() -%}
    select
        user_id,
        event_date,
        day_source,
        count(first_start) as contents_started,
        count(*) filter (where last_completion > first_start) as contents_completed
    from (
        select
            user_id,
            event_date,
            coalesce(source, 'all') as day_source,
            min(event_number) filter (where is_start) as first_start,
            max(event_number) filter (where is_completion) as last_completion
        from (
            select
                *,
                {{ starts_a_content() }} as is_start,
                -- The order within a source is the order among all.
                row_number() over (
                    partition by user_id, event_date
                    order by occurred_at, event_id collate "C", source collate "C"
                ) as event_number
            from events
            where content_id is not null and (is_completion or {{ starts_a_content() }})
        ) as numbered
        group by grouping sets ((user_id, event_date, content_id, source), (user_id, event_date, content_id))
    ) as contents
    group by user_id, event_date, day_source
{%- endmacro %}

{#- What an event says in its properties of a name; NULL when it says nothing. As long as an index can take. -#}
{% macro said_of(name) -%}
    left(nullif(properties ->> '{{ name }}', ''), 255)
{%- endmacro %}

{#- The periods in which users are counted as active that hold a day. -#}
{% macro periods_of(day) -%}
    cross join lateral (
        values
        ('day', {{ day }}, {{ day }} + 1),
        ('week', date_trunc('week', {{ day }})::date, date_trunc('week', {{ day }})::date + 7),
        (
            'month',
            date_trunc('month', {{ day }})::date,
            (date_trunc('month', {{ day }}) + interval '1 month')::date
        )
    ) as periods (period, period_start, next_start)
{%- endmacro %}

{#- The active days of which user_periods are made. -#}
{% macro active_days_of_periods() -%}
    {#- A unit test has no table to bring up to date. -#}
    {%- if this and is_incremental() -%}
        select distinct
            facts.user_id,
            facts.source,
            facts.calendar_date,
            facts._load_id
        from {{ facts_of(
            'touched',
            'fact_user_days',
            'facts.user_id = touched.user_id and facts.source = touched.source and facts.active_events > 0'
            ~ ' and facts.calendar_date between touched.first_date and touched.last_date'
        ) }}
    {%- else -%}
        select
            user_id,
            source,
            calendar_date,
            _load_id
        from {{ ref('fact_user_days') }}
        where active_events > 0
    {%- endif -%}
{%- endmacro %}

{#-
    `touched`: the periods that hold a day of their user that has changed, and of those that begin to count, or count
    from another day on, or do no more, the neighbours too. All that a period is made of lies from first_date to
    last_date: the active days before and behind it, where there are any. Each is a look-up among the days of the user, not of all.
-#}
{% macro touch_user_periods() %}
    {% if execute and is_incremental() %}
        set local enable_seqscan = off;
        create temporary table changed_days on commit drop as
        select distinct
            student_id as user_id,
            calendar_date
        from {{ changes_of(['fact_user_days']) }} as changes
        order by user_id, calendar_date;
        analyze changed_days;

        create temporary table changed_periods on commit drop as
        select facts.user_id, facts.source, periods.*
        from {{ facts_of(
            'changed_days',
            'fact_user_days',
            'facts.user_id = changed_days.user_id and facts.calendar_date = changed_days.calendar_date'
            ~ ' and facts.active_events > 0'
        ) }}
        {{ periods_of('facts.calendar_date') }}
        union
        select changed_days.user_id, stored.source, periods.*
        from changed_days
        {{ periods_of('changed_days.calendar_date') }}
        cross join lateral (
            select source from {{ this }} as known
            where
                known.user_id = changed_days.user_id
                and known.period = periods.period
                and known.period_start = periods.period_start
            offset 0
        ) as stored
        -- What is looked up next to each other lies together.
        order by user_id, source, period, period_start;
        analyze changed_periods;

        create temporary table spans on commit drop as
        {{ with_nearest_active_days('changed_periods') }};
        analyze spans;

        create temporary table neighbours on commit drop as
        select distinct spans.user_id, spans.source, periods.*
        from spans
        left join lateral (
            select known.first_active_date from {{ this }} as known
            where
                known.user_id = spans.user_id
                and known.source = spans.source
                and known.period = spans.period
                and known.period_start = spans.period_start
            offset 0
        ) as stored on true
        left join lateral (
            select days.calendar_date as first_active_date from {{ ref('fact_user_days') }} as days
            where
                days.user_id = spans.user_id
                and days.source = spans.source
                and days.active_events > 0
                and days.calendar_date >= spans.period_start
                and days.calendar_date < spans.next_start
            order by days.calendar_date
            limit 1
        ) as found on true
        cross join lateral (values (spans.first_date), (spans.last_date)) as nearest (calendar_date)
        {{ periods_of('nearest.calendar_date') }}
        where
            stored.first_active_date is distinct from found.first_active_date
            and periods.period = spans.period
            and periods.period_start <> spans.period_start
        except
        select user_id, source, period, period_start, next_start from spans;
        analyze neighbours;

        {{ make_touched() }}
        select * from spans
        union all
        {{ with_nearest_active_days('neighbours') }};
        {{ index_touched(['user_id', 'source', 'period', 'period_start']) }}
    {% endif %}
{% endmacro %}

{#- Periods with the active days next to them; with their own bounds where there is none. -#}
{% macro with_nearest_active_days(periods) -%}
    select
        periods.*,
        coalesce(earlier.calendar_date, periods.period_start) as first_date,
        coalesce(later.calendar_date, periods.next_start - 1) as last_date
    from {{ periods }} as periods
    {{ nearest_active_day('earlier', '< periods.period_start', 'desc') }}
    {{ nearest_active_day('later', '>= periods.next_start', 'asc') }}
{%- endmacro %}

{% macro nearest_active_day(name, condition, direction) -%}
    left join lateral (
        select days.calendar_date from {{ ref('fact_user_days') }} as days
        where
            days.user_id = periods.user_id
            and days.source = periods.source
            and days.active_events > 0
            and days.calendar_date {{ condition }}
        order by days.calendar_date {{ direction }}
        limit 1
    ) as {{ name }} on true
{%- endmacro %}
