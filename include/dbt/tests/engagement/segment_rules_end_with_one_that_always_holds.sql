-- Nothing, unless the last rule of the seed segment_rules has a condition, or there is no rule at all: users of whom
-- none holds had no segment.
with

numbered as (

    select
        *,
        row_number() over (order by rule_order desc) as place_from_behind
    from {{ ref('segment_rules') }}

),

last_ones as (

    select count(*) as always_held
    from numbered
    where
        place_from_behind = 1
        and num_nonnulls(min_active_days_last_28, min_active_days_28_before, min_days_since_active) = 0

)

select always_held
from last_ones
where always_held = 0
