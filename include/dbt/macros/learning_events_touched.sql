{#-
    The keys of the models of learning events that must be computed again, as pre-hooks: each makes the temporary
    table `touched`. What it is made of tells in ops.silver_changes of every row that went and that came, so an event that
    moves touches the place that it left too. Days before the horizon of raw events are not touched: what was made of
    them cannot be made again.
-#}

{#-
    The rows of a model as `facts` that belong to the rows of a table of keys, each looked up for itself; `condition`
    compares the two. Without `offset 0` Postgres might read all months instead: when it plans it does not know that a key
    lies in one of them.
-#}
{% macro facts_of(keys, model_name, condition) -%}
    {{ keys }}
    cross join lateral (
        select facts.* from {{ ref(model_name) }} as facts
        where {{ condition }}
        offset 0
    ) as facts
{%- endmacro %}

{#- The same for the touched keys; all rows when the table is built whole. -#}
{% macro touched_facts(model_name, condition) -%}
    {#- A unit test has no table to bring up to date. -#}
    {%- if this and is_incremental() -%}
        {{ facts_of('touched', model_name, condition) }}
    {%- else -%}
        {{ ref(model_name) }} as facts
    {%- endif -%}
{%- endmacro %}

{#-
    `touched`: the events that stand in the table and have a new version, and all events of those derived sessions to
    which an event comes, or from which one goes, or that lie no farther than the gap from one: sessions farther away
    stay as they are. `key`: the event's key in bronze, for a product event beside its product.
-#}
{% macro touch_learning_events() %}
    {% if execute and not is_incremental() %}
        {#- The planner would sort all events to join them with a seed of forty lines. -#}
        set local enable_mergejoin = off;
        set local work_mem = '256MB'
    {% elif execute %}
        {% set gap = "interval '" ~ var('session_gap_minutes') ~ " minutes'" %}
        {#- The planner does not know that a look-up finds its event in one of the partitions. -#}
        set local enable_seqscan = off;
        create temporary table new_events on commit drop as
        select
            events.source,
            events.event_id,
            coalesce(user_id_map.user_id, events.source_user_id) as user_id,
            events.occurred_at,
            events.given_session_id
        from (
            {{ events_of_sources(only_new=true) }}
        ) as events
        left join {{ ref('user_id_map') }} as user_id_map
            on events.source = user_id_map.source and events.source_user_id = user_id_map.source_user_id;
        analyze new_events;

        create temporary table known_events on commit drop as
        select known.*
        from (select distinct source, event_id from new_events) as new_ids
        cross join lateral (
            select * from {{ this }} as fact
            where fact.event_id = new_ids.event_id and fact.source = new_ids.source
            offset 0
        ) as known;
        analyze known_events;

        create temporary table loose_spans on commit drop as
        select source, user_id, min(occurred_at) - {{ gap }} as span_from, max(occurred_at) + {{ gap }} as span_to
        from (
            select source, user_id, occurred_at from new_events where given_session_id is null
            union all
            select source, user_id, occurred_at from known_events where is_session_derived
        ) as loose
        group by source, user_id, date_trunc('day', occurred_at);
        analyze loose_spans;

        create temporary table touched_sessions on commit drop as
        select distinct near.user_id, near.session_id
        from loose_spans
        cross join lateral (
            select * from {{ this }} as fact
            where
                fact.user_id = loose_spans.user_id
                and fact.source = loose_spans.source
                and fact.is_session_derived
                and fact.event_date between span_from::date - 1 and span_to::date + 1
                and fact.occurred_at between span_from and span_to
            offset 0
        ) as near;
        analyze touched_sessions;

        create temporary table touched on commit drop as
        select
            event_date,
            source,
            event_id,
            product,
            case source when 'product_events' then properties ->> 'id' else event_id end as key
        from (
            select * from known_events
            union all
            select members.*
            from touched_sessions
            cross join lateral (
                select * from {{ this }} as fact
                where fact.session_id = touched_sessions.session_id and fact.user_id = touched_sessions.user_id
                offset 0
            ) as members
            where members.is_session_derived
        ) as events
        group by 1, 2, 3, 4, 5;
        analyze touched
    {% endif %}
{% endmacro %}

{#- `touched`: the users' days of which a row of the models has changed, under the names that the model gives them. -#}
{% macro touch_user_days(user, day, models=['fact_learning_events']) %}
    {% if execute and is_incremental() %}
        {{ make_touched() }}
        select distinct
            student_id as {{ user }},
            calendar_date as {{ day }}
        from {{ changes_of(models) }} as changes
        where calendar_date >= {{ raw_horizon() }};
        {{ index_touched([user, day]) }}
    {% endif %}
{% endmacro %}

{#- `touched`: the users' months of which an event has changed. -#}
{% macro touch_user_months() %}
    {% if execute and is_incremental() %}
        {{ make_touched() }}
        select distinct
            student_id as user_id,
            date_trunc('month', calendar_date)::date as month_start,
            (date_trunc('month', calendar_date) + interval '1 month')::date as next_month_start
        from {{ changes_of(['fact_learning_events']) }} as changes
        where calendar_date >= {{ raw_horizon() }};
        {{ index_touched(['user_id', 'month_start']) }}
    {% endif %}
{% endmacro %}

{#-
    `touched`: the contents, by learner, of which a row of the model has changed, under the names that the model gives them,
    and the first day of which one has: what is counted to a day before that stays as it is.
-#}
{% macro touch_contents_of_users(changed, user, content) %}
    {% if execute and is_incremental() %}
        {{ make_touched() }}
        select
            student_id as {{ user }},
            content_id as {{ content }},
            min(calendar_date) as first_date
        from {{ changes_of([changed]) }} as changes
        group by student_id, content_id;
        {{ index_touched([user, content]) }}
    {% endif %}
{% endmacro %}

{#- `touched`: what product_user_months tell of as `told`, under the name that the model gives it. -#}
{% macro touch_of_products(told, column) %}
    {% if execute and is_incremental() %}
        {{ make_touched() }}
        select distinct {{ told }} as {{ column }}
        from {{ changes_of(['product_user_months']) }} as changes;
        {{ index_touched([column]) }}
    {% endif %}
{% endmacro %}

{#-
    `touched`: the sessions that have events on a day of their user that has changed, or that spanned such a day, for
    their events may have left it. All events of a session lie between first_date and last_date: as it is stored, or on
    days that have changed. A session that began before the horizon of raw events stays as it is stored.
-#}
{% macro touch_sessions() %}
    {% if execute and is_incremental() %}
        create temporary table touched_days on commit drop as
        select distinct
            student_id as learner_id,
            calendar_date
        from {{ changes_of(['fact_learning_events']) }} as changes
        where calendar_date >= {{ raw_horizon() }};
        analyze touched_days;
        {{ make_touched() }}
        select
            found.*,
            least(changed.first_date, stored.partition_date) as first_date,
            greatest(changed.last_date, stored.last_date) as last_date
        from (
            select
                facts.source,
                facts.user_id as learner_id,
                facts.session_id
            from {{ facts_of(
                'touched_days',
                'fact_learning_events',
                'facts.user_id = touched_days.learner_id and facts.event_date = touched_days.calendar_date'
            ) }}
            union
            select
                spanning.source,
                spanning.learner_id,
                spanning.session_id
            from touched_days
            cross join lateral (
                select sessions.* from {{ this }} as sessions
                where
                    {{ spans_day('sessions', 'touched_days.learner_id', 'touched_days.calendar_date') }}
                offset 0
            ) as spanning
        ) as found
        inner join (
            select
                learner_id,
                min(calendar_date) as first_date,
                max(calendar_date) as last_date
            from touched_days
            group by learner_id
        ) as changed
            on found.learner_id = changed.learner_id
        left join lateral (
            select
                sessions.partition_date,
                {{ local_date('sessions.session_end_at') }} as last_date
            from {{ this }} as sessions
            where
                sessions.session_id = found.session_id
                and sessions.learner_id = found.learner_id
                and sessions.source = found.source
            offset 0
        ) as stored on true
        where stored.partition_date is null or stored.partition_date >= {{ raw_horizon() }};
        {{ index_touched(['source', 'learner_id', 'session_id']) }}
    {% endif %}
{% endmacro %}

{#-
    Whether a session spans a day of its learner. A day begins somewhere up to 14 hours earlier than in UTC. `+ 0` keeps
    Postgres from an index of partition_date, in which it would read all earlier sessions too.
-#}
{% macro spans_day(sessions, learner, day) -%}
    {{ sessions }}.learner_id = {{ learner }}
    and {{ sessions }}.session_end_at >= ({{ day }} - 1)::timestamp at time zone 'UTC'
    and {{ sessions }}.partition_date + 0 <= {{ day }}
{%- endmacro %}

{#-
    What a pre-hook begins `touched` with. The planner does not know that a key lies in one of the partitions, nor that
    few keys are touched of a table with old statistics: without indexes it would read all of them.
-#}
{% macro make_touched() -%}
    set local enable_seqscan = off;
    create temporary table touched on commit drop as
{%- endmacro %}

{#- What a pre-hook ends `touched` with: with an index that holds the keys, they are read without a scan of the table. -#}
{% macro index_touched(key) -%}
    create unique index on touched ({{ key | join(', ') }});
    analyze touched
{%- endmacro %}
