# The program itself: options, settings, exit codes. SPDX-License-Identifier: GPL-3.0-or-later
import os
import subprocess
import tempfile
import unittest

from relaytest import Relay, RelayTest, WebSocket, main, options


class Program(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def run_relay(self, *arguments):
        done = subprocess.run([options.relay, *arguments], capture_output=True, text=True, timeout=20, cwd=self.folder)
        return done.returncode, done.stdout, done.stderr

    def config(self, text):
        path = os.path.join(self.folder, 'relay.conf')
        with open(path, 'w') as file:
            file.write(text)
        return path

    def test_version_and_help(self):
        code, out, _ = self.run_relay('--version')
        self.assertEqual((code, out.split()[0]), (0, 'tessera-relay'))
        code, out, _ = self.run_relay('--help')
        self.assertEqual(code, 0)
        for option in ('--listen', '--data', '--config'):
            self.assertIn(option, out)

    def test_usage(self):
        for arguments in (('--frobnicate',), ('surplus',), ('--listen',)):
            code, out, errors = self.run_relay(*arguments)
            self.assertEqual((code, out), (2, ''), arguments)
            self.assertIn('--help', errors)

    def test_bad_addresses(self):
        for listen in ('7700', 'relay.example:7700', '127.0.0.1:', '127.0.0.1:65536', '1.2.3:80', '::1:80', '127.0.0.1:-1'):
            code, _, errors = self.run_relay('--listen', listen, '--data', 'data')
            self.assertEqual(code, 1, listen)
            self.assertIn(listen, errors)

    def test_port_in_use(self):
        relay = Relay()
        self.addCleanup(relay.close)
        code, _, errors = self.run_relay('--listen', f'127.0.0.1:{relay.port}', '--data', 'data')
        self.assertEqual(code, 1)
        self.assertIn(str(relay.port), errors)

    def test_settings(self):
        for text, words in (('[relay]\nnmae=x\n', ('line 2', 'nmae')), ('[relay]\n\n[rleay]\n', ('line 3', 'rleay')),
                            ('[limits]\nconnections=0\n', ('line 2', 'connections')),
                            ('[limits]\nconnections=many\n', ('line 2',)),
                            ('[limits]\nhttp_seconds=60\n', ('line 2', 'http_seconds has to be a number from 1 to 30')),
                            ('# hm\n[relay]\nregistration=maybe\n', ('line 3', 'registration')),
                            ('[relay]\norigin=http://relay.example\n', ('line 2', 'origin')),
                            ('[relay]\ndirectory=all\n', ('line 2', 'directory')),
                            ('[relay]\ntrusted_proxies=proxy.example\n', ('line 2', 'trusted_proxies')),
                            ('[relay]\nforwarded_header=via\n', ('line 2', 'forwarded_header')),
                            ('[relay]\nlog_addresses=perhaps\n', ('line 2', 'log_addresses')),
                            ('[relay]\norigin=https://Relay.example/\n', ('line 2', 'origin')),
                            ('[relay]\nname=\n', ('line 2', 'name')),
                            ('nonsense', ('relay.conf',))):
            code, _, errors = self.run_relay('--config', self.config(text), '--data', 'data', '--listen', '127.0.0.1:0')
            self.assertEqual(code, 1, text)
            for word in words:
                self.assertIn(word, errors)
        code, _, errors = self.run_relay('--config', 'missing.conf')
        self.assertEqual(code, 1)
        self.assertIn('missing.conf', errors)


class Configured(RelayTest):
    config = '[relay]\nname=The club\norigin=https://relay.example\nregistration=closed\n'

    def test_settings_are_used(self):
        self.assertEqual(self.relay.get('/v1/info')[1]['name'], 'The club')
        link = self.open(WebSocket(self.relay, '/v1/mailbox'))
        self.assertEqual(link.receive()['relay'], 'https://relay.example')


if __name__ == '__main__':
    main()
