"""The settings read afresh from the environment, as a starting process does."""

import importlib
import sys

import config


def fresh_settings():
    """Name to value. What this process itself has read stays as it was."""
    known, package = _modules(), config.settings
    for name in known:
        del sys.modules[name]
    try:
        return dict(vars(importlib.import_module("config.settings")))
    finally:
        for name in _modules():
            del sys.modules[name]
        sys.modules.update(known)
        config.settings = package


def _modules():
    return {
        name: module
        for name, module in sys.modules.items()
        if name.startswith("config.settings")
    }
