# SPDX-License-Identifier: GPL-3.0-or-later
"""How secrets are compared and passed on: in constant time, and each key role as a type of its own."""
import re

from tree import line_of, problem, without_texts

# What stops at the first difference, or orders.
COMPARISONS = re.compile(r"\b(memcmp|bcmp|strn?cmp|strn?casecmp|g_str_equal|g_strcmp0|g_ascii_strn?casecmp|g_bytes_equal|"
                         r"g_bytes_compare|sodium_compare)\s*\(")
PURE = ("src/base/", "src/crypto/")
PUBLIC_COMPARISONS = {
    ("src/crypto/tess-safety.c", "strcmp"): "halves of a number that people read to each other",
    ("src/base/tess-proxy.c", "strcmp"): "where connections go is in a file for all programs of the user",
}
# Above the pure layers public keys are compared freely; what bears one of these names is none.
SECRET = re.compile(r"(?<![a-z])(secret|seed|mac|passphrase|capability|showing|chain_key|database_key)s?(?![a-z])")
ABOVE = ("src/core/", "src/store/", "src/wire/", "src/net/")

# A key as bare bytes could be passed for any other.
BARE = re.compile(r"\buint8_t\s*\*?\s*((?:\w+_)?(?:key|secret|seed)(?:_out)?)\s*(?:\[static|[,)])")
BARE_ALLOWED = {
    ("src/crypto/tess-aead.h", "key"): "the cipher itself takes the keys of every role",
    ("src/crypto/tess-kdf.h", "key"): "the same for HMAC",
    ("src/crypto/tess-keyfile.h", "secret"): "what is wrapped is the caller's affair",
    ("src/store/tess-queries-sessions.h", "key"): "the store keeps bytes, and knows no roles of the crypto layer",
    ("src/store/tess-queries-sessions.h", "key_out"): "as above",
    ("src/store/tess-queries-keys.h", "secret"): "as above",
    ("src/store/tess-keyring.h", "secret"): "as above: the role is a parameter of its own",
    ("src/wire/tess-records.h", "secret"): "wire shares no types with crypto; the role is a parameter of its own",
    ("src/wire/tess-records.h", "account_secret"): "as above: it has to be the secret half of the record's own account",
    ("src/wire/tess-records.h", "device_secret"): "as above, of the record's own device",
    ("src/wire/tess-records.h", "key"): "a public key",
    ("src/core/tess-people.h", "key"): "a public key",
}


def arguments_of(code, start):
    """What stands between the parenthesis that ends at @start and its counterpart."""
    depth, at = 1, start
    while at < len(code) and depth > 0:
        depth += {"(": 1, ")": -1}.get(code[at], 0)
        at += 1
    return code[start:at - 1]


def check_secrets(tree):
    """Secrets are compared by sodium_memcmp (), and no header takes a key as bare bytes but where it is listed."""
    found = []
    for path in tree.files(".c", ".h", under="src/"):
        code = without_texts(tree.read(path))
        for match in COMPARISONS.finditer(code):
            name, where = match.group(1), line_of(code, match.start())
            if path.startswith(PURE) and (path, name) not in PUBLIC_COMPARISONS:
                found.append(problem(path, where, f"{name} tells by its time what differs: use sodium_memcmp ()"))
            elif path.startswith(ABOVE) and SECRET.search(arguments_of(code, match.end())):
                found.append(problem(path, where, f"{name} compares a secret: use sodium_memcmp ()"))
        if path.endswith(".h"):
            bare = [match for match in BARE.finditer(code) if (path, match.group(1)) not in BARE_ALLOWED]
            found += [problem(path, line_of(code, match.start()), f"{match.group(1)} is a key in bare bytes: it needs a type")
                      for match in bare]
    return found
