"""An application that tells how its process looks for garbage."""

import gc
from typing import Any

import django

django.setup()


def application(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{gc.get_freeze_count()} {gc.get_threshold()[0]}".encode()]
