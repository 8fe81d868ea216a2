# The relay's API as docs/protocol.md 7 has it. SPDX-License-Identifier: GPL-3.0-or-later
import concurrent.futures
import os
import time

from relaytest import (BAD_ENVELOPE, BEFORE, FULL, NO_MAILBOX, REFUSED, SLOW_DOWN, STORED, Depositor, Device, RelayTest,
                       Signer, WebSocket, ack, b64, blake, envelope, mail, main, unb64)


class Http(RelayTest):
    def test_info(self):
        status, info, headers = self.relay.get('/v1/info')
        self.assertEqual(status, 200)
        self.assertRegex(info.pop('version'), r'^\d+\.\d+')
        self.assertEqual(info, {
            'protocols': [1], 'name': 'Tessera relay', 'policies': {'registration': 'open', 'directory': 'exact'},
            'limits': {'envelope_bytes': 65536, 'mailbox_envelopes': 10000, 'mailbox_bytes': 256 * 1024 * 1024,
                       'mailbox_days': 30, 'blob_bytes': 100 * 1024 * 1024, 'blob_days': 30}})
        self.assertEqual(headers['X-Content-Type-Options'], 'nosniff')

    def test_welcome(self):
        status, text, headers = self.relay.get('/')
        self.assertEqual(status, 200)
        self.assertIn('Tessera relay', text)

    def test_unknown_paths(self):
        for path in ('/v2/info', '/v1/', '/v1/info/', '//v1/info', '/v1/names/alice', '/v1/blobs/x', '/etc/passwd'):
            status, answer, _ = self.relay.get(path)
            self.assertEqual((status, answer['error']['code']), (404, 'not-found'), path)

    def test_bad_requests(self):
        for method, path in (('POST', '/v1/info'), ('DELETE', '/v1/info'), ('GET', '/v1/info?x=1'), ('GET', '/v1/accounts/abc'),
                             ('GET', '/v1/mailbox'), ('GET', '/v1/deposit'), ('GET', '/v1/accounts/' + 'A' * 52 + '?one_time=2')):
            status, answer, _ = self.relay.get(path, method=method)
            self.assertEqual((status, answer['error']['code']), (400, 'bad-request'), path)

    def test_body_is_refused(self):
        status, answer, _ = self.relay.get('/v1/info', body=b'x' * 100)
        self.assertEqual((status, answer['error']['code']), (413, 'too-large'))


class Authentication(RelayTest):
    def test_wrong_signature(self):
        link = self.open(WebSocket(self.relay, '/v1/mailbox'))
        device = Device()
        answer = device.answer(link.receive())
        answer['signature'] = b64(os.urandom(64))
        link.send(answer)
        self.assertEqual(link.closed_with(), 4003)

    def test_wrong_origin(self):
        link = self.open(WebSocket(self.relay, '/v1/mailbox'))
        device = Device()
        challenge = link.receive()
        self.assertEqual(challenge['relay'], self.relay.origin)
        link.send(device.answer(challenge, origin='https://relay.example'))
        self.assertEqual(link.closed_with(), 4003)

    def test_nonce_of_another_connection(self):
        first, second = (self.open(WebSocket(self.relay, '/v1/mailbox')) for _ in range(2))
        challenge = first.receive()
        self.assertNotEqual(challenge['nonce'], second.receive()['nonce'])
        second.send(Device().answer(challenge))
        self.assertEqual(second.closed_with(), 4003)

    def test_second_auth(self):
        device = Device()
        link = self.open(WebSocket(self.relay, '/v1/mailbox'))
        answer = device.answer(link.receive())
        link.send(answer)
        self.assertEqual(link.receive()['op'], 'ready')
        link.send(answer)
        self.assertEqual(link.closed_with(), 4000)

    def test_anything_else_first(self):
        for message in ({'op': 'delete', 'id': 1}, b'\2' + bytes(8), '{}'):
            link = self.open(WebSocket(self.relay, '/v1/mailbox'))
            link.receive()
            link.send(message)
            self.assertEqual(link.closed_with(), 4000)

    def test_unregistered_may_only_register(self):
        device = Device()
        link = self.open(device.connect(self.relay))
        self.assertEqual(link.ready, {'op': 'ready', 'registered': False, 'waiting': 0, 'one_time': 0, 'acked': 0})
        for op, members in (('publish', {}), ('delete', {}), ('devices', {'device_list': b64(device.device_list())}),
                            ('capabilities', {'contact': b64(bytes(32)), 'request': b64(bytes(32))})):
            answer = device.ask(link, op, **members)
            self.assertEqual((answer['op'], answer.get('code')), ('error', 'unregistered'), op)

    def test_replaced(self):
        device = Device()
        old = self.open(device.register(self.relay))
        new = self.open(device.connect(self.relay))
        self.assertTrue(new.ready['registered'])
        self.assertEqual(old.closed_with(), 4001)
        self.assertEqual(device.ask(new, 'publish')['op'], 'ok')


