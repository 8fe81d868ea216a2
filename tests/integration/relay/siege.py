# What every attack has to leave alone: the relay's memory, and one who uses it honestly meanwhile (honest.py).
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import resource
import socket
import subprocess
import sys
import threading
import time

from relaytest import RelayTest

# Not a measurement but the difference between served and starved, also on a machine that is busy with other things.
PATIENCE = 2
# What a test may let the relay's memory grow by, in MiB, unless it says otherwise.
GROWTH = 16


def anonymous(relay):
    '''The relay's own memory (RssAnon) in KiB; 0 under a sanitizer, which keeps what was freed.'''
    with open(f'/proc/{relay.process.pid}/maps') as file:
        if 'libasan' in file.read():
            return 0
    with open(f'/proc/{relay.process.pid}/status') as file:
        return int(next(line for line in file if line.startswith('RssAnon')).split()[1])


def descriptors(wanted):
    '''How many sockets a test may open on its side, `wanted` if the system lets it; the relay helps itself.'''
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard - 500)


class Watch:
    '''From its making to its end: how high memory rose above where it was, and how an honest client fared.'''

    def __init__(self, relay):
        self.relay = relay
        here = os.path.dirname(os.path.abspath(__file__))
        self.honest = subprocess.Popen([sys.executable, '-B', os.path.join(here, 'honest.py'), str(relay.port)],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.honest.stdout.readline() != 'ready\n':
            raise AssertionError('the honest client could not begin')
        self.base = self.peak = 0
        self.watching = threading.Event()
        self.stopping = False
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        while not self.stopping:
            try:
                self.peak = max(self.peak, anonymous(self.relay))
            except (OSError, StopIteration):
                pass
            time.sleep(0.02)

    def begin(self):
        self.report()
        self.base = self.peak = anonymous(self.relay)

    def report(self):
        self.honest.stdin.write('\n')
        self.honest.stdin.flush()
        return json.loads(self.honest.stdout.readline())

    def end(self):
        '''(growth in KiB, the honest client's report)'''
        report = self.report()
        return max(self.peak, anonymous(self.relay)) - self.base, report

    def close(self):
        self.stopping = True
        self.thread.join()
        self.honest.stdin.close()
        self.honest.wait(timeout=30)
        self.honest.stdout.close()


def grows(mebibytes):
    '''Says of a test by how much memory may grow during it.'''
    def mark(test):
        test.growth = mebibytes
        return test
    return mark


class Siege(RelayTest):
    '''Each test is an attack on the class's relay from 127.0.0.1 or another address, watched from its beginning to its end.'''

    patience = PATIENCE

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.watch = Watch(cls.relay)
        cls.addClassCleanup(cls.watch.close)

    def setUp(self):
        self.watch.begin()

    def tearDown(self):
        # Whatever was done, the relay lives and serves.
        self.assertIsNone(self.relay.process.poll())
        growth, report = self.watch.end()
        allowed = getattr(getattr(self, self._testMethodName), 'growth', GROWTH)
        print(f'# {self._testMethodName}: memory +{growth / 1024:.1f} of {allowed} MiB; {report["trips"]} honest round trips,'
              f' median {report["median"] * 1000:.1f} ms, worst {report["worst"] * 1000:.0f} ms', flush=True)
        self.assertIsNone(report['failure'])
        self.assertLess(report['worst'], self.patience)
        self.assertLess(growth, allowed * 1024)

    def socket(self, data=b'', source='127.0.0.1', timeout=10):
        made = socket.create_connection(('127.0.0.1', self.relay.port), timeout, (source, 0))
        self.addCleanup(made.close)
        made.sendall(data)
        return made

    def ends(self, made, seconds):
        '''The peer ends the connection within that time.'''
        made.settimeout(seconds)
        try:
            while made.recv(65536):
                pass
        except ConnectionError:
            pass
        except TimeoutError:
            return False
        return True
