#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/relay.md followed by an operator on a Debian 13 with systemd, in a virtual machine that `./dev machine` makes for it: the
page's own commands, in its order. What is read here is the page itself, so that it cannot say one thing and the units do another.
"""
import contextlib
import os
import pwd
import re
import signal
import socket
import ssl
import subprocess
import sys
import textwrap
import time
import unittest
from pathlib import Path
from types import SimpleNamespace

TREE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TREE / 'tests' / 'integration' / 'relay'))
import relaytest  # noqa: E402
from relaytest import STORED, Depositor, Device, WebSocket, ack, envelope, mail  # noqa: E402

PAGE = (TREE / 'docs' / 'relay.md').read_text()
NAME = 'relay.example.org'
ORIGIN = f'https://{NAME}'
CONFIG = Path('/etc/tessera-relay.conf')
LINEAGE = Path('/etc/letsencrypt/live') / NAME
DATA = '/var/lib/tessera-relay'
UNIT, SOCKET = 'tessera-relay.service', 'tessera-relay.socket'
PATIENCE = 120  # seconds; the machine is emulated


def blocks():
    """The page's commands and files, each without its indentation."""
    found = re.findall(r'(?:^    .*\n|^\n(?=    ))+', PAGE, re.M)
    return [textwrap.dedent(block).strip() + '\n' for block in found]


def block(beginning):
    """The one that has a line that begins so."""
    found = [text for text in blocks() if re.search('^' + re.escape(beginning), text, re.M)]
    if len(found) != 1:
        raise AssertionError(f'docs/relay.md has {len(found)} blocks with {beginning!r}')
    return found[0]


def run(command, code=0, timeout=600):
    """Runs a line or more of shell in the tree; gives what it printed."""
    done = subprocess.run(['bash', '-ec', command], cwd=TREE, capture_output=True, text=True, timeout=timeout)
    if done.returncode != code:
        raise AssertionError(f'{command!r} ended with {done.returncode}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}')
    return done.stdout


def wait(what, condition):
    """Until @condition () is true; what it raises means not yet."""
    end, last = time.monotonic() + PATIENCE, None
    while time.monotonic() < end:
        try:
            if condition():
                return
        except (OSError, AssertionError) as error:
            last = error
        time.sleep(0.2)
    raise AssertionError(f'{what}: not within {PATIENCE} s; last {last!r}')


def get(path, url='http://127.0.0.1:7700', trust=None):
    """What curl gets there, and its status."""
    options = '' if trust is None else f'--cacert {trust}'
    out = run(f'curl -sS -m 60 {options} -w "\\n%{{http_code}}" {url}{path}')
    body, _, status = out.rpartition('\n')
    return int(status), body


def said(since='-1h', priority='info'):
    """What the unit wrote to the journal."""
    return run(f'journalctl -u {UNIT} --since {since} -p {priority} -o cat --no-pager')


def main_pid():
    return int(run(f'systemctl show -p MainPID --value {UNIT}'))


def certificate():
    """A new certificate of NAME's, as certbot would lay it down; the path of what vouches for it: itself."""
    LINEAGE.mkdir(parents=True, exist_ok=True)
    run(f'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN={NAME} '
        f'-addext subjectAltName=DNS:{NAME} -keyout {LINEAGE}/privkey.pem -out {LINEAGE}/fullchain.pem')
    os.chmod(LINEAGE / 'privkey.pem', 0o600)
    return LINEAGE / 'fullchain.pem'


def edit(unit, text):
    """What `systemctl edit` does with what is typed into it."""
    folder = Path('/etc/systemd/system') / f'{unit}.d'
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'override.conf').write_text(text)
    run('systemctl daemon-reload')


def hook(text):
    """Runs one of certbot's deploy hooks."""
    path = Path('/etc/letsencrypt/renewal-hooks/deploy/tessera-relay')
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    run(f'RENEWED_LINEAGE={LINEAGE} {path}')


@contextlib.contextmanager
def over_tls(trust):
    """Clients of the tests' dial NAME with TLS meanwhile."""
    plain, context = socket.create_connection, ssl.create_default_context(cafile=trust)

    def dial(address, *arguments):
        return context.wrap_socket(plain(address, *arguments), server_hostname=NAME)
    relaytest.socket.create_connection = dial
    try:
        yield
    finally:
        relaytest.socket.create_connection = plain


