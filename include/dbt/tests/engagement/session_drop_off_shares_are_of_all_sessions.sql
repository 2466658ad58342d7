-- Types of a last event whose share is not that of their sessions among all.
with

shares as (

    select
        last_event_type,
        share,
        {{ rate('sessions', 'sum(sessions) over ()') }} as expected_share
    from {{ ref('session_drop_off') }}

)

select
    last_event_type,
    share,
    expected_share
from shares
where share <> expected_share
