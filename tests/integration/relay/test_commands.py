# Commands beside a running relay: backup, admin. SPDX-License-Identifier: GPL-3.0-or-later
import hashlib
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import urllib.request

from relaytest import (NO_MAILBOX, STORED, TIMEOUT, Closed, Depositor, Device, Relay, RelayTest, ack, b32, b64, envelope,
                       free_port, mail, main, options)


class Commands(RelayTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def command(self, *words, relay=None, code=0):
        relay = relay or self.relay
        done = subprocess.run([options.relay, '--data', os.path.join(relay.data, 'db'), *words], capture_output=True, text=True,
                              timeout=30)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout if code == 0 else done.stderr


class Backup(Commands):
    def restore(self, file):
        data = os.path.join(self.folder, 'restored')
        os.makedirs(os.path.join(data, 'db'))
        shutil.copy(file, os.path.join(data, 'db', 'relay.db'))
        relay = Relay(data=data)
        self.addCleanup(relay.close)
        return relay

    def test_under_load(self):
        '''What was stored before a backup began is in it; the relay serves meanwhile.'''
        device = Device()
        device.register(self.relay, one_time=5).close()
        link = self.open(Depositor(self.relay))
        sealed = [envelope() for _ in range(20)]
        for one in sealed:
            self.assertEqual(link.deposit(device, device.contact, one), STORED)
        other = Device()
        other.register(self.relay).close()
        stop = threading.Event()
        statuses = []
        thread = threading.Thread(target=self.flood, args=(stop, other, statuses))
        thread.start()
        file = os.path.join(self.folder, 'backup.db')
        self.command('backup', file)
        stop.set()
        thread.join()
        self.assertEqual(set(statuses), {STORED})
        self.assertEqual(os.stat(file).st_mode & 0o777, 0o600)
        self.assertEqual(os.listdir(self.folder), ['backup.db'])
        self.assertEqual(sqlite3.connect(file).execute('PRAGMA integrity_check').fetchone(), ('ok',))
        relay = self.restore(file)
        box = self.open(device.connect(relay))
        self.assertEqual((box.ready['waiting'], box.ready['one_time']), (20, 5))
        self.assertEqual([mail(box)[2] for _ in range(20)], sealed)

    def flood(self, stop, device, statuses):
        try:
            link = Depositor(self.relay)
            while not stop.is_set():
                statuses.append(link.deposit(device, device.contact))
            link.close()
        except (Closed, OSError) as error:
            statuses.append(error)

    def test_of_a_stopped_relay(self):
        relay = self.own_relay()
        device = Device()
        device.register(relay).close()
        relay.stop()
        file = os.path.join(self.folder, 'backup.db')
        self.command('backup', file, relay=relay)
        self.assertTrue(self.open(device.connect(self.restore(file))).ready['registered'])

    def test_refusals(self):
        file = os.path.join(self.folder, 'there')
        with open(file, 'w') as one:
            one.write('kept')
        self.assertIn('there already', self.command('backup', file, code=1))
        with open(file) as one:
            self.assertEqual(one.read(), 'kept')
        self.assertIn('nowhere', self.command('backup', os.path.join(self.folder, 'nowhere', 'x'), code=1))
        self.command('backup', code=2)
        self.command('backup', file, file, code=2)
        self.assertEqual(os.listdir(self.folder), ['there'])
        done = subprocess.run([options.relay, '--data', os.path.join(self.folder, 'none'), 'backup', file + '2'],
                              capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(os.listdir(self.folder), ['there'])

def own_again(place):
    '''What another user owns in there is taken back, so that it can be removed.'''
    os.chown(place, os.geteuid(), os.getegid())
    for folder, folders, files in os.walk(place):
        for name in (*folders, *files):
            os.chown(os.path.join(folder, name), os.geteuid(), os.getegid())


class Admin(Commands):
    config = '[relay]\nregistration=invitation\ninvitations=configured;also-configured\ndirectory=list\n'

    def attempt(self, device, invitation):
        link = self.open(device.connect(self.relay))
        return device.ask(link, 'register', device_list=b64(device.device_list()), prekey=b64(device.prekey()), one_time=[],
                          invitation=invitation).get('code', 'ok')

    def admin(self, *words, **members):
        return [line.split('\t') for line in self.command('admin', *words, **members).splitlines()]

    def test_invitations(self):
        first, second = (code for code, in self.admin('invite', '2', '1'))
        self.assertEqual(len(first), 26)
        third, = self.admin('invite')[0]
        alice, bob = Device(), Device()
        self.assertEqual(self.attempt(alice, first), 'ok')
        self.assertEqual(self.attempt(bob, first), 'invitation')
        listed = {one[0]: one[1:] for one in self.admin('invitations')}
        names = {hashlib.sha256(code.encode()).hexdigest()[:12]: code for code in (first, second, third, 'configured')}
        self.assertEqual({names[name]: listed[name][0] for name in names},
                         {first: 'used', second: 'unused', third: 'unused', 'configured': 'unused'})
        id_of = {code: name for name, code in names.items()}
        self.assertEqual(listed[id_of['configured']], ['unused', 'configured', 'never'])
        # By its code, and by what is told of it.
        for word in (second, id_of[third]):
            self.admin('revoke', word)
            self.assertIn('no such', self.command('admin', 'revoke', word, code=1))
        for code in (second, third):
            self.assertEqual(self.attempt(bob, code), 'invitation')
        self.assertIn('no such', self.command('admin', 'revoke', first, code=1))
        self.assertIn('no such', self.command('admin', 'revoke', id_of['configured'][:5], code=1))
        for words in (('0',), ('x',), ('1', '0'), ('1001',)):
            self.assertIn(words[-1], self.command('admin', 'invite', *words, code=1))

    def test_ended(self):
        code, = self.admin('invite', '1', '2')[0]
        database = sqlite3.connect(self.relay.database())
        database.execute('UPDATE invitation SET until = 5 WHERE hash = ?', (hashlib.sha256(code.encode()).digest(),))
        database.commit()
        database.close()
        self.assertEqual(self.attempt(Device(), code), 'invitation')
        self.assertIn([hashlib.sha256(code.encode()).hexdigest()[:12], 'ended'], [one[:2] for one in self.admin('invitations')])

    def test_configured_ones_end_with_their_line(self):
        relay = self.own_relay(config=self.config)
        relay.stop()
        self.assertEqual([one[1] for one in self.admin('invitations', relay=relay)], ['unused', 'unused'])
        relay.config = '[relay]\nregistration=invitation\ninvitations=configured\n'
        relay.start()
        shared, self.relay = self.relay, relay
        try:
            self.assertEqual(self.attempt(Device(), 'also-configured'), 'invitation')
            self.assertEqual(self.attempt(Device(), 'configured'), 'ok')
            relay.stop()
            relay.start()
            self.assertEqual(self.attempt(Device(), 'configured'), 'invitation')
        finally:
            self.relay = shared

    def test_many_configured(self):
        '''As many as the operator likes, each by itself.'''
        relay = self.own_relay(config='[relay]\nregistration=invitation\ninvitations='
                                      + ';'.join(f'code-{number}' for number in range(1200)) + '\n')
        self.assertEqual(len(self.admin('invitations', relay=relay)), 1200)
        self.open(Device().register(relay, invitation='code-1199'))

    def member(self):
        device = Device()
        return device, self.open(device.register(self.relay, invitation=self.admin('invite')[0][0]))

    def test_names(self):
        device, box = self.member()
        self.assertEqual(device.ask(box, 'name', name='trudy', address=device.address(self.relay))['op'], 'ok')
        self.assertIn(['trudy', device.address(self.relay)], self.admin('names'))
        self.assertEqual(self.admin('names', 'trudz'), [])
        self.admin('remove-name', 'trudy')
        self.assertEqual(self.admin('names', 'trudy'), [])
        self.assertEqual(self.relay.get('/v1/names/trudy')[0], 404)
        self.assertIn('nobody', self.command('admin', 'remove-name', 'trudy', code=1))
        # The account has none now, and may claim another, as may somebody else this one.
        other, others = self.member()
        self.assertEqual(other.ask(others, 'name', name='trudy', address=other.address(self.relay))['op'], 'ok')
        self.assertEqual(device.ask(box, 'name', name='trudy2', address=device.address(self.relay))['op'], 'ok')
        self.assertEqual(self.relay.get('/v1/names/trudy')[1]['address'], other.address(self.relay))

    def test_delete(self):
        device, box = self.member()
        other, others = self.member()
        link = self.open(Depositor(self.relay))
        self.assertEqual(link.deposit(device, device.contact), STORED)
        self.admin('delete', b32(device.account.public))
        self.assertEqual(link.deposit(device, device.contact), NO_MAILBOX)
        self.assertEqual(self.relay.bundle(device.account.public, device.contact)[0], 403)
        # Who is connected is told to go, and learns on return that there is no mailbox; nobody else is.
        self.assertEqual(box.closed_with(), 1001)
        self.assertFalse(self.open(device.connect(self.relay)).ready['registered'])
        self.assertEqual(other.ask(others, 'publish')['op'], 'ok')
        self.assertIn('no such account', self.command('admin', 'delete', b32(device.account.public), code=1))
        self.admin('delete', other.address(self.relay))
        self.assertEqual(others.closed_with(), 1001)
        self.assertIn('nonsense', self.command('admin', 'delete', 'nonsense', code=1))

    def test_deleted_and_back_at_once(self):
        '''A device that registers anew before it is told to go, or after, gets the mail of its new mailbox.'''
        device, box = self.member()
        link = self.open(Depositor(self.relay))
        for _ in range(3):
            self.assertEqual(link.deposit(device, device.contact), STORED)
        ack(box, [mail(box)[0] for _ in range(3)][-1])
        invitation = self.admin('invite')[0][0]
        self.admin('delete', b32(device.account.public))
        members = {'device_list': b64(device.device_list()), 'prekey': b64(device.prekey()), 'one_time': [],
                   'invitation': invitation}
        try:
            answer = device.ask(box, 'register', **members)
        except Closed:
            box = self.open(device.connect(self.relay))
            answer = device.ask(box, 'register', **members)
        self.assertEqual(answer['op'], 'ok', answer)
        self.assertEqual(device.set_capabilities(box)['op'], 'ok')
        sealed = envelope()
        self.assertEqual(link.deposit(device, device.contact, sealed), STORED)
        self.assertEqual(mail(box)[2], sealed)

    def test_deleted_while_mail_waits(self):
        '''A device that asks for more of what is gone keeps the store no busier than one that waits for mail.'''
        port = free_port()
        relay = self.own_relay(config=f'[relay]\nmetrics=127.0.0.1:{port}\n')
        device = Device()
        device.register(relay).close()
        link = self.open(Depositor(relay))
        for _ in range(70):
            self.assertEqual(link.deposit(device, device.contact), STORED)
        box = self.open(device.connect(relay))
        numbers = [mail(box)[0] for _ in range(64)]
        self.admin('delete', b32(device.account.public), relay=relay)
        before = self.transactions(port)
        ack(box, numbers[-1])
        self.assertEqual(box.closed_with(), 1001)
        self.assertLess(self.transactions(port) - before, 100)

    def transactions(self, port):
        with urllib.request.urlopen(f'http://127.0.0.1:{port}/metrics', timeout=TIMEOUT) as answer:
            return int(re.search(rb'^tessera_relay_store_transactions_total (\d+)$', answer.read(), re.MULTILINE)[1])

    def test_statistics(self):
        relay = self.own_relay()
        device = Device()
        box = self.open(device.register(relay, one_time=7))
        link = self.open(Depositor(relay))
        for size in (4096, 16384):
            self.assertEqual(link.deposit(device, device.contact, envelope(size)), STORED)
        ticket = device.ask(box, 'tickets', count=1)['tickets'][0]
        self.assertEqual(relay.get('/v1/blobs/' + ticket, method='PUT', body=b'12345')[0], 200)
        self.admin('invite', '3', relay=relay)
        self.assertEqual(dict(self.admin('statistics', relay=relay)), {
            'accounts': '1', 'devices': '1', 'names': '0', 'waiting-envelopes': '2', 'waiting-bytes': '20480',
            'one-time-prekeys': '7', 'uploaded-bytes': '5', 'invitations-used': '0', 'invitations-unused': '3'})

    def test_root_leaves_files_to_whose_they_are(self):
        '''As under DynamicUser=: the folder is a user's without a name, root asks, and the relay goes on with what root left.'''
        # In the one folder that other users may pass through: TMPDIR may be a private one.
        folder = tempfile.TemporaryDirectory(dir='/tmp')
        self.addCleanup(folder.cleanup)
        self.addCleanup(own_again, folder.name)
        relay = self.own_relay(data=folder.name, config='[relay]\nregistration=invitation\n')
        relay.stop()
        user = 4242 if os.geteuid() == 0 else os.geteuid()

        def owners():
            return {os.lstat(os.path.join(place, name)).st_uid for place, folders, files in os.walk(relay.data)
                    for name in (*folders, *files) if name != 'test.conf'}

        def unlock():
            '''The suite runs as a root that modes bind as well, unlike the one that asks here.'''
            os.chmod(os.path.join(relay.data, 'db'), 0o777)
            for place, folders, files in os.walk(os.path.join(relay.data, 'db')):
                for name in (*folders, *files):
                    os.chmod(os.path.join(place, name), 0o777 if name in folders else 0o666)

        os.chmod(relay.data, 0o711)
        for place, _, files in os.walk(os.path.join(relay.data, 'db'), topdown=False):
            for name in (*files, ''):
                os.chown(os.path.join(place, name), user, os.getegid() if user != 4242 else 4243)
        unlock()
        stopped = self.command('admin', 'invite', relay=relay).split()
        # Root is still at it when the relay comes, which then has to write files beside the database that root has made.
        held = sqlite3.connect(relay.database())
        self.addCleanup(held.close)
        held.execute('SELECT count(*) FROM account').fetchall()
        self.assertTrue(os.path.exists(relay.database() + '-shm'))
        self.assertEqual(owners(), {user})
        relay.start()
        with open(f'/proc/{relay.process.pid}/status') as file:
            self.assertIn(f'Uid:\t{user}\t', file.read())
        unlock()
        running = self.command('admin', 'invite', relay=relay).split()
        relay.kill()
        unlock()
        killed = self.command('admin', 'invite', relay=relay).split()
        self.assertEqual(owners(), {user})
        relay.start()
        for code in stopped + running + killed:
            Device().register(relay, invitation=code).close()
        self.assertEqual(owners(), {user})

    def test_restored_as_the_page_says(self):
        '''The commands of docs/relay.md, by root, in the folder of a user who exists only while the relay runs.'''
        folder = tempfile.TemporaryDirectory(dir='/tmp')
        self.addCleanup(folder.cleanup)
        self.addCleanup(own_again, folder.name)
        relay = self.own_relay(data=folder.name)
        device = Device()
        device.register(relay).close()
        self.assertEqual(self.open(Depositor(relay)).deposit(device, device.contact), STORED)
        backup, data = os.path.join(self.folder, 'backup.db'), os.path.join(relay.data, 'db')
        self.command('backup', backup, relay=relay)
        relay.kill()
        os.chmod(relay.data, 0o711)
        user = 4242 if os.geteuid() == 0 else os.geteuid()
        os.chown(data, user, os.getegid() if user != 4242 else 4243)
        # The suite runs as a root that modes bind as well, unlike the one that restores.
        os.chmod(data, 0o777)
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../../docs/relay.md')) as file:
            page = file.read()
        said = re.search(r'^    systemctl stop tessera-relay\.socket.*?\n(.*?)^    systemctl start', page, re.M | re.S)[1]
        said = said.replace('/var/lib/tessera-relay', data).replace('/var/backups/relay-2026-11-30.db', backup)
        subprocess.run(['sh', '-ec', said], check=True, timeout=TIMEOUT)
        names = os.listdir(data)
        self.assertEqual((sorted(names), {os.stat(os.path.join(data, name)).st_uid for name in names}),
                         (['blobs', 'lock', 'relay.db'], {user}))
        relay.start()
        self.assertEqual(self.open(device.connect(relay)).ready['waiting'], 1)

    def test_usage(self):
        for words in ((), ('frobnicate',), ('invite', '1', '2', '3'), ('delete',), ('revoke',), ('statistics', 'x')):
            self.command('admin', *words, code=2)
        # Nothing is made where there is nothing.
        done = subprocess.run([options.relay, '--data', self.folder, 'admin', 'statistics'], capture_output=True, text=True,
                              timeout=30)
        self.assertEqual((done.returncode, os.listdir(self.folder)), (1, []))

    def test_older_database(self):
        '''Only the relay itself brings a database up to date.'''
        relay = self.own_relay()
        relay.stop()
        database = sqlite3.connect(relay.database())
        database.execute('PRAGMA user_version = 5')
        database.close()
        self.assertIn('older', self.command('admin', 'statistics', relay=relay, code=1))

    def test_under_load(self):
        '''Neither keeps the other from writing.'''
        device, box = self.member()
        box.close()
        stop = threading.Event()
        statuses = []
        thread = threading.Thread(target=Backup.flood, args=(self, stop, device, statuses))
        thread.start()
        for _ in range(10):
            self.admin('invite', '50')
        stop.set()
        thread.join()
        self.assertEqual(set(statuses), {STORED})


if __name__ == '__main__':
    main()
