{#-
    The events of each source in one shape. An id within JSON is cut at 255 characters, as many as declared ids may have:
    longer ones could not be indexed; verb and object, which stand in one index with two more, at 100. The same columns, in the same order, in each macro.
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
        left(object, 100) as content_id,
        'object' as content_type,
        null as content_title,
        null as unit_id,
        null as page_id,
        {{ no_answer() }},
        null::numeric as points,
        null as transaction_category,
        null as utm_source,
        jsonb_build_object('id', id, 'verb', left(lower(verb), 100), 'object', left(object, 100)) as properties,
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
        {{ no_answer() }},
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
        {{ no_answer() }},
        case lower(event_type) when 'miles_earned' then abs(miles_amount) when 'miles_redeemed' then -abs(miles_amount) end
            as points,
        transaction_category,
        utm_source,
        coalesce(_extra, '{}') as properties,
        _load_id
    from {{ rows }} as events
{%- endmacro %}

{% macro mobile_events(rows) -%}
    {{ item_events('mobile_events', rows, 'device_locale_country', 'lower(device_platform_name)', 'mobile', "'{}'") }}
{%- endmacro %}

{% macro web_events(rows) -%}
    {%- set more = "jsonb_strip_nulls(jsonb_build_object('device_type', device_type, 'referrer', referrer))" -%}
    {{ item_events('web_events', rows, 'country_code', 'null', 'web', more) }}
{%- endmacro %}

{#- Of events that say nothing of an answer. -#}
{% macro no_answer() -%}
    null::numeric as score,
    null::numeric as max_score,
    null::boolean as is_correct,
    null::numeric as time_seconds
{%- endmacro %}

{#- A plain decimal as number, anything else as NULL. -#}
{% macro number_of(text) -%}
    case when {{ text }} ~ '^[+-]?(\d+(\.\d*)?|\.\d+)$' and length({{ text }}) <= 30 then {{ text }}::numeric end
{%- endmacro %}
