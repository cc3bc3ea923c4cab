"""One question with the product's promises, under what careful_four.py has."""

from benchmarks.rivals.careful_four_settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.rivals.careful_one"
