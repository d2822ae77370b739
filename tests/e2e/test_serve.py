#!/usr/bin/env python3
"""The daemon from end to end: the real binary, real sockets, real counterparts.

    tests/e2e/test_serve.py STILLWATCH [unittest options]
"""

import concurrent.futures
import filecmp
import gzip
import hashlib
import hmac
import http.client
import http.server
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import service
from test_detect import TEMPLATE, world

STILLWATCH = ''
KEY = '--set=hash_key=99'
TOKENS = {'ingest': 'i' * 20, 'read': 'r' * 20, 'label': 'l' * 20, 'admin': 'a' * 20}
LINES = []
PROMPT_WORD = 'Work through the following problem'


def setUpModule():
    """Two rings of 30 among 300 honest accounts."""
    other = [line.replace('"ring-', '"other-').replace('card-r', 'card-s').replace('"id": "r', '"id": "s')
             .replace(TEMPLATE, 'Translate the following passage into formal French, keeping every name: ')
             for line in world(honest=0, ring=30, rounds=16, seed=2)]
    LINES.extend(sorted(world(honest=300, ring=30, rounds=16) + other,
                        key=lambda line: json.loads(line)['ts']))


def body(lines):
    return ''.join(lines).encode()


def bearer(role):
    return {'Authorization': f'Bearer {TOKENS[role]}'}


def until(condition, what, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f'in vain: {what}')


class Base(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='stillwatch-serve-')
        self.services = []

    def tearDown(self):
        for s in self.services:
            if s.process and s.process.poll() is None:
                s.process.kill()
                s.process.wait()
            s.log.close()
        shutil.rmtree(self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), 'w', encoding='utf-8') as f:
            f.write(text)
        return self.path(name)

    def serve(self, *options, name='state', start=True):
        s = service.Service(STILLWATCH, KEY, *service.SMALL, *options, state=self.path(name))
        self.services.append(s)
        return s.start() if start else s

    def refused(self, *options):
        """What a start says that fails."""
        return subprocess.run(
            [STILLWATCH, 'serve', '--state', self.path('state'), KEY, *service.SMALL, *options],
            capture_output=True, text=True, timeout=60)

    def detect(self, lines, out='detect'):
        events = self.write('events.jsonl', ''.join(lines))
        subprocess.run([STILLWATCH, 'detect', events, '--out', self.path(out), '--quiet', KEY,
                        *service.SMALL], check=True)

    def same(self, a, b, names=('findings.jsonl', 'accounts.jsonl', 'clusters.jsonl')):
        for name in names:
            self.assertTrue(filecmp.cmp(os.path.join(self.path(a), name),
                                        os.path.join(self.path(b), name), shallow=False), name)

    def send_all(self, s, lines=None, size=500, **headers):
        lines = LINES if lines is None else lines
        for i in range(0, len(lines), size):
            status, answer = s.post('/v1/events', body(lines[i:i + size]), **headers)
            self.assertEqual(status, 202, answer)

    def judged(self, s):
        """Waits until all that is in the log was judged."""
        def caught_up():
            status = s.read('/v1/status')
            return status['judged_frames'] == status['log_frames'] and status
        return until(caught_up, 'all is judged')


