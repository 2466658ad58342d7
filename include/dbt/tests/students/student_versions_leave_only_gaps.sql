-- Versions of a student that overlap, or that leave days uncovered on which the student was not missing.
with

versions as (

    select
        student_id,
        valid_to,
        lead(valid_from) over (partition by student_id order by valid_from) as next_valid_from
    from {{ ref('dim_student_versions') }}

),

gaps as (

    select
        student_id,
        range_agg(daterange(missing_from, returned_on)) as missing_days
    from {{ ref('roster_gaps') }}
    group by student_id

)

select 1
from versions
left join gaps
    on versions.student_id = gaps.student_id
where
    versions.next_valid_from < versions.valid_to
    or (
        versions.next_valid_from > versions.valid_to
        and not coalesce(daterange(versions.valid_to, versions.next_valid_from) <@ gaps.missing_days, false)
    )
