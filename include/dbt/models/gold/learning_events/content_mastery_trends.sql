with

deltas as (

    select * from {{ ref('mastery_deltas') }}
    where partition_date between {{ as_of() }} - 29 and {{ as_of() }}

),

content_days as (

    select
        content_id,
        partition_date as calendar_date,
        count(distinct learner_id) as learners_affected,
        round(avg(mastery_delta), 4) as avg_mastery_change,
        round(avg(current_mastery), 4) as avg_current_mastery,
        round(avg(confidence_score), 4) as avg_confidence
    from deltas
    group by content_id, partition_date

)

select * from content_days
