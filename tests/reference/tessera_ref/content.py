# SPDX-License-Identifier: GPL-3.0-or-later
"""Section 5: contents, and section 0's rules for JSON."""
import base64
import json
import re

from .address import check_host, is_local
from .basics import Refusal, check

DEPTH, MEMBERS, VALUES, INTEGER, SIZE = 16, 256, 4096, 2**53 - 1, 60000
KIND, BODY, IDS, ORIGIN = 32, 32000, 500, 270
ID = re.compile(r"[0-9a-f]{32}\Z")
ORIGIN_FORM = re.compile(r"(https?)://([a-z0-9.-]+)(?::([1-9][0-9]{0,4}))?\Z")
EMOJI, TIMER = 64, 366 * 24 * 3600


def members(pairs):
    check(len(pairs) <= MEMBERS and len({name for name, _ in pairs}) == len(pairs), "too many members, or one twice")
    return dict(pairs)


def integer(digits):
    value = int(digits)
    check(-2**63 <= value < 2**63, "an integer of more than 64 bits")
    return value


def no_constant(name):
    raise Refusal(f"{name} is not JSON")


def measure(value, depth):
    """How many values there are."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    if inside is None:
        check(not isinstance(value, str) or "\0" not in value, "U+0000")
        return 1
    check(depth <= DEPTH, "too deep")
    return 1 + sum(measure(inner, depth + 1) for inner in inside)


def read_json(data, most):
    check(len(data) <= most, "too long")
    try:
        value = json.loads(data.decode(), object_pairs_hook=members, parse_int=integer, parse_constant=no_constant)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair cannot be written
    except (ValueError, RecursionError):
        raise Refusal("not JSON") from None
    check(isinstance(value, dict), "not an object")
    check(measure(value, 1) <= VALUES, "too many values")
    return value


def is_integer(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= INTEGER


def is_id(value):
    return isinstance(value, str) and ID.match(value) is not None


def is_string(value, least, most):
    return isinstance(value, str) and least <= len(value.encode()) <= most


def is_ids(value):
    return isinstance(value, list) and len(value) <= IDS and all(is_id(one) for one in value)


def is_bytes(value, length):
    """base64url of that many bytes without padding, unused bits zero."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_-]*", value):
        return False
    padded = value + "=" * (-len(value) % 4)
    data = base64.urlsafe_b64decode(padded) if len(padded) % 4 == 0 and len(value) % 4 != 1 else b""
    return len(data) == length and base64.urlsafe_b64encode(data).decode().rstrip("=") == value


def is_origin(value):
    match = ORIGIN_FORM.match(value) if is_string(value, 1, ORIGIN) else None
    if match is None:
        return False
    scheme, host, port = match.groups()
    try:
        check_host(host)
    except Refusal:
        return False
    good = port is None or int(port) <= 65535 and int(port) != {"http": 80, "https": 443}[scheme]
    return good and (scheme == "https" or is_local(host))


def read_content(data):
    """(kind, members); the kind is None for one that is kept and shown as from a newer version."""
    value = read_json(data, SIZE)
    check(is_id(value.get("id")) and is_integer(value.get("time")) and is_string(value.get("kind"), 0, KIND), "no content")
    kind = value["kind"]
    if kind == "text":
        check(is_string(value.get("body"), 1, BODY), "no body")
        check("reply_to" not in value or is_id(value["reply_to"]), "no id")
        check("expires_after" not in value or is_integer(value["expires_after"]), "no time")
    elif kind == "receipt":
        check(is_ids(value.get("delivered")) and is_ids(value.get("read")), "no lists of ids")
    elif kind == "profile":
        check(is_string(value.get("name"), 0, SIZE) and is_bytes(value.get("capability"), 16) and is_origin(value.get("relay")),
              "no profile")
    elif kind == "verify":
        check(is_bytes(value.get("mac"), 32), "no mac")
    elif kind == "edit":
        check(is_id(value.get("target")) and is_string(value.get("body"), 1, BODY), "no edit")
    elif kind == "delete":
        check(is_id(value.get("target")), "no target")
    elif kind == "reaction":
        check(is_id(value.get("target")) and is_string(value.get("emoji"), 0, EMOJI), "no reaction")
    elif kind == "typing":
        check(isinstance(value.get("on"), bool), "no boolean")
    elif kind == "timer":
        check(is_integer(value.get("seconds")) and value["seconds"] <= TIMER, "no time")
    else:
        kind = None
    return kind, value
