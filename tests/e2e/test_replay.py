#!/usr/bin/env python3
"""`simulate --to` against a server that is slow, overloaded, gone or rude.

    tests/e2e/test_replay.py STILLWATCH [unittest options]
"""

import collections
import gzip
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

STILLWATCH = ''
ROOT = os.environ.get('STILLWATCH_ROOT', '.')
START = 1769904000000  # 2026-02-01


class Server:
    """Takes batches; `answer(number, handler)` may answer, or close, before a batch is taken."""

    def __init__(self, answer=None, port=0):
        self.lines, self.keys, self.headers, self.times, self.open = [], [], [], [], set()
        self.attempts = 0
        self.lock = threading.Lock()
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def setup(self):
                super().setup()
                server.open.add(self.connection)

            def do_POST(self):
                body = self.rfile.read(int(self.headers['Content-Length']))
                with server.lock:
                    server.attempts += 1
                    number = server.attempts
                if answer and answer(number, self):
                    return
                with server.lock:
                    server.times.append(time.monotonic())
                    server.headers.append(dict(self.headers))
                    if self.headers['Idempotency-Key'] not in server.keys:
                        server.lines += body.decode().splitlines()
                    server.keys.append(self.headers['Idempotency-Key'])
                self.reply(202, {'accepted': len(body.decode().splitlines())})

            def reply(self, status, content=None, **headers):
                text = json.dumps(content or {}).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace('_', '-'), value)
                self.send_header('Content-Length', str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def drop(self):
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)

            def log_message(self, *args):
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, request, address):
                pass

        self.http = Quiet(('127.0.0.1', port), Handler)
        self.port = self.http.server_address[1]
        self.url = f'http://127.0.0.1:{self.port}'
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()
        for connection in self.open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def events(count, step_ms=1000):
    return [json.dumps({'ts': START + i * step_ms, 'account': f'a{i % 7}', 'id': f'r{i}'})
            for i in range(count)]