class Findings(Base):
    def test_the_same_events_give_the_same_findings_as_detect(self):
        self.detect(LINES)
        with open(self.path('detect/findings.jsonl'), encoding='utf-8') as f:
            self.assertGreater(len(f.readlines()), 0)
        s = self.serve('--finish', '--out', self.path('run'), '--threads', '2')
        for i, at in enumerate(range(0, len(LINES), 700)):
            chunk = body(LINES[at:at + 700])
            packed = [(chunk, None), (gzip.compress(chunk), 'gzip'),
                      (subprocess.run(['zstd', '-qc'], input=chunk, capture_output=True,
                                      check=True).stdout, 'zstd')][i % 3]
            headers = {'Content_Encoding': packed[1]} if packed[1] else {}
            status, answer = s.post('/v1/events', packed[0], **headers)
            self.assertEqual((status, answer['accepted']), (202, len(LINES[at:at + 700])))
        self.assertEqual(s.stop(), 0, s.said())
        self.same('detect', 'run')

    def test_stdin_and_restarts_and_reloads_change_nothing(self):
        self.detect(LINES)
        half = len(LINES) // 2
        for part, more in ((LINES[:half], []), (LINES[half:], ['--finish', '--out', self.path('run')])):
            done = subprocess.run([STILLWATCH, 'serve', '--state', self.path('state'), '--stdin', KEY,
                                   *service.SMALL, *more], input=body(part), capture_output=True,
                                  timeout=120)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotIn(b'snapshot_refused', done.stderr)
        self.same('detect', 'run')

    def test_a_batch_that_is_sent_again_is_not_counted_again(self):
        s = self.serve()
        first = s.post('/v1/events', body(LINES[:400]), Idempotency_Key='one')
        again = s.post('/v1/events', body(LINES[:400]), Idempotency_Key='one')
        self.assertEqual(first[1]['duplicate'], False)
        self.assertEqual(again[1], {**first[1], 'duplicate': True})
        self.assertEqual(s.post('/v1/events', body(LINES[:3]), Idempotency_Key='one')[0], 422)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: s.post('/v1/events', body(LINES[400:900]),
                                                     Idempotency_Key='two'), range(8)))
        self.assertEqual([a[0] for a in answers], [202] * 8)
        self.assertEqual(sum(not a[1]['duplicate'] for a in answers), 1)
        # and without a key, exchanges that have an id are counted once
        self.send_all(s, LINES[400:900])
        status = self.judged(s)
        self.assertEqual(status['counters']['durable'], 1400)
        self.assertEqual(status['counters']['duplicate'],
                         sum('"id"' in line for line in LINES[400:900]))
        s.process.kill()
        s.process.wait()
        s.start()
        self.assertTrue(s.post('/v1/events', body(LINES[:400]), Idempotency_Key='one')[1]['duplicate'])

    def test_records_that_are_none_are_named(self):
        s = self.serve()
        status, answer = s.post('/v1/events', b'{"ts":1,"account":"a"}\nx\n{"ts":2}\n')
        self.assertEqual((status, answer['accepted'], answer['refused']), (202, 1, 2))
        self.assertEqual([r['index'] for r in answer['refusals']], [1, 2])
        self.assertIn('account', answer['refusals'][1]['reason'])

    def test_a_named_field_map_reads_other_logs(self):
        s = self.serve()
        line = b'{"time":"2026-02-01T00:00:00Z","remote_user":"a","remote_addr":"192.0.2.1","status":200,' \
               b'"request_uri":"/v1/chat/completions"}\n'
        self.assertEqual(s.post('/v1/events?map=nginx-json', line)[0], 202)
        for name in ('nothing', '../x', '/etc/passwd', 'a.json'):
            self.assertEqual(s.post(f'/v1/events?map={name}', line)[0], 400, name)

    def test_no_prompt_is_kept_anywhere(self):
        s = self.serve('--snapshot-s', '0.05', '--log-format', 'json')
        self.send_all(s)
        until(lambda: any(n.startswith('snap-') for n in os.listdir(s.state)), 'a snapshot')
        self.assertEqual(s.stop(), 0)
        for name in os.listdir(s.state):
            with open(os.path.join(s.state, name), 'rb') as f:
                self.assertNotIn(PROMPT_WORD.encode(), f.read(), name)
        self.assertNotIn(PROMPT_WORD, s.said())
        for line in s.said().splitlines():
            if line.startswith('listening on '):  # stdout's
                continue
            self.assertLessEqual({'time', 'event', 'message'}, set(json.loads(line)))

    def test_pseudonyms_hide_ids_and_change_no_verdict(self):
        self.detect(LINES)
        key = self.write('key', 'a key that nobody knows')
        s = self.serve('--pseudonymise', key, '--finish', '--out', self.path('run'))
        self.send_all(s)
        self.judged(s)
        status, _, answer = s.ask('GET', '/v1/accounts/ring-305')
        self.assertEqual(status, 200)
        self.assertNotIn(b'ring-305', answer)
        self.assertEqual(s.stop(), 0)
        for folder in (s.state, self.path('run')):
            for name in os.listdir(folder):
                with open(os.path.join(folder, name), 'rb') as f:
                    data = f.read()
                self.assertNotIn(b'ring-305', data, name)
                self.assertNotIn(b'card-r', data, name)

        def shown(run):
            with open(self.path(run + '/findings.jsonl'), encoding='utf-8') as f:
                return [(x['ts'], x['level'], x['score'], x['member_count']) for x in map(json.loads, f)]
        self.assertEqual(shown('detect'), shown('run'))


