"""A real server that speaks S3, on a port of this machine, with one empty bucket."""

import contextlib
import logging
from contextlib import contextmanager

import boto3
from moto.server import ThreadedMotoServer

NAME = "kettle-private"
KEYS = {"access_key": "key", "secret_key": "secret", "region_name": "eu-central-1"}


class BucketServer:
    def __init__(self):
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self._server.start()
        self.url = "http://{}:{}".format(*self._server.get_host_and_port())
        self._bucket = boto3.resource(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=KEYS["access_key"],
            aws_secret_access_key=KEYS["secret_key"],
            region_name=KEYS["region_name"],
        ).create_bucket(
            Bucket=NAME,
            CreateBucketConfiguration={"LocationConstraint": KEYS["region_name"]},
        )

    def environment(self):
        """What a shop would set, as docs/settings.md has it."""
        options = {"bucket_name": NAME, "endpoint_url": self.url, **KEYS}
        return {
            "FILES_BACKEND": "web.bucket.Bucket",
            **{f"FILES_OPTION_{name.upper()}": v for name, v in options.items()},
        }

    def keys(self):
        return {found.key for found in self._bucket.objects.all()}

    def put(self, key, content):
        self._bucket.put_object(Key=key, Body=content)

    def empty(self):
        self._bucket.objects.all().delete()

    def stop(self):
        # What it holds is its process's, and would be there in the next server.
        self.empty()
        self._bucket.delete()
        with contextlib.suppress(RuntimeError):
            self._server.stop()


@contextmanager
def running_bucket():
    server = BucketServer()
    try:
        yield server
    finally:
        server.stop()
