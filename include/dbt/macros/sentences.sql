{#- The sentences of early_warning, for a teacher. No name and no id of a student is in them. -#}

{#- `1 assessment`, `5 assessments`. -#}
{% macro counted(number, thing, things) -%}
    trim_scale({{ number }}::numeric)::text || case when {{ number }} = 1 then ' {{ thing }}' else ' {{ things }}' end
{%- endmacro %}

{#- An edge as its seed has it, without zeros behind. -#}
{% macro edge_text(percentage) -%}
    trim_scale({{ percentage }})::text || ' %'
{%- endmacro %}

{#- A percentage with one decimal place; more where that would show an edge that is not reached, or not kept to. -#}
{% macro percentage_text(percentage, edges) -%}
    case
        when round({{ percentage }}, 1) <> {{ percentage }} and round({{ percentage }}, 1) in ({{ edges | join(', ') }})
            then trim_scale(round({{ percentage }}, 3))
        else round({{ percentage }}, 1)
    end::text || ' %'
{%- endmacro %}

{#- Of the band, days_absent and days_recorded of student_attendance_status, and a row of chronic_absence_rules. -#}
{% macro absence_sentence() -%}
    {%- set chronic = "case when is_inclusive then 'at ' else 'above ' end || " ~ edge_text('100 * absence_threshold') -%}
    {%- set edges = ['100 * at_risk_from', '100 * absence_threshold', '100 * severe_from'] -%}
    case
        when band <> 'not_enough_data' then
            'Absent on ' || trim_scale(days_absent)::text || ' of '
            || {{ counted('days_recorded', 'recorded school day', 'recorded school days') }}
            || ' (' || {{ percentage_text('100 * days_absent / days_recorded', edges) }} || '): '
            || case band
                when 'severe' then
                    'severely absent by the rule ' || chronic_absence_rule_id || ', which begins at '
                    || {{ edge_text('100 * severe_from') }}
                when 'chronic' then
                    'chronically absent by the rule ' || chronic_absence_rule_id || ', which begins ' || {{ chronic }}
                when 'at_risk' then
                    'at risk of chronic absence, which by the rule ' || chronic_absence_rule_id || ' begins '
                    || {{ chronic }}
                else
                    'satisfactory by the rule ' || chronic_absence_rule_id || '; a student is at risk from '
                    || {{ edge_text('100 * at_risk_from') }}
            end || '.'
        else
            case
                when coalesce(days_recorded, 0) = 0 then 'No school day is'
                when days_recorded = 1 then 'Only 1 school day is'
                else 'Only ' || days_recorded::text || ' school days are'
            end || ' recorded this school year; ' || minimum_days_recorded::text
            || case when minimum_days_recorded = 1 then ' is' else ' are' end || ' needed to judge attendance.'
    end
{%- endmacro %}

{#- Of the mean and the number of the newest assessments, and the threshold and window_size of early_warning_rules. -#}
{% macro course_sentence() -%}
    case
        when assessment_count = 0 then 'No assessment is recorded, so the course cannot be judged.'
        else
            case
                when assessment_count >= window_size then
                    'Mean of the last ' || {{ counted('assessment_count', 'assessment', 'assessments') }}
                when assessment_count = 1 then 'The one assessment so far'
                else 'Mean of all ' || assessment_count::text || ' assessments so far'
            end || ' is ' || {{ percentage_text('mean_score', ['threshold']) }}
            || case when mean_score < threshold then ', below ' else ', not below ' end
            || {{ edge_text('threshold') }} || '.'
    end
{%- endmacro %}

{#-
    Of the columns of active_days, and the threshold and window_size of early_warning_rules: days of activity are NULL
    for who never had one.
-#}
{% macro engagement_sentence() -%}
    case
        when not is_activity_recorded then 'Learning activity is not recorded, so engagement cannot be judged.'
        when active_days is null then 'No learning activity was seen so far, so engagement cannot be judged.'
        else
            case when active_days = 0 then 'Not active on any' else 'Active on ' || active_days::text end
            || ' of the last ' || {{ counted('window_size', 'day', 'days') }}
            || case
                when active_days >= threshold then ''
                else
                    case when active_days > 0 then ', below ' || trim_scale(threshold)::text else '' end
                    || '; the last active day was ' || to_char(last_active_date, 'YYYY-MM-DD')
            end || '.'
    end
{%- endmacro %}
