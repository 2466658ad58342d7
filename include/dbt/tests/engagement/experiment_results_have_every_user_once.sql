-- Experiments whose users are not those who saw a variant, each once; and variants whose difference is not that of the
-- rates, which are rounded.
with

exposed as (

    select
        experiment,
        count(distinct user_id) as users
    from {{ ref('fact_milestones') }}
    where milestone = 'experiment_exposure' and calendar_date <= {{ as_of() }}
    group by experiment

),

results as (

    select * from {{ ref('experiment_results') }}

),

counted as (

    select
        experiment,
        sum(users + users_in_window) as users
    from results
    group by experiment

)

select coalesce(exposed.experiment, counted.experiment) as experiment
from exposed
full outer join counted on exposed.experiment = counted.experiment
where exposed.users is distinct from counted.users
union all
select results.experiment
from results
inner join results as controls on results.experiment = controls.experiment and controls.variant = 'control'
where
    results.variant <> 'control'
    and abs(results.difference - (results.conversion_rate - controls.conversion_rate)) > 0.0001
