-- A Friday's learning events of two users, of which everything holds in every layer: a lesson, a problem and a test in
-- one session, an answer in a product, and an event each on mobile, in the web and of rewards.
-- Loads: 101 platform, 102 product, 103 mobile, 104 web, 105 reward events.

insert into ops.file_loads
    (load_id, source, file, sha256, bytes, status, contract, rows_read, rows_inserted, started_at, finished_at)
overriding system value values
    (101, 'platform_events', 'platform_events.jsonl', 'p', 1, 'loaded', 'c', 4, 4, now(), now()),
    (102, 'product_events', 'ela_events.csv', 'q', 1, 'loaded', 'c', 1, 1, now(), now()),
    (103, 'mobile_events', 'mobile_events.csv', 'm', 1, 'loaded', 'c', 1, 1, now(), now()),
    (104, 'web_events', 'web_events.csv', 'w', 1, 'loaded', 'c', 1, 1, now(), now()),
    (105, 'reward_events', 'reward_events.csv', 'r', 1, 'loaded', 'c', 1, 1, now(), now());

select ops.make_month_partitions(table_name::regclass, array['2025-12-01', '2026-01-01']::date [])
from unnest(array['platform', 'product', 'mobile', 'web', 'reward']) as kind
cross join lateral (select 'bronze.' || kind || '_events' as table_name) as bronze_table;

insert into bronze.platform_events
    (event_id, learner_id, event_type, "timestamp", session_id, _load_id, _ingested_at, _source_file, _source_line)
values
    ('P1', 'S1', 'lesson_start', '2026-01-30T10:00:00Z', 's1', 101, now(), 'platform_events.jsonl', 1),
    ('P2', 'S1', 'lesson_complete', '2026-01-30T10:00:30Z', 's1', 101, now(), 'platform_events.jsonl', 2),
    ('P3', 'S1', 'assessment_complete', '2026-01-30T10:05:00Z', 's1', 101, now(), 'platform_events.jsonl', 3),
    ('P4', 'S1', 'problem_attempt', '2026-01-30T10:06:00Z', 's1', 101, now(), 'platform_events.jsonl', 4);

insert into bronze.product_events
    (id, "userId", verb, object, product, "timestamp", _load_id, _ingested_at, _source_file, _source_line)
values ('1', 'S1', 'answered', 'O1', 'ela', '2026-01-30T11:00:00Z', 102, now(), 'ela_events.csv', 2);

insert into bronze.mobile_events
    (event_name, event_timestamp, user_id, session_id, _load_id, _ingested_at, _source_file, _source_line)
values ('app-open', '2026-01-30T12:00:00Z', 'S2', 's2', 103, now(), 'mobile_events.csv', 2);

insert into bronze.web_events
    (event_name, event_timestamp, user_id, session_id, _load_id, _ingested_at, _source_file, _source_line)
values ('app-open', '2026-01-30T12:30:00Z', 'S2', 's3', 104, now(), 'web_events.csv', 2);

insert into bronze.reward_events
    (event_time, user_id, event_type, miles_amount, _load_id, _ingested_at, _source_file, _source_line)
values ('2026-01-30T13:00:00Z', 'S2', 'miles_earned', 5, 105, now(), 'reward_events.csv', 2);

insert into silver.fact_learning_events
    (event_id, source, user_id, session_id, event_type, is_known, occurred_at, event_date, _load_id)
select event_id, 'platform_events', learner_id, session_id, event_type, true, "timestamp", '2026-01-30'::date, _load_id
from bronze.platform_events
union all
select product || '|' || id, 'product_events', "userId", 'd1', verb, true, "timestamp", '2026-01-30', _load_id
from bronze.product_events
union all
select event_key, 'mobile_events', user_id, session_id, 'app_open', true, event_timestamp, '2026-01-30', _load_id
from bronze.mobile_events
union all
select event_key, 'web_events', user_id, session_id, 'app_open', true, event_timestamp, '2026-01-30', _load_id
from bronze.web_events
union all
select event_key, 'reward_events', user_id, 'd2', event_type, true, event_time, '2026-01-30', _load_id
from bronze.reward_events;

update silver.fact_learning_events set content_id = 'T1', score = 8, max_score = 10 where event_id = 'P3';
update silver.fact_learning_events set product = 'ela' where source = 'product_events';

insert into silver.minute_metrics
select
    user_id,
    date_trunc('minute', occurred_at, 'UTC') as minute_at,
    session_id,
    count(*),
    event_date,
    max(_load_id)
from silver.fact_learning_events
group by user_id, minute_at, session_id, event_date;

insert into silver.session_metrics
select
    source,
    user_id,
    session_id,
    extract(epoch from max(occurred_at) - min(occurred_at)),
    count(*),
    max(occurred_at),
    min(event_date),
    max(_load_id)
from silver.fact_learning_events
group by source, user_id, session_id;

