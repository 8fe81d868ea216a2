# What the relay's tests stand on: a relay process, a tiny raw WebSocket client, and the records of docs/protocol.md 1 made with
# nothing but Ed25519. Python's standard library and python3-cryptography. SPDX-License-Identifier: GPL-3.0-or-later
import argparse
import base64
import hashlib
import http.client
import json
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

TIMEOUT = 10
STORED, BEFORE, NO_MAILBOX, REFUSED, FULL, BAD_ENVELOPE, SLOW_DOWN = range(7)
options = argparse.Namespace(relay=None)


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))


def b32(data):
    return base64.b32encode(data).rstrip(b'=').decode()


def blake(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as server:
        return server.getsockname()[1]


# -- The relay's process ---------------------------------------------------------------------------------------------------

class Relay:
    '''A tessera-relay on a port of its own. `config` are lines of its file, `environment` is added to ours.'''

    def __init__(self, data=None, config='', host='127.0.0.1', environment=()):
        self.host = host
        self.own_data = data is None
        self.data = data or tempfile.mkdtemp(prefix='relay-')
        self.config = config
        self.environment = {**os.environ, **dict(environment)}
        self.port = 0
        self.start()

    def start(self):
        path = os.path.join(self.data, 'test.conf')
        with open(path, 'w') as file:
            file.write(self.config)
        # After the first start it keeps its port: clients come back to the same origin.
        command = [options.relay, '--listen', f'{self.host}:{self.port}', '--data', os.path.join(self.data, 'db'),
                   '--config', path]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env=self.environment)
        line = self.process.stdout.readline()
        if not line.startswith(f'listening on http://{self.host}:'):
            raise AssertionError(f'relay did not start: {line!r} {self.process.stderr.read()}')
        self.origin = line.split()[2]
        self.port = int(self.origin.rsplit(':', 1)[1])
        return self

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        out, errors = self.process.communicate(timeout=20)
        # Where the tests are root's, so is the relay, and says so.
        self.errors = ''.join(line for line in errors.splitlines(True) if 'event=runs-as-root ' not in line)
        return self.process.returncode

    def kill(self):
        return self.stop(signal.SIGKILL)

    def close(self):
        self.stop()
        if self.own_data:
            shutil.rmtree(self.data, ignore_errors=True)

    def database(self):
        return os.path.join(self.data, 'db', 'relay.db')

    def get(self, path, headers=None, method='GET', body=None, source='127.0.0.1'):
        '''(status, parsed JSON or text, headers)'''
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=TIMEOUT, source_address=(source, 0))
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            text = answer.read().decode()
            fields = dict(answer.getheaders())
        finally:
            connection.close()
        return answer.status, json.loads(text) if fields.get('Content-Type') == 'application/json' else text, fields

    def bundle(self, account, capability, one_time=False, source='127.0.0.1'):
        headers = {} if capability is None else {'Tessera-Capability': b64(capability)}
        return self.get(f'/v1/accounts/{b32(account)}' + ('?one_time=1' if one_time else ''), headers, source=source)


# -- WebSocket ---------------------------------------------------------------------------------------------------------------

class Closed(Exception):
    '''The relay closed: `code` is None when the connection just ended.'''

    def __init__(self, code=None, reason=''):
        super().__init__(f'closed with {code} {reason}')
        self.code = code
        self.reason = reason