class Machine(unittest.TestCase):
    '''One operator's weeks with a relay, a step a test; each goes on from where the last one left.'''
    here = SimpleNamespace(port=7700, origin=ORIGIN)
    secure = SimpleNamespace(port=443, origin=ORIGIN)
    device = Device()
    codes = []

    def conversation(self, relay, device=None):
        """An envelope's way to a device that is known or registers with a code."""
        if device is None:
            device = Device()
            box = device.register(relay, invitation=self.codes.pop())
        else:
            box = device.connect(relay)
        link, sealed = Depositor(relay), envelope()
        self.addCleanup(box.close)
        self.addCleanup(link.close)
        self.assertEqual(link.deposit(device, device.contact, sealed), STORED)
        sequence, _, got = mail(box)
        self.assertEqual(got, sealed)
        ack(box, sequence)
        return box

    def test_01_built_and_started(self):
        commands = block('apt install')
        run(re.sub(r'^apt install(.*\\\n)*.*\n', '', commands), timeout=1800)
        run(block('cat > /etc/tessera-relay.conf'))
        self.assertEqual((get('/v1/health')), (200, '{"status":"ok"}'))
        status, body = get('/v1/info')
        self.assertEqual(status, 200)
        self.assertIn('"name":"The relay of our club"', body)
        command = re.search(r'^tessera-relay .* admin invite 5$', block('curl http://127.0.0.1:7700/v1/health'), re.M)[0]
        self.codes.extend(run(command).split())
        self.assertEqual(len(self.codes), 5)
        self.assertEqual(said(priority='warning'), '')

    def test_02_shut_in(self):
        pid = main_pid()
        status = dict(line.split(':\t', 1) for line in Path(f'/proc/{pid}/status').read_text().splitlines() if ':\t' in line)
        user = int(status['Uid'].split()[0])
        self.assertTrue(61184 <= user <= 65519, f'user {user} is none of those that exist while a service runs')
        self.assertEqual((status['NoNewPrivs'].strip(), status['Seccomp'].strip()), ('1', '2'))
        self.assertEqual({int(status[name], 16) for name in ('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb')}, {0})
        self.assertRegex(Path(f'/proc/{pid}/limits').read_text(), r'Max open files +65536 +65536')
        page = re.search(r'exposure of ([0-9.]+)\s+of 10', PAGE)[1]
        self.assertRegex(run(f'systemd-analyze security --no-pager {UNIT}'), f'exposure level for {UNIT}: {re.escape(page)} ')
        self.assertEqual(os.stat(os.path.realpath(DATA)).st_mode & 0o777, 0o700)
        self.assertNotIn(user, {entry.pw_uid for entry in pwd.getpwall() if entry.pw_shell == '/bin/bash'})
        done = subprocess.run(['runuser', '-u', 'nobody', '--', 'cat', str(CONFIG)], capture_output=True)
        self.assertNotEqual(done.returncode, 0)

    def test_03_a_conversation(self):
        box = self.device.register(self.here, invitation=self.codes.pop())
        box.close()
        self.conversation(self.here, self.device)

    def test_04_behind_nginx(self):
        trust = certificate()
        with open('/etc/hosts', 'a') as file:
            file.write(f'127.0.0.1 {NAME}\n')
        Path('/etc/nginx/sites-enabled/tessera').write_text(block('map $http_upgrade'))
        run('nginx -t && systemctl restart nginx')
        self.assertEqual(get('/v1/info', ORIGIN, trust)[0], 200)
        with over_tls(trust):
            self.conversation(self.secure)
            self.conversation(self.secure, self.device)
        run('systemctl stop nginx')

    def test_05_a_restart_refuses_nobody(self):
        before = main_pid()
        restart = subprocess.Popen(['systemctl', 'restart', UNIT])
        answers = []
        while restart.poll() is None or main_pid() in (0, before):
            answers.append(get('/v1/health')[0])
        self.assertEqual((restart.returncode, set(answers)), (0, {200}))

    def test_06_killed_it_comes_back(self):
        link = Depositor(self.here)
        self.assertEqual(link.deposit(self.device, self.device.contact), STORED)
        before = main_pid()
        os.kill(before, signal.SIGKILL)
        wait('it serves again', lambda: get('/v1/health')[0] == 200)
        self.assertNotEqual(main_pid(), before)
        box = self.device.connect(self.here)
        self.assertEqual(box.ready['waiting'], 1)
        sequence, _, _ = mail(box)
        ack(box, sequence)

    def test_07_a_mistake_in_the_settings(self):
        good = CONFIG.read_text()
        CONFIG.write_text(good + 'regstration=open\n')
        subprocess.run(['systemctl', 'restart', UNIT], capture_output=True)
        wait('it is told', lambda: 'regstration' in said())
        path = re.search(r'/run/credentials/\S+\.conf', PAGE)[0]
        self.assertIn(path, said())
        CONFIG.write_text(good)
        wait('it comes up by itself', lambda: get('/v1/health')[0] == 200)

    def test_08_backed_up_and_restored(self):
        run('mkdir -p /var/backups')
        link = Depositor(self.here)
        self.assertEqual(link.deposit(self.device, self.device.contact), STORED)
        commands = block('systemctl stop tessera-relay.socket')
        backup = re.search(r'/var/backups/\S+\.db', commands)[0]
        run(f'tessera-relay --data {DATA} backup {backup}')
        box = self.device.connect(self.here)
        sequence, _, _ = mail(box)
        ack(box, sequence)
        box.close()
        run(commands)
        self.assertEqual(get('/v1/health')[0], 200)
        box = self.device.connect(self.here)
        self.assertEqual(box.ready['waiting'], 1)
        sequence, _, _ = mail(box)
        ack(box, sequence)
        os.unlink(backup)

    def test_09_a_certificate_of_its_own(self):
        trust = certificate()
        text = block('# systemctl edit tessera-relay.socket')
        parts = re.split(r'^# (?=systemctl edit|/etc/)', text, flags=re.M)[1:]
        for part in parts:
            head, _, rest = part.partition('\n')
            if head.startswith('systemctl edit '):
                edit(head.split()[-1], rest)
                continue
            self.assertIn(str(CONFIG), head)
            settings, restart = rest.strip().split('\n\n')
            kept = [line for line in CONFIG.read_text().splitlines() if not line.startswith('trusted_proxies')]
            CONFIG.write_text('\n'.join(kept + [settings]) + '\n')
            run(restart)
        wait('it serves TLS', lambda: get('/v1/info', ORIGIN, trust)[0] == 200)
        with over_tls(trust):
            self.conversation(self.secure)
        old = trust.read_text()
        trust = certificate()
        self.assertNotEqual(trust.read_text(), old)
        hook(block('systemctl try-restart'))
        wait('it serves the new one', lambda: get('/v1/info', ORIGIN, trust)[0] == 200)

    def test_10_a_new_one_without_an_end(self):
        run('groupadd -r tls-readers; mkdir -p /etc/tessera-relay')
        edit(UNIT, '[Service]\nSupplementaryGroups=tls-readers\n')
        text = re.sub(r'^(tls_\w+)=.*/(\w+\.pem)$',
                      lambda found: f'{found[1]}=/etc/tessera-relay/' +
                      {'certificate.pem': 'fullchain.pem', 'key.pem': 'privkey.pem'}[found[2]], CONFIG.read_text(), flags=re.M)
        CONFIG.write_text(text)
        commands = block('install -m 640')
        run(f'RENEWED_LINEAGE={LINEAGE}; ' + re.search('^install .*$', commands, re.M)[0])
        run(f'systemctl restart {SOCKET} {UNIT}')
        wait('it serves TLS', lambda: get('/v1/info', ORIGIN, LINEAGE / 'fullchain.pem')[0] == 200)
        with over_tls(LINEAGE / 'fullchain.pem'):
            box = self.conversation(self.secure)
        pid, trust = main_pid(), certificate()
        hook(commands)
        wait('it serves the new one', lambda: get('/v1/info', ORIGIN, trust)[0] == 200)
        self.assertEqual(main_pid(), pid)
        box.raw(WebSocket.frame(9, b'there'))
        self.assertEqual(box.receive_frame(), (10, b'there'))
        self.assertIn('event=tls-reloaded', said())

    def test_11_upgraded(self):
        run(block('tessera-relay --data /var/lib/tessera-relay backup'))
        wait('it serves', lambda: get('/v1/info', ORIGIN, LINEAGE / 'fullchain.pem')[0] == 200)
        with over_tls(LINEAGE / 'fullchain.pem'):
            self.conversation(self.secure, self.device)

    def test_12_without_settings(self):
        for unit in (UNIT, SOCKET):
            (Path('/etc/systemd/system') / f'{unit}.d' / 'override.conf').unlink()
        CONFIG.unlink()
        run(f'systemctl daemon-reload && systemctl restart {SOCKET} {UNIT}')
        self.assertEqual(get('/v1/health')[0], 200)
        self.assertIn('"name":"Tessera relay"', get('/v1/info')[1])

    def test_13_stopped(self):
        run(f'systemctl stop {SOCKET} {UNIT}', timeout=30)
        self.assertEqual(run(f'systemctl show -p Result --value {UNIT}').strip(), 'success')
        self.assertEqual(run(f'systemctl show -p ExecMainStatus --value {UNIT}').strip(), '0')
        self.assertNotRegex(said(), 'level=(critical|error)')
        self.assertNotIn('not permitted', said())


if __name__ == '__main__':
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(Machine)
    print(f'TAP version 13\n1..{suite.countTestCases()}', flush=True)
    result = relaytest.Tap()
    result.startTestRun()
    suite.run(result)
    print(f'{result.testsRun - len(result.failures) - len(result.errors)} passed, '
          f'{len(result.failures) + len(result.errors)} failed', flush=True)
    sys.exit(0 if result.wasSuccessful() else 1)
