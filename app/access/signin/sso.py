"""Single sign-on by OpenID Connect: the authorization code flow with PKCE, state and nonce.

An identity of the provider belongs to an account that is there: the first time by an address the provider has verified,
from then on by issuer and subject. No account is ever made by it.
"""

import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import sqlalchemy as sa
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.access.models import Identity, Person
from app.access.signin import challenges
from app.access.signin.challenges import Purpose
from app.access.signin.service import Step, account_of, finish, proceed
from app.access.work import Visit
from app.audit.service import Event, Outcome
from app.db.base import table_of
from app.errors import NotSignedInError, SignOnUnavailableError
from app.rights.policies import Kind

CALLBACK = "/api/v1/access/sso/callback"
DEFAULT_PATH = "/workspace"

_SCOPE = "openid email profile"
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
_PATIENCE = 10.0  # seconds
_LEEWAY = 60  # seconds the clocks may differ
_KEEP = 3600.0  # seconds the provider's description and keys are kept
_STRONG = frozenset({"mfa", "otp", "hwk", "swk", "fpt", "pop"})  # of RFC 8176: more than a password
_I, _P = table_of(Identity), table_of(Person)


@dataclass
class Provider:
    """A provider of single sign-on. issuer: its address, without a slash at the end."""

    issuer: str
    client_id: str
    name: str
    client_secret: str = field(repr=False)
    _described: tuple[float, dict[str, Any], KeySet] | None = field(default=None, repr=False)

    def description(self) -> tuple[dict[str, Any], KeySet]:
        """The provider's addresses and keys, asked for once an hour. Raises SignOnUnavailableError."""
        if self._described is None or time.monotonic() - self._described[0] > _KEEP:
            try:
                found = _fetched(f"{self.issuer}/.well-known/openid-configuration")
                if found["issuer"].rstrip("/") != self.issuer:
                    raise SignOnUnavailableError(f"{self.name} says that it is another than {self.issuer}.")
                keys = KeySet.import_key_set(_fetched(found["jwks_uri"]))
            except (httpx.HTTPError, JoseError, KeyError, ValueError) as error:
                raise SignOnUnavailableError(f"{self.name} does not answer as it should.") from error
            self._described = (time.monotonic(), found, keys)
        return self._described[1], self._described[2]

    def client(self, base_url: str) -> OAuth2Client:
        """A client of the provider for one sign-in."""
        return OAuth2Client(
            self.client_id,
            self.client_secret or None,
            scope=_SCOPE,
            redirect_uri=base_url + CALLBACK,
            code_challenge_method="S256",
            timeout=_PATIENCE,
        )


def begin(visit: Visit, provider: Provider, to: str) -> tuple[str, str]:
    """The provider's address to go to, and the token of the step. to: the path of ours to go on to afterwards."""
    described, _ = provider.description()
    verifier, nonce = generate_token(64), generate_token(32)
    with provider.client(visit.access.base_url) as client:
        address, state = client.create_authorization_url(
            described["authorization_endpoint"], nonce=nonce, code_verifier=verifier
        )
    data = {"state": state, "nonce": nonce, "verifier": verifier, "to": own_path(to)}
    return address, challenges.begin(visit.connection, Purpose.SINGLE_SIGN_ON, None, **data)


def finish_sign_on(visit: Visit, provider: Provider, token: str, answer: str, state: str) -> tuple[Step, str]:
    """Sign in whom the provider names; what comes next, and the path to go on to.

    answer: the whole address the provider sent the browser back to. Raises NotSignedInError, SignOnUnavailableError.
    """
    waiting = challenges.waiting(visit.connection, Purpose.SINGLE_SIGN_ON, token)
    if waiting is None or waiting.data["state"] != state or not challenges.answer(visit.connection, waiting.id):
        raise _refused(visit, "state", "This step has run out or was not begun here. Sign in again from the start.")
    claims = _claims(visit, provider, answer, waiting.data)
    person = _person(visit, provider, claims)
    methods = ("sso", "mfa") if _STRONG & set(claims.get("amr") or ()) else ("sso",)
    # Whom the provider has asked for a second factor is not asked for another one.
    step = finish(visit, person, methods) if "mfa" in methods else proceed(visit, person, methods)
    return step, waiting.data["to"]


def own_path(to: str) -> str:
    """The path to go on to if it is one of the workspace, else the workspace itself: never another site."""
    inside = to == DEFAULT_PATH or to.startswith(f"{DEFAULT_PATH}/")
    plain = all(one.isalnum() or one in "/-_.~" for one in to)
    return to if inside and plain and "//" not in to and ".." not in to else DEFAULT_PATH


def _claims(visit: Visit, provider: Provider, answer: str, data: dict[str, Any]) -> dict[str, Any]:
    """What the provider's ID token says, after its signature and all of its terms were checked."""
    described, keys = provider.description()
    try:
        with provider.client(visit.access.base_url) as client:
            given = client.fetch_token(
                described["token_endpoint"], authorization_response=answer, code_verifier=data["verifier"]
            )
        token = jwt.decode(given["id_token"], keys, algorithms=list(_ALGORITHMS))
        jwt.JWTClaimsRegistry(
            leeway=_LEEWAY,
            iss={"essential": True, "values": [described["issuer"]]},
            aud={"essential": True, "value": provider.client_id},
            nonce={"essential": True, "value": data["nonce"]},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        ).validate(token.claims)
    except httpx.HTTPError as error:
        raise SignOnUnavailableError(f"{provider.name} does not answer; sign in another way.") from error
    except (AuthlibBaseError, JoseError, KeyError, ValueError):
        raise _refused(visit, "token", f"{provider.name} did not confirm who you are. Try again.") from None
    claims: dict[str, Any] = token.claims
    return claims


def _person(visit: Visit, provider: Provider, claims: dict[str, Any]) -> sa.Row[Any]:
    """The account of an identity. Raises NotSignedInError if there is none."""
    subject = str(claims["sub"])
    known = sa.select(_I.c.person_id).where(_I.c.issuer == provider.issuer, _I.c.subject == subject)
    rows = sa.select(_P).where(_P.c.id.in_(known))
    person = visit.connection.execute(rows).one_or_none()
    if person is None and claims.get("email_verified") is True and claims.get("email"):
        person = account_of(visit.connection, str(claims["email"]))
        if person is not None:
            values = {"person_id": person.id, "issuer": provider.issuer, "subject": subject}
            visit.connection.execute(sa.insert(_I).values(values))
    if person is None or person.closed_at is not None:
        told = f"{provider.name} knows you, but you have no account here. Ask your administrator for an invitation."
        raise _refused(visit, "no account", told)
    return person


def _refused(visit: Visit, why: str, told: str) -> NotSignedInError:
    event = Event("sign in", Kind.SESSION, outcome=Outcome.FAILED, detail={"step": "single sign-on", "why": why})
    visit.record_apart(event)
    return NotSignedInError(told)


def _fetched(address: str) -> Any:
    answer = httpx.get(address, timeout=_PATIENCE, follow_redirects=False)
    answer.raise_for_status()
    return answer.json()
