#!/usr/bin/env python3
"""From the simulator over the network into `serve`, and every form of body: what it answers, and that
it comes to what `detect` comes to.

    tests/e2e/test_live.py STILLWATCH [unittest options]
"""

import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import jsonschema

from service import SMALL, Service

STILLWATCH = ''
ROOT = os.environ.get('STILLWATCH_ROOT', '.')
START = 1769904000000  # 2026-02-01
SCENARIO = os.path.join(ROOT, 'scenarios/quickstart.json')
PART = ['--scale', '0.25', '--days', '2']
HOSTILE = '<img src=x onerror=alert(1)>"\'&\u202e/../=cmd|'


def sample(name):
    with open(os.path.join(ROOT, 'tests/event/maps', name), encoding='utf-8') as f:
        return f.read()


def lines(path):
    with open(path, encoding='utf-8') as f:
        return [json.loads(line) for line in f]


def run(*args, **more):
    return subprocess.run([STILLWATCH, *args], check=True, capture_output=True, text=True,
                          timeout=120, **more)


class Live(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix='stillwatch-live-')
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.dir, name)

    def service(self, *options):
        service = Service(STILLWATCH, *SMALL, *options)
        self.addCleanup(service.close)
        return service.start()

    def judged(self, service, records):
        """Waits until so many records have been through the detector."""
        deadline = time.monotonic() + 60
        while service.read('/v1/status')['counters']['judged'] < records:
            self.assertLess(time.monotonic(), deadline, 'the records are not judged')
            time.sleep(0.02)


