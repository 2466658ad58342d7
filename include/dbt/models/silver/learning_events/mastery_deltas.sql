{{ config(pre_hook="{{ touch_contents_of_users('mastery_attempts', 'learner_id', 'content_id') }}") }}

with

attempts as (

    select
        facts.*,
        lag(facts.mastery) over in_order as previous_mastery,
        row_number() over in_order as evidence_count
    from {{ touched_facts(
        'mastery_attempts', 'facts.learner_id = touched.learner_id and facts.content_id = touched.content_id'
    ) }}
    window in_order as (
        partition by facts.learner_id, facts.content_id
        order by facts.attempted_at, facts.event_id collate "C", facts.source collate "C"
    )

),

deltas as (

    select
        source,
        learner_id,
        content_id,
        content_type,

        previous_mastery,
        mastery as current_mastery,
        mastery - coalesce(previous_mastery, 0) as mastery_delta,

        event_id as trigger_event_id,
        event_type as trigger_event_type,
        session_id,

        case
            when previous_mastery is null then 0.7
            else least(1, 0.5 + 0.5 * abs(mastery - previous_mastery))
        end as confidence_score,
        evidence_count,

        attempted_at as changed_at,
        partition_date,
        _load_id

    from attempts
    where previous_mastery is distinct from mastery

)

select deltas.* from deltas
{{ join_touched_since('deltas', ['learner_id', 'content_id'], 'partition_date') }}