class Reading(Base):
    def test_what_is_found_can_be_read(self):
        s = self.serve('--lateness', '0')
        self.send_all(s)
        self.judged(s)
        for word in (' finding: f1: ', ' decision: new: account ring-'):
            self.assertIn(word, s.said())
        findings = s.read('/v1/findings')
        self.assertGreater(len(findings['findings']), 0)
        self.assertEqual(s.read(f'/v1/findings?cursor={findings["cursor"]}')['findings'], [])
        page = s.read('/v1/findings?limit=1')
        self.assertEqual((page['findings'], page['cursor']), (findings['findings'][:1], 1))
        cluster = s.read('/v1/clusters')['clusters'][0]
        self.assertIn(cluster['level'], ('review', 'act'))
        full = s.read(f'/v1/clusters/{cluster["id"]}?limit=10')
        self.assertEqual(len(full['members']), 10)
        self.assertEqual(full['members_cursor'], 10)
        rest = s.read(f'/v1/clusters/{cluster["id"]}?cursor=10&limit=200')
        self.assertEqual(len(rest['members']), cluster['member_count'] - 10)
        self.assertIsNone(rest['members_cursor'])
        self.assertLessEqual({'signal', 'family', 'weight', 'note'}, set(full['evidence'][0]))
        self.assertGreater(sum(full['activity']['hours']), 0)  # from when the group was formed on
        self.assertLessEqual(sum(full['activity']['hours']), cluster['exchanges'])
        rows = {row['account']: row for row in full['raster']}
        self.assertEqual(set(rows), {m['account'] for m in full['members'] + rest['members']})
        member = full['members'][0]['account']
        self.assertGreater(sum(rows[member]['hours']), 0)
        account = s.read(f'/v1/accounts/{member}')
        self.assertEqual(account['cluster'], cluster['id'])
        self.assertEqual(s.ask('GET', '/v1/accounts/nobody')[0], 404)
        self.assertEqual(s.ask('GET', '/v1/clusters/c99999')[0], 404)
        self.assertEqual(s.ask('GET', '/v1/clusters/x')[0], 404)
        self.assertEqual(s.ask('GET', '/v1/clusters?limit=-1')[0], 400)
        self.assertEqual(s.ask('DELETE', '/v1/clusters')[0], 405)
        self.assertEqual(s.ask('GET', '/v1/nothing')[0], 404)

    def test_decisions_are_pulled_by_cursor_and_survive_a_crash(self):
        s = self.serve('--lateness', '0', '--snapshot-s', '0.05')
        self.send_all(s)
        self.judged(s)
        all_of_them = s.read('/v1/decisions?since=0&limit=1000')
        new = [d for d in all_of_them['decisions'] if d['change'] == 'new']
        self.assertGreaterEqual(len(new), 25)
        self.assertTrue(all(d['account'].startswith(('ring-', 'other-')) for d in new))
        self.assertEqual([d['cursor'] for d in all_of_them['decisions']],
                         list(range(1, len(all_of_them['decisions']) + 1)))
        s.process.kill()
        s.process.wait()
        s.start()
        self.assertEqual(s.read('/v1/decisions?since=0&limit=1000'), all_of_them)
        self.assertEqual(s.read('/v1/decisions?since=3&limit=2')['decisions'],
                         all_of_them['decisions'][3:5])

    def test_findings_stream_as_they_come_and_resume(self):
        s = self.serve('--lateness', '0')
        connection = http.client.HTTPConnection('127.0.0.1', s.port, timeout=30)
        connection.request('GET', '/v1/findings/stream')
        stream = connection.getresponse()
        self.assertEqual(stream.getheader('Content-Type'), 'text/event-stream')
        self.send_all(s)
        event = {}
        for line in stream:
            if line == b'\n' and 'data' in event:
                break
            name, _, value = line.decode().partition(': ')
            event[name] = value.strip()
        connection.close()
        self.judged(s)
        findings = s.read('/v1/findings')['findings']
        self.assertEqual((event['id'], event['event'], json.loads(event['data'])),
                         ('1', 'finding', findings[0]))
        with socket.create_connection(('127.0.0.1', s.port), timeout=30) as resumed:
            resumed.sendall(b'GET /v1/findings/stream HTTP/1.1\r\nHost: l\r\nLast-Event-ID: 1\r\n\r\n')
            seen = b''
            while b'id: 2' not in seen:
                more = resumed.recv(65536)
                self.assertTrue(more)
                seen += more
            self.assertNotIn(b'id: 1\n', seen)

    def test_verdicts_are_kept_and_shown(self):
        s = self.serve('--lateness', '0')
        self.send_all(s)
        self.judged(s)
        cluster = s.read('/v1/clusters')['clusters'][0]['id']

        def label(**fields):
            return s.post('/v1/labels', json.dumps(fields))
        self.assertEqual(label(cluster=cluster, verdict='distilling', note='<b>', by='ann')[0], 200)
        self.assertEqual(label(account='honest-7', verdict='benign')[0], 200)
        self.assertEqual(label(account='honest-7', verdict='guilty')[0], 400)
        self.assertEqual(label(verdict='benign')[0], 400)
        self.assertEqual(label(cluster='c99999', verdict='benign')[0], 404)
        self.assertEqual(s.post('/v1/labels', '{"subject":')[0], 400)
        self.assertEqual(s.stop(), 0)
        s.start()
        shown = s.read(f'/v1/clusters/{cluster}')
        self.assertEqual((shown['label']['verdict'], shown['label']['note']), ('distilling', '<b>'))
        self.assertEqual(shown['members'][0]['label']['verdict'], 'distilling')
        self.assertEqual(s.read('/v1/accounts/honest-7')['label']['verdict'], 'benign')
        with open(os.path.join(s.state, 'labels.jsonl'), encoding='utf-8') as f:
            truth = [json.loads(line) for line in f]
        self.assertEqual(len(truth), shown['member_count'] + 1)

    @unittest.skipUnless(shutil.which('promtool'), 'promtool (prometheus) is not installed')
    def test_metrics_are_as_prometheus_wants_them(self):
        s = self.serve()
        self.send_all(s, LINES[:1000])
        self.judged(s)
        text = s.ask('GET', '/metrics')[2]
        checked = subprocess.run(['promtool', 'check', 'metrics'], input=text, capture_output=True)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, b''))
        self.assertIn(b'stillwatch_intake_durable_total 1000\n', text)
        self.assertNotIn(b'ring-', text)


