{#-
    The rows of a CTE of groups (school_year, poverty_level, ethnicity, students …) with is_suppressed: whether nothing
    may be said of them. Those are suppressed that have fewer students than the var minimum_cell; and where one alone is
    suppressed of a school year, of a poverty level or of an ethnicity in it, also the smallest other one, for the
    total, which may be known, less what is shown, would tell of it. That one may be alone in another line, so it is
    done until there is none.
-#}
{% macro with_suppressed(counted) -%}
    (
        with recursive

        numbered as (

            select
                *,
                row_number() over (
                    partition by school_year order by students, poverty_level, ethnicity collate "C"
                ) as place
            from {{ counted }}

        ),

        small as (

            select
                school_year,
                coalesce(array_agg(place) filter (where students < {{ var('minimum_cell') }}), '{}') as places
            from numbered
            group by school_year

        ),

        passes as (

            select
                school_year,
                places
            from small

            union all

            select
                passes.school_year,
                passes.places || added.places as places
            from passes
            cross join lateral (
                select array_agg(distinct next_of_line.place) as places
                from (
                    select min(numbered.place) filter (where numbered.place <> all(passes.places)) as place
                    from numbered
                    cross join lateral (
                        values
                        ('school_year', ''),
                        ('poverty_level', numbered.poverty_level),
                        ('ethnicity', numbered.ethnicity)
                    ) as line (kind, name)
                    where numbered.school_year = passes.school_year
                    group by line.kind, line.name
                    having count(*) filter (where numbered.place = any(passes.places)) = 1
                ) as next_of_line
                where next_of_line.place is not null
            ) as added
            where added.places is not null

        )

        select
            numbered.*,
            exists (
                select from passes
                where numbered.school_year = passes.school_year and numbered.place = any(passes.places)
            ) as is_suppressed
        from numbered
    )
{%- endmacro %}
