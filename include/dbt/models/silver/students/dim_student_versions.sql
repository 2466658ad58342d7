with

history as (

    select
        student_id,
        student_name,
        coalesce(school_id, 'UNKNOWN') as school_id,
        class_id,
        grade_level,
        enrollment_status,
        ethnicity,
        special_education,
        updated_at,
        {{ local_date('updated_at') }} as valid_from,
        _load_id,
        _source_line,
        _row_hash
    from {{ bronze('students_history') }}

),

gaps as (

    select
        student_id,
        range_agg(daterange(missing_from, returned_on)) as missing_days
    from {{ ref('roster_gaps') }}
    group by student_id

),

last_of_each_day as (

    select distinct on (student_id, valid_from)
        *,
        row(
            student_name, school_id, class_id, grade_level, enrollment_status, ethnicity, special_education
        ) as attributes
    from history
    order by student_id, valid_from, {{ newest_first('updated_at') }}

),

compared as (

    select
        *,
        lag(attributes) over (partition by student_id order by valid_from) as previous_attributes
    from last_of_each_day

),

intervals as (

    select
        *,
        daterange(valid_from, lead(valid_from, 1, '9999-12-31') over by_student) as valid_days
    from compared
    where attributes is distinct from previous_attributes
    window by_student as (partition by student_id order by valid_from)

),

pieces as (

    select
        intervals.*,
        unnest(datemultirange(intervals.valid_days) - coalesce(gaps.missing_days, '{}')) as piece
    from intervals
    left join gaps
        on intervals.student_id = gaps.student_id

),

versions as (

    select
        {{ surrogate_key(['student_id', 'lower(piece)']) }} as student_version_key,
        student_id,
        student_name,

        school_id,
        class_id,
        grade_level,
        enrollment_status,
        ethnicity,
        special_education,

        lower(piece) as valid_from,
        upper(piece) as valid_to,
        upper(piece) = '9999-12-31' as is_current,
        row_number() over (partition by student_id order by piece) as version_number

    from pieces

)

select * from versions
