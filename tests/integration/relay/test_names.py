# The directory: claiming, finding and listing names. SPDX-License-Identifier: GPL-3.0-or-later
from relaytest import Device, RelayTest, b64, main, unb64


class Names(RelayTest):
    def person(self, name=None):
        device = Device()
        link = self.open(device.register(self.relay))
        if name:
            self.assertEqual(self.claim(device, link, name)['op'], 'ok')
        return device, link

    def claim(self, device, link, name, address=None):
        return device.ask(link, 'name', name=name, address=address or device.address(self.relay))

    def look(self, path):
        status, answer, _ = self.relay.get('/v1/names' + path)
        return answer if status == 200 else (status, answer['error']['code'])


class Exact(Names):
    def test_claim_and_find(self):
        alice, _ = self.person('alice-1')
        self.assertEqual(self.look('/alice-1'), {'name': 'alice-1', 'address': alice.address(self.relay)})
        self.assertEqual(self.look('/nobody'), (404, 'not-found'))
        self.relay.stop()
        self.relay.start()
        self.assertEqual(self.look('/alice-1')['address'], alice.address(self.relay))

    def test_taken(self):
        self.person('bob')
        eve, link = self.person()
        self.assertEqual(self.claim(eve, link, 'bob')['code'], 'taken')
        self.assertEqual(self.claim(eve, link, 'bobby')['op'], 'ok')

    def test_give_up(self):
        carol, link = self.person('carol')
        self.assertEqual(self.claim(carol, link, 'caroline')['op'], 'ok')
        self.assertEqual(self.look('/carol'), (404, 'not-found'))
        self.assertEqual(carol.ask(link, 'name', name=None)['op'], 'ok')
        self.assertEqual(self.look('/caroline'), (404, 'not-found'))
        dave, _ = self.person('carol')
        self.assertEqual(self.look('/carol')['address'], dave.address(self.relay))

    def test_gone_with_the_account(self):
        frank, link = self.person('frank')
        self.assertEqual(frank.ask(link, 'delete')['op'], 'ok')
        self.assertEqual(self.look('/frank'), (404, 'not-found'))

    def test_gone_with_the_last_device(self):
        '''A list without devices: the name is free, the list is what people find, and a newer one brings the account back.'''
        grace, link = self.person('grace')
        self.assertEqual(grace.ask(link, 'devices', device_list=b64(grace.device_list(2, [])))['op'], 'ok')
        self.assertEqual(link.closed_with(), 1001)
        self.assertEqual(self.look('/grace'), (404, 'not-found'))
        status, bundle, _ = self.relay.bundle(grace.account.public, grace.contact)
        self.assertEqual((status, unb64(bundle['device_list'])), (200, grace.device_list(2, [])))
        heidi, _ = self.person('grace')
        link = self.open(grace.connect(self.relay))
        again = {'prekey': b64(grace.prekey()), 'one_time': []}
        self.assertEqual(grace.ask(link, 'register', device_list=b64(grace.device_list()), **again)['code'], 'stale')
        self.assertEqual(grace.ask(link, 'register', device_list=b64(grace.device_list(3)), **again)['op'], 'ok')
        self.assertEqual(self.claim(grace, link, 'grace')['code'], 'taken')
        self.assertEqual(self.look('/grace')['address'], heidi.address(self.relay))

    def test_what_is_no_name(self):
        device, link = self.person()
        for name in ('', 'ab', 'x' * 33, 'Grace', 'gr ace', '-grace', '_grace', 'gr/ace', '../ace', 'gr\u00e4ce', 'grace\n'):
            self.assertEqual(self.claim(device, link, name)['code'], 'bad-request', name)
        for path in ('/ab', '/Grace', '/' + 'x' * 33, '/grace/', '/grace?x=1', '/'):
            self.assertEqual(self.look(path), (400, 'bad-request'), path)

    def test_whose_address(self):
        device, link = self.person()
        elsewhere = device.address(self.relay).replace('127.0.0.1', '127.0.0.2')
        shown = device.address(self.relay) + '/AAAAAAAAAAAAAAAAAAAAAAAAAA'
        for address in (Device().address(self.relay), elsewhere, shown, 'x', device.address(self.relay)[:-4]):
            self.assertEqual(self.claim(device, link, 'heidi', address)['code'], 'bad-request', address)
        self.assertEqual(device.ask(link, 'name', name='heidi')['code'], 'bad-request')
        self.assertEqual(self.look('/heidi'), (404, 'not-found'))

    def test_no_list(self):
        self.assertEqual(self.relay.get('/v1/info')[1]['policies']['directory'], 'exact')
        for path in ('?prefix=al', '', 's'):
            self.assertEqual(self.look(path), (404, 'not-found'), path)

    def test_unregistered(self):
        device = Device()
        link = self.open(device.connect(self.relay))
        self.assertEqual(self.claim(device, link, 'ivan')['code'], 'unregistered')


class Listed(Names):
    config = '[relay]\ndirectory=list\n'

    def test_prefix(self):
        self.assertEqual(self.relay.get('/v1/info')[1]['policies']['directory'], 'list')
        people = {name: self.person(name)[0].address(self.relay) for name in ('zoe', 'zora', 'zo_', 'zp0')}
        answer = self.look('?prefix=zo')
        self.assertEqual(answer, {'names': [{'name': name, 'address': people[name]} for name in ('zo_', 'zoe', 'zora')],
                                  'more': False})
        self.assertEqual(self.look('?prefix=zoe')['names'], [{'name': 'zoe', 'address': people['zoe']}])
        self.assertEqual(self.look('?prefix=q'), {'names': [], 'more': False})
        self.assertEqual(self.look('/zoe')['address'], people['zoe'])

    def test_bound(self):
        for number in range(52):
            self.person(f'many{number:02}')
        answer = self.look('?prefix=many')
        self.assertEqual(([one['name'] for one in answer['names']], answer['more']),
                         ([f'many{number:02}' for number in range(50)], True))

    def test_bad_prefixes(self):
        for query in ('', '?', '?prefix=', '?prefix=Z', '?prefix=%25', '?prefix=a&x=1', '?x=1', '?prefix=' + 'a' * 33):
            self.assertEqual(self.look(query), (400, 'bad-request'), query)


class Without(Names):
    config = '[relay]\ndirectory=none\n'

    def test_nothing(self):
        self.assertEqual(self.relay.get('/v1/info')[1]['policies']['directory'], 'none')
        device, link = self.person()
        self.assertEqual(self.claim(device, link, 'judy')['code'], 'not-found')
        for path in ('/judy', '?prefix=ju'):
            self.assertEqual(self.look(path), (404, 'not-found'), path)


class Collecting(Names):
    def test_slow_down(self):
        answers = [self.look(f'/guess{number}') for number in range(105)]
        self.assertEqual((answers[0], answers[-1]), ((404, 'not-found'), (429, 'slow-down')))


if __name__ == '__main__':
    main()
