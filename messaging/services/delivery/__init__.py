"""From planned to exactly one final state: claim, ask again, render, hand, send.

The order of commits around the final dot, and why it is so: docs/architecture.md.
"""

from messaging.services.delivery.deliver import DeliveryCount, deliver

__all__ = ["DeliveryCount", "deliver"]
