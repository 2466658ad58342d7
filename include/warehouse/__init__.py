"""Everything that knows Postgres: connecting, schemas and migrations, the pipeline's own records, publish."""
