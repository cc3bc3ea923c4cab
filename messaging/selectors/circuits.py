"""Transports that do not work at the moment."""

from messaging.models import Circuit
from messaging.rules.choices import CircuitState


def open_circuits() -> list[Circuit]:
    return list(Circuit.objects.exclude(state=CircuitState.CLOSED.value))
