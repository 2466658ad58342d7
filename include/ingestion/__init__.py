"""Raw files to bronze. Knows no Airflow: each source also runs as `python -m include.ingestion load SOURCE`."""
