"""A real IMAP server: Debian's Dovecot on a port of this machine, with folders of its
own. It needs root, as Dovecot gives each connection to another user."""

import contextlib
import imaplib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from tests.ports import free_port

PROGRAM = shutil.which("dovecot", path="/usr/sbin:/usr/bin:/usr/local/sbin")
PASSWORD = "right-horse"
needs_dovecot = pytest.mark.skipif(
    PROGRAM is None or os.geteuid() != 0,
    reason="needs root, and Dovecot: apt-get install dovecot-imapd",
)
CONFIG = """
base_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login{mechanisms}
auth_failure_delay = 0
default_login_user = dovenull
default_internal_user = dovecot
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
mail_max_userip_connections = 50
{oauth}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
}}
service auth {{
  unix_listener {folder}/auth-client {{
    mode = 0666
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


OAUTH = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
"""
INTROSPECTION = """
introspection_mode = post
introspection_url = {url}/introspect
username_attribute = username
active_attribute = active
active_value = true
"""


class Dovecot:
    """With `oauth_url` tokens are taken, too: those that this server calls active."""

    def __init__(self, oauth_url=""):
        self.folder = Path(tempfile.mkdtemp(prefix="imap-"))
        self.folder.chmod(0o755)
        (self.folder / "mail").mkdir(mode=0o777)
        (self.folder / "mail").chmod(0o777)
        self.port = free_port()
        self._config = self.folder / "dovecot.conf"
        (self.folder / "oauth2.conf").write_text(INTROSPECTION.format(url=oauth_url))
        self._config.write_text(
            CONFIG.format(
                folder=self.folder,
                port=self.port,
                password=PASSWORD,
                oauth=OAUTH.format(folder=self.folder) if oauth_url else "",
                mechanisms=" xoauth2 oauthbearer" if oauth_url else "",
            )
        )
        self.start()

    def start(self):
        self._process = subprocess.Popen([PROGRAM, "-F", "-c", str(self._config)])
        for _ in range(200):
            with contextlib.suppress(OSError), self.signed_in("probe"):
                return
            time.sleep(0.1)
        raise RuntimeError((self.folder / "log").read_text())

    def kill(self):
        """kill -9 of the master; its children end with it."""
        self._process.kill()
        self._process.wait()

    def stop(self):
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        self._process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def signed_in(self, user):
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        try:
            client.login(user, PASSWORD)
            yield client
        finally:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                client.logout()

    def put(self, user, *mails, folder="INBOX", at=None):
        """Store these mails in the user's folder, as a delivery would."""
        when = imaplib.Time2Internaldate(at) if at else None
        with self.signed_in(user) as client:
            for mail in mails:
                answer, _ = client.append(folder, None, when, mail)
                assert answer == "OK"

    def fill(self, user, mails):
        """The same for thousands, into an inbox that nobody has opened: as files, in
        the order of their names."""
        folder = self.folder / "mail" / user / "new"
        for path in (folder, folder.parent / "cur", folder.parent / "tmp"):
            path.mkdir(parents=True, exist_ok=True)
        for number, mail in enumerate(mails):
            (folder / f"{1_700_000_000 + number}.M{number}P1.here").write_bytes(mail)
        for path in (folder.parent, *folder.parent.rglob("*")):
            shutil.chown(path, "nobody", "nogroup")

    def renumber(self, user, *, keep):
        """As after a restore: the folder holds its last mails only, numbered from 1,
        and says by another UIDVALIDITY that the numbers mean other mails now."""
        home = self.folder / "mail" / user
        before = self.uid_validity(user)
        mails = sorted(home.glob("new/*")) + sorted(home.glob("cur/*"))
        for path in mails[:-keep]:
            path.unlink()
        # It is counted in seconds.
        while True:
            for path in home.glob("dovecot*"):
                path.unlink()
            if self.uid_validity(user) != before:
                return
            time.sleep(0.2)

    def uid_validity(self, user):
        with self.signed_in(user) as client:
            client.select("INBOX", readonly=True)
            return client.response("UIDVALIDITY")[1][0]

    def flags(self, user, folder="INBOX"):
        """What is marked in a folder, a line for each mail."""
        with self.signed_in(user) as client:
            client.select(folder, readonly=True)
            _, lines = client.fetch("1:*", "(FLAGS)")
        return [line for line in lines if line]