class Registration(RelayTest):
    def refused(self, device, code, **members):
        link = self.open(device.connect(self.relay))
        members.setdefault('device_list', b64(device.device_list()))
        members.setdefault('prekey', b64(device.prekey()))
        members.setdefault('one_time', [])
        answer = device.ask(link, 'register', **members)
        self.assertEqual((answer['op'], answer.get('code')), ('error', code))
        return link

    def test_register(self):
        device = Device()
        link = self.open(device.connect(self.relay))
        answer = device.ask(link, 'register', device_list=b64(device.device_list()), prekey=b64(device.prekey()),
                            one_time=device.one_times(1, 100))
        self.assertEqual((answer['op'], answer['one_time']), ('ok', 100))
        link.close()
        again = self.open(device.connect(self.relay))
        self.assertEqual(again.ready, {'op': 'ready', 'registered': True, 'waiting': 0, 'one_time': 100, 'acked': 0})

    def test_register_again(self):
        device = Device()
        prekey, keys = b64(device.prekey()), device.one_times(1, 5)
        link = self.open(device.connect(self.relay))
        for _ in range(2):
            answer = device.ask(link, 'register', device_list=b64(device.device_list()), prekey=prekey, one_time=keys)
            self.assertEqual((answer['op'], answer['one_time']), ('ok', 5))

    def test_invalid_records(self):
        device, other = Device(), Device()
        flipped = bytearray(device.prekey())
        flipped[50] ^= 1
        now = int(time.time())
        self.refused(device, 'bad-request', prekey=b64(flipped))
        self.refused(device, 'bad-request', prekey=b64(other.prekey()))
        self.refused(device, 'bad-request', prekey=b64(device.prekey(now - 9 * 86400, now - 2 * 86400)))
        self.refused(device, 'bad-request', prekey=b64(device.prekey(now, now + 15 * 86400)))
        self.refused(device, 'bad-request', device_list=b64(other.device_list()))
        self.refused(device, 'bad-request', device_list=b64(device.device_list(devices=[])))
        self.refused(device, 'bad-request', one_time=[b64(other.one_time(1))])
        self.refused(device, 'bad-request', one_time=['!'])
        self.refused(device, 'bad-request', prekey='x')

    def test_taken(self):
        device = Device()
        self.open(device.register(self.relay))
        device.account = Signer()
        self.refused(device, 'taken')

    def test_stale(self):
        device = Device()
        self.open(device.register(self.relay, device_list=b64(device.device_list(version=5))))
        self.refused(device, 'stale', device_list=b64(device.device_list(version=4)))
        self.refused(device, 'stale', device_list=b64(device.device_list(version=5, devices=[device, Device(device.account)])))

    def test_publish(self):
        device = Device()
        link = self.open(device.register(self.relay, one_time=10))
        self.assertEqual(device.ask(link, 'publish', one_time=device.one_times(11, 5))['one_time'], 15)
        self.assertEqual(device.ask(link, 'publish', one_time=device.one_times(50, 3), replace=True)['one_time'], 3)
        for first in (1000, 1100):
            self.assertEqual(device.ask(link, 'publish', one_time=device.one_times(first, 100))['op'], 'ok')
        self.assertEqual(device.ask(link, 'publish', one_time=device.one_times(1200, 98))['code'], 'too-large')
        self.assertEqual(device.ask(link, 'publish', prekey=b64(device.prekey(spk_id=9)))['one_time'], 203)
        # A refusal takes nothing at all, and the bound is exact.
        self.assertEqual(device.ask(link, 'publish', one_time=device.one_times(1200, 97))['one_time'], 300)
        self.assertEqual(device.ask(link, 'publish', one_time=device.one_times(2000, 1))['code'], 'too-large')
        # Whoever did not hear the answer sends the same once more: what is there takes no room, nor does one sent twice.
        self.assertEqual(device.ask(link, 'publish', one_time=device.one_times(1200, 97))['one_time'], 300)
        self.assertEqual(device.ask(link, 'publish', one_time=device.one_times(1200, 98))['code'], 'too-large')
        self.relay.bundle(device.account.public, device.contact, one_time=True)
        self.assertEqual(device.ask(link, 'publish', one_time=2 * device.one_times(2001, 1))['one_time'], 300)
        self.assertEqual(device.ask(link, 'publish', one_time=device.one_times(50, 1))['one_time'], 300)
        self.assertEqual(device.ask(link, 'publish', one_time=device.one_times(3000, 2), replace=True)['one_time'], 2)

    def test_a_second_device_and_its_removal(self):
        first = Device()
        second = Device(first.account)
        second.contact, second.request = first.contact, first.request
        link = self.open(first.register(self.relay))
        both = b64(first.device_list(version=2, devices=[first, second]))
        self.assertEqual(first.ask(link, 'devices', device_list=both)['op'], 'ok')
        status, bundle, _ = self.relay.bundle(first.account.public, first.contact)
        self.assertEqual([unb64(one['device']) for one in bundle['devices']], [first.public])
        other = self.open(second.register(self.relay, device_list=both))
        status, bundle, _ = self.relay.bundle(first.account.public, first.contact)
        self.assertEqual({unb64(one['device']) for one in bundle['devices']}, {first.public, second.public})
        self.assertEqual(first.ask(link, 'devices', device_list=b64(first.device_list(version=1)))['code'], 'stale')
        self.assertEqual(first.ask(link, 'devices', device_list=b64(first.device_list(version=3)))['op'], 'ok')
        self.assertEqual(other.closed_with(), 1001)
        self.assertFalse(self.open(second.connect(self.relay)).ready['registered'])
        self.assertEqual(self.open(Depositor(self.relay)).deposit(second, second.contact), NO_MAILBOX)

    def test_a_new_device_leaves_the_old_one_out(self):
        '''A list that comes with a registration counts as one of `devices`.'''
        first = Device()
        second = Device(first.account)
        link = self.open(first.register(self.relay))
        alone = b64(first.device_list(version=2, devices=[second]))
        self.open(second.connect(self.relay))
        self.refused(second, 'bad-request', device_list=b64(first.device_list(version=2)))
        self.open(second.register(self.relay, device_list=alone))
        self.assertEqual(link.closed_with(), 1001)
        self.assertEqual(self.open(Depositor(self.relay)).deposit(first, second.contact), NO_MAILBOX)

    def test_capabilities_come_together(self):
        device = Device()
        link = self.open(device.register(self.relay))
        one = b64(os.urandom(32))
        for members in ({}, {'contact': one}, {'request': one}, {'contact': one, 'request': None},
                        {'contact': one, 'request': b64(os.urandom(31))}, {'contact': one, 'request': b64(os.urandom(33))}):
            self.assertEqual(device.ask(link, 'capabilities', **members)['code'], 'bad-request', members)
        depositor = self.open(Depositor(self.relay))
        self.assertEqual([depositor.deposit(device, one) for one in (device.contact, device.request)], [STORED] * 2)

    def test_unknown_requests(self):
        device = Device()
        link = self.open(device.register(self.relay))
        self.assertEqual(device.ask(link, 'frobnicate')['code'], 'bad-request')
        self.assertEqual(device.ask(link, 'publish', one_time=7)['code'], 'bad-request')
        self.assertEqual(device.ask(link, 'publish')['op'], 'ok')

    def test_delete(self):
        device = Device()
        link = self.open(device.register(self.relay))
        depositor = self.open(Depositor(self.relay))
        self.assertEqual(depositor.deposit(device, device.contact), STORED)
        self.assertEqual(device.ask(link, 'delete')['op'], 'ok')
        self.assertEqual(depositor.deposit(device, device.contact), NO_MAILBOX)
        self.assertEqual(self.relay.bundle(device.account.public, device.contact)[0], 403)
        self.assertEqual(device.ask(link, 'delete')['code'], 'unregistered')
        answer = device.ask(link, 'register', device_list=b64(device.device_list()), prekey=b64(device.prekey()), one_time=[])
        self.assertEqual((answer['op'], answer['one_time']), ('ok', 0))


    def test_the_account_goes_with_its_last_device(self):
        first = Device()
        second = Device(first.account)
        both = b64(first.device_list(version=2, devices=[first, second]))
        link = self.open(first.register(self.relay, device_list=both))
        second.contact, second.request = first.contact, first.request
        other = self.open(second.register(self.relay, device_list=both))
        self.assertEqual(first.ask(link, 'delete')['op'], 'ok')
        status, bundle, _ = self.relay.bundle(first.account.public, first.contact)
        self.assertEqual((status, [unb64(one['device']) for one in bundle['devices']]), (200, [second.public]))
        depositor = self.open(Depositor(self.relay))
        self.assertEqual((depositor.deposit(first, first.contact), depositor.deposit(second, first.contact)),
                         (NO_MAILBOX, STORED))
        self.assertEqual(second.ask(other, 'delete')['op'], 'ok')
        self.assertEqual(self.relay.bundle(first.account.public, first.contact)[0], 403)
        # Of the account nothing remains, its list's version neither.
        self.open(first.register(self.relay, device_list=b64(first.device_list(version=1))))