class SameFindings(Live):
    """The same events give the same findings, byte for byte, through files and over the network."""

    @classmethod
    def setUpClass(cls):
        cls.whole = tempfile.mkdtemp(prefix='stillwatch-live-')
        cls.addClassCleanup(shutil.rmtree, cls.whole, ignore_errors=True)
        cls.events, cls.detected = (os.path.join(cls.whole, n) for n in ('events.jsonl', 'detect'))
        run('simulate', SCENARIO, *PART, '--events', cls.events, '--quiet')
        run('detect', cls.events, '--out', cls.detected, *SMALL, '--set=hash_key=7', '--quiet')

    def compare(self, out):
        for name in ('findings.jsonl', 'accounts.jsonl', 'clusters.jsonl'):
            with open(os.path.join(self.detected, name), 'rb') as f:
                expected = f.read()
            with open(os.path.join(out, name), 'rb') as f:
                self.assertEqual(f.read(), expected, name)
        self.assertGreater(len(lines(os.path.join(self.detected, 'findings.jsonl'))), 3)

    def test_replayed_by_the_simulator(self):
        service = self.service('--set=hash_key=7', '--finish', '--out', self.path('serve'))
        told = json.loads(run('simulate', SCENARIO, *PART, '--to', service.url, '--time-scale', '1e5',
                              '--json').stdout)
        self.assertEqual(told['acknowledged'], told['sent'])
        self.assertEqual(told['accepted'], told['sent'])
        self.assertEqual(service.stop(), 0)
        self.compare(self.path('serve'))

    def test_over_many_connections_with_a_kill_in_the_middle(self):
        options = ('--set=hash_key=7', '--finish', '--out', self.path('serve'))
        service = self.service(*options)
        with subprocess.Popen([STILLWATCH, 'simulate', '--from', self.events, '--to', service.url,
                               '--time-scale', '30000', '--connections', '4', '--json'],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as sender:
            for _ in range(3):
                time.sleep(0.7)
                service.kill()
                service.start()
            out, messages = sender.communicate(timeout=120)
        self.assertEqual(sender.returncode, 0, messages)
        told = json.loads(out)
        self.assertEqual(told['acknowledged'], told['sent'])
        self.assertGreater(told['retries_unanswered'], 0)
        self.assertEqual(service.stop(), 0, service.said())
        self.compare(self.path('serve'))


class Bodies(Live):
    def exchange(self, n, **more):
        return {'ts': START + n, 'account': f'a{n}', 'id': f'r{n}', **more}

    def test_lines_an_object_and_an_array_are_the_same(self):
        service = self.service()
        records = [self.exchange(n, prompt='two\nlines') for n in range(3)]
        for body in ('\n'.join(map(json.dumps, records)), json.dumps(records),
                     json.dumps(records, indent=2)):
            status, answer = service.post('/v1/events', body, Content_Type='application/json')
            self.assertEqual((status, answer['accepted'], answer['refused']), (202, 3, 0), answer)
        status, answer = service.post('/v1/events', json.dumps(records[0], indent=1))
        self.assertEqual((status, answer['accepted']), (202, 1))

    def test_each_refused_record_is_named_and_the_rest_is_taken(self):
        service = self.service()
        bad = [self.exchange(0), {'ts': START}, self.exchange(2), {'account': 'x'}]
        for body in (json.dumps(bad), '\n'.join(map(json.dumps, bad))):
            _, answer = service.post('/v1/events', body)
            self.assertEqual((answer['accepted'], answer['refused']), (2, 2))
            self.assertEqual([(r['index'], r['reason']) for r in answer['refusals']],
                             [(1, '`account` is missing'), (3, '`ts` is missing')])

    def test_litellm_posts_its_three_forms(self):
        service = self.service()
        taken = {}
        for post in json.loads(sample('litellm-posted.json')):
            status, answer = service.post('/v1/events?map=litellm', post['body'],
                                          Content_Type=post['content_type'])
            self.assertEqual((status, answer['refused']), (202, 0), answer)
            taken[post['form']] = taken.get(post['form'], 0) + answer['accepted']
        self.assertEqual(taken, {'json_array': 2, 'ndjson': 2, 'single': 2})

    def test_otlp_spans_and_logs_are_taken_packed_or_not(self):
        service = self.service()
        for kind in ('traces', 'logs'):
            body = sample(f'otlp-{kind}.json')
            self.assertEqual(service.post(f'/v1/{kind}', body, Content_Type='application/json'),
                             (200, {}))
            packed = gzip.compress(body.encode())
            self.assertEqual(service.post(f'/v1/{kind}', packed, Content_Type='application/json',
                                          Content_Encoding='gzip'), (200, {}))
        self.assertEqual(service.read('/v1/status')['counters']['durable'], 8)

    def test_otlp_partial_success_counts_what_is_rejected(self):
        service = self.service()
        for kind, count in (('traces', 'rejectedSpans'), ('logs', 'rejectedLogRecords')):
            body = sample(f'otlp-{kind}.json').replace('"user.id"', '"somebody"', 1)
            status, answer = service.post(f'/v1/{kind}', body)
            self.assertEqual(status, 200)
            self.assertEqual(answer['partialSuccess'][count], '1')
            self.assertIn('`account` is missing', answer['partialSuccess']['errorMessage'])

    def test_otlp_errors_are_those_of_its_protocol(self):
        service = self.service()
        self.assertEqual(service.post('/v1/traces', '{"resourceSpans": [')[1]['code'], 3)
        status, answer = service.post('/v1/logs', b'\x0a\x02', Content_Type='application/x-protobuf')
        self.assertEqual((status, answer['code']), (415, 3))
        self.assertIn('http/json', answer['message'])
        self.assertEqual(service.post('/v1/traces', '{}'), (200, {}))


class Description(Live):
    """serve/openapi.json is held to what the server answers."""

    def setUp(self):
        super().setUp()
        with open(os.path.join(ROOT, 'serve/openapi.json'), encoding='utf-8') as f:
            self.api = json.load(f)
        self.used = set()

    def check(self, service, method, path, body=None, template=None, **headers):
        """Asks, and holds status, headers and body to the description."""
        status, got, text = service.ask(method, path, body, **headers)
        template = template or path.split('?')[0]
        answers = self.api['paths'][template][method.lower()]['responses']
        self.assertIn(str(status), answers, f'{method} {path}: {text[:200]!r}')
        self.used.add((method, template, str(status)))
        answer = answers[str(status)]
        if '$ref' in answer:
            answer = self.api['components']['responses'][answer['$ref'].rsplit('/', 1)[1]]
        kind = got['content-type'].split(';')[0]
        self.assertIn(kind, answer['content'], f'{method} {path}')
        for header in answer.get('headers', {}):
            self.assertIn(header.lower(), got, f'{method} {path}')
        if kind != 'application/json':
            return status, text.decode()
        value = json.loads(text)
        schema = {**answer['content'][kind]['schema'], 'components': self.api['components']}
        jsonschema.Draft202012Validator(schema).validate(value)
        return status, value

    def test_the_document_is_sound(self):
        for schema in self.api['components']['schemas'].values():
            jsonschema.Draft202012Validator.check_schema(schema)
        ids = [operation['operationId'] for path in self.api['paths'].values()
               for operation in path.values()]
        self.assertEqual(len(ids), len(set(ids)))

    def test_every_answer_is_as_described(self):
        tokens = self.path('tokens')
        with open(tokens, 'w', encoding='ascii') as f:
            f.write('ingest,read,label,admin all-of-them-12345678\nread only-to-read-12345678\n')
        service = self.service('--tokens', tokens)
        whole = {'Authorization': 'Bearer all-of-them-12345678'}
        events = self.path('events.jsonl')
        run('simulate', SCENARIO, *PART, '--events', events, '--quiet')
        self.file_posted(service, events, whole)
        self.errors(service, whole)
        for kind in ('traces', 'logs'):
            for body in (sample(f'otlp-{kind}.json'),
                         sample(f'otlp-{kind}.json').replace('"user.id"', '"somebody"'), '{"'):
                self.check(service, 'POST', f'/v1/{kind}', body, **whole)
            self.check(service, 'POST', f'/v1/{kind}', '{}')
            self.check(service, 'POST', f'/v1/{kind}', b'x', Content_Encoding='br', **whole)
        self.reads(service, whole)
        self.check(service, 'POST', '/v1/reload', **whole)
        self.check(service, 'POST', '/v1/reload', Authorization='Bearer only-to-read-12345678')
        for path in self.api['paths']:
            self.assertTrue(any(used[1] == path for used in self.used), f'{path} is not tested')
        served = json.loads(service.ask('GET', '/v1/openapi.json')[2])
        self.assertEqual(served, self.api)

    def file_posted(self, service, path, whole):
        with open(path, 'rb') as f:
            text = f.read().splitlines(keepends=True)
        for at in range(0, len(text), 4000):
            self.check(service, 'POST', '/v1/events', b''.join(text[at:at + 4000]), **whole)
        _, answer = self.check(service, 'POST', '/v1/events', b''.join(text[:10]),
                               Idempotency_Key='k', **whole)
        self.assertFalse(answer['duplicate'])
        _, answer = self.check(service, 'POST', '/v1/events', b''.join(text[:10]),
                               Idempotency_Key='k', **whole)
        self.assertTrue(answer['duplicate'])
        self.check(service, 'POST', '/v1/events', '{"ts": 1}\nnot JSON', **whole)

    def errors(self, service, whole):
        def expect(status, *args, **headers):
            self.assertEqual(self.check(service, *args, **headers)[0], status, args)
        expect(401, 'POST', '/v1/events', '{}')
        expect(401, 'GET', '/v1/status')
        expect(403, 'POST', '/v1/events', '{}', Authorization='Bearer only-to-read-12345678')
        expect(400, 'POST', '/v1/events?map=none', '{}', **whole)
        expect(400, 'POST', '/v1/events', b'no gzip', Content_Encoding='gzip', **whole)
        expect(413, 'POST', '/v1/events', gzip.compress(b'\n' * (80 << 20)), Content_Encoding='gzip',
               **whole)
        expect(415, 'POST', '/v1/events', b'x', Content_Encoding='br', **whole)
        expect(400, 'GET', '/v1/findings?cursor=x', **whole)
        expect(400, 'POST', '/v1/labels', '{"account": "a"}', **whole)
        expect(400, 'POST', '/v1/labels', '{"verdict": "benign"}', **whole)
        self.assertEqual(self.check(service, 'GET', '/v1/accounts/nobody', None,
                                    '/v1/accounts/{id}', **whole)[0], 404)
        self.assertEqual(self.check(service, 'GET', '/v1/clusters/c999', None,
                                    '/v1/clusters/{id}', **whole)[0], 404)

    def reads(self, service, whole):
        clusters = self.check(service, 'GET', '/v1/clusters?limit=2', **whole)[1]
        self.assertGreater(len(clusters['clusters']), 0)
        name = clusters['clusters'][0]['id']
        cluster = self.check(service, 'GET', f'/v1/clusters/{name}?limit=5', None,
                             '/v1/clusters/{id}', **whole)[1]
        self.assertGreater(len(cluster['raster']), 0)
        account = cluster['members'][0]['account']
        self.check(service, 'POST', '/v1/labels', json.dumps(
            {'cluster': name, 'verdict': 'distilling', 'by': HOSTILE}), **whole)
        self.check(service, 'POST', '/v1/labels', json.dumps(
            {'account': account, 'verdict': 'benign', 'note': 'known'}), **whole)
        seen = self.check(service, 'GET', f'/v1/accounts/{account}', None, '/v1/accounts/{id}',
                          **whole)[1]
        self.assertEqual(seen['label']['verdict'], 'benign')
        self.check(service, 'GET', '/v1/labels', **whole)
        first = self.check(service, 'GET', '/v1/findings?limit=1', **whole)[1]
        second = self.check(service, 'GET', f'/v1/findings?limit=1&cursor={first["cursor"]}',
                            **whole)[1]
        self.assertEqual([f['id'] for f in first['findings'] + second['findings']], ['f1', 'f2'])
        self.assertGreater(len(self.check(service, 'GET', '/v1/decisions?since=0',
                                          **whole)[1]['decisions']), 0)
        for path in ('/v1/status', '/healthz', '/readyz', '/metrics', '/', '/app.js', '/style.css',
                     '/icon.svg', '/v1/openapi.json'):
            self.check(service, 'GET', path, **whole)
        self.stream(service, whole)

    def stream(self, service, whole):
        import http.client
        connection = http.client.HTTPConnection('127.0.0.1', service.port, timeout=20)
        connection.request('GET', '/v1/findings/stream?cursor=1', headers=whole)
        answer = connection.getresponse()
        self.used.add(('GET', '/v1/findings/stream', str(answer.status)))
        self.assertEqual(answer.getheader('Content-Type'), 'text/event-stream')
        text = ''
        while 'data: ' not in text or not text.endswith('\n\n'):
            text += answer.read1().decode()
        connection.close()
        first = dict(line.split(': ', 1) for line in text.split('\n\n')[1].split('\n'))
        self.assertEqual((first['id'], first['event']), ('2', 'finding'))
        self.assertEqual(json.loads(first['data'])['id'], 'f2')


if __name__ == '__main__':
    STILLWATCH = sys.argv.pop(1)
    unittest.main()
