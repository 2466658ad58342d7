{#-
    Of each of the students, the number and the mean of the newest assessments up to as_of, at most so many as the rule
    of indicator `course` says: student_id, assessment_count, mean_score. Needs the CTEs members and warning_rules.
    A look-up by student, for all that was ever assessed is much more.
-#}
{% macro newest_scores() -%}
    (
        select
            members.student_id,
            count(newest.score_percentage) as assessment_count,
            avg(newest.score_percentage) as mean_score
        from members
        inner join warning_rules on warning_rules.indicator = 'course'
        left join lateral (
            select score_percentage from {{ ref('fact_assessments') }} as assessments
            where assessments.student_id = members.student_id and assessment_date <= {{ as_of() }}
            order by assessment_date desc, created_at desc, assessment_id collate "C" desc
            limit warning_rules.window_size
        ) as newest on true
        group by members.student_id
    )
{%- endmacro %}
