"""Run as a program: so many mails that may go now, in the database of DATABASE_URL."""

import sys

import tests.faults.app  # noqa: F401  (sets Django up, and knows the kind)
from tests.factories import CustomerFactory
from tests.faults.mails import plan

if __name__ == "__main__":
    # Those of fill_shop are there already.
    CustomerFactory.reset_sequence(1_000_000)
    plan(int(sys.argv[1]))
