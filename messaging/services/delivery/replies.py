"""What the answer to one mail means for the rest of its group and for the transport."""

from dataclasses import replace

from messaging.rules.smtp_replies import Meaning
from messaging.services import circuit
from messaging.services.delivery.outcomes import Attempt
from messaging.transports.base import Answer


def stops(answer: Answer | None) -> bool:
    """Whether the group ends with it. A mail that meets a rule ends the group: whose
    rule it is decides what comes next."""
    return (
        answer is None
        or answer.dropped
        or answer.meaning in (Meaning.OURS, Meaning.POLICY)
    )


def is_taken(answer: Answer) -> bool:
    """Whether the server took the mail."""
    return answer.meaning is Meaning.ACCEPTED


def refusal(one: Attempt) -> circuit.Failure:
    """What the circuit keeps of a refusal."""
    answer = one.answer or Answer(Meaning.OURS)
    return circuit.Failure(
        circuit.REFUSED_US, answer.code, answer.text, one.message.pk, ours=True
    )


def of_a_probe(one: Attempt) -> Attempt:
    """While it refuses us, a rule that stops the probe is one about us."""
    if one.answer is None or one.answer.meaning is not Meaning.POLICY:
        return one
    return Attempt(one.message, replace(one.answer, meaning=Meaning.OURS))
