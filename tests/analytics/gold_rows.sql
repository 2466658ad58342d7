-- Two schools, four students, one of whom nobody has recorded, and what they did in two months.
insert into gold.class_daily_performance
select class_id, calendar_date, 0.9
from unnest(array['CLASS-01', 'CLASS-02']) as class_id,
    unnest(array[date '2025-01-07', date '2025-01-08']) as calendar_date;
insert into gold.class_summary select 'CLASS-' || n from generate_series(1, 2) as n;
insert into gold.student_performance_summary values
('S-1', 'Jane Doe', 'N', 'CLASS-01', 0.95), ('S-2', 'John Doe', 'N', 'CLASS-01', null),
('S-3', 'Ada Roe', 'S', 'CLASS-02', 0.70), ('S-4', 'Ben Roe', 'N', 'CLASS-01', 0.90);
insert into gold.school_attendance_monthly values
('N', '2024-12-01', 15, 27, 30, 0.9, true), ('S', '2024-12-01', 15, 8, 10, 0.8, true),
('N', '2025-01-01', 6, 30, 30, 1, false), ('S', '2025-01-01', 0, null, null, null, true);
insert into gold.student_attendance_status values
('S-1', 2024, 'satisfactory', false), ('S-2', 2024, 'not_enough_data', null), ('S-3', 2024, 'severe', true),
('S-4', 2024, 'chronic', true), ('S-1', 2023, 'severe', true);
insert into gold.early_warning values
('S-1', 'attendance', 'watch', 'federal', 'Absent on 6 of 90 days.'),
('S-1', 'course', 'none', 'last_five', 'Mean 81 %.'),
('S-2', 'attendance', 'not_enough_data', 'federal', 'Only 3 days are recorded.'),
('S-3', 'attendance', 'warning', 'federal', 'Absent on 27 of 90 days.'),
('S-3', 'course', 'warning', 'last_five', 'Mean 52 %.'),
('S-4', 'attendance', 'warning', 'federal', 'Absent on 9 of 90 days.');
insert into gold.mart_student_progress values
('S-1', 'N', 'on_track', 4, 4, 2), ('S-2', 'N', 'at_risk', 4, 1, 0), ('S-3', 'S', 'not_started', 0, 0, 0);
insert into gold.mart_product_rank values ('Science', 5, 2, 3, 1), ('English', 9, 1, 4, 2);
insert into gold.current_sessions values
('web_events', 'S-1', 'a'), ('web_events', 'S-1', 'b'), ('web_events', 'S-2', 'c');
insert into gold.content_mastery_trends values
('a', '2025-01-08', 3, 0.5, 0.5), ('b', '2025-01-08', 1, -0.1, 0.9), ('a', '2025-01-07', 1, 1, 1);
insert into gold.activation_by_cohort
select school_id, month_start, 0.5
from unnest(array['N', 'S']) as school_id, unnest(array[date '2024-12-01', date '2025-01-01']) as month_start;
insert into gold.daily_engagement values
('all', '2025-01-07', 2, 3, 4, 0.5, 5, 8.25, null), ('all', '2025-01-08', 0, 3, 4, 0, 0, null, 'Trending Down'),
('web_events', '2025-01-08', 1, 1, 1, 1, 1, 2, 'Stable');
insert into gold.growth_accounting values
('all', 'month', '2024-12-01', true, 5, 5, 0, 0, 0, null, null),
('all', 'month', '2025-01-01', false, 4, 1, 2, 1, 3, 0.6667, 0.4),
('all', 'week', '2025-01-06', false, 3, 1, 1, 1, 1, 2, 0.5),
('web_events', 'month', '2025-01-01', false, 1, 1, 0, 0, 0, null, null);
insert into gold.quick_ratio_analysis values
('2024-11-01', 1.5, null, 0.5, 'OK', 'Optimize current growth strategy'),
('2024-12-01', 0.5, null, 0.4, 'CRITICAL: Quick Ratio Below 1.0', 'Focus on reducing churn before growth');
insert into gold.retention_cohorts values
('day', '2025-01-01', 0, 3, 3, true), ('day', '2025-01-02', 0, 1, 1, true), ('day', '2025-01-01', 1, 3, 2, true),
('day', '2025-01-02', 1, 1, 0, true), ('day', '2025-01-01', 2, 3, 1, true), ('week', '2024-12-30', 1, 4, 4, false);
insert into gold.retention_milestones values
(null, 1, 5, 0.6, 0.8, 0.6), (null, 7, 5, 0.2, 0.4, 0.8), (null, 90, 0, null, null, null),
('2025-01-01', 1, 1, 1, 1, 1);
insert into gold.miles_analytics values
('2025-01-07', 10, 0, 10, 1, 0, 10, 0, 'Healthy Growth'), ('2025-01-08', 0, 5, 5, 0, 1, 5, 2.5, 'High Redemption');
insert into gold.user_segments values
('S-1', 'casual', 'Active on 2 of 28 days.'), ('S-2', 'highly_engaged', 'Active on 20 of 28 days.'),
('guest-7', 'casual', 'Active on 1 of 28 days.'), ('S-3', 'a_rule_of_ours', 'Active on 3 of 28 days.');
insert into gold.content_completion values
('L1', 'lesson', 'web', 4, 3, 0.75, 5), ('L2', 'lesson', 'web', 1, 1, 1, 1), ('B1', 'book', 'mobile', 0, 0, null, 1);
insert into gold.regional_activity values
('2025-01-08', 'DE', 'mobile', 2, 1, 3, true), ('2025-01-07', 'DE', 'mobile', 1, 1, 0, true),
('2025-01-08', 'US', 'web', 4, 4, 2, false), ('2024-12-09', 'US', 'web', 50, 50, 50, false),
('2025-01-08', '<b>', 'web', 1, 0, 0, false), ('2025-01-08', 'FR', 'web', 0, 0, 0, false);
insert into gold.regional_activity_dach values ('2024-12-10', '2025-01-08', 2, 1, 3);
insert into gold.onboarding_funnel values
('2024-12-01', 1, 'onboarding_complete', 3), ('2024-12-01', 2, 'content_started', 1),
('2025-01-01', 1, 'onboarding_complete', 1), ('2025-01-01', 2, 'content_started', 1);
insert into gold.experiment_results values
('<script>alert(1)</script>', 'control', 10, 5, 0.5, null, null),
('<script>alert(1)</script>', 'short', 10, 6, 0.6, 0.2, 0.652704);
insert into ops.publications (as_of, dag_run_id, candidate_id, published_at) values
('2025-01-07', 'a', gen_random_uuid(), '2025-01-08T06:10:00Z'),
('2025-01-08', 'b', gen_random_uuid(), '2025-01-09T06:10:00Z');