class Limits(Base):
    def test_too_large_and_unreadable_bodies_are_refused(self):
        s = self.serve('--body-mb', '1', '--queue-mb', '2')
        good = body(LINES[:100])
        with socket.create_connection(('127.0.0.1', s.port), timeout=30) as c:
            c.sendall(b'POST /v1/events HTTP/1.1\r\nHost: l\r\nContent-Length: 1048578\r\n\r\n')
            self.assertIn(b' 413 ', c.recv(4096))  # before the body has come
        bomb = gzip.compress(b' ' * (64 << 20))
        self.assertLess(len(bomb), 1 << 20)
        self.assertEqual(s.post('/v1/events', bomb, Content_Encoding='gzip')[0], 413)
        self.assertEqual(s.post('/v1/events', good, Content_Encoding='gzip')[0], 400)
        self.assertEqual(s.post('/v1/events', good, Content_Encoding='br')[0], 415)
        self.assertEqual(s.post('/v1/events', b'')[0], 202)
        self.assertEqual(s.ask('GET', '/healthz', X_Large='y' * 20000)[0], 400)
        counters = s.read('/v1/status')['counters']
        self.assertEqual((counters['bombs'], counters['bad_bodies']), (1, 1))
        self.assertEqual(s.post('/v1/events', good)[0], 202)

    def test_overload_is_answered_with_429_and_nothing_is_lost(self):
        s = self.serve('--body-mb', '1', '--queue-mb', '1', '--threads', '1')
        chunk = body(LINES[:3000])[:900000]
        chunk = chunk[:chunk.rindex(b'\n') + 1]
        count = chunk.count(b'\n')

        def post(n):
            tries = 0
            while True:
                status, headers, _ = s.ask('POST', '/v1/events', chunk, Idempotency_Key=f'k{n}')
                if status == 202:
                    return tries
                self.assertEqual((status, headers['retry-after']), (429, '1'))
                tries += 1
                time.sleep(0.05)
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            tries = sum(pool.map(post, range(36)))
        self.assertGreater(tries, 0)
        counters = self.judged(s)['counters']
        self.assertEqual(counters['durable'], 36 * count)
        flooded = [int(line.split()[1]) for line in s.ask('GET', '/metrics')[2].decode().splitlines()
                   if line.startswith('stillwatch_connections_flooded_total')]
        self.assertGreater(counters['overload'], 0)
        self.assertGreaterEqual(counters['overload'] + flooded[0], tries)

    def test_slow_and_idle_connections_are_limited(self):
        s = self.serve('--connections', '50', '--request-s', '1')
        idle = [socket.create_connection(('127.0.0.1', s.port)) for _ in range(70)]
        idle[0].sendall(b'POST /v1/events HTTP/1.1\r\nHost: l\r\nContent-Length: 1000\r\n\r\n{')
        self.assertEqual(idle[0].recv(1), b'')  # ended: it takes too long
        for c in idle:
            c.close()
        until(lambda: s.ask('GET', '/healthz')[0] == 200, 'it serves again')
        text = s.ask('GET', '/metrics')[2].decode()
        self.assertIn('stillwatch_connections_slow_total 1\n', text)
        full = [line for line in text.splitlines() if line.startswith('stillwatch_connections_full')]
        self.assertGreaterEqual(int(full[0].split()[1]), 1)

    def test_unfinished_requests_hold_only_so_much(self):
        s = self.serve('--body-mb', '1', '--queue-mb', '1')
        head = b'POST /v1/events HTTP/1.1\r\nHost: l\r\nContent-Length: 1000000\r\n\r\n'
        held, ended = [], 0
        for _ in range(6):
            c = socket.create_connection(('127.0.0.1', s.port), timeout=10)
            try:
                c.sendall(head + b'x' * 900000)
            except OSError:
                ended += 1
            held.append(c)
        until(lambda: 'stillwatch_connections_flooded_total 0' not in
              s.ask('GET', '/metrics')[2].decode(), 'some are ended')
        for c in held:
            c.close()
        self.assertEqual(s.post('/v1/events', body(LINES[:10]))[0], 202)


