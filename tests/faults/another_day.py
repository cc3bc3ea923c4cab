"""The Celery application with quick ticks, by a clock that was right at MOMENT.

In the process itself: libfaketime 0.9.10 lets Python 3.11 wait for ever, or not at all.
"""

import os
from datetime import datetime

import time_machine

from tests.journeys.quick import app

time_machine.travel(datetime.fromisoformat(os.environ["MOMENT"]), tick=True).start()

__all__ = ["app"]
