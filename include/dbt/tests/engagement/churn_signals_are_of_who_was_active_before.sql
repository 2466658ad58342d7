-- Users with churn signals who, by user_segments, were not active in the 28 days before the last 28, and the other way
-- round.
with

signals as (

    select * from {{ ref('churn_signals') }}

),

active_before as (

    select * from {{ ref('user_segments') }}
    where active_days_28_before > 0

)

select
    signals.user_id as user_with_signals,
    active_before.user_id as user_active_before
from signals
full outer join active_before on signals.user_id = active_before.user_id
where signals.user_id is null or active_before.user_id is null