class ClosedRelay(RelayTest):
    config = '[relay]\nregistration=closed\ninvitations=for-alice\ndirectory=none\n[limits]\nblob_megabytes=0\n'

    def test_closed(self):
        info = self.relay.get('/v1/info')[1]
        self.assertEqual(info['policies'], {'registration': 'invitation', 'directory': 'none'})
        self.assertEqual(info['limits']['blob_bytes'], 0)
        device = Device()
        link = self.open(device.connect(self.relay))
        for members in ({}, {'invitation': 'for-alice'}):
            answer = device.ask(link, 'register', device_list=b64(device.device_list()), prekey=b64(device.prekey()),
                                one_time=[], **members)
            self.assertEqual((answer['op'], answer['code']), ('error', 'invitation'))


class Invitations(RelayTest):
    config = '[relay]\nregistration=invitation\ninvitations=for-alice;for-bob\n'

    def attempt(self, device, **members):
        link = self.open(device.connect(self.relay))
        members.update(device_list=b64(device.device_list()), prekey=b64(device.prekey()), one_time=[])
        return device.ask(link, 'register', **members)

    def test_invitations(self):
        alice, bob = Device(), Device()
        self.assertEqual(self.relay.get('/v1/info')[1]['policies']['registration'], 'invitation')
        self.assertEqual(self.attempt(alice)['code'], 'invitation')
        self.assertEqual(self.attempt(alice, invitation='guess')['code'], 'invitation')
        self.assertEqual(self.attempt(alice, invitation='for-alice')['op'], 'ok')
        self.assertEqual(self.attempt(bob, invitation='for-alice')['code'], 'invitation')
        self.assertEqual(self.attempt(alice)['op'], 'ok')
        self.assertEqual(self.attempt(bob, invitation='for-bob')['op'], 'ok')


