-- What replay needs: which load it takes up again, and which columns the rejected rows of a CSV file stand in.

alter table ops.file_loads add column replay_of bigint references ops.file_loads (load_id);
alter table ops.file_loads add column header text[];

comment on column ops.file_loads.replay_of is
'Of a replay: the load whose rejected rows it took in. Its rows_read are the rows that were accepted now.';

comment on column ops.file_loads.header is
'The column names of a CSV file, in their order, by which its rejected rows are read again.';

-- The same content may come again: as the full load of another day.
drop index ops.file_loads_loaded_once;
create unique index file_loads_loaded_once on ops.file_loads (source, sha256, snapshot_at)
nulls not distinct where status = 'loaded';
