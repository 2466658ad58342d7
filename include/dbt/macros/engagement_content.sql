{#- Whether a country is one of Germany, Austria and Switzerland. -#}
{% macro is_dach(country) -%}
    {{ country }} in ('DE', 'AT', 'CH')
{%- endmacro %}

{#-
    Of each row of `users`, with a user, a content and its first_start_at and last_finish_at, whether the content was
    finished after it was begun when both are one instant: then the order of events, by their ids, tells. A look-up for
    the few of whom that is so, for to sort the events of all costs twenty times as much as to look for least and most.
-#}
{% macro join_finished_at_once(users) -%}
    left join lateral (
        select true as is_finished
        from {{ ref('fact_milestones') }} as starts
        inner join {{ ref('fact_milestones') }} as finishes
            on
                starts.user_id = finishes.user_id
                and starts.occurred_at = finishes.occurred_at
                and starts.content_id = finishes.content_id
                and starts.content_type = finishes.content_type
                and starts.platform is not distinct from finishes.platform
                and row(starts.event_id collate "C", starts.source collate "C")
                < row(finishes.event_id collate "C", finishes.source collate "C")
        where
            {{ users }}.first_start_at = {{ users }}.last_finish_at
            and starts.user_id = {{ users }}.user_id
            and starts.milestone = 'content_started'
            and starts.occurred_at = {{ users }}.first_start_at
            and starts.content_id = {{ users }}.content_id
            and starts.content_type = {{ users }}.content_type
            and coalesce(starts.platform, 'unknown') = {{ users }}.platform
            and finishes.milestone = 'content_completed'
        limit 1
    ) as at_once on true
{%- endmacro %}

{#-
    Of each row of `reached`, with user_id and the instant `since`, the user's first milestone of this kind at or after
    that instant, as `milestone_at`. A look-up by user, for the milestones of all users are many more.
-#}
{% macro join_next_milestone(reached, since, milestone, milestone_at) -%}
    left join lateral (
        select milestones.occurred_at as {{ milestone_at }} from {{ ref('fact_milestones') }} as milestones
        where
            milestones.user_id = {{ reached }}.user_id
            and milestones.milestone = '{{ milestone }}'
            and milestones.occurred_at >= {{ since }}
            and milestones.calendar_date <= {{ as_of() }}
        order by milestones.occurred_at
        limit 1
    ) as {{ milestone }} on true
{%- endmacro %}

{#- The median of the hours from one instant to another, to 2 places. -#}
{% macro median_hours(first, last) -%}
    round(
        (percentile_cont(0.5) within group (order by extract(epoch from {{ last }} - {{ first }})))::numeric / 3600, 2
    )
{%- endmacro %}

{#-
    The standard error of the difference between the shares `rate` of `users` in two samples, each with its own variance:
    Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine 17 (1998),
    method 1.
-#}
{% macro unpooled_error(sample, control) -%}
    sqrt(
        {{ sample }}.rate * (1 - {{ sample }}.rate) / {{ sample }}.users
        + {{ control }}.rate * (1 - {{ control }}.rate) / {{ control }}.users
    )
{%- endmacro %}

{#-
    The same with the variance of both samples together, as when nothing but chance differs: what the two-proportion z test
    divides by.
-#}
{% macro pooled_error(sample, control) -%}
    {%- set conversions = '(' ~ sample ~ '.conversions + ' ~ control ~ '.conversions)' -%}
    {%- set users = '(' ~ sample ~ '.users + ' ~ control ~ '.users)' -%}
    sqrt(
        {{ conversions }}::numeric / {{ users }} * (1 - {{ conversions }}::numeric / {{ users }})
        * {{ users }} / ({{ sample }}.users * {{ control }}.users)
    )
{%- endmacro %}
