-- Users who are in user_lifecycle or in user_segments alone, or whom one calls dormant and the other active within the
-- last 28 days.
with

lifecycle as (

    select * from {{ ref('user_lifecycle') }}

),

segments as (

    select * from {{ ref('user_segments') }}

)

select
    coalesce(lifecycle.user_id, segments.user_id) as user_id,
    lifecycle.lifecycle_stage,
    segments.active_days_last_28
from lifecycle
full outer join segments on lifecycle.user_id = segments.user_id
where (lifecycle.lifecycle_stage = 'dormant') is distinct from (segments.active_days_last_28 = 0)
