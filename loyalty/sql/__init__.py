"""SQL beyond the ORM, composed with psycopg.sql; one module per job."""
