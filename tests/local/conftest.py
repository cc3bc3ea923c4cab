"""The same places for data as the tests of the wiring use."""

from tests.config.conftest import folder, shared_var, var  # noqa: F401