class Bundles(RelayTest):
    def test_bundle(self):
        device = Device()
        self.open(device.register(self.relay))
        for capability in (device.contact, device.request):
            status, bundle, _ = self.relay.bundle(device.account.public, capability)
            self.assertEqual(status, 200)
            self.assertEqual(unb64(bundle['device_list']), device.device_list())
            self.assertEqual(unb64(bundle['devices'][0]['device']), device.public)
            self.assertNotIn('one_time', bundle['devices'][0])

    def test_no_oracle(self):
        device = Device()
        self.open(device.register(self.relay))
        answers = [self.relay.bundle(device.account.public, None), self.relay.bundle(device.account.public, os.urandom(16)),
                   self.relay.bundle(Signer().public, None), self.relay.bundle(Signer().public, os.urandom(16)),
                   self.relay.bundle(device.account.public, b'short')]
        self.assertEqual({(status, answer['error']['code'], answer['error']['message']) for status, answer, _ in answers},
                         {(403, 'capability', 'the capability does not fit')})

    def test_one_time_keys_are_given_once(self):
        device = Device()
        link = self.open(device.register(self.relay, one_time=15))
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda _: self.relay.bundle(device.account.public, device.contact, one_time=True), range(20)))
        self.assertEqual({status for status, _, _ in answers}, {200})
        given = [bundle['devices'][0].get('one_time') for _, bundle, _ in answers]
        given = [key for key in given if key]
        self.assertEqual((len(given), len(set(given))), (15, 15))
        left = [link.receive()['left'] for _ in range(15)]
        self.assertEqual(left, list(range(14, -1, -1)))
        # A retried upload brings none of them back.
        answer = device.ask(link, 'publish', one_time=given)
        self.assertEqual((answer['op'], answer['one_time']), ('ok', 0))

    def test_hints_begin_below_25(self):
        device = Device()
        link = self.open(device.register(self.relay, one_time=27))
        for _ in range(2):
            self.assertEqual(self.relay.bundle(device.account.public, device.contact, one_time=True)[0], 200)
        # Nor for an answer without one.
        self.assertEqual(self.relay.bundle(device.account.public, device.contact)[0], 200)
        self.assertTrue(link.silent())
        for left in (24, 23):
            self.assertEqual(self.relay.bundle(device.account.public, device.contact, one_time=True)[0], 200)
            self.assertEqual(link.receive(), {'op': 'one_time', 'left': left})
        self.assertEqual(device.ask(link, 'publish', one_time=device.one_times(100, 2))['one_time'], 25)

    def test_expired_record(self):
        device = Device()
        now = int(time.time())
        link = self.open(device.register(self.relay))
        self.assertEqual(device.ask(link, 'publish', prekey=b64(device.prekey(now - 100, now + 2)))['op'], 'ok')
        time.sleep(2.5)
        status, bundle, _ = self.relay.bundle(device.account.public, device.contact, one_time=True)
        self.assertEqual((status, bundle['devices']), (200, []))


