-- Run once, by the image of Postgres, when the volume is new: a database and its owner for Airflow, and for the warehouse.
-- Neither owner is a superuser, and neither may enter the database of the other.
\getenv airflow_password AIRFLOW_DB_PASSWORD
\getenv warehouse_password WAREHOUSE_PASSWORD

create role airflow login password :'airflow_password';
create database airflow owner airflow;
revoke all on database airflow from public;

create role rollcall login password :'warehouse_password';
create database rollcall owner rollcall;
revoke all on database rollcall from public;
