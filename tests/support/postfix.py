"""A real mail server between people: Debian's Postfix on a port of this machine, with
folders of its own. It puts mail into the folders of a Dovecot, which says who may
send."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from tests.ports import free_port

PROGRAM = shutil.which("postfix", path="/usr/sbin:/usr/local/sbin")
needs_postfix = pytest.mark.skipif(
    PROGRAM is None or os.geteuid() != 0,
    reason="needs root, and Postfix: apt-get install postfix",
)
MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mx.mail.example
mydestination =
alias_maps =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
recipient_delimiter = +
virtual_mailbox_domains = mail.example
virtual_mailbox_base = {mail}
virtual_mailbox_maps = texthash:{folder}/people
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {auth}
smtpd_sasl_security_options = noanonymous
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""
# Where mail lies that is on its way.
_WAITING = ("maildrop", "incoming", "active", "deferred")


class Postfix:
    """Takes mail to these people at mail.example, from whoever `dovecot` lets in."""

    def __init__(self, dovecot, people):
        self.folder = Path(tempfile.mkdtemp(prefix="smtp-"))
        self.folder.chmod(0o755)
        self.port = free_port()
        (self.folder / "queue").mkdir()
        (self.folder / "data").mkdir()
        shutil.chown(self.folder / "data", "postfix")
        (self.folder / "people").write_text(
            "".join(f"{name}@mail.example {name}/\n" for name in people)
        )
        nobody = pwd.getpwnam("nobody")
        values = {
            "folder": self.folder, "port": self.port, "uid": nobody.pw_uid,
            "gid": nobody.pw_gid, "mail": dovecot.folder / "mail",
            "auth": dovecot.folder / "auth-client",
        }  # fmt: skip
        (self.folder / "main.cf").write_text(MAIN.format(**values))
        (self.folder / "master.cf").write_text(MASTER.format(**values))
        self._run("start")

    def settle(self):
        """Wait until all that was taken lies where it belongs."""
        for _ in range(300):
            queue = self.folder / "queue"
            if not any(
                path.is_file()
                for name in _WAITING
                for path in queue.glob(f"{name}/**/*")
            ):
                return
            time.sleep(0.1)
        raise RuntimeError((self.folder / "log").read_text())

    @property
    def bounced(self):
        """What it says of mail that it did not take, or could not bring."""
        lines = (self.folder / "log").read_text().splitlines()
        return [line for line in lines if "reject:" in line or "=bounced" in line]

    def stop(self):
        self._run("stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, word):
        subprocess.run(
            [PROGRAM, "-c", str(self.folder), word], check=True, capture_output=True
        )