class Deposits(RelayTest):
    def test_statuses(self):
        device = Device()
        self.open(device.register(self.relay))
        link = self.open(Depositor(self.relay))
        deposit_id = os.urandom(16)
        self.assertEqual(link.deposit(device, device.contact, deposit_id=deposit_id), STORED)
        self.assertEqual(link.deposit(device, device.contact, deposit_id=deposit_id), BEFORE)
        self.assertEqual(link.deposit(Signer().public, device.contact), NO_MAILBOX)
        self.assertEqual(link.deposit(device, os.urandom(16)), REFUSED)
        for size in (4095, 4097, 10, 16385, 65535):
            self.assertEqual(link.deposit(device, device.contact, sealed=envelope(size)), BAD_ENVELOPE, size)
        self.assertEqual(link.deposit(device, device.contact, sealed=b'\2' + bytes(4095)), BAD_ENVELOPE)
        for size in (4096, 16384, 65536):
            self.assertEqual(link.deposit(device, device.contact, sealed=envelope(size)), STORED, size)

    def test_which_status_comes_first(self):
        device = Device()
        box = self.open(device.register(self.relay))
        link = self.open(Depositor(self.relay))
        known = os.urandom(16)
        self.assertEqual(link.deposit(device, device.request, deposit_id=known), STORED)
        for _ in range(49):
            self.assertEqual(link.deposit(device, device.request), STORED)
        # Full for requests: whoever shows no capability is told of that alone, and what is remembered is 1 all the same.
        self.assertEqual(link.deposit(device, device.request), FULL)
        self.assertEqual(link.deposit(device, os.urandom(16)), REFUSED)
        self.assertEqual(link.deposit(device, device.request, deposit_id=known), BEFORE)
        self.assertEqual(link.deposit(device, os.urandom(16), deposit_id=known), BEFORE)
        device.contact, device.request = os.urandom(16), os.urandom(16)
        self.assertEqual(device.set_capabilities(box)['op'], 'ok')
        self.assertEqual(link.deposit(device, device.request, deposit_id=known), BEFORE)
        self.assertEqual(link.deposit(device, device.contact, sealed=envelope(100), deposit_id=known), BAD_ENVELOPE)
        self.assertEqual(link.deposit(Signer().public, device.contact, sealed=envelope(100)), BAD_ENVELOPE)
        self.assertEqual(link.deposit(Signer().public, device.contact, deposit_id=known), NO_MAILBOX)
        # A refused deposit is not remembered.
        refused = os.urandom(16)
        self.assertEqual(link.deposit(device, os.urandom(16), deposit_id=refused), REFUSED)
        self.assertEqual(link.deposit(device, device.contact, deposit_id=refused), STORED)

    def test_requests_have_a_small_quota(self):
        device = Device()
        box = self.open(device.register(self.relay))
        link = self.open(Depositor(self.relay))
        for _ in range(50):
            self.assertEqual(link.deposit(device, device.request), STORED)
        number = link.post(device, device.request)
        request, status, retry = link.answer()
        self.assertEqual((request, status), (number, FULL))
        self.assertGreater(retry, 0)
        self.assertEqual(link.deposit(device, device.contact), STORED)
        for _ in range(50):
            sequence, kind, _ = mail(box)
            self.assertEqual(kind, 2)
        self.assertEqual(mail(box)[1], 1)
        ack(box, sequence)
        self.assertEqual(device.ask(box, 'publish')['op'], 'ok')
        self.assertEqual(link.deposit(device, device.request), STORED)

    def test_malformed_frames(self):
        for data in (b'', b'\1', b'\1' + bytes(60), b'\2' + bytes(8), b'\x07' + bytes(5000), '{}'):
            link = self.open(WebSocket(self.relay, '/v1/deposit'))
            link.send(data)
            self.assertEqual(link.closed_with(), 4000, data[:4])

    def test_pipelined(self):
        device = Device()
        self.open(device.register(self.relay))
        link = self.open(Depositor(self.relay))
        numbers = [link.post(device, device.contact) for _ in range(300)]
        answers = [link.answer() for _ in numbers]
        self.assertEqual([request for request, _, _ in answers], numbers)
        self.assertEqual({status for _, status, _ in answers}, {STORED})


