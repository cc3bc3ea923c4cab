"""Upward news of conversations: past tense, in the transaction, once per change set.

The kind that asks customers how it went listens to the first and never to the second: a
matter that only fell asleep is not one that somebody settled. Spam sends neither.
"""

from django.dispatch import Signal

# A person closed it. `conversation`, with its outcome; `by`: the colleague;
# `now`. It may be taken back or opened again later.
conversation_closed = Signal()

# Nobody answered us for as long as their mailbox waits. `conversations`: a list; `now`.
conversations_lapsed = Signal()
