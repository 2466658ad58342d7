"""What loading into bronze costs, as multiples of Postgres's own COPY."""
