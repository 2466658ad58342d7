with

current_units as (

    select * from {{ current_rows('learning_units', ['unit_id']) }}

),

learning_units as (

    select
        unit_id,
        unit_name,

        subject,
        grade_level,
        sequence_order,

        updated_at

    from current_units

)

select * from learning_units
