# SPDX-License-Identifier: GPL-3.0-or-later
"""What is logged, down to debug level, of two people who meet, talk and are refused: no key, no text, no name, no address."""
import base64
import re
import signal

from clitest import CliTest, Person, main
from keyring import secrets_of_all

# A line of GLib's own writer: on stdout for info and debug, on stderr for the rest.
LOGGED = re.compile(r"^\([^()]+:\d+\): |^\*\* ")


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

    def talk(self, relay, alice, bob):
        """A conversation with all that can be done in one; what of it is secret."""
        texts = ["The heron lands at dawn", "Understood, it lands", "And leaves at dusk", "Nobody hears this one"]
        for sender, reader, text in ((alice, bob, texts[0]), (bob, alice, texts[1]), (alice, bob, texts[2])):
            sender.do("send", reader.address, text)
            reader.do("receive")
        code = alice.do("code").strip()
        self.assertIn("MATCH", bob.do("verify", "Alicia Sender", "--code", code).upper())
        alice.do("receive")
        relay.end(signal.SIGKILL)
        alice.run("send", "Roberto Recipient", texts[3], "--timeout", "1")
        needles = {text: text.split(" ", 1)[1].encode() for text in texts}
        shown = code.split("/")[-1]
        needles["the code's secret as text"] = shown.encode()
        needles["the code's secret"] = base64.b32decode(shown + "=" * (-len(shown) % 8))
        return needles

    def test_nothing_secret_is_logged(self):
        relay = self.relay()
        relay.end(signal.SIGTERM)
        relay.env["G_MESSAGES_DEBUG"] = "all"
        relay.start()
        alice, bob = self.friends(relay, "Alicia Sender", "Roberto Recipient")
        carol = self.person("Carolina Keyless")
        carol.passphrase = "correct horse battery staple"
        carol.register(relay).fails("send", "Nobody", "To whom it concerns", says="no such contact")
        needles = {"a first name": b"Alicia", "a surname": b"Recipient", "another": b"Keyless", **self.talk(relay, alice, bob)}
        for person in (alice, bob, carol):
            account, capability = person.address.split("/")[-2:]
            for part in (account, capability):
                needles[f"{part} of an address"] = part.encode()
            needles[f"capability of {person.name}"] = base64.b32decode(capability + "=" * (-len(capability) % 8))
        keys = {"the passphrase": carol.passphrase.encode()}
        secrets = secrets_of_all()
        self.assertGreaterEqual(len(secrets), 6)
        for number, secret in enumerate(secrets):
            keys[f"secret {number} of the keyring"] = secret
            keys[f"bytes of secret {number}"] = base64.b64decode(secret)
        for person in (alice, bob, carol):
            logged = [line for line in person.logs if LOGGED.match(line)]
            self.assertGreater(len(logged), 10, "nothing is logged, so this says nothing")
            self.check({**needles, "a text that was not sent": b"it concerns"}, logged, person.name)
            self.check(keys, person.logs, person.name)
        self.check({**needles, **keys}, relay.log.read_text(errors="replace").splitlines(), "the relay")

    def test_a_leak_is_found(self):
        secret = bytes(range(200, 232))
        for form in self.forms(secret):
            with self.assertRaises(AssertionError, msg=form):
                self.check({"a key": secret}, ["quiet", f"(x:1): Tessera-DEBUG: {form}."], "x")


if __name__ == "__main__":
    main()
