{#-
    The events of each source in one shape. An id within JSON is cut at 255 characters, as many as declared ids may have:
    longer ones could not be indexed. The same columns, in the same order, in each macro.
-#}

{% macro platform_events(rows) -%}
    {%- set contents = ['lesson', 'assessment', 'problem', 'item', 'unit', 'page'] -%}
    select
        'platform_events' as source,
        event_id,
        learner_id as source_user_id,
        session_id as given_session_id,
        lower(event_type) as raw_type,
        "timestamp" as occurred_at,
        null::timestamptz as received_at,
        lower(details.product) as product,
        case about.source when 'web_app' then 'web' when 'mobile_app' then 'mobile' end as platform,
        lower(about.device) as device_os,
        upper(about.country) as country,
        null as access_type,
        left(coalesce(
            {% for content in contents -%}
                nullif(details.{{ content }}_id, ''){{ ', ' if not loop.last }}
            {%- endfor %}
        ), 255) as content_id,
        case
            {% for content in contents -%}
                when details.{{ content }}_id <> '' then '{{ content }}'
            {% endfor -%}
        end as content_type,
        details.title as content_title,
        left(nullif(details.unit_id, ''), 255) as unit_id,
        left(nullif(details.page_id, ''), 255) as page_id,
        {{ number_of('details.score') }} as score,
        {{ number_of('details.max_score') }} as max_score,
        case
            when lower(details.correct) in ('true', '1', 'yes') then true
            when lower(details.correct) in ('false', '0', 'no') then false
        end as is_correct,
        {{ number_of('details.time_seconds') }} as time_seconds,
        {{ number_of('details.points') }} as points,
        null as transaction_category,
        about.utm_source,
        coalesce(data, '{}') as properties,
        _load_id
    from {{ rows }} as events
    cross join lateral jsonb_to_record(coalesce(data, '{}')) as details (
        page_id text,
        lesson_id text,
        assessment_id text,
        problem_id text,
        unit_id text,
        item_id text,
        score text,
        max_score text,
        correct text,
        time_seconds text,
        title text,
        product text,
        points text
    )
    cross join lateral jsonb_to_record(coalesce(metadata, '{}')) as about (
        source text,
        country text,
        device text,
        utm_source text
    )
{%- endmacro %}

{% macro product_events(rows) -%}
    select
        'product_events' as source,
        product || '|' || id as event_id,
        "userId" as source_user_id,
        null as given_session_id,
        lower(verb) as raw_type,
        "timestamp" as occurred_at,
        null::timestamptz as received_at,
        product,
        null as platform,
        null as device_os,
        null as country,
        null as access_type,
        left(object, 255) as content_id,
        'object' as content_type,
        null as content_title,
        null as unit_id,
        null as page_id,
        null::numeric as score,
        null::numeric as max_score,
        null::boolean as is_correct,
        null::numeric as time_seconds,
        null::numeric as points,
        null as transaction_category,
        null as utm_source,
        jsonb_build_object('id', id, 'verb', left(lower(verb), 255), 'object', left(object, 255)) as properties,
        _load_id
    from {{ rows }} as events
{%- endmacro %}

{#- Of `mobile_events` and `web_events`, which differ in the columns of country and device; `more`: of the properties. -#}
{% macro item_events(table, rows, country, device_os, platform, more) -%}
    select
        '{{ table }}' as source,
        event_key as event_id,
        user_id as source_user_id,
        session_id as given_session_id,
        lower(event_name) as raw_type,
        event_timestamp as occurred_at,
        arrival_timestamp as received_at,
        null as product,
        '{{ platform }}' as platform,
        {{ device_os }} as device_os,
        upper({{ country }}) as country,
        user_access_type as access_type,
        item_id as content_id,
        case when item_id is not null then coalesce(lower(item_type), 'item') end as content_type,
        item_title as content_title,
        null as unit_id,
        null as page_id,
        null::numeric as score,
        null::numeric as max_score,
        null::boolean as is_correct,
        null::numeric as time_seconds,
        null::numeric as points,
        null as transaction_category,
        null as utm_source,
        coalesce(_extra, '{}') || {{ more }} as properties,
        _load_id
    from {{ rows }} as events
{%- endmacro %}

{% macro reward_events(rows) -%}
    select
        'reward_events' as source,
        event_key as event_id,
        user_id as source_user_id,
        null as given_session_id,
        lower(event_type) as raw_type,
        event_time as occurred_at,
        null::timestamptz as received_at,
        null as product,
        case when lower(platform) in ('mobile', 'ios', 'android') then 'mobile' when lower(platform) = 'web' then 'web' end
            as platform,
        case when lower(platform) in ('ios', 'android') then lower(platform) end as device_os,
        upper(country) as country,
        null as access_type,
        null as content_id,
        null as content_type,
        null as content_title,
        null as unit_id,
        null as page_id,
        null::numeric as score,
        null::numeric as max_score,
        null::boolean as is_correct,
        null::numeric as time_seconds,
        case lower(event_type) when 'miles_earned' then abs(miles_amount) when 'miles_redeemed' then -abs(miles_amount) end
            as points,
        transaction_category,
        utm_source,
        coalesce(_extra, '{}') as properties,
        _load_id
    from {{ rows }} as events
{%- endmacro %}

{#- A plain decimal as number, anything else as NULL. -#}
{% macro number_of(text) -%}
    case when {{ text }} ~ '^[+-]?(\d+(\.\d*)?|\.\d+)$' and length({{ text }}) <= 30 then {{ text }}::numeric end
{%- endmacro %}

{#- Of each event of each source the version that stands, in one shape. -#}
{% macro standing_events() -%}
    {{ platform_events(newest_versions('platform_events', ['event_id'], '"timestamp"')) }}
    union all
    {{ product_events(newest_versions('product_events', ['product', 'id'], '"timestamp"')) }}
    union all
    {{ mobile_events(newest_versions('mobile_events', ['event_key'])) }}
    union all
    {{ web_events(newest_versions('web_events', ['event_key'])) }}
    union all
    {{ reward_events(newest_versions('reward_events', ['event_key'])) }}
{%- endmacro %}

{% macro mobile_events(rows) -%}
    {{ item_events('mobile_events', rows, 'device_locale_country', 'lower(device_platform_name)', 'mobile', "'{}'") }}
{%- endmacro %}

{% macro web_events(rows) -%}
    {%- set more = "jsonb_strip_nulls(jsonb_build_object('device_type', device_type, 'referrer', referrer))" -%}
    {{ item_events('web_events', rows, 'country_code', 'null', 'web', more) }}
{%- endmacro %}

{#- The newest version of each event; in an incremental build of those that are new or touched. -#}
{% macro newest_versions(table, key, version=none) -%}
    {%- set order = ([version] if version else []) + ['_load_id', '_source_line', '_row_hash'] -%}
    {#- A unit test has no table to bring up to date. -#}
    {%- if this and is_incremental() -%}
        (
            select distinct on ({{ key | join(', ') }}) *
            from {{ touched_versions(table, key) }} as versions
            order by {{ key | join(', ') }}, {{ order | join(' desc, ') }} desc
        )
    {%- else -%}
        {#- Few events have a second version: to look for it costs less than to sort them all. -#}
        (
            select * from {{ bronze(table) }} as versions
            where not exists (
                select from {{ bronze(table) }} as newer
                where
                    {{ equal_columns('newer', 'versions', key) }}
                    and ({{ prefixed('newer', order) }}) > ({{ prefixed('versions', order) }})
            )
        )
    {%- endif -%}
{%- endmacro %}

{#- Every version of the events that are new or touched. -#}
{% macro touched_versions(table, key) -%}
    (
        select * from {{ source('bronze', table) }}
        where {{ is_new_load() }}
        union all
        select * from {{ source('bronze', table) }}
        where
            ({{ key | join(', ') }}) in (
                select {{ 'product, key' if key | length > 1 else 'key' }} from touched where source = '{{ table }}'
            )
            and _load_id <= (select max_load_id from ops.silver_models where model = '{{ model.name }}')
    )
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
            {{ platform_events(new_rows('platform_events')) }}
            union all
            {{ product_events(new_rows('product_events')) }}
            union all
            {{ mobile_events(new_rows('mobile_events')) }}
            union all
            {{ web_events(new_rows('web_events')) }}
            union all
            {{ reward_events(new_rows('reward_events')) }}
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

{% macro new_rows(table) -%}
    (select * from {{ source('bronze', table) }} where {{ is_new_load() }})
{%- endmacro %}

{#- The name of a derived session: source, user, and when its first event was. -#}
{% macro derived_session_id(events) -%}
    {{ events }}.source || ':' || {{ events }}.user_id || ':'
    || to_char({{ events }}.session_start_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
{%- endmacro %}