class SlowDown(RelayTest):
    config = '[limits]\ndeposit_burst=5\ndeposit_rate=2\nrequest_burst=8\nrequest_rate=1\n'

    def test_deposits(self):
        link = self.open(Depositor(self.relay))
        device = Signer()
        numbers = [link.post(device.public, os.urandom(16)) for _ in range(10)]
        # Refusals do not wait for the store: the request numbers tell what is what.
        answers = sorted(link.answer() for _ in numbers)
        self.assertEqual([status for _, status, _ in answers], [NO_MAILBOX] * 5 + [SLOW_DOWN] * 5)
        self.assertTrue(all(0 < wait <= 1000 for _, _, wait in answers[5:]))

    def test_http(self):
        answers = [self.relay.get('/v1/info') for _ in range(10)]
        status, answer, headers = answers[-1]
        self.assertEqual((status, answer['error']['code']), (429, 'slow-down'))
        self.assertGreaterEqual(int(headers['Retry-After']), 1)


class Capabilities(RelayTest):
    def test_the_old_contact_capability_works_on(self):
        device = Device()
        box = self.open(device.register(self.relay))
        link = self.open(Depositor(self.relay))
        old_contact, old_request = device.contact, device.request
        device.contact, device.request = os.urandom(16), os.urandom(16)
        self.assertEqual(device.set_capabilities(box)['op'], 'ok')
        self.assertEqual(link.deposit(device, old_contact), STORED)
        self.assertEqual(mail(box)[1], 1)
        self.assertEqual(link.deposit(device, device.contact), STORED)
        self.assertEqual(link.deposit(device, old_request), REFUSED)
        self.assertEqual(link.deposit(device, device.request), STORED)
        self.assertEqual(self.relay.bundle(device.account.public, old_contact)[0], 200)
        self.assertEqual(self.relay.bundle(device.account.public, old_request)[0], 403)

    def test_without_any(self):
        device = Device()
        box = self.open(device.connect(self.relay))
        device.ask(box, 'register', device_list=b64(device.device_list()), prekey=b64(device.prekey()), one_time=[])
        link = self.open(Depositor(self.relay))
        self.assertEqual(link.deposit(device, device.contact), REFUSED)
        self.assertEqual(link.deposit(device, bytes(16)), REFUSED)


