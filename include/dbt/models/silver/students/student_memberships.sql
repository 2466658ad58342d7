with

versions as (

    select * from {{ ref('dim_student_versions') }}

),

student_months as (

    select * from {{ ref('student_months') }}

),

gaps as (

    select
        student_id,
        range_agg(daterange(missing_from, returned_on)) as missing_days
    from {{ ref('roster_gaps') }}
    group by 1

),

first_records as (

    select
        student_id,
        school_year,
        least(min(first_attendance_date), min(first_assessment_date)) as first_record_date
    from student_months
    group by 1, 2

),

reaching_back as (

    select
        versions.*,
        -- A roster often carries yesterday's timestamp: the first version reaches back to the student's first record
        -- of the same school year.
        daterange(least(versions.valid_from, first_records.first_record_date), versions.valid_to) as member_days
    from versions
    left join first_records
        on
            versions.student_id = first_records.student_id
            and versions.version_number = 1
            and {{ school_year('versions.valid_from') }} = first_records.school_year

),

pieces as (

    select
        reaching_back.*,
        unnest(datemultirange(reaching_back.member_days) - coalesce(gaps.missing_days, '{}')) as piece
    from reaching_back
    left join gaps
        on reaching_back.student_id = gaps.student_id

),

memberships as (

    select
        student_id,
        version_number,

        school_id,
        class_id,
        grade_level,
        enrollment_status,
        enrollment_status in ('ACTIVE', 'SUSPENDED') as is_enrolled,

        lower(piece) as member_from,
        upper(piece) as member_until

    from pieces

)

select * from memberships