class Replay(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix='stillwatch-replay-')
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def file(self, lines, name='events.jsonl'):
        path = os.path.join(self.dir, name)
        with (gzip.open if name.endswith('.gz') else open)(path, 'wt') as f:
            f.write(''.join(line + '\n' for line in lines))
        return path

    def server(self, answer=None, port=0):
        server = Server(answer, port)
        self.addCleanup(server.close)
        return server

    def run_it(self, *args, expect=0):
        done = subprocess.run([STILLWATCH, 'simulate', *args], capture_output=True, text=True,
                              timeout=60)
        self.assertEqual(done.returncode, expect, done.stderr + done.stdout)
        return done

    def replay(self, server, lines, *args):
        path = self.file(lines)
        done = self.run_it('--from', path, '--to', server.url, '--json', *args)
        return json.loads(done.stdout)

    def test_every_event_arrives_once_and_in_order(self):
        server = self.server()
        lines = events(5000)
        told = self.replay(server, lines, '--time-scale', '10000', '--batch', '300')
        self.assertEqual(server.lines, lines)
        self.assertEqual((told['sent'], told['acknowledged'], told['accepted']), (5000,) * 3)
        self.assertEqual(told['batches'], len(server.keys))
        self.assertEqual(len(set(server.keys)), len(server.keys))
        self.assertEqual(sum(row['records'] for row in told['lateness_histogram']), 5000)
        self.assertEqual(len(server.open), 1, 'the connection is kept')

    def test_the_schedule_follows_the_events_times(self):
        server = self.server()
        told = self.replay(server, events(11), '--time-scale', '10', '--linger', '0')
        self.assertEqual(len(server.times), 11)
        self.assertGreater(server.times[-1] - server.times[0], 0.9)
        self.assertLess(server.times[-1] - server.times[0], 3.0)
        self.assertGreater(told['wall_s'], 0.99)

    def test_a_rate_overrides_the_events_times(self):
        server = self.server()
        told = self.replay(server, events(400, 3600000), '--rate', '800')
        self.assertGreater(told['wall_s'], 0.49)
        self.assertLess(told['wall_s'], 3.0)
        self.assertEqual(len(server.lines), 400)

    def test_a_slow_server_does_not_move_the_schedule(self):
        server = self.server(lambda number, h: time.sleep(0.2))
        told = self.replay(server, events(10), '--time-scale', '20', '--linger', '0')
        # Due at 0, 50, ... 450 ms, answered every 200 ms: the last is sent at 1.8 s, 1.35 s late.
        self.assertGreater(told['lateness_ms']['max'], 1200)
        self.assertLess(told['answer_ms']['p50'], 1000)
        self.assertGreater(told['total_ms']['max'], 1400)

    def test_more_connections_keep_the_schedule(self):
        server = self.server(lambda number, h: time.sleep(0.2))
        told = self.replay(server, events(10), '--time-scale', '20', '--linger', '0',
                           '--connections', '8')
        self.assertLess(told['lateness_ms']['max'], 900)  # 1350 over one
        self.assertEqual(sorted(server.lines), sorted(events(10)))

    def test_events_far_apart_are_never_under_way_together(self):
        inside, most = [0], [0]

        def answer(number, h):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0.05)
            inside[0] -= 1
        server = self.server(answer)
        lines = events(8, 600000)
        self.replay(server, lines, '--rate', '1000', '--batch', '1', '--connections', '8')
        self.assertEqual(server.lines, lines)
        self.assertEqual(most[0], 1)

    def test_retry_after_is_respected_and_shows_as_lateness(self):
        refused = []

        def answer(number, h):
            if number <= 2:
                refused.append(time.monotonic())
                h.reply(429, Retry_After='1')
                return True
            return False
        server = self.server(answer)
        lines = events(20)
        told = self.replay(server, lines, '--time-scale', '20', '--linger', '0')
        self.assertEqual(server.lines, lines)
        self.assertEqual(told['retries_overloaded'], 2)
        self.assertGreaterEqual(refused[1] - refused[0], 0.99)
        self.assertGreaterEqual(server.times[0] - refused[1], 0.99)
        self.assertGreater(told['lateness_ms']['max'], 1000)

    def test_a_batch_is_sent_until_it_is_acknowledged_under_one_key(self):
        seen = collections.Counter()

        def answer(number, h):
            seen[h.headers['Idempotency-Key']] += 1
            if number % 3 == 1:
                h.drop()
                return True
            if number % 3 == 2:
                h.reply(503)
                return True
            return False
        server = self.server(answer)
        lines = events(50)
        told = self.replay(server, lines, '--rate', '5000', '--batch', '10')
        self.assertEqual(server.lines, lines)
        self.assertEqual(len(seen), told['batches'])
        self.assertEqual(sum(seen.values()), server.attempts)
        self.assertGreater(told['retries_unavailable'], 0)
        self.assertGreater(told['retries_unanswered'], 0)

    def test_it_goes_on_when_the_server_comes_back(self):
        first = self.server()
        path = self.file(events(60))
        with subprocess.Popen([STILLWATCH, 'simulate', '--from', path, '--to', first.url,
                               '--time-scale', '40', '--linger', '0', '--json'],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as p:
            while len(first.lines) < 10:
                time.sleep(0.01)
            first.close()
            time.sleep(0.5)
            second = self.server(port=first.port)
            out, messages = p.communicate(timeout=30)
        self.assertEqual(p.returncode, 0, messages)
        told = json.loads(out)
        self.assertEqual(told['acknowledged'], 60)
        self.assertEqual(list(dict.fromkeys(first.lines + second.lines)), events(60))
        self.assertGreater(told['away_s'], 0.3)
        self.assertIn('trying until it answers', messages)
        self.assertIn('answers again', messages)

    def test_it_gives_up_only_when_asked_to(self):
        with socket.socket() as s:  # bound, and nobody listens
            s.bind(('127.0.0.1', 0))
            done = self.run_it('--from', self.file(events(3)), '--to',
                               f'http://127.0.0.1:{s.getsockname()[1]}', '--give-up', '0.3', expect=1)
        self.assertIn('did not answer', done.stderr)

    def test_what_the_server_will_never_take_ends_the_replay(self):
        for status, text in ((401, 'no token'), (413, 'too large'), (302, 'elsewhere')):
            with self.subTest(status=status):
                server = self.server(lambda number, h: h.reply(
                    status, {'error': {'message': text}}, Location='http://127.0.0.1:1/') or True)
                done = self.run_it('--from', self.file(events(3)), '--to', server.url, expect=1)
                self.assertIn(f'status {status}: {text}', done.stderr)
                self.assertEqual(server.attempts, 1)

    def test_interrupted_it_tells_what_was_acknowledged(self):
        server = self.server()
        path = self.file(events(1000))
        with subprocess.Popen([STILLWATCH, 'simulate', '--from', path, '--to', server.url, '--json',
                               '--time-scale', '20', '--linger', '0'],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as p:
            while len(server.lines) < 3:
                time.sleep(0.01)
            p.send_signal(signal.SIGINT)
            out, messages = p.communicate(timeout=30)
        self.assertEqual(p.returncode, 1)
        told = json.loads(out)
        self.assertTrue(told['interrupted'])
        # The last one may have been on its way back.
        self.assertIn(len(server.lines) - told['acknowledged'], (0, 1))
        self.assertGreaterEqual(told['acknowledged'], 2)
        self.assertIn('interrupted', messages)

    def test_a_token_travels_as_bearer(self):
        server = self.server()
        token = self.file(['secret-of-a-test'], 'token')
        self.replay(server, events(3), '--rate', '1000', '--token-file', token)
        self.assertEqual(server.headers[0]['Authorization'], 'Bearer secret-of-a-test')

    def test_no_proxy_and_no_other_address_is_used(self):
        server, proxy = self.server(), self.server()
        path = self.file(events(3))
        environment = {**os.environ, 'http_proxy': proxy.url, 'ALL_PROXY': proxy.url}
        subprocess.run([STILLWATCH, 'simulate', '--from', path, '--to', server.url, '--rate', '100',
                        '--quiet'], check=True, env=environment, timeout=30)
        self.assertEqual(len(server.lines), 3)
        self.assertEqual(proxy.attempts, 0)

    def test_one_wrong_time_does_not_stop_the_schedule(self):
        server = self.server()
        lines = events(10)
        lines.insert(5, json.dumps({'ts': 253402300799999, 'account': 'a', 'id': 'far'}))
        started = time.monotonic()
        self.replay(server, lines, '--time-scale', '20', '--linger', '0')
        self.assertLess(time.monotonic() - started, 5)
        self.assertEqual(server.lines, lines)

    @unittest.skipUnless(shutil.which('openssl'), 'openssl is not installed')
    def test_https_is_spoken_with_those_who_are_vouched_for(self):
        certificate, key = (os.path.join(self.dir, name) for name in ('cert.pem', 'key.pem'))
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2',
                        '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-out',
                        certificate, '-keyout', key], check=True, capture_output=True)
        server = self.server()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.http.socket = context.wrap_socket(server.http.socket, server_side=True)
        url = server.url.replace('http:', 'https:')
        path = self.file(events(3))
        self.run_it('--from', path, '--to', url, '--rate', '100', '--ca-file', certificate)
        self.assertEqual(server.lines, events(3))
        self.run_it('--from', path, '--to', url, '--rate', '100', '--give-up', '0.3', expect=1)
        self.assertEqual(server.lines, events(3))

    def test_refused_records_are_told(self):
        server = self.server(lambda number, h: h.reply(202, {
            'accepted': 2, 'refused': 1,
            'refusals': [{'index': 1, 'reason': '`account` is missing\x1b[2J'}]}) or True)
        path = self.file(events(1) + ['{"ts":"nonsense"}'] + events(1))
        done = self.run_it('--from', path, '--to', server.url, '--rate', '1000')
        self.assertIn('`account` is missing', done.stdout)
        self.assertNotIn('\x1b', done.stdout)
        self.assertRegex(done.stdout, r'refused +1\n')

    def test_a_scenario_is_replayed_as_it_would_be_written(self):
        server = self.server()
        scenario = os.path.join(ROOT, 'scenarios/quickstart.json')
        part = ['--scale', '0.02', '--days', '0.5', '--no-text']
        written, truth = (os.path.join(self.dir, name) for name in ('written.jsonl', 'truth.jsonl'))
        self.run_it(scenario, *part, '--events', written, '--quiet')
        self.run_it(scenario, *part, '--to', server.url, '--time-scale', '1e6', '--truth', truth,
                    '--quiet')
        with open(written, encoding='utf-8') as f:
            self.assertEqual(server.lines, f.read().splitlines())
        self.assertGreater(os.path.getsize(truth), 1000)

    def test_packed_files_and_stdin_are_read(self):
        server = self.server()
        lines = events(100)
        self.run_it('--from', self.file(lines, 'events.gz'), '--to', server.url, '--rate', '10000')
        self.assertEqual(server.lines, lines)
        other = self.server()
        done = subprocess.run([STILLWATCH, 'simulate', '--from', '-', '--to', other.url, '--rate',
                               '10000', '--quiet'], input='\n'.join(lines), text=True, timeout=30)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(other.lines, lines)

    def test_mistakes_are_named(self):
        path = self.file(events(1))
        for args, text in (
                (['--from', path, '--to', 'ftp://127.0.0.1/'], 'only http and https'),
                (['--from', path, '--to', '::'], 'not a URL'),
                (['--from', path], '--from FILE goes with --to'),
                (['--to', 'http://127.0.0.1:1'], 'SCENARIO is missing'),
                (['--from', path, '--to', 'http://127.0.0.1:1', '--connections', '0'],
                 '--connections'),
                (['--from', path, '--to', 'http://127.0.0.1:1', '--time-scale', '0'],
                 '--time-scale')):
            with self.subTest(args=args):
                self.assertIn(text, self.run_it(*args, expect=2).stderr)
        done = self.run_it('--from', path + '.gone', '--to', 'http://127.0.0.1:1', expect=1)
        self.assertIn('events.jsonl.gone', done.stderr)


if __name__ == '__main__':
    STILLWATCH = sys.argv.pop(1)
    unittest.main()
