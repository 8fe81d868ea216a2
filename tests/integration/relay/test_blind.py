# What a relay must never keep: who asked, what for, and what lets anybody write. SPDX-License-Identifier: GPL-3.0-or-later
import os
import signal
import subprocess
import urllib.request

from relaytest import NO_MAILBOX, REFUSED, STORED, Depositor, Device, RelayTest, b32, b64, blake, main, options
from test_blobs import unb32
from test_operating import free_port


class Blind(RelayTest):
    config = '[relay]\nregistration=invitation\ninvitations=an-invitation-code\n'

    def kept(self):
        '''All bytes of the data folder, and the names in it.'''
        found = {}
        for folder, _, names in os.walk(os.path.join(self.relay.data, 'db')):
            for name in names:
                with open(os.path.join(folder, name), 'rb') as file:
                    found[name] = name.encode() + file.read()
        return found

    def test_nothing_is_kept(self):
        owner, stranger = Device(), Device()
        link = self.open(owner.register(self.relay, invitation='an-invitation-code'))
        secrets = {'contact capability': owner.contact, 'request capability': owner.request,
                   'wrong capability': os.urandom(16), 'address': b'127.0.0.1', 'invitation': b'an-invitation-code',
                   'stranger': stranger.public, "stranger's account": stranger.account.public,
                   'port': str(self.relay.port).encode(), 'name asked for': b'asked-for-by-somebody'}
        depositor = self.open(Depositor(self.relay))
        self.assertEqual(depositor.deposit(owner, owner.contact), STORED)
        self.assertEqual(depositor.deposit(owner, owner.request), STORED)
        self.assertEqual(depositor.deposit(owner, secrets['wrong capability']), REFUSED)
        self.assertEqual(depositor.deposit(stranger, owner.contact), NO_MAILBOX)
        self.assertEqual(self.relay.bundle(owner.account.public, owner.contact, one_time=True)[0], 200)
        self.assertEqual(self.relay.bundle(stranger.account.public, secrets['wrong capability'])[0], 403)
        self.assertEqual(self.relay.get('/v1/names/asked-for-by-somebody')[0], 404)
        # Somebody who authenticates and does not register leaves nothing either.
        self.assertFalse(self.open(stranger.connect(self.relay)).ready['registered'])
        tickets = owner.ask(link, 'tickets', count=2)['tickets']
        name = self.relay.get('/v1/blobs/' + tickets[0], method='PUT', body=b'sealed')[1]['id']
        unknown = os.urandom(32)
        self.assertEqual(self.relay.get('/v1/blobs/' + b32(unknown))[0], 404)
        secrets.update({'ticket': unb32(tickets[0]), 'unused ticket': unb32(tickets[1]), 'blob asked for': unknown})
        self.assertEqual(self.relay.stop(signal.SIGKILL), -signal.SIGKILL)
        self.assertEqual(self.relay.errors, '')
        files = self.kept()
        self.assertIn('relay.db-wal', files)
        for what, secret in secrets.items():
            forms = {secret, secret.hex().encode(), b64(secret).encode(), b32(secret).encode()}
            for file, data in files.items():
                for form in forms:
                    self.assertNotIn(form, data, f'{what} in {file}')
        # The scan finds what is there.
        self.assertTrue(any(owner.public in data for data in files.values()))
        self.relay.start()
        self.assertEqual((self.relay.stop(), self.relay.errors), (0, ''))
        # Which blob is whose: its id is nowhere but in its file's name, not even where its ticket was.
        for file, data in self.kept().items():
            self.assertEqual(b32(blake(unb32(tickets[0]))).encode() in data, file == name, file)
            self.assertNotIn(unb32(name), data, file)

    def test_nothing_is_said(self):
        '''What an operator is shown in numbers names nobody.'''
        port = free_port()
        relay = self.own_relay(config=f'[relay]\nmetrics=127.0.0.1:{port}\nregistration=invitation\n'
                                      'invitations=a-code-in-the-file\n')
        owner = Device()
        box = self.open(owner.register(relay, invitation='a-code-in-the-file'))
        link = self.open(Depositor(relay))
        self.assertEqual(link.deposit(owner, owner.contact), STORED)
        self.assertEqual(owner.ask(box, 'name', name='named-in-the-directory', address=owner.address(relay))['op'], 'ok')
        ticket = owner.ask(box, 'tickets', count=1)['tickets'][0]
        name = relay.get('/v1/blobs/' + ticket, method='PUT', body=b'sealed')[1]['id']
        with urllib.request.urlopen(f'http://127.0.0.1:{port}/metrics') as answer:
            said = {'metrics': answer.read()}
        for words in (('statistics',), ('invitations',)):
            said[words[0]] = subprocess.run([options.relay, '--data', relay.data + '/db', 'admin', *words], check=True,
                                            capture_output=True).stdout
        self.assertEqual(relay.stop(), 0)
        said['log'] = relay.errors.encode()
        secrets = [owner.public, owner.account.public, owner.contact, owner.request, unb32(ticket), unb32(name), b'127.0.0.1',
                   blake(owner.contact), blake(owner.request), b'named-in-the-directory', b'a-code-in-the-file']
        for what, text in said.items():
            for secret in secrets:
                for form in (secret, secret.hex().encode(), b64(secret).encode(), b32(secret).encode()):
                    self.assertNotIn(form, text, what)
        self.assertIn(b'deposits_total{status="stored"} 1', said['metrics'])
        self.assertIn(b'accounts\t1', said['statistics'])


if __name__ == '__main__':
    main()