class Security(Base):
    def tokens(self):
        return self.write('tokens', ''.join(f'{role} {token}\n' for role, token in TOKENS.items()))

    def test_each_role_may_do_its_part_and_no_more(self):
        s = self.serve('--tokens', self.tokens(), start=False)
        s.start()
        cases = [('POST', '/v1/events', body(LINES[:2]), 'ingest', 202),
                 ('GET', '/v1/status', None, 'read', 200), ('GET', '/metrics', None, 'read', 200),
                 ('POST', '/v1/labels', '{"account":"a","verdict":"benign"}', 'label', 200),
                 ('POST', '/v1/reload', '', 'admin', 200)]
        for method, path, data, allowed, status in cases:
            self.assertEqual(s.ask(method, path, data)[0], 401, path)
            self.assertEqual(s.ask(method, path, data, Authorization='Bearer nonsense')[0], 401, path)
            for role in TOKENS:
                expected = status if role in (allowed, 'admin') else 403
                self.assertEqual(s.ask(method, path, data, **bearer(role))[0], expected, (path, role))
        self.assertEqual(s.ask('GET', '/healthz')[0], 200)
        self.assertEqual(s.ask('GET', '/readyz')[0], 200)
        for token in TOKENS.values():
            self.assertNotIn(token, s.said())

    def test_answers_carry_their_guards_and_an_id_that_the_log_has(self):
        s = self.serve()
        for path in ('/', '/healthz', '/v1/status', '/v1/nothing', '/v1/findings'):
            _, headers, _ = s.ask('GET', path)
            self.assertEqual(headers['x-content-type-options'], 'nosniff')
            self.assertIn("default-src 'none'", headers['content-security-policy'])
            self.assertEqual(len(headers['x-request-id']), 16)
        _, headers, answer = s.ask('POST', '/v1/events', b'x', Content_Encoding='br')
        self.assertEqual(json.loads(answer)['request_id'], headers['x-request-id'])
        self.assertIn(headers['x-request-id'], s.said())

    def test_only_loopback_without_tokens(self):
        done = self.refused('--listen', '0.0.0.0:0')
        self.assertEqual(done.returncode, 2)
        self.assertIn('--tokens', done.stderr)

    def test_tls_and_a_unix_socket_serve_the_same(self):
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                        'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj',
                        '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout',
                        self.path('key.pem'), '-out', self.path('cert.pem')], check=True,
                       capture_output=True)
        s = self.serve('--tls-cert', self.path('cert.pem'), '--tls-key', self.path('key.pem'),
                       start=False)
        context = ssl.create_default_context(cafile=self.path('cert.pem'))

        def ask(method, path, data=None):
            connection = http.client.HTTPSConnection('127.0.0.1', s.port, context=context, timeout=30)
            connection.request(method, path, data)
            answer = connection.getresponse()
            result = answer.status, answer.read()
            connection.close()
            return result
        s.ask = lambda method, path, body=None, **_: (*ask(method, path, body), b'')
        s.start()
        self.assertEqual(ask('POST', '/v1/events', body(LINES[:500]))[0], 202)
        self.assertEqual(s.stop(), 0)
        unix = self.path('socket')
        s = service.Service(STILLWATCH, KEY, *service.SMALL, '--unix', unix, state=self.path('state'))
        self.services.append(s)
        s.start()
        with socket.socket(socket.AF_UNIX) as c:
            c.connect(unix)
            data = body(LINES[500:600])
            c.sendall(b'POST /v1/events HTTP/1.1\r\nHost: l\r\nContent-Length: %d\r\n\r\n' % len(data)
                      + data)
            self.assertIn(b' 202 ', c.recv(4096))
        self.assertEqual(self.judged(s)['log_frames'], 3)  # with the configuration's


