# SPDX-License-Identifier: GPL-3.0-or-later
"""Section 0: the building blocks, the verdicts, and the reader of binary records."""
import base64
import hashlib
import hmac as hmac_module
import os

from Cryptodome.Cipher import ChaCha20_Poly1305
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

SUITE = b"\x01"
DAY = 86400


class Refusal(Exception):
    """What came from outside is not taken. The subclasses are the verdicts that two peers must agree on."""
    verdict = "refused"


class Unauthentic(Refusal):
    """A tag does not fit."""
    verdict = "auth"


class Duplicate(Refusal):
    """The message was decrypted before, or its key is gone (section 3)."""
    verdict = "duplicate"


class Random:
    """The system's random bytes, or those given, in the order of use."""

    def __init__(self, given=None):
        self.given = None if given is None else list(given)

    def draw(self, length):
        if self.given is None:
            return os.urandom(length)
        drawn = self.given.pop(0)
        assert len(drawn) == length, f"{length} bytes were drawn where {len(drawn)} are given"
        return drawn


def check(condition, why):
    if not condition:
        raise Refusal(why)


def u8(value):
    return value.to_bytes(1, "big")


def u32(value):
    return value.to_bytes(4, "big")


def u64(value):
    return value.to_bytes(8, "big")


def var16(data):
    return len(data).to_bytes(2, "big") + data


def var32(data):
    return u32(len(data)) + data


class Reader:
    """A binary record: the fields in order, nothing missing, nothing left."""

    def __init__(self, data):
        self.data, self.at = bytes(data), 0

    def take(self, length):
        check(length <= len(self.data) - self.at, "short")
        self.at += length
        return self.data[self.at - length:self.at]

    def number(self, length):
        return int.from_bytes(self.take(length), "big")

    def var(self, length):
        return self.take(self.number(length))

    def rest(self):
        return self.take(len(self.data) - self.at)

    def end(self):
        check(self.at == len(self.data), "trailing bytes")


def sha256(data):
    return hashlib.sha256(data).digest()


def hmac(key, data):
    return hmac_module.digest(key, data, "sha256")


def hkdf(salt, ikm, info, length):
    """RFC 5869 with SHA-256; an empty salt is a block of zeros."""
    assert 0 < length <= 255 * 32
    key, block, out = hmac(salt or bytes(32), ikm), b"", b""
    for number in range(1, (length + 31) // 32 + 1):
        block = hmac(key, block + info + u8(number))
        out += block
    return out[:length]


def seal(key, nonce, data, plain):
    """XChaCha20-Poly1305-IETF; the tag comes last."""
    cipher = ChaCha20_Poly1305.new(key=key, nonce=nonce)
    cipher.update(data)
    sealed, tag = cipher.encrypt_and_digest(plain)
    return sealed + tag


def unseal(key, nonce, data, sealed):
    check(len(sealed) >= 16, "short")
    cipher = ChaCha20_Poly1305.new(key=key, nonce=nonce)
    cipher.update(data)
    try:
        return cipher.decrypt_and_verify(sealed[:-16], sealed[-16:])
    except ValueError:
        raise Unauthentic("the tag does not fit") from None


def x25519_public(private):
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def dh(private, public):
    """X25519; an all-zero result is an error."""
    try:
        return X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:
        raise Refusal("an X25519 key of small order") from None


def check_x25519(public):
    dh(b"\x01" * 32, public)


def base32(data):
    return base64.b32encode(data).decode().rstrip("=")


def unbase32(text, length):
    """RFC 4648 without padding, either case; unused bits must be zero."""
    try:
        data = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except ValueError:
        raise Refusal("not base32") from None
    check(len(data) == length and base32(data) == text.upper(), "not base32 of that length")
    return data
