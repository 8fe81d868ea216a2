# SPDX-License-Identifier: GPL-3.0-or-later
"""Section 8: addresses, codes, verification and safety numbers."""
import hashlib
import re
from dataclasses import dataclass

from . import ed25519
from .basics import base32, check, hmac, unbase32

LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")
DECIMAL = re.compile(r"(0|[1-9][0-9]{0,2})\Z")
PORT = re.compile(r"[1-9][0-9]{0,4}\Z")
ITERATIONS = 5200


@dataclass
class Address:
    origin: str
    account: bytes
    capability: bytes
    secret: bytes | None = None


def is_ipv4(host):
    numbers = host.split(".")
    return len(numbers) == 4 and all(DECIMAL.match(number) and int(number) < 256 for number in numbers)


def check_host(host):
    if is_ipv4(host):
        return
    labels = host.split(".")
    check(len(host) <= 253 and all(LABEL.match(label) for label in labels), "no DNS name")
    check(not re.match(r"([0-9]+|0x[0-9a-f]*)\Z", labels[-1]), "a name that ends in a number")


def is_local(host):
    return host == "localhost" or is_ipv4(host) and host.startswith("127.")


def read_address(text):
    check(text.isascii(), "not ASCII")
    parts = text.strip(" \t\r\n").split("/")
    check(len(parts) in (4, 5) and parts[0].upper() == "TESSERA:1", "no address")
    host, colon, port = parts[1].lower().partition(":")
    check_host(host)
    scheme = "http" if is_local(host) else "https"
    origin = f"{scheme}://{host}"
    if colon:
        check(PORT.match(port) and int(port) <= 65535, "no port")
        if int(port) != {"http": 80, "https": 443}[scheme]:
            origin += f":{port}"
    account, capability = unbase32(parts[2], 32), unbase32(parts[3], 16)
    ed25519.check_key(account)
    return Address(origin, account, capability, unbase32(parts[4], 16) if len(parts) == 5 else None)


def write_address(address):
    place = address.origin.partition("://")[2].upper()
    text = f"TESSERA:1/{place}/{base32(address.account)}/{base32(address.capability)}"
    return text if address.secret is None else f"{text}/{base32(address.secret)}"


def verify_mac(secret, shown, scanner):
    return hmac(secret, b"Tessera-v1/verify" + shown + scanner)


def fingerprint(key, stable_id):
    """Signal's numeric fingerprint, version 0; Tessera's stable id is A."""
    typed = b"\x05" + key
    state = b"\0\0" + typed + stable_id
    for _ in range(ITERATIONS):
        state = hashlib.sha512(state + typed).digest()
    return "".join(f"{int.from_bytes(state[at:at + 5], 'big') % 100000:05}" for at in range(0, 30, 5))


def safety_number(one, other):
    return "".join(sorted((fingerprint(one, one), fingerprint(other, other))))
