"""A small provider of single sign-on, a process of its own: Authlib checks PKCE, the secret and the address for real.

``POST /control`` says whom it signs in and what is wrong with what it says: claims are laid over those of the ID token;
``rotate`` makes a new key, ``deny`` lets nobody in, ``broken`` answers 500, ``held`` lets the token wait for ``false``,
``mute`` answers a token's request with that status,
``called`` and ``leads`` are another name and address for itself, ``forged`` is how a token is not its own.
"""

# SPDX-License-Identifier: Apache-2.0

import base64
import hmac
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, Response, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "amdis", "shared with the provider"
CALLBACK = "https://testserver/api/v1/access/sso/callback"

_PATIENCE = 60  # seconds


class Client(ClientMixin):
    """The one client there is."""

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == CALLBACK

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code:
    """An authorization code that waits to be exchanged."""

    code: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope


class State:
    """What the provider knows and is told."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.codes: dict[str, Code] = {}
        self.told: dict[str, Any] = {"claims": {}}
        self.key_answers = 0
        self.rotate()

    def rotate(self) -> None:
        self.key = RSAKey.generate_key(2048, auto_kid=True)

    def id_token(self, code: Code) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": code.nonce}
        person = {"sub": "1", "email": "siti@example.org", "email_verified": True}
        said = {**claims, **person, **self.told["claims"]}
        if self.told.get("forged"):
            return self.forged(self.told["forged"], said)
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, said, self.key, algorithms=["RS256"])

    def forged(self, how: str, said: dict[str, Any]) -> str:
        """A token that somebody else has made, or tried to."""
        other, kid = RSAKey.generate_key(2048), self.key.kid
        header = {"alg": "RS256", "kid": kid}
        if how == "none":
            parts = (json.dumps(part).encode() for part in ({"alg": "none", "kid": kid}, said))
            return ".".join([*(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), ""])
        if how == "HS256":
            # By hand, as no library signs with a public key.
            parts = (json.dumps(part).encode() for part in ({"alg": "HS256", "kid": kid}, said))
            text = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
            mac = hmac.digest(self.key.as_pem(private=False), text.encode(), "sha256")
            return f"{text}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
        if how == "another kid":
            header["kid"] = "nobody's"
        if how == "embedded key":
            header = {"alg": "RS256", "jwk": other.as_dict(private=False), "jku": f"{self.issuer}/jwks"}
        made = jwt.encode(header, said, other, algorithms=["RS256"])
        return made.rpartition(".")[0] + "." if how == "cut" else made


def authorization(app: Flask, state: State) -> AuthorizationServer:
    """What gives codes, and tokens for them."""
    server = AuthorizationServer(app, lambda _: Client(), lambda *_: None)

    class Grant(AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]

        def save_authorization_code(self, code: str, asked: Any) -> None:
            data = asked.payload.data
            challenge = (data["nonce"], data["code_challenge"], data["code_challenge_method"])
            state.codes[code] = Code(code, data["redirect_uri"], data["scope"], *challenge)

        def query_authorization_code(self, code: str, client: Client) -> Code | None:
            return state.codes.get(code)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            del state.codes[authorization_code.code]

        def authenticate_user(self, authorization_code: Code) -> str:
            return "somebody"

    class Identity(OpenIDCode):
        def exists_nonce(self, nonce: str, asked: Any) -> bool:
            return False

        def encode_id_token(self, token: Any, asked: Any) -> str:
            return state.id_token(asked.authorization_code)

    server.register_grant(Grant, [CodeChallenge(required=True), Identity(require_nonce=True)])
    return server


def describe(app: Flask, state: State) -> None:
    """Serve what the provider says of itself, and its keys."""

    @app.get("/.well-known/openid-configuration")
    def description() -> Any:
        if state.told.get("broken"):
            return "broken", 500
        if state.told.get("leads"):
            return redirect(state.told["leads"])
        addresses = {f"{name}_endpoint": f"{state.issuer}/{name}" for name in ("authorization", "token")}
        return jsonify(issuer=state.told.get("called") or state.issuer, jwks_uri=f"{state.issuer}/jwks", **addresses)

    @app.get("/jwks")
    def keys() -> Any:
        state.key_answers += 1
        return jsonify(KeySet([state.key]).as_dict(private=False))


def application(state: State) -> Flask:
    """The provider as a web application."""
    app = Flask("provider")
    server = authorization(app, state)
    describe(app, state)

    @app.get("/authorization")
    def authorize() -> Any:
        if state.told.get("deny"):
            return redirect(f"{CALLBACK}?error=access_denied&state={request.args['state']}")
        grant = server.get_consent_grant(end_user="somebody")
        return server.create_authorization_response(grant_user="somebody", grant=grant)

    @app.post("/token")
    def token() -> Any:
        if state.told.get("mute"):
            return "<h1>Bad gateway</h1>", int(state.told["mute"])
        while state.told.get("held"):
            state.told["waits"] = True
            time.sleep(0.01)
        return server.create_token_response()

    @app.post("/control")
    def control() -> Response:
        told = request.get_json()
        if told.pop("rotate", False):
            state.rotate()
        state.told |= told
        return jsonify(waits=state.told.get("waits", False), key_answers=state.key_answers)

    return app


@dataclass(frozen=True)
class Provider:
    """The running provider."""

    issuer: str

    def told(self, **what: Any) -> dict[str, Any]:
        """Say what it is to do; what it tells of itself."""
        answer: dict[str, Any] = httpx.post(f"{self.issuer}/control", json=what, timeout=_PATIENCE).json()
        return answer

    def way_back(self, start: str) -> str:
        """Where the provider sends a browser that comes with an address."""
        return httpx.get(start, follow_redirects=False, timeout=_PATIENCE).headers["location"]


@contextmanager
def provider(port: int) -> Iterator[Provider]:
    """A provider on this machine until the block ends."""
    issuer = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "tests.app.access.signin.provider", str(port)]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[4], stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + _PATIENCE
        while not _serves(issuer):
            assert process.poll() is None, "the provider has ended"
            assert time.monotonic() < deadline, "the provider does not answer"
            time.sleep(0.05)
        yield Provider(issuer)
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _serves(issuer: str) -> bool:
    try:
        urllib.request.urlopen(f"{issuer}/jwks", timeout=5).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    own = int(sys.argv[1])
    application(State(f"http://127.0.0.1:{own}")).run("127.0.0.1", own, threaded=True)
