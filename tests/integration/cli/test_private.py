# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs keep their memory to themselves: no core dumps, no look into them. The app's part is in tests/gui."""
import signal
import subprocess

from clitest import DONE, CliTest, main
from private import can_be_looked_into, check_private, core_limits, without_privilege


class Private(CliTest):
    @classmethod
    def setUpClass(cls):
        without_privilege()

    def test_command_line_is_private(self):
        alice = self.person("Alice", self.relay())
        process = alice.hold("receive", "--follow")
        check_private(process.pid, "tessera-cli")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(15), DONE)

    def test_relay_is_private(self):
        check_private(self.relay().process.pid, "tessera-relay")

    def test_a_look_would_succeed(self):
        """The control: into other programs, and into ours when a developer asks for it."""
        other = subprocess.Popen(["sleep", "60"])
        self.addCleanup(other.wait)
        self.addCleanup(other.kill)
        self.assertTrue(can_be_looked_into(other.pid))
        alice = self.person("Alice", self.relay())
        alice.env["TESSERA_DEBUGGABLE"] = "1"
        process = alice.hold("receive", "--follow")
        self.assertTrue(can_be_looked_into(process.pid))
        self.assertEqual(core_limits(process.pid), core_limits(other.pid))


if __name__ == "__main__":
    main()
