"""A small authorisation server (RFC 6749, 7636, 7662), on a port of this machine.

It asks nobody: whoever opens its page consents. `revoke` takes the consent back, and
`expire` ends every access token.
"""

import base64
import hashlib
import json
import secrets
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit


class OAuthServer:
    def __init__(self, user="help"):
        self.user, self.client, self.secret = user, "client-1", "client-secret"
        self.codes, self.refresh, self.access = {}, set(), set()
        self.seen = Counter()
        # What the token endpoint says instead; (status, body).
        self.instead = None
        self.life = 3600
        server = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                parts = urlsplit(self.path)
                asked = {k: v[0] for k, v in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("Location", server.consent(asked))
                self.end_headers()

            def do_POST(self):
                length = int(self.headers["Content-Length"])
                form = parse_qs(self.rfile.read(length).decode())
                asked = {k: v[0] for k, v in form.items()}
                status, answer = server.answer(self.path, asked)
                body = answer if isinstance(answer, bytes) else json.dumps(answer)
                body = body if isinstance(body, bytes) else body.encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def stop(self):
        self._http.shutdown()
        self._http.server_close()

    def consent(self, asked):
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        answer = urlencode({"code": code, "state": asked["state"]})
        return f"{asked['redirect_uri']}?{answer}"

    def answer(self, path, asked):
        self.seen[path] += 1
        if path == "/introspect":
            active = asked.get("token") in self.access
            return 200, {"active": active, "username": self.user}
        if self.instead:
            return self.instead
        if (asked["client_id"], asked["client_secret"]) != (self.client, self.secret):
            return 401, {"error": "invalid_client"}
        if asked["grant_type"] == "authorization_code":
            return self._by_code(asked)
        if asked["refresh_token"] not in self.refresh:
            return 400, {"error": "invalid_grant"}
        # Each refresh token serves once, as at Microsoft.
        self.refresh.discard(asked["refresh_token"])
        return 200, self._tokens()

    def _by_code(self, asked):
        begun = self.codes.pop(asked["code"], None)
        digest = hashlib.sha256(asked["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        good = begun and begun["code_challenge"] == challenge
        good = good and begun["redirect_uri"] == asked["redirect_uri"]
        return (200, self._tokens()) if good else (400, {"error": "invalid_grant"})

    def _tokens(self):
        access, refresh = secrets.token_urlsafe(20), secrets.token_urlsafe(20)
        self.access.add(access)
        self.refresh.add(refresh)
        return {
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": self.life,
            "token_type": "Bearer",
        }

    def expire(self):
        self.access.clear()

    def revoke(self):
        self.access.clear()
        self.refresh.clear()
