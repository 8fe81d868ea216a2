# SPDX-License-Identifier: GPL-3.0-or-later
"""Section 12: backups. secretstream from its description (libsodium's documentation and draft-irtf-cfrg-xchacha)."""
import hmac
import struct

from Cryptodome.Cipher import ChaCha20
from cryptography.hazmat.primitives.poly1305 import Poly1305

from . import keyfile
from .basics import Reader, Unauthentic, check, hkdf, u8, u32, u64, var16, var32

MAGIC, HEADER, CHUNK, MOST, MESSAGE, FINAL, END = b"TESSBKUP", 89, 65536, 524288, 0, 3, 0


def hchacha20(key, nonce):
    """draft-irtf-cfrg-xchacha-03, 2.2: ChaCha20's rounds without the last addition."""
    state = list(struct.unpack("<16I", b"expand 32-byte k" + key + nonce))

    def quarter(a, b, c, d):
        for first, second, third, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[first] = (state[first] + state[second]) & 0xffffffff
            mixed = state[third] ^ state[first]
            state[third] = (mixed << turn | mixed >> 32 - turn) & 0xffffffff

    for _ in range(10):
        for column in range(4):
            quarter(column, column + 4, column + 8, column + 12)
        for row in range(4):
            quarter(row, 4 + (row + 1) % 4, 8 + (row + 2) % 4, 12 + (row + 3) % 4)
    return struct.pack("<8I", *state[:4], *state[12:])


class Stream:
    """crypto_secretstream_xchacha20poly1305, without rekeying: no backup has 2^32 chunks."""

    def __init__(self, key, header):
        self.key, self.counter, self.nonce = hchacha20(key, header[:16]), 1, header[16:]

    def key_stream(self, block):
        cipher = ChaCha20.new(key=self.key, nonce=struct.pack("<I", self.counter) + self.nonce)
        cipher.seek(64 * block)
        return cipher

    def mac(self, tag_block, sealed, data):
        """What is authenticated ends in as many zeros as libsodium counts, which is not up to the next 16 bytes."""
        mac = Poly1305(self.key_stream(0).encrypt(bytes(32)))
        mac.update(data + bytes(-len(data) % 16) + tag_block + sealed + bytes(len(sealed) % 16))
        mac.update(struct.pack("<QQ", len(data), 64 + len(sealed)))
        return mac.finalize()

    def step(self, mac):
        self.nonce = bytes(a ^ b for a, b in zip(self.nonce, mac))
        self.counter += 1

    def push(self, plain, data, tag):
        tag_block = self.key_stream(1).encrypt(u8(tag) + bytes(63))
        sealed = self.key_stream(2).encrypt(plain)
        mac = self.mac(tag_block, sealed, data)
        self.step(mac)
        return tag_block[:1] + sealed + mac

    def pull(self, chunk, data):
        """(plaintext, tag)"""
        first, sealed, mac = chunk[:1], chunk[1:-16], chunk[-16:]
        start = self.key_stream(1).encrypt(bytes(64))
        tag_block = first + start[1:]
        if len(chunk) < 17 or not hmac.compare_digest(self.mac(tag_block, sealed, data), mac):
            raise keyfile.Damaged("a chunk is damaged")
        plain = self.key_stream(2).decrypt(sealed)
        self.step(mac)
        return plain, first[0] ^ start[0]


def stretch(passphrase, salt, passes, memory_kib):
    """(commitment, key)"""
    keys = hkdf(b"", keyfile.argon2id(passphrase, salt, passes, memory_kib), b"Tessera-v1/Backup", 64)
    return keys[:32], keys[32:]


def write(passphrase, passes, memory_kib, salt, stream_header, records):
    """@records: (kind, body)"""
    commitment, key = stretch(passphrase, salt, passes, memory_kib)
    header = MAGIC + u8(1) + u32(passes) + u32(memory_kib) + salt + commitment + stream_header
    plain = b"".join(u8(kind) + var32(body) for kind, body in records) + u8(END) + var32(u64(len(records)))
    stream, parts = Stream(key, stream_header), [plain[at:at + CHUNK] for at in range(0, len(plain), CHUNK)]
    return header + b"".join(stream.push(part, header, FINAL if part is parts[-1] else MESSAGE) for part in parts)


def open_chunks(key, header, data):
    stream, plain, at, tag = Stream(key, header[65:]), b"", 0, MESSAGE
    while tag != FINAL:
        chunk = data[at:at + CHUNK + 17]
        part, tag = stream.pull(chunk, header)
        at += len(chunk)
        if tag not in (MESSAGE, FINAL) or tag == MESSAGE and len(part) != CHUNK:
            raise keyfile.Damaged("a chunk of another kind or size")
        plain += part
    if at != len(data):
        raise keyfile.Damaged("something behind the end")
    return plain


def read(passphrase, data):
    """The records: (kind, body)"""
    reader = Reader(data)
    check(reader.take(8) == MAGIC and reader.number(1) == 1, "no backup")
    passes, memory_kib = reader.number(4), reader.number(4)
    salt, commitment, _ = reader.take(16), reader.take(32), reader.take(24)
    check(passes in keyfile.PASSES and memory_kib in keyfile.MEMORY, "out of bounds")
    expected, key = stretch(passphrase, salt, passes, memory_kib)
    if expected != commitment:
        raise Unauthentic("another passphrase")
    plain, records = Reader(open_chunks(key, data[:HEADER], data[HEADER:])), []
    while True:
        kind, body = plain.number(1), plain.var(4)
        check(len(body) <= MOST, "too large")
        if kind == END:
            plain.end()
            check(body == u64(len(records)), "another number of records")
            return records
        records.append((kind, body))


def text(given):
    return var16(given.encode())


def body_of(one):
    """A record of the vectors."""
    kind, unhex = one["kind"], bytes.fromhex
    if kind == 1:
        return (unhex(one["account_seed"] + one["contact_capability"] + one["request_capability"]) + u64(one["list_version"])
                + u32(one["device_number"]) + u64(one["made"]) + u8(one["flags"]) + text(one["name"]) + text(one["relay"])
                + text(one["directory_name"]))
    if kind == 2:
        return (unhex(one["account"]) + u8(one["trust"]) + u8(one["flags"])
                + unhex(one["contact_capability"] + one["request_capability"]) + u64(one["added"]) + text(one["name"])
                + text(one["nickname"]) + text(one["relay"]) + var16(unhex(one["device_list"])) + u8(1) + unhex(one["device"])
                + u64(one["seen"]) + u64(one["newest_prekey"]))
    if kind == 3:
        return (u32(one["contact"]) + u8(one["flags"]) + u32(one["timer"]) + u64(one["activity"])
                + var32(one["draft"].encode()))
    if kind == 4:
        return (u32(one["contact"]) + u8(one["flags"]) + u8(one["message_kind"]) + u8(one["state"]) + u8(one["action"])
                + unhex(one["id"] + one["reply_to"] + one["target"]) + u64(one["time"]) + u64(one["stored"])
                + u64(one["edited"]) + text(one["failure"]) + var32(one["text"].encode()))
    if kind == 5:
        return u8(one["flags"]) + u64(one["time"]) + text(one["emoji"])
    return b"\xab" * one["size_of_ab"]
