"""What only Airflow needs: the tasks that the DAGs are made of, and dbt rendered as tasks."""
