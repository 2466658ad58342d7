-- Memberships of a student that begin before the one before has ended.
with

memberships as (

    select
        member_until,
        lead(member_from) over (partition by student_id order by member_from) as next_member_from
    from {{ ref('student_memberships') }}

)

select 1
from memberships
where next_member_from < member_until
