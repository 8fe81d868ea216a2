# The relay's own TLS. SPDX-License-Identifier: GPL-3.0-or-later
import contextlib
import datetime
import http.client
import ipaddress
import os
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest.mock
import warnings

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from relaytest import STORED, TIMEOUT, Depositor, Device, Relay, RelayTest, WebSocket, ack, envelope, mail, main, options

plain_connection = socket.create_connection


class Authority:
    '''Makes certificates for 127.0.0.1, by way of one in between.'''

    def __init__(self):
        self.root_key, self.between_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        self.root = self.certificate('root', self.root_key, 'root', self.root_key, authority=True)
        self.between = self.certificate('between', self.between_key, 'root', self.root_key, authority=True)

    @staticmethod
    def certificate(name, key, issuer, issuer_key, authority=False):
        def named(text):
            return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])
        now = datetime.datetime.now(datetime.timezone.utc)
        day = datetime.timedelta(days=1)
        builder = (x509.CertificateBuilder().subject_name(named(name)).issuer_name(named(issuer)).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now - day).not_valid_after(now + day)
                   .add_extension(x509.BasicConstraints(authority, None), critical=True)
                   .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
                   .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False)
                   .add_extension(x509.KeyUsage(True, False, False, False, False, authority, authority, False, False), True))
        if not authority:
            address = x509.IPAddress(ipaddress.ip_address('127.0.0.1'))
            builder = builder.add_extension(x509.SubjectAlternativeName([address]), False)
        return builder.sign(issuer_key, hashes.SHA256())

    def write(self, folder, encryption=None):
        '''A new pair in the folder; gives the certificate as it is on the wire.'''
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = self.certificate('relay', key, 'between', self.between_key)
        with open(os.path.join(folder, 'chain.pem'), 'wb') as file:
            file.write(leaf.public_bytes(Encoding.PEM) + self.between.public_bytes(Encoding.PEM))
        with open(os.path.join(folder, 'key.pem'), 'wb') as file:
            file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()))
        return leaf.public_bytes(Encoding.DER)

    def context(self):
        context = ssl.create_default_context(cadata=self.root.public_bytes(Encoding.PEM).decode())
        context.set_alpn_protocols(['h2', 'http/1.1'])
        return context


class TlsRelay(Relay):
    def start(self):
        path = os.path.join(self.data, 'test.conf')
        with open(path, 'w') as file:
            file.write(f'[relay]\ntls_certificate={self.data}/chain.pem\ntls_key={self.data}/key.pem\n{self.config}')
        command = [options.relay, '--listen', f'127.0.0.1:{self.port}', '--data', self.data + '/db', '--config', path]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.origin = self.process.stdout.readline().split()[2]
        self.port = int(self.origin.rsplit(':', 1)[1])
        return self