class Delivery(RelayTest):
    def test_order_ack_and_redelivery(self):
        device = Device()
        box = self.open(device.register(self.relay))
        link = self.open(Depositor(self.relay))
        sent = [envelope() for _ in range(10)]
        for one in sent[:5]:
            self.assertEqual(link.deposit(device, device.contact, sealed=one), STORED)
        got = [mail(box) for _ in range(5)]
        self.assertEqual([one for _, _, one in got], sent[:5])
        sequences = [sequence for sequence, _, _ in got]
        self.assertEqual(sequences, sorted(set(sequences)))
        ack(box, sequences[2])
        self.assertEqual(device.ask(box, 'publish')['op'], 'ok')
        box.close()
        for one in sent[5:]:
            self.assertEqual(link.deposit(device, device.contact, sealed=one), STORED)
        box = self.open(device.connect(self.relay))
        self.assertEqual((box.ready['waiting'], box.ready['acked']), (7, sequences[2]))
        got = [mail(box) for _ in range(7)]
        self.assertEqual([one for _, _, one in got], sent[3:])
        ack(box, got[-1][0])
        ack(box, 1)
        self.assertEqual(device.ask(box, 'publish')['op'], 'ok')
        box.close()
        self.assertEqual(self.open(device.connect(self.relay)).ready['waiting'], 0)

    def test_ack_above_the_last(self):
        device = Device()
        box = self.open(device.register(self.relay))
        self.assertEqual(self.open(Depositor(self.relay)).deposit(device, device.contact), STORED)
        sequence, _, _ = mail(box)
        ack(box, sequence + 1)
        self.assertEqual(box.closed_with(), 4000)

    def test_malformed_acks(self):
        for data in (b'\2', b'\2' + bytes(7), b'\2' + bytes(9), b'\3' + bytes(8)):
            device = Device()
            box = self.open(device.register(self.relay))
            box.send(data)
            self.assertEqual(box.closed_with(), 4000)

    def test_window_of_64(self):
        device = Device()
        self.open(device.register(self.relay)).close()
        link = self.open(Depositor(self.relay))
        for _ in range(150):
            link.post(device, device.contact)
        for _ in range(150):
            self.assertEqual(link.answer()[1], STORED)
        box = self.open(device.connect(self.relay))
        self.assertEqual(box.ready['waiting'], 150)
        got = [mail(box)[0] for _ in range(64)]
        self.assertTrue(box.silent())
        ack(box, got[9])
        got += [mail(box)[0] for _ in range(10)]
        self.assertTrue(box.silent())
        while len(got) < 150:
            ack(box, got[-1])
            got += [mail(box)[0] for _ in range(min(64, 150 - len(got)))]
        self.assertEqual(got, sorted(set(got)))

    def test_window_of_a_mebibyte(self):
        device = Device()
        box = self.open(device.register(self.relay))
        link = self.open(Depositor(self.relay))
        for _ in range(20):
            self.assertEqual(link.deposit(device, device.contact, sealed=envelope(65536)), STORED)
        got = [mail(box)[0] for _ in range(16)]
        self.assertTrue(box.silent())
        ack(box, got[-1])
        got += [mail(box)[0] for _ in range(4)]
        self.assertEqual(len(set(got)), 20)

    def test_an_acked_deposit_is_remembered(self):
        device = Device()
        box = self.open(device.register(self.relay))
        link = self.open(Depositor(self.relay))
        deposit_id = os.urandom(16)
        self.assertEqual(link.deposit(device, device.contact, deposit_id=deposit_id), STORED)
        ack(box, mail(box)[0])
        self.assertEqual(device.ask(box, 'publish')['op'], 'ok')
        self.assertEqual(link.deposit(device, device.contact, deposit_id=deposit_id), BEFORE)
        self.assertTrue(box.silent())
        other = Device()
        self.open(other.register(self.relay))
        self.assertEqual(link.deposit(other, other.contact, deposit_id=deposit_id), STORED)

    def test_while_mail_pours_in(self):
        device = Device()
        box = self.open(device.register(self.relay))
        links = [self.open(Depositor(self.relay)) for _ in range(4)]
        for _ in range(100):
            for link in links:
                link.post(device, device.contact)
        got = []
        while len(got) < 400:
            got.append(mail(box)[0])
            if len(got) % 16 == 0:
                ack(box, got[-1])
        self.assertEqual(got, sorted(set(got)))
        for link in links:
            self.assertEqual({link.answer()[1] for _ in range(100)}, {STORED})


if __name__ == '__main__':
    main()
