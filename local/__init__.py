"""What makes one command enough: PostgreSQL and Valkey from wheels, the supervisor."""