class Operations(Base):
    def test_a_reload_keeps_the_state_or_is_refused_with_its_reason(self):
        config = self.write('config.json', '{"review_score": 0.5}')
        s = self.serve('--config', config)
        self.send_all(s, LINES[:2000])
        self.write('config.json', '{"review_score": 0.6}')
        self.assertEqual(s.post('/v1/reload', '')[0], 200)
        for text, reason in (('{"phrases_max": 16}', 'phrases_max'), ('{"review_skore": 1}', 'review_s'),
                             ('{"review_score": 0.97}', 'act_score'), ('{', 'config.json')):
            self.write('config.json', text)
            status, answer = s.post('/v1/reload', '')
            self.assertEqual((status, reason in answer['error']), (422, True), answer)
        self.write('config.json', '{"review_score": 0.7}')
        s.process.send_signal(signal.SIGHUP)
        until(lambda: s.said().count('is in force') == 2, 'the signal is heard')
        self.assertEqual(self.judged(s)['accounts'], 360)
        s.process.kill()
        s.process.wait()
        s.start()
        self.assertEqual(self.judged(s)['accounts'], 360)

    def test_systemd_is_told(self):
        path = self.path('notify')
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(path)
            notify.settimeout(30)
            environment = {'NOTIFY_SOCKET': path, 'WATCHDOG_USEC': '2000000'}
            before = {name: os.environ.get(name) for name in environment}
            os.environ.update(environment)
            try:
                s = self.serve()
            finally:
                for name, value in before.items():
                    os.environ.pop(name) if value is None else os.environ.update({name: value})
            said = [notify.recv(4096)]
            self.assertEqual(said, [b'READY=1'])
            self.assertRegex(notify.recv(4096), rb'^WATCHDOG=1\nSTATUS=0 records/s, 1 frames')
            s.stop()
            until(lambda: notify.recv(4096) == b'STOPPING=1', 'it says that it stops')

    def test_check_says_whether_options_and_state_are_sound(self):
        self.assertEqual(self.refused('--check').returncode, 0)
        s = self.serve()
        self.send_all(s, LINES[:500], size=100)
        self.assertIn('another stillwatch serve', self.refused('--check').stderr)
        s.process.kill()
        s.process.wait()
        checked = self.refused('--check')
        self.assertEqual((checked.returncode, 'sound, 6 frames' in checked.stdout), (0, True))
        log = sorted(n for n in os.listdir(s.state) if n.startswith('log-'))[-1]
        with open(os.path.join(s.state, log), 'r+b') as f:
            f.seek(-100, os.SEEK_END)
            f.write(b'damage')
        checked = self.refused('--check')
        self.assertEqual(checked.returncode, 1)
        self.assertIn(log, checked.stderr)
        self.assertIn('--repair', checked.stderr)
        self.assertEqual(self.refused('--check', '--repair').returncode, 0)

    def test_bad_options_are_named(self):
        for options, word in ((['--set', 'acounts_max=3'], 'accounts_max'), (['--tls-key', 'x'], '--tls-cert'),
                              (['--tokens', '/nonexistent'], '/nonexistent'), (['--map', 'litelm'], 'litellm'),
                              (['--decision-level', 'high'], 'review'), (['--listen', 'x:y:z'], '--listen'),
                              (['--webhook-secret', 'x'], '--webhook')):
            done = self.refused(*options)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(word, done.stderr, options)


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        data = self.rfile.read(int(self.headers['Content-Length']))
        self.server.seen.append((self.path, dict(self.headers), data))
        status = self.server.answers.pop(0) if self.server.answers else 200
        self.send_response(status)
        self.send_header('Content-Length', '0')
        self.end_headers()

    def log_message(self, *_):
        pass


