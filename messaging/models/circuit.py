"""Whether mail leaves, and whose mail was refused while it did not."""

from django.db import models

from crm.models.fields import choice_check, pairs
from messaging.models.ledger import Message
from messaging.models.sending import SendingAccount
from messaging.rules.choices import CircuitState, Transport


class Circuit(models.Model):
    """Whether a transport works. Open: the whole queue waits and no try is counted.

    Without an account it is the shop's own.
    """

    transport = models.CharField(max_length=8, choices=pairs(Transport))
    account = models.ForeignKey(
        SendingAccount, on_delete=models.CASCADE, null=True, blank=True
    )
    state = models.CharField(
        max_length=8,
        choices=pairs(CircuitState),
        default=CircuitState.CLOSED.value,
        db_default=CircuitState.CLOSED.value,
    )
    reason_code = models.CharField(max_length=40, blank=True)
    smtp_code = models.PositiveSmallIntegerField(null=True, blank=True)
    smtp_text = models.CharField(max_length=300, blank=True, db_default="")
    # The mail that met this answer; none where the connection itself failed.
    refused = models.ForeignKey(
        Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    opened_at = models.DateTimeField(null=True, blank=True)
    next_probe_at = models.DateTimeField(null=True, blank=True)
    # Staff want a mail tried at once, and none has been yet.
    asked_at = models.DateTimeField(null=True, blank=True)
    # When a probe last came to a conclusion, good or bad.
    probed_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["transport", "account"],
                nulls_distinct=False,
                name="circuit_once_an_account",
            ),
            choice_check("state", CircuitState, name="circuit_state"),
        ]

    def __str__(self) -> str:
        account = f" of account {self.account_id}" if self.account_id else ""
        return f"{self.transport}{account}"


class Refusal(models.Model):
    """A mail that a transport refused for a reason that may be ours.

    Deleted once it takes any mail again, so there are as many as several recipients
    met in a row, and later one for each mail that was a probe.
    """

    circuit = models.ForeignKey(
        Circuit, on_delete=models.CASCADE, related_name="refusals"
    )
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    refused_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circuit", "message"], name="refusal_once_a_message"
            )
        ]

    def __str__(self) -> str:
        return f"{self.circuit_id} {self.message_id}"
