with

presence as (

    select
        student_id,
        missing_from,
        case when returned_load_id <= {{ max_load_id() }} then returned_on end as returned_on
    from {{ source('bronze', 'students_presence') }}
    where missing_load_id <= {{ max_load_id() }}

),

gaps as (

    select
        student_id,
        missing_from,
        -- Of several that begin on one day, one that has not ended holds.
        case when bool_and(returned_on is not null) then max(returned_on) end as returned_on
    from presence
    where returned_on is null or returned_on > missing_from
    group by 1, 2

)

select * from gaps
