with

history as (

    select * from {{ bronze('schools_history') }}

),

students as (

    select * from {{ ref('dim_students') }}

),

student_versions as (

    select * from {{ ref('dim_student_versions') }}

),

school_days as (

    select * from {{ listed_school_days() }}

),

newest_versions as (

    select distinct on (school_id) *
    from history
    order by school_id, {{ newest_first('updated_at') }}

),

named_elsewhere as (

    select 'UNKNOWN' as school_id
    union distinct
    select school_id from students
    union distinct
    select school_id from student_versions
    union distinct
    select school_id from school_days

),

schools as (

    select
        coalesce(newest_versions.school_id, named_elsewhere.school_id) as school_id,
        coalesce(newest_versions.school_name, 'Unknown') as school_name,
        newest_versions.district,
        newest_versions.school_type,

        newest_versions.student_count,
        newest_versions.free_reduced_lunch_pct,
        case
            when newest_versions.free_reduced_lunch_pct >= 0.75 then 'high_poverty'
            when newest_versions.free_reduced_lunch_pct >= 0.40 then 'moderate_poverty'
            when newest_versions.free_reduced_lunch_pct < 0.40 then 'low_poverty'
        end as poverty_level

    from newest_versions
    full join named_elsewhere
        on newest_versions.school_id = named_elsewhere.school_id

)

select * from schools