class Outgoing(Base):
    def receiver(self, *answers):
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Receiver)
        server.seen, server.answers = [], list(answers)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server, f'http://127.0.0.1:{server.server_address[1]}'

    def test_findings_go_to_a_webhook_signed_and_until_they_arrive(self):
        hook, url = self.receiver(503, 200, 400)
        secret = self.write('secret', 'between us')
        s = self.serve('--lateness', '0', '--webhook', url + '/hook', '--webhook-secret', secret,
                       '--decision-level', 'watch')
        self.send_all(s)
        self.judged(s)
        findings = s.read('/v1/findings')['findings']
        self.assertGreaterEqual(len(findings), 2)
        until(lambda: len(hook.seen) == len(findings) + 1, 'all are delivered')
        for path, headers, data in hook.seen:
            stamp = headers['X-Stillwatch-Timestamp']
            expected = hmac.new(b'between us', stamp.encode() + b'.' + data, hashlib.sha256)
            self.assertEqual(headers['X-Stillwatch-Signature'], 'sha256=' + expected.hexdigest())
            self.assertEqual((path, headers['Idempotency-Key']), ('/hook', json.loads(data)['id']))
        self.assertEqual(hook.seen[0][2], hook.seen[1][2])  # the second attempt
        dead = os.path.join(s.state, 'dead-letter-webhook.jsonl')
        until(lambda: os.path.getsize(dead), 'the third answer, 400, is for good')
        with open(dead, encoding='utf-8') as f:
            self.assertEqual([json.loads(line)['id'] for line in f], [findings[1]['id']])
        self.assertEqual(s.stop(), 0)
        s.start()  # what was delivered is not delivered again
        time.sleep(0.5)
        self.assertEqual(len(hook.seen), len(findings) + 1)

    def test_findings_become_alerts(self):
        manager, url = self.receiver()
        s = self.serve('--lateness', '0', '--alertmanager', url)
        self.send_all(s)
        self.judged(s)
        until(lambda: manager.seen, 'an alert')
        path, _, data = manager.seen[0]
        alert = json.loads(data)[0]
        self.assertEqual(path, '/api/v2/alerts')
        self.assertEqual(alert['labels']['alertname'], 'StillwatchFinding')
        self.assertIn(alert['labels']['severity'], ('review', 'act'))
        self.assertIn('payment', alert['annotations']['evidence'])
        self.assertNotIn('ring-', json.dumps(alert['labels']))


if __name__ == '__main__':
    STILLWATCH = os.path.abspath(sys.argv.pop(1))
    unittest.main()