insert into silver.mastery_attempts values ('platform_events', 'P3', 'S1', 'T1', '2026-01-30', 101);

insert into silver.fact_student_activity values
    ('S1', '2026-01-30', 5, 102),
    ('S2', '2026-01-30', 3, 105);

insert into silver.fact_user_days values
    ('S1', '2026-01-30', 'platform_events', 4, 101),
    ('S1', '2026-01-30', 'product_events', 1, 102),
    ('S1', '2026-01-30', 'all', 5, 102),
    ('S2', '2026-01-30', 'mobile_events', 1, 103),
    ('S2', '2026-01-30', 'web_events', 1, 104),
    ('S2', '2026-01-30', 'reward_events', 1, 105),
    ('S2', '2026-01-30', 'all', 3, 105);

insert into silver.fact_product_events values ('e1', '2026-01-30', 102);
insert into silver.product_user_months values ('S1', 'ela', 'answered', 'O1', '2026-01-01', 1, 102);
insert into silver.dim_users values ('u1', 'S1');
insert into silver.dim_verbs values ('v1', 'answered');
insert into silver.dim_objects values ('o1', 'O1');
insert into silver.dim_products values ('p1', 'ela', 'English Language Arts');

insert into ops.silver_models (model, fingerprint, max_load_id, max_change_id)
select table_name, '', 105, 0 from information_schema.tables where table_schema = 'silver'
on conflict (model) do update set max_load_id = excluded.max_load_id;

insert into gold_candidate.learner_activity_summary values
    ('S1', '2026-01-30', 5, 0.0583),
    ('S2', '2026-01-30', 3, 0.05);

insert into gold_candidate.current_sessions values ('platform_events', 'S1', 's1', 360, 80, 1, '2026-01-30');

update gold_candidate.mart_student_progress set mastery_rate = 1 where student_id = 'S1';

insert into gold_candidate.activation_by_cohort values ('UNKNOWN', '2026-01-01', 0.5);

insert into gold_candidate.student_equity values
    (2025, 'high_poverty', 'a', 12, false),
    (2025, 'high_poverty', 'b', null, true),
    (2025, 'high_poverty', 'c', null, true),
    (2025, 'low_poverty', 'b', null, true),
    (2025, 'low_poverty', 'c', null, true);

insert into gold_candidate.mart_user_product_activity_weekly values
    ('S1', 'English Language Arts', 1);

insert into gold_candidate.mart_event_details_monthly values
    ('S1', 'English Language Arts', 'answered', 'O1', 2026, 1, 1);

insert into gold_candidate.mart_user_avg_duration_monthly values ('2026-01-01', 0);
insert into gold_candidate.mart_product_rank values ('English Language Arts', 1);

insert into gold_candidate.growth_accounting values ('all', 'day', '2026-01-30');
insert into gold_candidate.retention_cohorts values ('day', '2026-01-30', 0);
insert into gold_candidate.regional_activity values ('2026-01-30', 'unknown', 'unknown');
insert into gold_candidate.user_lifecycle values ('S1'), ('S2');
insert into gold_candidate.content_completion values ('T1', 'assessment', 'unknown');
insert into gold_candidate.activity_streaks values ('S1'), ('S2');
insert into gold_candidate.feature_adoption values ('hint', '2026-01-26');
insert into gold_candidate.growth_drivers values ('2026-01-30'), ('2026-01-31');
insert into gold_candidate.miles_by_category values ('2026-01-01', 'quiz');
insert into gold_candidate.onboarding_funnel values ('2026-01-01', 1);
insert into gold_candidate.retention_milestones values ('overall', 1);
insert into gold_candidate.retention_quality values ('2026-01-30'), ('2026-01-31');
insert into gold_candidate.session_drop_off values ('page_view');
insert into gold_candidate.user_resurrection values ('2026-01-30'), ('2026-01-31');
insert into gold_candidate.user_segments values ('S1'), ('S2');

-- The day after is a Saturday.
insert into gold_candidate.daily_engagement values
    ('all', '2026-01-30', 2),
    ('all', '2026-01-31', 0);

insert into gold_candidate.quick_ratio_analysis values
    ('2025-11-01', 'CRITICAL: Quick Ratio Below 1.0'),
    ('2025-12-01', 'OK');

insert into gold_candidate.miles_analytics values
    ('2026-01-30', 5, 1),
    ('2026-01-31', 50, 30);

insert into gold_candidate.users_with_negative_miles values ('S1', '2026-01-30');

insert into gold_candidate.experiment_results values
    ('banner', 'control', 30, 3),
    ('banner', 'blue', 30, 3);

-- Gold is as old as silver's dimensions, and not older.
alter table gold_candidate.mart_user_product_activity_weekly set (fillfactor = 100);
alter table gold_candidate.mart_event_details_monthly set (fillfactor = 100);
alter table gold_candidate.mart_product_rank set (fillfactor = 100);
