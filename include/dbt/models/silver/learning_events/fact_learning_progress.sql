{{ config(pre_hook="{{ touch_contents_of_users('progress_days', 'user_id', 'unit_id') }}") }}

with

days as (

    select facts.*
    from {{ touched_facts('progress_days', 'facts.user_id = touched.user_id and facts.unit_id = touched.unit_id') }}

),

to_date as (

    select
        user_id,
        unit_id,
        calendar_date,
        sum(attempts) over so_far as attempts_count,
        max(best_score) over so_far as best_score,
        sum(problems_correct) over so_far as problems_correct,
        sum(problems_judged) over so_far as problems_judged,
        bool_or(has_mastered) over so_far as is_mastered,
        max(_load_id) over so_far as _load_id
    from days
    window so_far as (
        partition by user_id, unit_id
        order by calendar_date
    )

),

progress as (

    select
        user_id,
        unit_id,
        calendar_date,
        attempts_count::bigint as attempts_count,
        best_score,
        {{ rate('problems_correct', 'problems_judged') }} as accuracy_rate,
        case when is_mastered then 'mastered' else 'in_progress' end as mastery_status,
        is_mastered,
        _load_id
    from to_date

)

select progress.* from progress
{{ join_touched_since('progress', ['user_id', 'unit_id'], 'calendar_date') }}
