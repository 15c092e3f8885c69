"""Secrets that are shown once: tokens of sessions, links and keys, and what is kept of them."""

import hashlib
import hmac
import secrets

KEY_PREFIX = "amdis_"
"""How API keys begin, so that people and secret scanners know one."""

_BYTES = 32


def new_token() -> str:
    """A random token of 256 bits, fit for addresses and cookies."""
    return secrets.token_urlsafe(_BYTES)


def new_key() -> str:
    """A random API key."""
    return KEY_PREFIX + new_token()


def token_hash(token: str) -> bytes:
    """What is kept of a token: SHA-256. It is random and long, so that no slower hash is needed."""
    return hashlib.sha256(token.encode()).digest()


def signed(secret: bytes, purpose: str, text: str) -> str:
    """A signature of a text for one purpose under the system's key: HMAC-SHA256 as 64 hexadecimal digits."""
    return hmac.new(secret, f"{purpose} {text}".encode(), hashlib.sha256).hexdigest()


def is_signed(secret: bytes, purpose: str, text: str, signature: str) -> bool:
    """Whether a signature is that of the text, compared in constant time."""
    return hmac.compare_digest(signed(secret, purpose, text).encode(), signature.encode())
