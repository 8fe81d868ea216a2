# Behind a reverse proxy: clients are told apart, and only the proxy is believed. SPDX-License-Identifier: GPL-3.0-or-later
from relaytest import RelayTest, WebSocket, main


class Behind(RelayTest):
    config = '[relay]\ntrusted_proxies=127.0.0.1\n[limits]\nrequest_burst=3\nrequest_rate=1\nconnections_per_address=4\n'

    def ask(self, header, name='X-Forwarded-For'):
        status, answer, _ = self.relay.get('/v1/info', {} if header is None else {name: header})
        return status if status == 200 else (status, answer['error']['code'])

    def test_clients_have_limits_of_their_own(self):
        self.assertEqual([self.ask('192.0.2.1') for _ in range(4)], [200, 200, 200, (429, 'slow-down')])
        self.assertEqual(self.ask('192.0.2.2'), 200)
        self.assertEqual(self.ask('192.0.2.2, 192.0.2.1'), (429, 'slow-down'))
        self.assertEqual(self.ask('2001:db8::1'), 200)

    def test_malformed(self):
        for header in ('unknown', '192.0.2.9, x', '192.0.2.9:80', ''):
            self.assertEqual(self.ask(header), (400, 'bad-request'), header)

    def test_from_the_proxy_s_own_machine(self):
        self.assertEqual(self.ask('127.0.0.1'), 200)

    def test_without_header(self):
        self.assertEqual(self.ask(None), 200)
        self.assertEqual(self.ask('192.0.2.3', 'Forwarded'), 200)

    def test_connections_of_one_client(self):
        def dial(address):
            return self.open(WebSocket(self.relay, '/v1/deposit', headers=[f'X-Forwarded-For: {address}']))
        first = [dial(f'2001:db8:{i}::1') for i in range(6)]
        self.assertEqual([link.status for link in first], [101] * 6)
        own = self.own_relay(config='[relay]\ntrusted_proxies=127.0.0.0/8\n[limits]\nconnections_per_address=4\n')
        links = [self.open(WebSocket(own, '/v1/deposit', headers=['X-Forwarded-For: 192.0.2.50'])) for _ in range(5)]
        self.assertEqual([link.status for link in links], [101] * 4 + [429])
        self.assertEqual(self.open(WebSocket(own, '/v1/deposit', headers=['X-Forwarded-For: 192.0.2.51'])).status, 101)


class Forwarded(RelayTest):
    config = '[relay]\ntrusted_proxies=127.0.0.1\nforwarded_header=forwarded\n[limits]\nrequest_burst=1\nrequest_rate=1\n'

    def test_forwarded(self):
        def ask(header):
            return self.relay.get('/v1/info', {'Forwarded': header})[0]
        self.assertEqual(ask('for=192.0.2.1;proto=https'), 200)
        self.assertEqual(ask('for=192.0.2.9, for="192.0.2.1:99"'), 429)
        self.assertEqual(ask('for="[2001:db8::1]"'), 200)
        self.assertEqual(ask('for=unknown'), 400)


class Untrusted(RelayTest):
    config = '[relay]\ntrusted_proxies=10.0.0.0/8\n[limits]\nrequest_burst=2\nrequest_rate=1\n'

    def test_nobody_else_is_believed(self):
        statuses = [self.relay.get('/v1/info', {'X-Forwarded-For': f'192.0.2.{i}'})[0] for i in range(3)]
        self.assertEqual(statuses, [200, 200, 429])


class Logging(RelayTest):
    @classmethod
    def setUpClass(cls):
        pass

    def test_addresses_are_logged_only_when_asked_for(self):
        for switch in ('false', 'true'):
            relay = self.own_relay(config=f'[relay]\ntrusted_proxies=127.0.0.1\nlog_addresses={switch}\n')
            self.assertEqual(relay.get('/v1/info', {'X-Forwarded-For': '192.0.2.77'})[0], 200)
            relay.stop()
            self.assertEqual('request from 192.0.2.77' in relay.errors, switch == 'true')
            self.assertEqual(relay.errors == '', switch == 'false')


if __name__ == '__main__':
    main()
