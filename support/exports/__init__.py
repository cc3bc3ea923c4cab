"""What support lets people take along: see crm/datasets.py."""

from support.exports import conversations as conversations
from support.exports import own as own
from support.exports import settings as settings
