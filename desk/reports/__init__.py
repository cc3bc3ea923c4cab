"""What `manage.py report` can print, one module for each report."""
