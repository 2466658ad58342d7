{#- What silver's models make of learning events, where gold or another model makes the same. -#}

{#- A score as a share of the most there is, which is 100 where it is not said; NULL for a score beyond its bounds. -#}
{% macro score_share() -%}
    case when score between 0 and coalesce(max_score, 100) then score / nullif(coalesce(max_score, 100), 0) end
{%- endmacro %}

{#- The exact seconds from one instant to another. -#}
{% macro seconds_between(first, last) -%}
    trim_scale(extract(epoch from {{ last }} - {{ first }}))
{%- endmacro %}

{#-
    What silver.session_metrics holds, as a query on the CTE `events`, rows of fact_learning_events. A content counts as
    completed when an event after its first start says so, in the order of events.
-#}
{% macro session_metrics_of_events() -%}
    with

    numbered as (

        select
            source,
            user_id,
            session_id,
            content_id,
            is_completion,
            {{ starts_a_content() }} as is_start,
            row_number() over (
                partition by source, user_id, session_id
                order by occurred_at, event_id collate "C"
            ) as event_number
        from events
        where
            content_id is not null
            and (is_completion or {{ starts_a_content() }})

    ),

    contents as (

        select
            source,
            user_id,
            session_id,
            min(event_number) filter (where is_start) as first_start,
            max(event_number) filter (where is_completion) as last_completion
        from numbered
        group by source, user_id, session_id, content_id

    ),

    completions as (

        select
            source,
            user_id,
            session_id,
            count(*) filter (where last_completion > first_start) as contents_completed,
            count(first_start) as contents_started
        from contents
        group by source, user_id, session_id

    ),

    sessions as (

        select
            source,
            user_id,
            session_id,

            min(occurred_at) as session_start_at,
            max(occurred_at) as session_end_at,

            count(*) as total_events,
            count(distinct page_id) filter (where event_type = 'page_view') as unique_pages,
            count(*) filter (where event_type = 'interaction') as total_interactions,

            count(*) filter (where event_type = 'lesson_start') as lessons_attempted,
            count(*) filter (where event_type = 'lesson_complete') as lessons_completed,
            count(*) filter (where event_type = 'assessment_start') as assessments_attempted,
            count(*) filter (where event_type = 'assessment_complete') as assessments_completed,
            round(
                avg(100 * {{ score_share() }}) filter (where event_type = 'assessment_complete'), 2
            ) as avg_assessment_score,

            (array_agg(event_type order by occurred_at desc, event_id collate "C" desc))[1] as last_event_type,
            min(event_date) as partition_date,
            max(_load_id) as _load_id
        from events
        group by source, user_id, session_id

    )

    select
        sessions.source,
        sessions.user_id as learner_id,
        sessions.session_id,

        sessions.session_start_at,
        sessions.session_end_at,
        {{ seconds_between('sessions.session_start_at', 'sessions.session_end_at') }} as duration_seconds,

        sessions.total_events,
        sessions.unique_pages,
        sessions.total_interactions,

        sessions.lessons_attempted,
        sessions.lessons_completed,
        sessions.assessments_attempted,
        sessions.assessments_completed,
        sessions.avg_assessment_score,
        {{ rate('completions.contents_completed', 'completions.contents_started') }} as completion_rate,

        sessions.session_end_at as last_activity_at,
        sessions.last_event_type,
        sessions.partition_date,
        sessions._load_id

    from sessions
    left join completions
        on
            sessions.source = completions.source
            and sessions.user_id = completions.user_id
            and sessions.session_id = completions.session_id
{%- endmacro %}

{#-
    Of a full build, whether the session of an event of `facts` began before the horizon of raw events, as it is stored:
    what it was then cannot be made again, and its id may be used anew.
-#}
{% macro is_not_kept() -%}
    {#- A unit test has no table to replace. -#}
    {%- if execute and this and not is_incremental() and load_relation(this) -%}
        not exists (
            select from {{ this }} as kept
            where
                kept.session_id = facts.session_id
                and kept.learner_id = facts.user_id
                and kept.source = facts.source
                and kept.partition_date < {{ raw_horizon() }}
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- Each product and verb that product_user_months hold: one look-up for each, for the table is long and they are few. -#}
{% macro product_verbs() -%}
    with recursive pairs as (
        (
            select
                product,
                verb_id
            from {{ ref('product_user_months') }}
            order by product, verb_id
            limit 1
        )
        union all
        select
            following.product,
            following.verb_id
        from pairs
        cross join lateral (
            select
                months.product,
                months.verb_id
            from {{ ref('product_user_months') }} as months
            where (months.product, months.verb_id) > (pairs.product, pairs.verb_id)
            order by months.product, months.verb_id
            limit 1
        ) as following
    )

    select * from pairs
{%- endmacro %}

{#- Whether an event starts a content. -#}
{% macro starts_a_content() -%}
    event_type in ('lesson_start', 'assessment_start', 'item_started', 'started')
{%- endmacro %}
