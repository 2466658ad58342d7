-- Run once, by the image of Postgres, when the volume is new: a database and its owner for Airflow, and for the warehouse,
-- and who reads gold. None is a superuser, and none may enter the database of another, but the reader the warehouse.
\getenv airflow_password AIRFLOW_DB_PASSWORD
\getenv warehouse_password WAREHOUSE_PASSWORD
\getenv reader_password READER_PASSWORD

create role airflow login password :'airflow_password';
create database airflow owner airflow;
revoke all on database airflow from public;

create role rollcall login password :'warehouse_password';
create database rollcall owner rollcall;
revoke all on database rollcall from public;

-- As docs/warehouse.md has it.
create role rollcall_reader login password :'reader_password';
grant connect on database rollcall to rollcall_reader;
\connect rollcall
create schema gold authorization rollcall;
grant usage on schema gold to rollcall_reader;
alter default privileges for role rollcall in schema gold grant select on tables to rollcall_reader;
