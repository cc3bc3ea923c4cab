"""Four questions on the product's tables, under the middleware of `startproject`."""

from benchmarks.rivals.careful_settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.rivals.careful_four"