class Tls(RelayTest):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.leaf = self.authority.write(self.folder)

    def tls_relay(self, config=''):
        relay = TlsRelay(self.folder, config)
        self.addCleanup(relay.close)
        self.through_tls()
        return relay

    def through_tls(self):
        '''All that the helpers connect from here on is TLS, and checked against the root.'''
        context = self.authority.context()

        def connect(address, *arguments, **members):
            return context.wrap_socket(plain_connection(address, *arguments, **members), server_hostname='127.0.0.1')
        patch = unittest.mock.patch('socket.create_connection', connect)
        patch.start()
        self.addCleanup(patch.stop)

    def raw(self, relay, **members):
        context = self.authority.context()
        context.set_ciphers(members.pop('ciphers', 'DEFAULT'))
        with warnings.catch_warnings(action='ignore'):
            for name, value in members.items():
                setattr(context, name, value)
        stream = context.wrap_socket(plain_connection(('127.0.0.1', relay.port), TIMEOUT), server_hostname='127.0.0.1')
        self.addCleanup(stream.close)
        return stream

    def test_all_of_it(self):
        relay = self.tls_relay()
        self.assertEqual(relay.origin, f'https://127.0.0.1:{relay.port}')
        self.assertEqual(relay.get('/v1/info')[0], 200)
        device = Device()
        box = self.open(device.register(relay, one_time=100))
        link = self.open(Depositor(relay))
        sealed = [envelope(size) for size in (4096, 16384, 65536) * 20]
        for one in sealed:
            link.post(device, device.contact, one)
        self.assertEqual([link.answer()[1] for _ in sealed], [STORED] * len(sealed))
        for one in sealed:
            sequence, _, got = mail(box)
            self.assertEqual(got, one)
            ack(box, sequence)
        # Uploads and downloads of many records, in both directions.
        data = os.urandom(3 * 1024 * 1024 + 7)
        ticket = device.ask(box, 'tickets', count=1)['tickets'][0]
        name = relay.get('/v1/blobs/' + ticket, method='PUT', body=data)[1]['id']
        connection = http.client.HTTPConnection('127.0.0.1', relay.port, timeout=TIMEOUT)
        self.addCleanup(connection.close)
        connection.request('GET', '/v1/blobs/' + name)
        self.assertEqual(connection.getresponse().read(), data)
        self.assertEqual((relay.stop(), relay.errors), (0, ''))
        self.assertEqual((box.closed_with(), link.closed_with()), (1001, 1001))

    def test_early_and_in_pieces(self):
        '''What comes in one record with the handshake, more than libsoup reads at once, so that the rest waits within TLS where
        no poll of the socket tells of it; and a frame that ends in the middle of a record.'''
        relay = self.tls_relay()
        device = Device()
        device.register(relay).close()
        deposit = b'\1\0\0\0\7' + device.public + device.contact + os.urandom(16) + envelope()
        frame = WebSocket.frame(2, deposit)
        link = self.open(WebSocket(relay, '/v1/deposit', early=3 * frame + frame[:100]))
        for status in (b'\0', b'\1', b'\1'):
            self.assertEqual(link.receive()[:6], b'\x81\0\0\0\7' + status)
        link.raw(frame[100:])
        self.assertEqual(link.receive()[:6], b'\x81\0\0\0\7\1')
        for byte in WebSocket.frame(9, b'ping'):
            link.raw(bytes([byte]))
        self.assertEqual(link.receive_frame(), (10, b'ping'))

    def test_versions_and_protocols(self):
        relay = self.tls_relay()
        stream = self.raw(relay)
        self.assertEqual((stream.version(), stream.selected_alpn_protocol()), ('TLSv1.3', 'http/1.1'))
        two = self.raw(relay, maximum_version=ssl.TLSVersion.TLSv1_2)
        self.assertEqual(two.version(), 'TLSv1.2')
        with self.assertRaisesRegex(ssl.SSLError, 'ALERT_PROTOCOL_VERSION'):
            self.raw(relay, minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1,
                     ciphers='ALL:@SECLEVEL=0')
        # No tickets: a connection is not known as the one before.
        self.assertFalse(two.session.has_ticket)
        with contextlib.closing(plain_connection(('127.0.0.1', relay.port), TIMEOUT)) as plain:
            plain.sendall(b'GET /v1/info HTTP/1.1\r\nHost: x\r\n\r\n')
            with contextlib.suppress(ConnectionResetError):
                self.assertNotIn(b'HTTP/1.1 200', plain.recv(100))
        self.assertEqual(relay.get('/v1/info')[0], 200)

    def test_reload(self):
        relay = self.tls_relay()
        device = Device()
        box = self.open(device.register(relay))
        self.assertEqual(self.raw(relay).getpeercert(True), self.leaf)
        renewed = self.authority.write(self.folder)
        relay.process.send_signal(signal.SIGHUP)
        self.wait_for_certificate(relay, renewed)
        link = self.open(Depositor(relay))
        self.assertEqual(link.deposit(device, device.contact), STORED)
        mail(box)
        # What cannot be used changes nothing.
        for spoil in (self.spoil_certificate, self.spoil_key, self.remove_key):
            self.authority.write(self.folder)
            spoil()
            relay.process.send_signal(signal.SIGHUP)
            while '.pem' not in (line := relay.process.stderr.readline()):
                self.assertNotEqual(line, '')
            self.assertEqual(self.raw(relay).getpeercert(True), renewed)
        again = self.authority.write(self.folder)
        relay.process.send_signal(signal.SIGHUP)
        self.wait_for_certificate(relay, again)
        self.assertEqual(device.ask(box, 'publish')['op'], 'ok')

    def wait_for_certificate(self, relay, certificate):
        end = time.monotonic() + TIMEOUT
        while self.raw(relay).getpeercert(True) != certificate:
            self.assertLess(time.monotonic(), end)

    def spoil_certificate(self):
        with open(self.folder + '/chain.pem', 'w') as file:
            file.write('-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n')

    def spoil_key(self):
        other = ec.generate_private_key(ec.SECP256R1())
        with open(self.folder + '/key.pem', 'wb') as file:
            file.write(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    def encrypt_key(self):
        self.authority.write(self.folder, BestAvailableEncryption(b'secret'))

    def remove_key(self):
        os.unlink(self.folder + '/key.pem')

    def test_bad_files(self):
        for spoil, named in ((self.spoil_certificate, 'chain.pem'), (self.spoil_key, 'key.pem'), (self.encrypt_key, 'key.pem'),
                             (self.remove_key, 'key.pem')):
            self.authority.write(self.folder)
            spoil()
            code, errors = self.run_with(f'tls_certificate={self.folder}/chain.pem\ntls_key={self.folder}/key.pem\n')
            self.assertEqual(code, 1)
            self.assertIn(named, errors)
        for line in ('tls_certificate', 'tls_key'):
            code, errors = self.run_with(f'{line}=x.pem\n')
            self.assertEqual(code, 1)
            self.assertIn(f'line 2: {line}', errors)

    def run_with(self, lines):
        path = os.path.join(self.folder, 'bad.conf')
        with open(path, 'w') as file:
            file.write('[relay]\n' + lines)
        done = subprocess.run([options.relay, '--listen', '127.0.0.1:0', '--data', self.folder + '/none', '--config', path],
                              capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL)
        return done.returncode, done.stderr

    def test_silent_peers(self):
        '''Hundreds that begin a handshake and say no more keep nobody waiting, and are gone after a while.'''
        relay = self.tls_relay('[limits]\nhttp_seconds=5\n')
        hello = self.client_hello()
        silent = []
        for number in range(300):
            stream = plain_connection(('127.0.0.1', relay.port), TIMEOUT)
            self.addCleanup(stream.close)
            stream.sendall((b'', hello, hello[:50])[number % 3])
            silent.append(stream)
        began = time.monotonic()
        self.assertEqual(relay.get('/v1/info')[0], 200)
        # Waiting for one of them would take its five seconds.
        self.assertLess(time.monotonic() - began, 4)
        for stream in silent:
            with contextlib.suppress(ConnectionResetError):
                while stream.recv(4096):
                    pass

    def client_hello(self):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = self.authority.context().wrap_bio(incoming, outgoing, server_hostname='127.0.0.1')
        with contextlib.suppress(ssl.SSLWantReadError):
            client.do_handshake()
        return outgoing.read()

    def test_slow_reader(self):
        '''Who does not read what it asked for blocks nobody, not even when its connection is closed.'''
        relay = self.tls_relay('[limits]\nhttp_seconds=4\nstall_seconds=4\n')
        device = Device()
        box = self.open(device.register(relay))
        ticket = device.ask(box, 'tickets', count=1)['tickets'][0]
        name = relay.get('/v1/blobs/' + ticket, method='PUT', body=bytes(16 * 1024 * 1024))[1]['id']
        for _ in range(5):
            self.raw(relay).sendall(f'GET /v1/blobs/{name} HTTP/1.1\r\nHost: x\r\n\r\n'.encode())
        end = time.monotonic() + 8
        while time.monotonic() < end:
            began = time.monotonic()
            self.assertEqual(relay.get('/v1/info')[0], 200)
            # Waiting for one of them would take its four seconds.
            self.assertLess(time.monotonic() - began, 3)
            time.sleep(0.05)

    def test_handshakes_are_counted(self):
        relay = self.tls_relay('[limits]\nrequest_burst=20\nrequest_rate=1\n')
        refused = 0
        for _ in range(40):
            try:
                self.raw(relay)
            except (OSError, ssl.SSLError):
                refused += 1
        self.assertGreater(refused, 10)
        self.assertLess(refused, 30)


if __name__ == '__main__':
    main()
