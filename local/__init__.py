"""What makes one command enough: PostgreSQL and Valkey from wheels, the supervisor.

And the catalogues of translations, without gettext's programs.
"""
