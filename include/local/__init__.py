"""The laptop stack: embedded Postgres, Airflow standalone, the sample-data generator. `python -m include.local`."""
