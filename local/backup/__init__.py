"""`script/backup` and `script/restore`: a whole copy of an installation, and back.

A backup is a folder: the database as `pg_dump` writes it, the private files, the
journal, the settings, and `backup.json` with the checksum of each. It asks no app: what
the apps have to do with a database that was put back is `manage.py after_restore`.
"""
