"""The private storage in a bucket that speaks S3, failing as a folder does.

Code that stores or reads a file expects OSError, and FileNotFoundError where it is
gone; django-storages lets most errors of botocore through as they are. FILES_BACKEND
names this class (docs/settings.md), so that only those who use it need the package.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage

# A page waits for it: botocore itself asks five times, a minute each.
_PATIENCE = Config(
    connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 3}
)
_GONE = {"404", "NoSuchKey", "NotFound"}


class Bucket(S3Storage):  # type: ignore[misc] # it has no stubs
    """S3Storage with its options. Raises nothing of botocore."""

    client_config: Config

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.client_config = self.client_config.merge(_PATIENCE)

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        with _failing_as_a_folder(name):
            file: File[bytes] = super()._open(name, mode)
            # Fetched here, where a failure can still be answered.
            return file.open() if "r" in mode else file

    def _save(self, name: str, content: IO[bytes]) -> str:
        with _failing_as_a_folder(name):
            return str(super()._save(name, content))

    def delete(self, name: str) -> None:
        with _failing_as_a_folder(name):
            super().delete(name)

    def exists(self, name: str) -> bool:
        with _failing_as_a_folder(name):
            return bool(super().exists(name))

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        with _failing_as_a_folder(name or "its list of files"):
            folders, names = super().listdir(name)
            return folders, names

    def get_modified_time(self, name: str) -> datetime:
        with _failing_as_a_folder(name):
            moment: datetime = super().get_modified_time(name)
            return moment


@contextmanager
def _failing_as_a_folder(name: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _GONE:
            raise FileNotFoundError(name) from error
        raise OSError(f"The bucket refused {name}") from error
    except (BotoCoreError, Boto3Error) as error:
        raise OSError(f"The bucket did not answer for {name}") from error
