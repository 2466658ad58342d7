{{ config(pre_hook="{{ touch_user_days('user_id', 'calendar_date') }}") }}

with

events as (

    select
        facts.*,
        coalesce(facts.unit_id, facts.content_id) as learned_unit_id,
        facts.event_type = 'problem_attempt' and facts.is_correct is not null as is_judged,
        {{ score_share() }} as score_share
    from {{ touched_facts(
        'fact_learning_events', 'facts.user_id = touched.user_id and facts.event_date = touched.calendar_date'
    ) }}
    where facts.event_type in ('problem_attempt', 'assessment_complete')

),

days as (

    select
        user_id,
        learned_unit_id as unit_id,
        event_date as calendar_date,

        count(*) as attempts,
        count(*) filter (where is_judged) as problems_judged,
        count(*) filter (where is_judged and is_correct) as problems_correct,

        round(max(score_share), 6) as best_score,
        coalesce(
            bool_or(score >= 0.8 * coalesce(max_score, 100)) filter (where score_share is not null), false
        ) as has_mastered,

        max(_load_id) as _load_id
    from events
    where learned_unit_id is not null
    group by user_id, learned_unit_id, event_date

)

select * from days
{{ and_kept('calendar_date') }}
