# Commands beside a running relay: backup. SPDX-License-Identifier: GPL-3.0-or-later
import os
import shutil
import sqlite3
import subprocess
import tempfile
import threading

from relaytest import STORED, Closed, Depositor, Device, Relay, RelayTest, envelope, mail, main, options


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


if __name__ == '__main__':
    main()
