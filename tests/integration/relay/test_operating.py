# Running it: health, metrics, systemd, whom it runs as. SPDX-License-Identifier: GPL-3.0-or-later
import contextlib
import http.client
import os
import pwd
import re
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest.mock

from relaytest import SLOW_DOWN, STORED, TIMEOUT, Depositor, Device, RelayTest, envelope, free_port, mail, main, options


class Operating(RelayTest):
    @classmethod
    def setUpClass(cls):
        pass

    def wait_for(self, condition, seconds=TIMEOUT):
        end = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)

    def get(self, port, path='/metrics', method='GET'):
        connection = http.client.HTTPConnection('127.0.0.1', port, timeout=TIMEOUT)
        connection.request(method, path)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text, answer.getheader('Content-Type')

    def metrics(self, port):
        status, text, kind = self.get(port)
        self.assertEqual((status, kind), (200, 'text/plain; version=0.0.4; charset=utf-8'))
        lines = [line for line in text.splitlines() if not line.startswith('#')]
        return {name: int(value) for name, value in (line.rsplit(' ', 1) for line in lines)}

    def test_metrics(self):
        port = free_port()
        relay = self.own_relay(config=f'[relay]\nmetrics=127.0.0.1:{port}\n')
        before = self.metrics(port)
        self.assertEqual(before['tessera_relay_mailboxes_online'], 0)
        device = Device()
        box = self.open(device.register(relay))
        link = self.open(Depositor(relay))
        for _ in range(3):
            self.assertEqual(link.deposit(device, device.contact), STORED)
            mail(box)
        link.deposit(device, os.urandom(16))
        ticket = device.ask(box, 'tickets', count=1)['tickets'][0]
        relay.get('/v1/blobs/' + ticket, method='PUT', body=b'12345')
        after = self.metrics(port)
        for name, value in (('mailboxes_online', 1), ('websockets', 2), ('deposits_total{status="stored"}', 3),
                            ('deposits_total{status="refused"}', 1), ('deliveries_total', 3), ('uploads_total', 1),
                            ('upload_bytes_total', 5), ('http_requests_total', 3), ('store_failing', 0)):
            self.assertEqual(after['tessera_relay_' + name], value, name)
        self.assertGreater(after['tessera_relay_store_jobs_total'], 5)
        for path, method in (('/', 'GET'), ('/metrics', 'POST'), ('/v1/info', 'GET')):
            self.assertEqual(self.get(port, path, method)[0], 404)
        # It is on its own address only.
        self.assertEqual(relay.get('/metrics')[0], 404)

    def test_metrics_address(self):
        with socket.create_server(('127.0.0.1', 0)) as taken, tempfile.TemporaryDirectory() as folder:
            for listen in (f'127.0.0.1:{taken.getsockname()[1]}', 'nonsense'):
                config = os.path.join(folder, 'conf')
                with open(config, 'w') as file:
                    file.write(f'[relay]\nmetrics={listen}\n')
                done = subprocess.run([options.relay, '--listen', '127.0.0.1:0', '--data', folder + '/db', '--config', config],
                                      capture_output=True, text=True, timeout=20)
                self.assertEqual(done.returncode, 1)
                self.assertIn(listen, done.stderr)

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
        relay.stop()
        line = r'time=20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ level=(\w+) event=([a-z-]+) message=".*"\n'
        self.assertRegex(relay.errors, f'^({line})+$')
        self.assertEqual(re.findall(line, relay.errors), [('warning', 'store-failing'), ('info', 'store-recovered')])

    def test_socket_activation(self):
        '''The relay serves on the socket it was given, whatever `listen` says, and connections wait there before it runs.'''
        with socket.create_server(('127.0.0.1', 0)) as server, tempfile.TemporaryDirectory() as folder:
            port = server.getsockname()[1]
            early = socket.create_connection(('127.0.0.1', port), timeout=TIMEOUT)
            self.addCleanup(early.close)
            early.sendall(b'GET /v1/info HTTP/1.1\r\nHost: x\r\n\r\n')
            script = f'exec 3<&{server.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"'
            command = ['sh', '-c', script, 'sh', options.relay, '--listen', '127.0.0.1:1', '--data', folder + '/db']
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, pass_fds=(server.fileno(),))
            self.assertEqual(process.stdout.readline(), f'listening on http://127.0.0.1:{port}\n')
            self.assertTrue(early.recv(12).startswith(b'HTTP/1.1 200'))
            process.terminate()
            process.communicate(timeout=20)
            self.assertEqual(process.returncode, 0)

    def test_activated_with_something_else(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as local, open(os.devnull) as file:
            local.bind(os.path.join(folder, 'socket'))
            local.listen()
            for fd in (local.fileno(), file.fileno()):
                script = f'exec 3<&{fd}; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"'
                done = subprocess.run(['sh', '-c', script, 'sh', options.relay, '--data', folder + '/db'], pass_fds=(fd,),
                                      capture_output=True, text=True, timeout=20)
                self.assertEqual(done.returncode, 1)
                self.assertIn('systemd', done.stderr)

    def test_activated_with_several(self):
        '''An operator who adds a second address hears of it, and nobody waits there for an answer that never comes.'''
        with tempfile.TemporaryDirectory() as folder, socket.create_server(('127.0.0.1', 0)) as one, \
             socket.create_server(('127.0.0.1', 0)) as two:
            script = f'exec 3<&{one.fileno()}; exec 4<&{two.fileno()}; LISTEN_FDS=2 LISTEN_PID=$$ exec "$@"'
            done = subprocess.run(['sh', '-c', script, 'sh', options.relay, '--data', folder + '/db'], capture_output=True,
                                  text=True, timeout=20, pass_fds=(one.fileno(), two.fileno()))
            self.assertEqual(done.returncode, 1)
            self.assertIn('systemd passed: there are 2 of them', done.stderr)

    def test_strangers_fill_no_log(self):
        '''What libraries say of a stranger's requests has its few lines a minute, however many requests there are.'''
        # That a library's complaint ends a process is for tests of what must not cause one.
        with unittest.mock.patch.dict(os.environ):
            os.environ.pop('G_DEBUG', None)
            relay = self.own_relay()
        for _ in range(60):
            with socket.create_connection(('127.0.0.1', relay.port), timeout=TIMEOUT) as link:
                link.sendall(b'GET /v1/info HTTP/1.1\r\nHost: x\r\nContent-Length: -4\r\n\r\n')
                link.shutdown(socket.SHUT_WR)
                # Refused with something left unread: that resets the connection.
                with contextlib.suppress(ConnectionResetError):
                    while link.recv(4096):
                        pass
        relay.stop()
        lines = relay.errors.splitlines()
        # A minute may end meanwhile.
        self.assertTrue(0 < len(lines) <= 21, relay.errors)
        self.assertTrue(all('event=library' in line for line in lines), relay.errors)

    def test_ranges_of_short_answers(self):
        '''Only attachments have ranges; libsoup, which would answer some by itself, never sees them.'''
        relay = self.own_relay()
        for what in ('bytes=18446744073709551614-', 'bytes=0-1', 'bytes=-1', 'bytes=0-0,2-2'):
            for path in ('/', '/v1/info', '/v1/health', '/v1/nothing', '/v1/blobs/AAAA'):
                code, body, fields = relay.get(path, headers={'Range': what})
                self.assertNotEqual(code, 206, f'{what} {path}')
                self.assertNotIn('Content-Range', fields)
                self.assertTrue(body)
        relay.stop()
        self.assertEqual(relay.errors, '')

    def test_notify(self):
        '''systemd is told when the relay is ready, while it reads anew, and when it stops.'''
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
            path = os.path.join(folder, 'notify')
            notices.bind(path)
            notices.settimeout(TIMEOUT)
            process = subprocess.Popen([options.relay, '--listen', '127.0.0.1:0', '--data', folder + '/db'],
                                       stdout=subprocess.PIPE, env={**os.environ, 'NOTIFY_SOCKET': path})
            self.assertEqual(notices.recv(100), b'READY=1')
            self.assertTrue(process.stdout.readline().startswith(b'listening on'))
            before = time.monotonic_ns() // 1000
            process.send_signal(signal.SIGHUP)
            self.assertRegex(text := notices.recv(100), rb'^RELOADING=1\nMONOTONIC_USEC=\d+$')
            self.assertGreaterEqual(int(text.rsplit(b'=', 1)[1]), before)
            self.assertEqual(notices.recv(100), b'READY=1')
            process.terminate()
            self.assertEqual(notices.recv(100), b'STOPPING=1')
            process.communicate(timeout=20)
            self.assertEqual(process.returncode, 0)

    def start(self, folder, *lines):
        config = os.path.join(folder, 'relay.conf')
        with open(config, 'w') as file:
            file.write('\n'.join(('[relay]', *lines)))
        os.chmod(config, 0o600)
        process = subprocess.Popen([options.relay, '--listen', '127.0.0.1:0', '--data', folder + '/db', '--config', config],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def rights(self, process):
        '''User, group, and capabilities of each of its threads.'''
        self.assertTrue(process.stdout.readline().startswith('listening on'))
        found = set()
        for thread in os.listdir(f'/proc/{process.pid}/task'):
            with open(f'/proc/{process.pid}/task/{thread}/status') as file:
                lines = dict(line.split(':', 1) for line in file.read().splitlines())
            found.add((*lines['Uid'].split(), *lines['Gid'].split(), int(lines['CapEff'], 16)))
        self.assertEqual(len(found), 1)
        return found.pop()

    def renew(self, folder, user, group):
        '''An empty one of that user's. It is taken over first: root of a test run sees into no other's.'''
        os.chown(folder, 0, 0)
        for place, folders, _ in os.walk(folder):
            for name in folders:
                os.chown(os.path.join(place, name), 0, 0)
        shutil.rmtree(folder)
        os.mkdir(folder)
        os.chown(folder, user, group)

    def test_root_is_given_up(self):
        '''Who is root becomes the user that is set, or whose the data folder is; who is not cannot become somebody else.'''
        # In the one folder that other users may pass through: TMPDIR may be a private one.
        with tempfile.TemporaryDirectory(dir='/tmp') as folder:
            if os.geteuid() != 0:
                process = self.start(folder, 'user=nobody')
                self.assertIn('only root', process.stderr.readline())
                self.assertEqual(process.wait(), 1)
                return
            os.chmod(folder, 0o755)
            nobody = pwd.getpwnam('nobody')
            os.mkdir(folder + '/db')
            self.renew(folder + '/db', 4242, 4243)
            process = self.start(folder)
            self.assertEqual(self.rights(process), (*['4242'] * 4, *['4243'] * 4, 0))
            process.kill()
            process.wait()
            process = self.start(folder, 'user=nobody')
            self.assertEqual(process.wait(), 1)
            self.assertIn('data folder', process.stderr.readline())
            self.renew(folder + '/db', nobody.pw_uid, nobody.pw_gid)
            process = self.start(folder, 'user=nobody')
            self.assertEqual(self.rights(process), (*[str(nobody.pw_uid)] * 4, *[str(nobody.pw_gid)] * 4, 0))
            process.kill()
            process.wait()
            self.renew(folder + '/db', 0, 0)
            process = self.start(folder)
            self.assertEqual(self.rights(process)[0], '0')
            self.assertIn('event=runs-as-root', process.stderr.readline())


if __name__ == '__main__':
    main()
