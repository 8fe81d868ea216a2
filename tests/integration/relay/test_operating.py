# Running it: health. SPDX-License-Identifier: GPL-3.0-or-later
import os
import resource
import time

from relaytest import SLOW_DOWN, STORED, TIMEOUT, Depositor, Device, RelayTest, envelope, main


class Operating(RelayTest):
    @classmethod
    def setUpClass(cls):
        pass

    def wait_for(self, condition, seconds=TIMEOUT):
        end = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)

    def test_health(self):
        relay = self.own_relay()
        self.assertEqual(relay.get('/v1/health')[:2], (200, {'status': 'ok'}))
        device = Device()
        device.register(relay).close()
        link = self.open(Depositor(relay))
        wal = os.path.getsize(relay.database() + '-wal')
        resource.prlimit(relay.process.pid, resource.RLIMIT_FSIZE, (max(wal - 8192, 4096), resource.RLIM_INFINITY))
        while link.deposit(device, device.contact, envelope(65536)) != SLOW_DOWN:
            pass
        status, answer, headers = relay.get('/v1/health')
        self.assertEqual((status, answer['error']['code']), (503, 'busy'))
        self.assertIn('Retry-After', headers)
        resource.prlimit(relay.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        # It finds out by itself, though nobody deposits.
        self.wait_for(lambda: relay.get('/v1/health')[0] == 200)
        self.assertEqual(link.deposit(device, device.contact), STORED)


if __name__ == '__main__':
    main()
