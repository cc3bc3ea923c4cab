"""A place for the data of servers that a test starts itself."""

import shutil
import tempfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def folder():
    """Short, and open to the servers' account, unlike pytest's own folders."""
    made = Path(tempfile.mkdtemp(prefix="perennial-var-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def var(folder):
    """A place of its own, not yet made."""
    return folder / f"var{len(list(folder.iterdir()))}"


@pytest.fixture(scope="module")
def shared_var(folder):
    """For tests that begin with servers that are stopped, and leave them so."""
    return folder / "shared"