class WebSocket:
    def __init__(self, relay, path, protocol='tessera.v1', early=b'', headers=(), source='127.0.0.1'):
        self.buffer = b''
        self.socket = socket.create_connection(('127.0.0.1', relay.port), TIMEOUT, (source, 0))
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f'GET {path} HTTP/1.1', f'Host: 127.0.0.1:{relay.port}', 'Upgrade: websocket', 'Connection: Upgrade',
                 f'Sec-WebSocket-Key: {key}', 'Sec-WebSocket-Version: 13']
        if protocol:
            lines.append(f'Sec-WebSocket-Protocol: {protocol}')
        lines += headers
        self.socket.sendall('\r\n'.join(lines).encode() + b'\r\n\r\n' + early)
        head = b''
        while b'\r\n\r\n' not in head:
            piece = self.socket.recv(4096)
            if not piece:
                raise Closed()
            head += piece
        head, self.buffer = head.split(b'\r\n\r\n', 1)
        self.status = int(head.split()[1])
        # By names in lower case: a proxy in between may write them in its own way.
        fields = (line.split(': ', 1) for line in head.decode().split('\r\n')[1:])
        self.headers = {name.lower(): value for name, value in fields}
        if self.status == 101:
            guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
            expected = base64.b64encode(hashlib.sha1((key + guid).encode()).digest()).decode()
            assert self.headers['sec-websocket-accept'] == expected
            assert self.headers.get('sec-websocket-protocol') == 'tessera.v1'
            assert 'sec-websocket-extensions' not in self.headers

    def close(self):
        self.socket.close()

    @staticmethod
    def frame(opcode, payload=b'', final=True, masked=True, length=None, bits=0):
        '''A client's frame. `length` announces another length than the payload's.'''
        size = len(payload) if length is None else length
        flag = 0x80 if masked else 0
        head = bytes([(0x80 if final else 0) | bits | opcode])
        if size < 126:
            head += bytes([flag | size])
        elif size < 65536:
            head += bytes([flag | 126]) + struct.pack('>H', size)
        else:
            head += bytes([flag | 127]) + struct.pack('>Q', size)
        if not masked:
            return head + payload
        mask = os.urandom(4)
        pad = (mask * (len(payload) // 4 + 1))[:len(payload)]
        return head + mask + (int.from_bytes(payload, 'big') ^ int.from_bytes(pad, 'big')).to_bytes(len(payload), 'big')

    def raw(self, data):
        self.socket.sendall(data)

    def send(self, data, opcode=None):
        if isinstance(data, dict):
            data = json.dumps(data)
        if isinstance(data, str):
            self.raw(self.frame(opcode or 1, data.encode()))
        else:
            self.raw(self.frame(opcode or 2, data))

    def take(self, size):
        while len(self.buffer) < size:
            try:
                piece = self.socket.recv(65536)
            except ConnectionError:
                piece = b''
            if not piece:
                raise Closed()
            self.buffer += piece
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def receive_frame(self):
        first, second = self.take(2)
        assert first & 0x70 == 0 and second & 0x80 == 0, 'a relay neither masks nor sets reserved bits'
        size = second
        if size == 126:
            size = struct.unpack('>H', self.take(2))[0]
        elif size == 127:
            size = struct.unpack('>Q', self.take(8))[0]
        return first & 0x0F, self.take(size)

    def receive(self, timeout=TIMEOUT):
        '''The next message: a dict (text) or bytes. Pings are answered; a close raises Closed.'''
        self.socket.settimeout(timeout)
        while True:
            opcode, payload = self.receive_frame()
            if opcode == 8:
                code = struct.unpack('>H', payload[:2])[0] if payload else 1005
                raise Closed(code, payload[2:].decode())
            if opcode == 9:
                self.raw(self.frame(10, payload))
            elif opcode == 1:
                return json.loads(payload)
            elif opcode == 2:
                return payload

    def silent(self, seconds=0.3):
        '''True when nothing comes for that long.'''
        try:
            self.receive(timeout=seconds)
        except TimeoutError:
            return True
        return False

    def closed_with(self, timeout=TIMEOUT):
        '''The close code, whatever comes before it.'''
        try:
            while True:
                self.receive(timeout)
        except Closed as closed:
            return closed.code


# -- Records -------------------------------------------------------------------------------------------------------------------

class Signer:
    def __init__(self):
        self.private = Ed25519PrivateKey.generate()
        self.public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, role, record):
        return self.private.sign(b'Tessera-v1/' + role.encode() + b'\0' + record)


def kem_key():
    '''A well-formed ML-KEM-768 encapsulation key: 768 coefficients below 3329 in 12 bits each, and 32 bytes.'''
    bits = 0
    for i in range(768):
        bits |= random.randrange(3329) << (12 * i)
    return bits.to_bytes(1152, 'little') + os.urandom(32)


# Making one takes a millisecond, and the relay never compares them.
KEM_KEY = kem_key()


class Device(Signer):
    '''A device and its account (its own, or `account`).'''

    def __init__(self, account=None):
        super().__init__()
        self.account = account or Signer()
        self.contact = os.urandom(16)
        self.request = os.urandom(16)
        self.next_id = 0

    def device_list(self, version=1, devices=None):
        devices = [self] if devices is None else devices
        record = self.account.public + struct.pack('>QB', version, len(devices))
        for number, device in enumerate(devices, 1):
            consent = device.sign('device', self.account.public + struct.pack('>I', number))
            record += struct.pack('>I', number) + device.public + struct.pack('>Q', 1000) + consent
        return record + self.account.sign('device-list', record)

    def prekey(self, created=None, expires=None, spk_id=1):
        created = int(time.time()) if created is None else created
        expires = created + 7 * 86400 if expires is None else expires
        record = bytes([1]) + self.public + struct.pack('>I', spk_id) + os.urandom(32) + KEM_KEY
        record += struct.pack('>I', spk_id) + KEM_KEY + os.urandom(32) + struct.pack('>QQ', created, expires)
        return record + self.sign('prekey', record)

    def one_time(self, number):
        record = self.public + struct.pack('>I', number) + os.urandom(32) + KEM_KEY
        return record + self.sign('one-time', record)

    def one_times(self, first, count):
        return [b64(self.one_time(number)) for number in range(first, first + count)]

    def answer(self, challenge, origin=None):
        record = unb64(challenge['nonce']) + (origin or challenge['relay']).encode() + self.public
        return {'op': 'auth', 'device': b64(self.public), 'signature': b64(self.sign('relay-auth', record))}

    def connect(self, relay, source='127.0.0.1'):
        '''An authenticated mailbox link; `ready` is the relay's word.'''
        link = WebSocket(relay, '/v1/mailbox', source=source)
        link.send(self.answer(link.receive()))
        link.ready = link.receive()
        assert link.ready['op'] == 'ready', link.ready
        return link

    def ask(self, link, op, **members):
        '''Sends a request and gives its answer; mail and hints that come before it are put aside in link.aside.'''
        self.next_id += 1
        link.send({'op': op, 'id': self.next_id, **members})
        while True:
            answer = link.receive()
            if isinstance(answer, dict) and answer.get('id') == self.next_id:
                return answer
            link.aside = getattr(link, 'aside', []) + [answer]

    def register(self, relay, one_time=3, source='127.0.0.1', **members):
        link = self.connect(relay, source)
        members.setdefault('device_list', b64(self.device_list()))
        answer = self.ask(link, 'register', prekey=b64(self.prekey()), one_time=self.one_times(1, one_time), **members)
        assert answer['op'] == 'ok', answer
        assert self.set_capabilities(link)['op'] == 'ok'
        return link

    def address(self, relay):
        host = relay.origin.split('://')[1].upper()
        return f'TESSERA:1/{host}/{b32(self.account.public)}/{b32(self.request)}'

    def set_capabilities(self, link):
        return self.ask(link, 'capabilities', contact=b64(blake(self.contact)), request=b64(blake(self.request)))


def envelope(size=4096):
    return b'\1' + os.urandom(size - 1)


class Depositor(WebSocket):
    def __init__(self, relay, source='127.0.0.1'):
        super().__init__(relay, '/v1/deposit', source=source)
        self.number = 0

    def post(self, device, capability, sealed=None, deposit_id=None):
        '''Sends a deposit without waiting; gives its request number.'''
        self.number += 1
        public = device if isinstance(device, bytes) else device.public
        head = b'\1' + struct.pack('>I', self.number) + public + capability + (deposit_id or os.urandom(16))
        self.send(head + (sealed or envelope()))
        return self.number

    def answer(self):
        '''(request, status, retry after in ms or None)'''
        data = self.receive()
        assert data[0] == 0x81 and len(data) == (10 if data[5] in (FULL, SLOW_DOWN) else 6), data
        return struct.unpack('>I', data[1:5])[0], data[5], struct.unpack('>I', data[6:])[0] if len(data) == 10 else None

    def deposit(self, *arguments, **members):
        number = self.post(*arguments, **members)
        request, status, _ = self.answer()
        assert request == number
        return status


def mail(link):
    '''(sequence, class, envelope) of the next mail.'''
    while True:
        data = link.receive()
        if isinstance(data, bytes):
            assert data[0] == 0x82
            sequence, kind = struct.unpack('>QB', data[1:10])
            return sequence, kind, data[10:]


def ack(link, sequence):
    link.send(b'\2' + struct.pack('>Q', sequence))


# -- Running -----------------------------------------------------------------------------------------------------------------

class Tap(unittest.TestResult):
    def startTestRun(self):
        self.number = 0

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()

    def line(self, test, good, note='', detail=''):
        self.number += 1
        print(f"{'ok' if good else 'not ok'} {self.number} - {test.id().split('.', 1)[1]}{note}", flush=True)
        print(f'# {time.monotonic() - self.began:.2f} s', flush=True)
        for one in detail.splitlines():
            print('# ' + one, flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.line(test, True)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.line(test, False, detail=self.failures[-1][1])

    def addError(self, test, error):
        super().addError(test, error)
        self.line(test, False, detail=self.errors[-1][1])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.line(test, True, f' # SKIP {reason}')


class RelayTest(unittest.TestCase):
    '''A relay for each class, with `config`.'''
    config = ''

    @classmethod
    def setUpClass(cls):
        cls.relay = Relay(config=cls.config)
        cls.addClassCleanup(cls.relay.close)

    def own_relay(self, **members):
        relay = Relay(**members)
        self.addCleanup(relay.close)
        return relay

    def open(self, link):
        self.addCleanup(link.close)
        return link


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--relay', required=True, help='the tessera-relay to test')
    parser.add_argument('tests', nargs='*', help='some of them: Class or Class.test')
    arguments = parser.parse_args()
    options.relay = os.path.abspath(arguments.relay)
    seed = int(os.environ.get('TESSERA_SEED', time.time_ns() % 1000000))
    random.seed(seed)
    loader = unittest.defaultTestLoader
    names = ['__main__.' + name for name in arguments.tests]
    suite = loader.loadTestsFromNames(names) if names else loader.loadTestsFromModule(sys.modules['__main__'])
    print(f'TAP version 13\n# seed {seed}\n1..{suite.countTestCases()}', flush=True)
    result = Tap()
    result.startTestRun()
    suite.run(result)
    sys.exit(0 if result.wasSuccessful() else 1)
