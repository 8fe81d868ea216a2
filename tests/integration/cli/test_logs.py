# SPDX-License-Identifier: GPL-3.0-or-later
"""What is logged, down to debug level, of two people who meet, talk and are refused: no key, no text, no name, no address."""
import base64
import re
import signal

from clitest import CliTest, Person, main
from gi.repository import Gio, GLib

# A line of GLib's own writer: on stdout for info and debug, on stderr for the rest.
LOGGED = re.compile(r"^\([^()]+:\d+\): |^\*\* ")
SERVICE = "org.freedesktop.secrets"


def keyring_secrets():
    """Every secret in the session's keyring, as it was stored."""
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)

    def call(path, interface, method, arguments):
        return bus.call_sync(SERVICE, path, interface, method, arguments, None, Gio.DBusCallFlags.NONE, 10000)

    service = "/org/freedesktop/secrets", "org.freedesktop.Secret.Service"
    session = call(*service, "OpenSession", GLib.Variant("(sv)", ("plain", GLib.Variant("s", ""))))[1]
    items, _ = call(*service, "SearchItems", GLib.Variant("(a{ss})", ({},)))
    found = call(*service, "GetSecrets", GLib.Variant("(aoo)", (items, session)))[0]
    return [bytes(secret[2]) for secret in found.values()]


class Logged(Person):
    """Somebody whose every run logs all it can, kept in logs."""

    def __init__(self, test, name):
        super().__init__(test, name)
        self.env["G_MESSAGES_DEBUG"] = "all"
        self.logs = []

    def run(self, *words, **more):
        code, out, errors = super().run(*words, **more)
        self.logs += [*out.splitlines(), *errors.splitlines()]
        return code, "\n".join(line for line in out.splitlines() if not LOGGED.match(line)), errors


class Logs(CliTest):
    def person(self, name, relay=None, **more):
        person = Logged(self, name)
        return person.register(relay, **more) if relay else person

    def forms(self, needle):
        """How bytes or a text could stand in a log."""
        encoded = [base64.b64encode(needle), base64.urlsafe_b64encode(needle), base64.b32encode(needle), needle.hex().encode()]
        plain = [form.rstrip(b"=").decode() for form in encoded]
        return {*plain, *(form.upper() for form in plain[2:]), *(form.lower() for form in plain[2:]), needle.decode("latin-1")}

    def check(self, needles, logs, where):
        for what, needle in needles.items():
            for form in self.forms(needle):
                for line in logs:
                    self.assertNotIn(form, line, f"{what} in the log of {where}")

    def test_nothing_secret_is_logged(self):
        relay = self.relay()
        relay.end(signal.SIGTERM)
        relay.env["G_MESSAGES_DEBUG"] = "all"
        relay.start()
        alice, bob = self.friends(relay, "Alicia Sender", "Roberto Recipient")
        for sender, reader, text in ((alice, bob, "The heron lands at dawn"), (bob, alice, "Understood, it lands"),
                                     (alice, bob, "And leaves at dusk")):
            sender.do("send", reader.address, text)
            reader.do("receive")
        relay.end(signal.SIGKILL)
        alice.run("send", "Roberto Recipient", "Nobody hears this one", "--timeout", "1")
        needles = {"a text": b"heron", "another text": b"Understood", "a third": b"leaves at dusk",
                   "an unsent text": b"Nobody hears", "a first name": b"Alicia", "a surname": b"Recipient"}
        for person in (alice, bob):
            account, capability = person.address.split("/")[-2:]
            for part in (account, capability):
                needles[f"{part} of an address"] = part.encode()
            needles[f"capability of {person.name}"] = base64.b32decode(capability + "=" * (-len(capability) % 8))
        secrets = keyring_secrets()
        self.assertGreaterEqual(len(secrets), 6)
        for number, secret in enumerate(secrets):
            needles[f"secret {number} of the keyring"] = secret
            needles[f"bytes of secret {number}"] = base64.b64decode(secret)
        for person in (alice, bob):
            logged = [line for line in person.logs if LOGGED.match(line)]
            self.assertGreater(len(logged), 10, "nothing is logged, so this says nothing")
            self.check(needles, logged, person.name)
        self.check(needles, relay.log.read_text(errors="replace").splitlines(), "the relay")


if __name__ == "__main__":
    main()
