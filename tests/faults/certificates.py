"""Certificates for a test's own mail server, made by the openssl program."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

CONFIG = """
[ca]
default_ca = ours
[ours]
new_certs_dir = {folder}
database = {folder}/index.txt
default_md = sha256
rand_serial = yes
policy = any
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = DNS:{name}
basicConstraints = CA:TRUE
"""


def server_context(
    folder: Path, *, name: str = "localhost", expired: bool = False
) -> tuple[ssl.SSLContext, Path]:
    """A context for a server of this name, and the certificate to trust."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("no openssl program to make a certificate with")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    (folder / "index.txt").touch()
    (folder / "ca.conf").write_text(CONFIG.format(folder=folder, name=name))
    since, until = ("20200101", "20210101") if expired else ("20200101", "20990101")
    for words in (
        ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        + [
            "-nodes",
            "-keyout",
            str(key),
            "-out",
            "request.pem",
            "-subj",
            f"/CN={name}",
        ],
        ["ca", "-config", "ca.conf", "-selfsign", "-batch", "-notext"]
        + ["-keyfile", str(key), "-in", "request.pem", "-out", str(certificate)]
        + ["-startdate", f"{since}000000Z", "-enddate", f"{until}000000Z"],
    ):
        done = subprocess.run(
            [program, *words], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate
