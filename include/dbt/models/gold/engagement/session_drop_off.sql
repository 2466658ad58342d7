with

sessions as (

    select * from {{ ref('session_metrics') }}
    where session_end_at < {{ end_of_as_of() }} - interval '30 minutes'

),

cut as (

    select * from {{ sessions_cut_at_as_of() }} as sessions_to_as_of
    where session_end_at < {{ end_of_as_of() }} - interval '30 minutes'

),

ended as (

    select last_event_type from sessions
    union all
    select last_event_type from cut

),

drop_off as (

    select
        last_event_type,
        count(*) as sessions,
        {{ rate('count(*)', 'sum(count(*)) over ()') }} as share
    from ended
    group by last_event_type

)

select * from drop_off
