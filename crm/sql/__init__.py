"""SQL beyond the ORM, composed with psycopg.sql."""
