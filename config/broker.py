"""Our broker's transport: kombu's for Redis, but a lost broker costs a worker nothing.

A worker takes as many tasks as it has processes, and takes the next one when one is
acknowledged. In kombu an acknowledgement that cannot reach the broker (frozen for a
while, asking for another password) is logged and never made up for: its place stays
taken. With all places lost the worker is deaf for good, connected and idle.

So the place is free again in any case. The broker gives the task out again after
the visibility timeout, which does no harm: a task only starts work that rows describe.

And where the broker dies while some processes of a worker are at work and others wait,
kombu tidies up, and acknowledges, over a channel whose connection it has thrown away
already. It meets None there, raises AttributeError, and the worker ends. So such a
channel raises the error that a lost connection raises everywhere else.
"""

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis, virtual
from redis.exceptions import ConnectionError as ConnectionLost

SCHEMES = ("redis", "rediss")


class QoS(redis.QoS):
    """Frees the place of a message also where its acknowledgement fails."""

    def ack(self, delivery_tag: str) -> None:
        try:
            super().ack(delivery_tag)
        finally:
            self._free(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        try:
            super().reject(delivery_tag, requeue=requeue)
        finally:
            self._free(delivery_tag)

    def _free(self, delivery_tag: str) -> None:
        """Twice is once: a set of tags is what is kept."""
        virtual.QoS.ack(self, delivery_tag)


class Channel(redis.Channel):
    """Refuses to work on over a connection that is closed."""

    QoS = QoS

    def _connparams(self, asynchronous: bool = False) -> Any:
        """Asked before every new connection to the broker."""
        if self.connection.client is None:
            raise ConnectionLost("the connection of this channel is closed")
        return super()._connparams(asynchronous=asynchronous)  # type: ignore[misc] # kombu has no types


class Transport(redis.Transport):
    """Kombu's Redis transport with our channel."""

    Channel = Channel


def use_our_transport() -> None:
    """By the schemes of its address: the setting broker_transport is not asked for
    an address such as redis+socket:."""
    TRANSPORT_ALIASES.update(dict.fromkeys(SCHEMES, f"{__name__}:Transport"))
