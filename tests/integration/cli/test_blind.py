# SPDX-License-Identifier: GPL-3.0-or-later
"""What the relay holds and says after a whole conversation: nothing of who wrote to whom, or what."""
import base64
import re
import signal
import sqlite3

from clitest import CliTest, main


class Blind(CliTest):
    def files(self, relay):
        found = {path: path.read_bytes() for path in relay.data.rglob("*") if path.is_file()}
        # Where the tests are root's, so is the relay, and says so.
        usual = re.compile(rb"listening on |time=\S+ level=warning event=runs-as-root ")
        found[relay.log] = b"".join(line for line in relay.log.read_bytes().splitlines(True) if not usual.match(line))
        return found

    def test_a_conversation(self):
        relay = self.relay()
        alice, bob = self.friends(relay, "Alicia Sender", "Roberto Recipient")
        texts = ["The heron lands at dawn", "Understood, the heron", "And leaves at dusk"]
        alice.do("send", bob.address, texts[0])
        bob.do("receive")
        bob.do("send", "Alicia Sender", texts[1])
        alice.do("receive")
        alice.do("send", "Roberto Recipient", texts[2])
        relay.end(signal.SIGKILL)
        needles = {text: text.encode() for text in [*texts, "heron", "Alicia", "Roberto"]}
        for person, contact in ((alice, "Roberto Recipient"), (bob, "Alicia Sender")):
            for message in person.history(contact):
                needles["id " + message["id"]] = message["id"].encode()
                needles["raw id " + message["id"]] = bytes.fromhex(message["id"])
            capability = person.address.split("/")[3]
            needles[f"capability of {person.name}"] = base64.b32decode(capability + "=" * (-len(capability) % 8))
            needles[f"address of {person.name}"] = person.address.encode()
        needles["an address"] = b"127.0.0.1"
        files = self.files(relay)
        for what, needle in needles.items():
            for path, data in files.items():
                for form in (needle, needle.lower(), base64.b64encode(needle).rstrip(b"="), needle.hex().encode()):
                    self.assertNotIn(form, data, f"{what} in {path}")
        self.assertEqual(files[relay.log], b"")
        self.check_tables(relay)

    def check_tables(self, relay):
        """A row of mail, or of a deposit, names nobody but its mailbox."""
        database = sqlite3.connect(relay.data / "relay.db")
        self.addCleanup(database.close)
        people = [row[0] for row in database.execute("SELECT account FROM account UNION ALL SELECT device FROM mailbox")]
        self.assertEqual(len(people), 4)
        waiting = database.execute("SELECT * FROM mail").fetchall()
        self.assertGreater(len(waiting), 0)
        for table, columns in (("mail", ["id", "class", "stored", "envelope"]), ("deposit", ["mailbox", "id", "stored"])):
            self.assertEqual([row[1] for row in database.execute(f"PRAGMA table_info ({table})")], columns)
            for row in database.execute(f"SELECT * FROM {table}"):
                for key in people:
                    self.assertFalse(any(isinstance(value, bytes) and key in value for value in row), table)


if __name__ == "__main__":
    main()
