"""`script/bench NAME`: main() of benchmarks/bench_NAME.py, on servers of its own."""

import importlib
import os
import sys
from pathlib import Path

import django
from django.core.management import call_command

from config import gunicorn
from local.embedded import ensure

HERE = Path(__file__).resolve().parent
# They break their servers, so they start some of their own.
SERVERS_OF_THEIR_OWN = {"chaos"}


def main() -> int:
    names = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    if len(sys.argv) < 2 or sys.argv[1] not in names:
        print(f"script/bench NAME, one of: {', '.join(names)}")
        return 2
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1] in SERVERS_OF_THEIR_OWN:
        module = importlib.import_module(f"benchmarks.bench_{sys.argv[1]}")
        return int(module.main(sys.argv[2:]) or 0)
    with ensure():
        django.setup()
        call_command("migrate", verbosity=0)
        # Pages are asked for in this process: as the web server has it.
        gunicorn.when_ready(None)
        module = importlib.import_module(f"benchmarks.bench_{sys.argv[1]}")
        return int(module.main(sys.argv[2:]) or 0)


if __name__ == "__main__":
    sys.exit(main())
