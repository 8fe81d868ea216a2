# SPDX-License-Identifier: GPL-3.0-or-later
"""Section 12: the recovery file."""
import hashlib

from . import keyfile
from .basics import Reader, Refusal, Unauthentic, check, u8, var16

MAGIC, VERSION, CODE, PASSPHRASE = b"TESSRCVR", 1, 1, 2


def check_of(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def damaged(condition):
    if not condition:
        raise keyfile.Damaged("the recovery file is damaged")


def read(reader):
    """Whose it is, and the key file of each kind."""
    whose, count, copies = reader.take(16), reader.number(1), {}
    for _ in range(count):
        kind = reader.number(1)
        check(kind in (CODE, PASSPHRASE) and all(kind > before for before in copies), "kinds")
        copies[kind] = reader.var(2)
    reader.end()
    check(CODE in copies, "no copy under a code")
    return whose, copies


def parse(profile, data):
    damaged(len(data) > 41 and check_of(data[:-32]) == data[-32:] and data[:8] == MAGIC)
    check(data[8] == VERSION, "another version")
    try:
        whose, copies = read(Reader(data[9:-32]))
    except Refusal:
        raise keyfile.Damaged("the recovery file is damaged") from None
    check(whose == profile, "another profile's")
    return copies


def content(profile, kind, secrets):
    return u8(VERSION) + u8(kind) + profile + secrets


def wrap(old, profile, kind, passphrase, passes, memory_kib, salt, nonce, secrets):
    """@old (b"": none) with the copy of @kind made or replaced."""
    copies = parse(profile, old) if old else {}
    copies[kind] = keyfile.wrap(passphrase, passes, memory_kib, salt, nonce, content(profile, kind, secrets))
    data = MAGIC + u8(VERSION) + profile + u8(len(copies))
    data += b"".join(u8(each) + var16(copies[each]) for each in sorted(copies))
    return data + check_of(data)


def open_file(profile, kind, passphrase, data):
    """account seed | device seed | database key"""
    copies = parse(profile, data)
    if kind not in copies:
        raise Unauthentic("nothing is wrapped under that")
    try:
        secret = keyfile.open_file(passphrase, copies[kind])
    except (Unauthentic, keyfile.Damaged):
        raise
    except Refusal:
        raise keyfile.Damaged("no key file") from None
    damaged(len(secret) == 114 and secret[:18] == content(profile, kind, b""))
    return secret[18:]
