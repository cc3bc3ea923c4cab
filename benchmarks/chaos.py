#!/usr/bin/env python3
"""The kill test under the name that people look for: script/bench chaos."""

import os
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[1] / "script" / "bench"

if __name__ == "__main__":
    os.execv(SCRIPT, [str(SCRIPT), "chaos", *sys.argv[1:]])
