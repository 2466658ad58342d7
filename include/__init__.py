"""Everything that a DAG file calls: settings, ingestion, warehouse, dbt, orchestration, the laptop stack."""
