#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the seeds of the fuzz targets: inputs that a mutator takes long to come by. What stands in a corpus besides was found.

    make-seeds.py FOLDER        FOLDER/NAME/seed-….bin
"""
import base64
import struct
import sys
import zlib
from pathlib import Path

ID = "00112233445566778899aabbccddeeff"
KEY = base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")
SHORT = base64.urlsafe_b64encode(bytes(range(16))).decode().rstrip("=")
# The key of a seed of zeros: a point of prime order.
ACCOUNT = base64.b32encode(bytes.fromhex("3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29")).decode().rstrip("=")
CAPABILITY = base64.b32encode(bytes(16)).decode().rstrip("=")
NAME = "Zoë \u200d\U0001f468\u200d\U0001f469 \u202eevil"


def blob(size, byte=1):
    return base64.urlsafe_b64encode(bytes([byte]) * size).decode().rstrip("=")


def u16(value):
    return struct.pack(">H", value)


def patches(*changes):
    """(what, where, value): 0 set, 3 flip, 5 repeat, 6 cut off, 7 put in."""
    return bytes([len(changes)]) + b"".join(bytes([what]) + u16(at) + bytes([value]) for what, at, value in changes)


def content(kind, **members):
    parts = [f'"id":"{ID}","time":1800000000000,"kind":"{kind}"'] + [f'"{name}":{value}' for name, value in members.items()]
    return "{" + ",".join(parts) + "}"


CONTENTS = {
    "text": content("text", body='"hello \\ud83d\\ude00\\n"', reply_to=f'"{ID}"', expires_after="60"),
    "receipt": content("receipt", delivered=f'["{ID}","$M"]', read='["$M"]'),
    "profile": content("profile", name=f'"{NAME}"', capability=f'"{SHORT}"', relay='"https://other.example.org:8443"'),
    "profile-here": content("profile", name='""', capability=f'"{SHORT}"', relay='"http://127.0.0.1:7700"'),
    "verify": content("verify", mac=f'"{KEY}"'),
    "verify-right": content("verify", mac='"$V"'),
    "typing": content("typing", on="true"),
    "unknown": content("reaction", target=f'"{ID}"', emoji='"\\u2764"'),
    "bad-kind": content("text", body="7"),
}


def bytes_seeds():
    fields = bytes([0, 1, 2, 3, 8 * 3 + 4, 8 * 5 + 5, 8 * 6 + 6, 8 * 6 + 7])
    data = bytes(range(1, 16)) + b"abc" + b"defgh" + u16(5) + b"12345" + struct.pack(">I", 4) + b"6789"
    yield "all", bytes([len(fields)]) + fields + data
    yield "tight", bytes([192 + 24 + 2]) + fields[:2] + data
    yield "too-long", bytes([1, 6]) + u16(60000) + b"x"


def text_seeds():
    yield "base32", bytes([0, 5]) + b"MZXW6YTB"
    yield "base32-lower", bytes([0, 3]) + b"mzxw6"
    yield "base64", bytes([1, 2]) + b"_-8"
    yield "base64-high", bytes([1, 3]) + b"\xff\xff\xff\xff"
    yield "hex", bytes([2, 3]) + b"00ffab"
    yield "name", bytes([3, 0]) + NAME.encode()
    yield "name-long", bytes([3, 0]) + ("a\u0301b " * 60).encode()
    yield "name-blank", bytes([3, 0]) + "\u200d\u115f\u3164 \u2800".encode()
    yield "name-joined", bytes([3, 0]) + "e\u200b\u0301".encode()


def json_seeds():
    yield "all", b'{"a":[1,-2,3.5e+2,"x\\u00e9\\ud83d\\ude00\\n",true,false,null,{}],"b":{"c":[]},"d":"_-8"}'
    yield "twice", b'{"a":1,"\\u0061":2}'
    yield "deep", b'{"a":' + b"[" * 15 + b"]" * 15 + b"}"
    yield "too-deep", b'{"a":' + b"[" * 16 + b"]" * 16 + b"}"
    yield "members", ("{" + ",".join(f'"{i}":{i}' for i in range(256)) + "}").encode()
    yield "too-many", ("{" + ",".join(f'"{i}":{i}' for i in range(257)) + "}").encode()
    yield "values", ('{"a":[' + ",".join("1" * 4095) + "]}").encode()
    yield "zero", b'{"a":"\\u0000"}'
    yield "integers", b'{"a":9223372036854775807,"b":-9223372036854775808,"c":9007199254740991}'
    yield "too-large", b'{"a":9223372036854775808}'


def records_seeds():
    for kind, name in enumerate(("list", "prekey", "one-time")):
        yield name, bytes([kind, 0]) + patches()
        yield f"{name}-foreign", bytes([kind, 1]) + patches()
        yield f"{name}-role", bytes([kind, 2]) + patches()
        yield f"{name}-raw", bytes([kind + 8, 3]) + bytes(64) + bytes(100)
    yield "list-none", bytes([0, 0]) + patches((0, 40, 0), (6, 41, 0))
    yield "list-number", bytes([0, 4]) + patches((0, 152, 1))
    yield "list-number-new", bytes([0, 4]) + patches((0, 152, 9))
    yield "list-device", bytes([0, 8]) + patches()
    yield "list-version", bytes([0, 0]) + patches((0, 32, 255))
    yield "prekey-expired", bytes([1, 0]) + patches((3, 2456 + 5, 1))
    now = struct.pack(">Q", 1800000000)
    yield "prekey-now", bytes([1, 0]) + patches(*((0, 2481 + i, byte) for i, byte in enumerate(now)))
    yield "prekey-suite", bytes([1, 0]) + patches((0, 0, 2))
    yield "prekey-kem", bytes([1, 0]) + patches((0, 80, 255), (0, 81, 255))
    yield "prekey-point", bytes([1, 0]) + patches()
    yield "one-time-zero", bytes([2, 0]) + patches((0, 35, 0))
    yield "auth", bytes([3, 0]) + bytes(range(32)) + b"https://relay.example.org"


def frames_seeds():
    head = b"\x01" + bytes(4) + bytes(64)
    yield "answer", b"\x81" + bytes(4) + b"\x00"
    yield "answer-wait", b"\x81" + bytes(4) + b"\x06" + struct.pack(">I", 1000)
    yield "ack", b"\x02" + struct.pack(">Q", 9)
    for size in range(8):
        yield f"deposit-{size}", bytes([255, size]) + head
    yield "mail", bytes([255, 0]) + b"\x82" + struct.pack(">Q", 5) + b"\x01"
    yield "mail-large", bytes([255, 2]) + b"\x82" + struct.pack(">Q", (1 << 53) - 1) + b"\x02"
    yield "mail-zero", bytes([255, 0]) + b"\x82" + bytes(8) + b"\x01"


def requests_texts():
    records = f'"device_list":"{blob(213)}","prekey":"{blob(2553)}","one_time":["{blob(1316)}"]'
    return {
        "auth": f'{{"op":"auth","device":"{KEY}","signature":"{blob(64)}"}}',
        "register": f'{{"op":"register","id":1,{records},"invitation":"code"}}',
        "publish": f'{{"op":"publish","id":2,"one_time":[],"replace":true}}',
        "publish-prekey": f'{{"op":"publish","id":2,"prekey":"{blob(2553)}","replace":false}}',
        "devices": f'{{"op":"devices","id":3,"device_list":"{blob(105)}"}}',
        "capabilities": f'{{"op":"capabilities","id":9007199254740991,"contact":"{KEY}","request":"{KEY}"}}',
        "name": '{"op":"name","id":4,"name":"alice"}',
        "name-address": '{"op":"name","id":4,"name":"alice","address":"tessera:1/relay.example.org/x/y"}',
        "name-none": '{"op":"name","id":4,"name":null}',
        "tickets": '{"op":"tickets","id":5,"count":16}',
        "delete": '{"op":"delete","id":6}',
        "unknown": '{"op":"what","id":6}',
        "no-id": '{"op":"delete"}',
    }


NOTICES = {
    "challenge": f'{{"op":"challenge","nonce":"{KEY}","relay":"https://relay.example.org"}}',
    "ready": '{"op":"ready","registered":true,"waiting":3,"one_time":100,"acked":7}',
    "ok": '{"op":"ok","id":1}',
    "ok-keys": '{"op":"ok","id":1,"one_time":99}',
    "ok-tickets": '{"op":"ok","id":1,"tickets":["a","b"]}',
    "error": '{"op":"error","id":1,"code":"slow-down","message":"wait"}',
    "error-all": '{"op":"error","code":"busy","message":"later"}',
    "error-other": '{"op":"error","id":2,"code":"new","message":""}',
    "one-time": '{"op":"one_time","left":20}',
}


def bundle_seeds():
    nothing = patches()
    yield "none", b"\x00"
    yield "one", bytes([1, 1]) + nothing * 3
    yield "three", bytes([3]) + (b"\x01" + nothing * 2) * 3 + nothing
    yield "another-signer", bytes([1, 2]) + nothing * 3
    yield "another-key", bytes([1, 5]) + nothing * 3
    yield "twice", bytes([2, 0]) + nothing + b"\x08" + nothing * 2
    yield "not-listed", bytes([1, 16]) + nothing * 3
    yield "expired", bytes([1, 0]) + patches((3, 2461, 1)) + nothing
    yield "text", bytes([1, 0]) + nothing + patches((3, 20, 1))


def address_seeds():
    host = "relay.example.org:8443"
    yield "address", f"TESSERA:1/{host.upper()}/{ACCOUNT}/{CAPABILITY}".encode()
    yield "link", f" tessera:1/{host}/{ACCOUNT.lower()}/{CAPABILITY.lower()}\n".encode()
    yield "code", f"tessera:1/127.0.0.1:7700/{ACCOUNT}/{CAPABILITY}/{CAPABILITY}".encode()
    yield "localhost", f"tessera:1/localhost/{ACCOUNT}/{CAPABILITY}".encode()
    yield "not-a-point", f"tessera:1/localhost/{'C' * 51}A/{CAPABILITY}".encode()
    yield "truncated", f"tessera:1/{host}/{ACCOUNT[:40]}".encode()
    yield "newer", b"tessera:2/x"
    yield "four", f"tessera:1/{host}/{ACCOUNT}/{CAPABILITY}/{CAPABILITY}/A".encode()
    for name, origin in (("origin", "https://relay.example.org"), ("typed", " Relay.Example.org/ "),
                         ("umlaut", "bücher.example"), ("open", "http://example.org"), ("port", "example.org:65536"),
                         ("ipv4", "https://256.1.1.1"),
                         ("hexadecimal", "example.0xff"), ("default", "https://example.org:443"),
                         ("local", "http://127.0.0.1:80")):
        yield name, origin.encode()


def directory_seeds():
    def answer(status, wait, body):
        return b"\x00" + u16(status) + bytes([len(wait)]) + wait + body
    info = ('{"protocols":[1],"name":"Relay","version":"1","limits":{"envelope_bytes":65536,"mailbox_envelopes":1,'
            '"mailbox_bytes":2,"mailbox_days":30},"policies":{"registration":"open","directory":"list"}}')
    yield "info", b"\x01" + info.encode()
    yield "info-invitation", b"\x01" + info.replace("open", "invitation").replace('"list"', '"exact"').encode()
    yield "info-blobs", b"\x01" + info.replace('30}', '30,"blob_bytes":1048576,"blob_days":30}').replace("list", "none").encode()
    yield "info-newer", b"\x01" + info.replace("[1]", "[2,3]").encode()
    for code in ("capability", "slow-down", "not-found", "busy", "bad-request", "new"):
        yield code, answer(403, b"", f'{{"error":{{"code":"{code}","message":"words"}}}}'.encode())
    yield "wait", answer(429, b"3600", b"")
    yield "wait-date", answer(503, b"Wed, 21 Oct 2026 07:28:00 GMT", b"")
    yield "gateway", answer(502, b"99999", b"<html>")
    for code in (4000, 4001, 4003, 4008):
        yield f"close-{code}", answer(code, b"", b"")


def crypto_bytes_seeds():
    for kind in (4, 5, 6, 10, 14, 18):
        yield f"genuine-{kind}", bytes([kind]) + patches()
    yield "raw", bytes([0]) + bytes(50)
    yield "message-number", bytes([4]) + patches(*((0, at, 255) for at in range(37, 41)))
    yield "message-kem", bytes([4]) + patches((0, 41, 2))
    yield "message-version", bytes([4]) + patches((0, 0, 2))
    yield "message-short", bytes([4]) + patches((6, 1260, 0))
    yield "hello-list", bytes([5]) + patches((0, 1128, 255), (0, 1129, 255))
    yield "hello-list-long", bytes([5]) + patches((0, 1128, 3), (0, 1129, 202))
    for flags in range(9):
        yield f"state-flags-{flags}", bytes([6]) + patches((0, 1, flags))
    yield "state-ended", bytes([14]) + patches((7, 5, 65))


def envelope_seeds():
    inner = b"\x02" + bytes(64)
    yield "message", b"\x00" + inner + struct.pack(">I", 3) + b"abc"
    yield "hello", b"\x00" + b"\x01" + bytes(64) + struct.pack(">I", 0)
    yield "padding", b"\x01" + patches((5, 80, 0)) + patches()
    yield "type", b"\x01" + patches((0, 0, 3)) + patches()
    yield "long", b"\x01" + patches((0, 66, 255)) + patches()
    yield "length", b"\x01" + patches((0, 65, 255)) + patches()
    yield "genuine", b"\x01" + patches() + patches()
    yield "outside", b"\x01" + patches() + patches((3, 2000, 1))
    yield "key-id", b"\x01" + patches() + patches((3, 4, 1))
    yield "ciphertext", b"\x01" + patches() + patches((3, 50, 1))
    yield "version", b"\x01" + patches() + patches((0, 0, 2))
    yield "cut", b"\x01" + patches() + patches((6, 4000, 0))
    yield "raw", b"\x03" + bytes(40)


def keyfile_seeds():
    yield "genuine", b"\x00" + patches()
    yield "more", b"\x00" + patches((7, 141, 0))
    for name, change in (("magic", (0, 0, 0)), ("version", (0, 8, 2)), ("passes", (0, 12, 17)), ("memory", (0, 16, 7)),
                         ("more-memory", (0, 16, 9)), ("salt", (3, 20, 1)), ("commitment", (3, 40, 1)), ("nonce", (3, 70, 1)),
                         ("length", (3, 90, 1)), ("tag", (3, 120, 1)), ("cut", (6, 100, 0)), ("long", (7, 100, 0))):
        yield name, b"\x00" + patches(change)
    yield "raw", b"\x01TESSKEYS\x01"


def backup_seeds():
    yield "genuine", b"\x00" + patches()
    for name, change in (("magic", (0, 0, 0)), ("version", (0, 8, 2)), ("passes", (0, 12, 17)), ("memory", (0, 16, 7)),
                         ("salt", (3, 20, 1)), ("commitment", (3, 40, 1)), ("stream", (3, 70, 1)), ("chunk", (3, 90, 1)),
                         ("far", (3, 65535, 1)), ("cut", (6, 65535, 0)), ("short", (6, 89, 0)), ("long", (7, 65535, 0))):
        yield name, b"\x00" + patches(change)
    yield "raw", b"\x01TESSBKUP\x01"
    end, record = struct.pack(">BIQ", 0, 8, 1), b"\x04\0\0\0\3abc"
    yield "sealed", b"\x02\x03" + record + end
    yield "sealed-none", b"\x02\x03" + end[:-1] + b"\0"
    yield "sealed-not-final", b"\x02\x00" + record + end
    yield "sealed-count", b"\x02\x03" + record + record + end
    yield "sealed-behind", b"\x02\x03" + record + end + record
    yield "sealed-length", b"\x02\x03\x04\xff\xff\xff\xff" + record
    origin = b"https://relay.example.org"
    text = struct.pack(">H", len(origin)) + origin
    yield "profile", b"\x04\x01" + bytes(64) + struct.pack(">QIQB", 1, 1, 1800000000, 3) + b"\0\1a" + text + b"\0\0"
    yield "contact", b"\x04\x02" + bytes(32) + b"\1\5" + bytes(40) + b"\0\1b\0\0" + text + b"\0\0\1" + bytes(48)
    yield "conversation", b"\x04\x03" + struct.pack(">IBIQI", 1, 17, 60, 1800000000000, 5) + b"draft"
    yield "message", b"\x04\x04" + struct.pack(">IBBBB", 1, 11, 0, 4, 0) + bytes(72) + b"\0\0\0\0\0\4text"
    yield "reaction", b"\x04\x05\1" + bytes(8) + b"\0\4\xf0\x9f\x91\x8d"


def app_lock_seeds():
    head = b"\x01\x03" + b"a profile's id!\0"
    yield "genuine", b"\x00" + patches()
    for name, change in (("magic", (0, 0, 0)), ("version", (0, 8, 2)), ("passes", (0, 12, 17)), ("memory", (0, 16, 7)),
                         ("salt", (3, 20, 1)), ("commitment", (3, 40, 1)), ("nonce", (3, 70, 1)), ("length", (3, 90, 1)),
                         ("tag", (3, 150, 1)), ("cut", (6, 100, 0)), ("long", (7, 157, 0))):
        yield name, b"\x00" + patches(change)
    yield "raw", b"\x01TESSKEYS\x01"
    yield "wrapped", b"\x02" + head + bytes(32)
    yield "wrapped-short", b"\x02" + head + bytes(31)
    yield "wrapped-newer", b"\x02\x02" + head[1:] + bytes(32)
    yield "wrapped-kind", b"\x02\x01\x02" + head[2:] + bytes(32)
    yield "wrapped-profile", b"\x02" + head[:-2] + bytes(34)


def recovery_seeds():
    yield "genuine", b"\x00" + patches()
    places = (("magic", (0, 0, 0)), ("version", (0, 8, 2)), ("profile", (3, 12, 1)), ("count-0", (0, 25, 0)),
              ("count-1", (0, 25, 1)), ("count-3", (0, 25, 3)), ("kind", (0, 26, 2)), ("second-kind", (0, 250, 1)),
              ("length", (0, 28, 0)), ("passes", (0, 41, 17)), ("memory", (0, 45, 7)), ("salt", (3, 50, 1)),
              ("second-salt", (3, 275, 1)), ("tag", (3, 245, 1)), ("check", (3, 480, 1)), ("cut", (6, 400, 0)),
              ("long", (7, 506, 0)))
    for name, change in places:
        yield name, b"\x00" + patches(change)
        yield f"{name}-repaired", b"\x02" + patches(change)
    yield "raw", b"\x01TESSRCVR\x01"
    yield "code", b"\x04" + b"01234 56789 01234 56789 01234 56789"
    yield "code-of-another-script", b"\x04" + "٠١٢٣٤٥٦٧٨٩\u00a0٠١٢٣٤٥٦٧٨٩\u2009٠١٢٣٤٥٦٧٨٩".encode()
    yield "no-code", b"\x04" + b"01234-56789 \xff"


def session_seeds():
    send_a, send_b, to_a, to_b, change_a, back_a, evil_a, evil_b = 0, 1, 4, 5, 8, 12, 14, 15
    first = bytes([send_a, to_b, 0])
    turn = bytes([send_b, to_a, 0])
    yield "turn", first + turn
    yield "out-of-order", bytes([send_a] * 4 + [to_b, 3, to_b, 0, to_b, 2, to_b, 1, to_b, 1])
    yield "crossing", first + bytes([send_b, send_a, to_a, 0, to_b, 1, send_a, send_b, to_b, 2, to_a, 1])
    yield "lost", first + bytes([send_a, send_b, to_a, 0, send_a, to_b, 2, to_b, 1])
    yield "changed", first + bytes([send_a, 9, 1]) + patches((3, 40, 1)) + bytes([9, 1]) + patches((3, 60, 1))
    yield "changed-key", (first + turn + bytes([send_a, 9, 1]) + patches((3, 5, 1)) + bytes([send_b, change_a, 1])
                          + patches((3, 37, 1)))
    yield "sent-back", first + bytes([back_a, 0, 13, 0])
    yield "evil-far", first + bytes([evil_a]) + patches((0, 100, 16))
    yield "evil-number", first + bytes([evil_a]) + patches((0, 100, 2)) + bytes([evil_a]) + patches((0, 104, 1))
    yield "evil-chain", first + turn + bytes([evil_a]) + patches((0, 99, 1), (0, 100, 255))
    yield "evil-offer", first + turn + bytes([evil_a]) + patches((0, 400, 255), (0, 401, 255))
    yield "evil-answer", first + bytes([evil_b]) + patches((3, 120, 1))
    yield "evil-key", first + bytes([evil_a]) + patches(*((0, at, 0) for at in range(138, 149)))
    yield "many-turns", first + turn + bytes([send_a, to_b, 1, send_b, to_a, 1] * 5)


def mail_seeds():
    def told(text):
        return b"\x07" + u16(len(text.encode())) + text.encode()
    for name, text in CONTENTS.items():
        yield name, told(text)
    yield "twice", told(CONTENTS["text"]) + b"\x04" + told(CONTENTS["text"])
    yield "hello", b"\x03" + patches() + b"\x04"
    yield "hello-request", b"\x0d\x00\x00\x03" + patches() + b"\x03" + patches((3, 69, 1))
    yield "hello-list", b"\x03" + patches((3, 69 + 1200, 1))
    yield "hello-one-time", b"\x03" + patches((3, 69 + 39, 1)) + b"\x03" + patches((3, 69 + 35, 1))
    yield "hello-sender", b"\x03" + patches((3, 40, 1)) + b"\x03" + patches((3, 2, 1))
    yield "hello-message", b"\x03" + patches((3, 69 + 1400, 1))
    yield "changed", b"\x02" + patches((3, 800, 1)) + b"\x05\x0e\x11" + b"\x02" + patches((3, 800, 1)) + b"\x02" + patches()
    yield "outside", b"\x00" + patches((3, 3000, 1)) + b"\x00" + patches((3, 2, 1)) + b"\x00" + patches((6, 4000, 0))
    yield "blocked", told(CONTENTS["text"]) + bytes([5 + 8 * 6]) + u16(60) + told(CONTENTS["profile"]) + b"\x00" + patches()
    for claims in (0, 1, 2, 4, 5, 8, 10):
        yield f"claim-{claims}", bytes([6, claims]) + patches()
    yield "claim-changed", b"\x06\x00" + patches((3, 39, 1)) + b"\x06\x00" + patches((3, 100, 1)) + b"\x06\x00" + patches()
    yield "own", b"\x01\x02" + bytes(64) + struct.pack(">I", 0)
    yield "gap", b"\x02" + patches((6, 100, 0)) + told(CONTENTS["text"]) + told(CONTENTS["receipt"])


def link_seeds():
    def text(words):
        return b"\x00" + u16(len(words.encode())) + words.encode()
    start = b"\x00" + text(NOTICES["challenge"]) + text(NOTICES["ready"])
    for name, words in NOTICES.items():
        yield name, start + b"\x05\x0d" + text(words)
    yield "mail", start + b"\x03\x08\x01\x03\x09\x02\x04\x03\x0b\x01\x03\x0a\x01"
    yield "mail-much", start + b"".join(bytes([3, 8 + i, 1]) for i in range(66))
    yield "mail-large", start + b"".join(bytes([3, 8 + i, 1 + 4 * 2]) for i in range(18))
    yield "mail-odd", start + b"\x03\x09\x03" + b"\x03\x09\x01"
    yield "asks", start + bytes(5 + 8 * i for i in range(18))
    yield "other-relay", b"\x00" + text(NOTICES["challenge"].replace("relay.", "other."))
    yield "no-signature", b"\x00" + text(NOTICES["challenge"].replace(KEY, blob(32, 255)))
    yield "lost", start + b"\x05\xff" + u16(4001)
    yield "last-words", start + text(NOTICES["error-all"]) + b"\xff" + u16(1006)
    deposit = b"\x03\x05\x06"
    answer = b"\x81" + bytes(4) + b"\x06" + struct.pack(">I", 99999999)
    yield "deposit", deposit + b"\x02" + u16(len(answer)) + answer + b"\x02" + u16(6) + b"\x81\x00\x00\x00\x01\x00"
    yield "deposit-text", deposit + text("{}")
    yield "deposit-many", b"\x03" + b"\x05" * 18


def frame_bound_seeds():
    yield "one", b"\x02\x82" + u16(64)
    yield "over", b"\x01\x82" + u16(65)
    yield "fragments", b"\x02\x02" + u16(64) + b"\x00" + u16(64) + b"\x00" + u16(64) + b"\x80" + u16(64)
    yield "pings", b"\x02" + (b"\x89" + u16(0)) * 130
    yield "close", b"\x02\x88" + u16(2) + u16(1000)
    yield "between", b"\x02\x02" + u16(60) + bytes(60) + b"\x89" + u16(1) + b"x" + b"\x80" + u16(9) + bytes(9)
    yield "text", b"\x02\x81" + u16(3) + b"abc" + b"\x81" + u16(1) + b"\xff"
    yield "none", b"\x00\x82" + u16(0) + b"\x82" + u16(1)


def png(width, height, rows, depth=1):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def qr_picture_seeds():
    rows = b"".join(b"\x00" + bytes([0xF0 if y & 4 else 0x0F] * 4) for y in range(32))
    yield "png", png(32, 32, rows)
    yield "png-large", png(10001, 1, b"\x00" * 1252)
    yield "png-many", png(9000, 9000, b"")
    yield "gif", b"GIF89a" + struct.pack("<HH", 2, 2) + b"\x80\x00\x00" + b"\x00\x00\x00\xff\xff\xff," + bytes(4) + struct.pack(
        "<HH", 2, 2) + b"\x00\x02\x03\x44\x02\x05\x00;"
    yield "gif-large", b"GIF89a\xff\xff\xff\xff\x80" + bytes(20)
    bmp = struct.pack("<IHHII", 70, 0, 0, 54, 40) + struct.pack("<iiHHIIiiII", 2, 2, 1, 24, 0, 16, 0, 0, 0, 0)
    yield "bmp", b"BM" + bmp + bytes(range(16))
    yield "bmp-head", b"BM" + bmp[:8] + b"\xff\xff\xff\x7f" + bmp[12:] + bytes(16)
    yield "bmp-huge", b"BM" + bmp[:16] + struct.pack("<ii", 131072, 131072) + bmp[24:]
    yield "webp", b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"
    yield "jpeg", (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xc0\x00\x0b\x08\xff\xff\xff\xff"
                   b"\x01\x01\x11\x00")
    yield "other", b"<svg xmlns='http://www.w3.org/2000/svg'/>"


def qr_text_seeds():
    yield "address", b"\x02" + f"TESSERA:1/RELAY.EXAMPLE.ORG/{ACCOUNT}/{CAPABILITY}".encode()
    yield "lower", b"\x02https://example.org/"
    yield "umlaut", b"\x02\xc3\xbc"
    yield "pick-one", b"\x00nothing\x00TESSERA:1/x"
    yield "pick-two", b"\x00tessera:1/x\x00TESSERA:1/y"
    yield "pick-none", b"\x00x\x00y"
    yield "pixels", b"\x01\x14" + bytes(range(0, 256, 4)) * 20


def qr_code_seeds():
    address = f"TESSERA:1/RELAY.EXAMPLE.ORG/{ACCOUNT}/{CAPABILITY}".encode()

    def code(how, flips, *segments):
        return (bytes([how, len(flips)]) + b"".join(u16(at) for at in flips)
                + b"".join(bytes([mode]) + u16(len(data)) + data for mode, data in segments))

    yield "address", code(0x02, (), (1, address))
    yield "lower", code(0x12, (), (2, address.lower()))
    yield "damaged", code(0x02, tuple(range(400, 800, 50)), (1, address))
    yield "segments", code(0x02, (), (2, b"tessera:1/a.example:"), (0, b"443"), (1, address[27:]))
    yield "kanji", code(0x02, (), (1, address), (3, b"\x93\xfa\x96\x7b"))
    yield "utf8", code(0x02, (), (4, b"\x1a"), (2, "tessera:1/bücher.example/".encode()))
    yield "other-set", code(0x02, (), (4, b"\x14"), (2, address), (2, b"\x82\xa0\x5c\x7e"))
    yield "mark", code(0x02, (), (2, b"\xef\xbb\xbf" + address))
    yield "zero", code(0x02, (), (2, address + b"\x00x"))
    yield "fnc1", code(0x42, (), (1, address + b"%"))
    yield "parts", code(0x22, (), (2, address[:60]), (2, address[60:]))
    yield "long", code(0x00, (), (1, b"TESSERA:1/" + b"A" * 1100))


def profile_seeds():
    yield "good", b"\x00[Profile]\nFormat=1\nId=000102030405060708090a0b0c0d0e0f\n"
    yield "newer", b"\x00[Profile]\nFormat=2\nId=000102030405060708090a0b0c0d0e0f\n"
    yield "upper", b"\x00[Profile]\nFormat=1\nId=000102030405060708090A0B0C0D0E0F\n"
    yield "no-id", b"\x00[Profile]\nFormat=1\n"
    yield "no-group", b"\x00Format=1\n"
    yield "long", b"\x00" + b"#" * 4097
    yield "keys", b"\x01TESSKEYS\x01"
    yield "keys-longest", b"\x02\x40\x00"
    yield "keys-too-long", b"\x02\x40\x01"


def relay_config_seeds():
    yield "all", (b"[relay]\nlisten=127.0.0.1:7700\ndata=/d\norigin=https://relay.example.org\nname=R\nregistration=invitation\n"
                  b"invitations=a;b\n[limits]\nconnections=10\nrequest_rate=5\nhttp_seconds=30\nping_seconds=60\n"
                  b"stall_seconds=1\nblob_megabytes=0\naccount_megabytes=1\nreserve_megabytes=2\n")
    yield "words", (b"[relay]\nmetrics=127.0.0.1:9464\n"
                    b"directory=list\ntrusted_proxies=127.0.0.1;10.0.0.0/8\nforwarded_header=forwarded\n"
                    b"log_addresses=true\n")
    yield "proxies", b"[relay]\ntrusted_proxies=10.0.0.1/8\n"
    yield "switch", b"[relay]\nlog_addresses=yes\n"
    yield "range", b"[limits]\nconnections=0\n"
    yield "unknown", b"[relay]\nwhat=1\n"
    yield "group", b"[else]\nx=1\n"
    yield "origin", b"[relay]\norigin=https://Relay.Example.org\n"
    yield "policy", b"[relay]\nregistration=maybe\n"
    yield "broken", b"[relay\n"
    yield "listen", b"[::1]:7700"
    yield "listen-local", b"localhost:0"
    yield "listen-bad", b"::1:7700"
    yield "not-text", b"[relay]\nname=\xff\n"


def relay_proxies_seeds():
    trusted = b"10.0.0.0/8; 127.0.0.1;2001:db8:1::/48"
    def said(kind, header, by=trusted):
        return bytes([kind, len(by)]) + by + header.encode()
    yield "x-plain", said(0, "192.0.2.7")
    yield "x-chain", said(0, "198.51.100.1, 192.0.2.7, 10.1.2.3 ,127.0.0.1")
    yield "x-mapped", said(0, "::ffff:192.0.2.7")
    yield "x-junk", said(0, 'junk,,", 192.0.2.7, 10.1.2.3')
    yield "x-port", said(0, "192.0.2.7:80")
    yield "x-all", said(0, "10.0.0.1," * 15 + "10.0.0.1")
    yield "plain", said(1, "for=192.0.2.7;proto=https; by=10.0.0.1")
    yield "six", said(1, 'for=198.51.100.1, For="[2001:db8::7]:4711", for="[2001:db8:1::2]"')
    yield "quoted", said(1, 'for="a,b", for="192.0.2.7:80"')
    yield "twice", said(1, "for=192.0.2.7;for=192.0.2.8")
    yield "hidden", said(1, "for=_hidden")
    yield "open", said(1, 'for="[2001:db8::7"')
    yield "none", said(0, "192.0.2.7", b" ;")
    yield "bad-list", said(0, "192.0.2.7", b"10.0.0.0/33")


def ws_frame(head, payload, mask=b"\x01\x02\x03\x04", form=0):
    size = len(payload)
    if form == 0:
        form = 0 if size < 126 else 2
    length = bytes([0x80 | size]) if form == 0 else b"\xfe" + u16(size) if form == 2 else b"\xff" + struct.pack(">Q", size)
    return bytes([head]) + length + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def relay_ws_seeds():
    yield "text", b"\x02" + ws_frame(0x81, "grüße\x00".encode())
    yield "binary", b"\x03" + ws_frame(0x82, bytes(200))
    yield "fragments", b"\x00" + ws_frame(0x01, b"ab") + ws_frame(0x89, b"ping") + ws_frame(0x00, b"cd") + ws_frame(0x80, b"")
    yield "close", b"\x05" + ws_frame(0x88, u16(1000) + b"bye")
    yield "control-long", b"\x05" + ws_frame(0x89, bytes(126))
    yield "too-big", b"\x05" + ws_frame(0x82, bytes(301))
    yield "too-big-in-parts", b"\x05" + ws_frame(0x02, bytes(200)) + ws_frame(0x80, bytes(101))
    yield "not-shortest", b"\x05" + ws_frame(0x82, b"x", form=2)
    yield "announced", b"\x05\x82\xff" + struct.pack(">Q", (1 << 63) - 1) + bytes(4)
    yield "not-utf8", b"\x05" + ws_frame(0x81, b"\xc3")
    yield "unmasked", b"\x05\x82\x01x"
    yield "reserved", b"\x05" + ws_frame(0xC2, b"x")
    yield "orphan", b"\x05" + ws_frame(0x80, b"x")
    yield "interleaved", b"\x05" + ws_frame(0x01, b"x") + ws_frame(0x82, b"y")
    yield "code-1006", b"\x05" + u16(1006)


def relay_http_seeds():
    def get(path, *headers):
        return "\r\n".join([f"GET {path} HTTP/1.1", "Host: relay", *headers, "", ""]).encode()
    upgrade = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {'A' * 22}==",
               "Sec-WebSocket-Protocol: tessera.v1")
    yield "info", get("/v1/info")
    yield "health", get("/v1/health")
    yield "info-query", get("/v1/info?x=1")
    yield "root", get("/")
    yield "nothing", get("/v1/what")
    yield "name", get("/v1/names/alice")
    yield "name-none", get("/v1/names/bob")
    yield "name-bad", get("/v1/names/Al")
    yield "names", get("/v1/names?prefix=al") + b"$N" + get("/v1/names")
    def put(path, body, *headers):
        head = [f"PUT {path} HTTP/1.1", "Host: relay", f"Content-Length: {len(body)}", *headers, "", ""]
        return "\r\n".join(head).encode() + body
    yield "blob", put("$T", bytes(500)) + b"$N" + get("$B") + b"$N" + put("$T", b"again") + b"$N" + get("$B", "Range: bytes=400-")
    yield "blob-expect", put("$T", b"abc", "Expect: 100-continue") + b"$N" + get("$B").replace(b"GET", b"HEAD")
    yield "blob-cut", put("$T", bytes(500))[:-100] + b"$N" + put("$T", b"whole") + b"$N" + get("$B")
    yield "blob-none", put("/v1/blobs/x", b"abc") + b"$N" + put("$B", b"abc") + b"$N" + get("$T") + b"$N" + put("$T", b"")
    yield "blob-much", put("$T", b"").replace(b": 0", b": 100001") + b"$N" + put("$T", b"").replace(b": 0", b": 1048577")
    yield "blob-chunked", (b"PUT $T HTTP/1.1\r\nHost: relay\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n$N"
                           + put("$T?x", b"abc"))
    for number, ranges in enumerate((("", "0-0", "70000-", "-1"), ("65536-65537", "70001-", "-0", "-70001"),
                                     ("5-4", "0-0,2-3", "-", "18446744073709551615-"))):
        yield f"range-{number}", b"$N".join(get("$O", f"Range: bytes={part}") for part in ranges)
    yield "head", get("$O").replace(b"GET", b"HEAD")
    yield "proxy", get("/v1/info", "X-Forwarded-For: x") + b"$N" + get("/v1/info", "X-Forwarded-For: 127.0.0.1")
    yield "account", get("$A", f"Tessera-Capability: {SHORT}")
    yield "account-key", b"$N".join([get("$A?one_time=1", f"Tessera-Capability: {SHORT}")] * 2)
    yield "account-query", get("$A?one_time=2", f"Tessera-Capability: {SHORT}")
    yield "account-none", get("$A")
    yield "account-bad", get("/v1/accounts/x", f"Tessera-Capability: {SHORT}")
    yield "post", b"POST /v1/info HTTP/1.1\r\nHost: relay\r\nContent-Length: 3\r\n\r\nabc"
    yield "chunked", b"GET / HTTP/1.1\r\nHost: relay\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    yield "mailbox", get("/v1/mailbox", *upgrade) + ws_frame(0x81, b"{}")
    yield "deposit", get("/v1/deposit", *upgrade) + ws_frame(0x82, b"\x01" + bytes(68) + b"\x01" + bytes(20), form=2)
    yield "deposit-ping", get("/v1/deposit", *upgrade) + ws_frame(0x89, b"x") + ws_frame(0x88, u16(1000))
    yield "no-subprotocol", get("/v1/mailbox", *upgrade[:4])
    yield "no-upgrade", get("/v1/mailbox")


def relay_services_seeds():
    def request(op, who=0, keys=0, lists=4, ids=b""):
        return bytes([16 + who, op, keys]) + u16(1000) + u16(7) + bytes([lists]) + ids + b"\x01"
    ready = bytes([16, 0, 8])
    registered = ready + request(0, keys=2, ids=b"\x05\x06")
    contact = request(3)
    yield "challenge", b"\x10"
    yield "wrong-origin", bytes([16, 255])
    yield "registered", registered
    yield "capabilities", registered + contact
    yield "mail", registered + contact + bytes([19, 4, 1, 19, 4, 2, 8, 12, 12 + 16, 0, 16, 0])
    yield "mail-much", registered + contact + b"".join(bytes([19, 4, i]) for i in range(70)) + bytes([8, 12, 8])
    yield "mail-request", registered + contact + bytes([19, 8, 1, 19, 8, 1, 19, 0, 3])
    yield "two-devices", registered + bytes([17, 0, 9]) + request(0, who=1, lists=9) + request(2, lists=12) + b"\x08"
    yield "removed", (registered + bytes([17, 0, 9]) + request(0, who=1, lists=9) + b"\x00" + request(2, who=1, lists=12)
                      + bytes([16, 0, 8]))
    yield "other-account", registered + bytes([18, 0, 10]) + request(0, who=2) + bytes([19, 2, 1])
    yield "taken", registered + bytes([18, 0, 10]) + request(0, who=2, lists=6)
    yield "stale", registered + request(2, lists=0) + request(2, lists=5)
    yield "publish", registered + request(1, keys=3, ids=b"\x05\x07\x08") + request(1, keys=1, ids=b"\x05")
    yield "delete", registered + request(6) + request(1)
    yield "name", registered + request(4) + request(4, keys=4) + request(4, keys=8)
    yield "name-other", registered + b"".join(request(4, keys=16 * i) for i in range(1, 4)) + request(4, keys=12)
    yield "name-taken", registered + request(4) + bytes([18, 0, 10]) + request(0, who=2, lists=4) + request(4, who=2)
    yield "tickets", registered + request(5) + request(5, keys=12) + request(6) + request(5)
    yield "replaced", registered + bytes([0, 16, 0])
    for name, text in requests_texts().items():
        if len(text) < 600:
            yield f"text-{name}", registered + bytes([4]) + u16(len(text)) + text.encode()


def plain(texts):
    return lambda: ((name, text.encode()) for name, text in texts.items())


SEEDS = {
    "bytes": bytes_seeds, "text": text_seeds, "json": json_seeds, "records": records_seeds, "frames": frames_seeds,
    "requests": plain(requests_texts()), "notices": plain(NOTICES), "content": plain(CONTENTS), "bundle": bundle_seeds,
    "address": address_seeds, "directory": directory_seeds, "crypto-bytes": crypto_bytes_seeds, "envelope": envelope_seeds,
    "keyfile": keyfile_seeds, "app-lock": app_lock_seeds, "backup": backup_seeds, "recovery": recovery_seeds,
    "session": session_seeds, "mail": mail_seeds, "link": link_seeds, "frame-bound": frame_bound_seeds,
    "qr-picture": qr_picture_seeds, "qr-text": qr_text_seeds, "qr-code": qr_code_seeds, "profile": profile_seeds,
    "relay-config": relay_config_seeds,
    "relay-ws": relay_ws_seeds, "relay-http": relay_http_seeds, "relay-proxies": relay_proxies_seeds,
    "relay-services": relay_services_seeds,
}


def main():
    for target, make in SEEDS.items():
        folder = Path(sys.argv[1]) / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in make():
            (folder / f"seed-{name}.bin").write_bytes(data)


if __name__ == "__main__":
    main()
