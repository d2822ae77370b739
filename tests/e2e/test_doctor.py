#!/usr/bin/env python3
"""The real binary on other people's logs: `doctor`, and `detect --map` with what it proposes.

    tests/e2e/test_doctor.py STILLWATCH [unittest options]
"""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

STILLWATCH = ''
ROOT = os.environ.get('STILLWATCH_ROOT', '.')
SAMPLES = os.path.join(ROOT, 'tests', 'event', 'maps')
MAPS = os.path.join(ROOT, 'event', 'maps')
SMALL = [f'--set={option}' for option in (  # tables of a size that starts quickly
    'accounts_max=2000', 'hubs_max=65536', 'door_max=65536', 'prompts_max=65536', 'groups_max=256',
    'names_bytes=1048576')]
SECRET = 'sk-not-a-real-secret-0123456789'
PROMPT = 'Which tree grows tallest?'


def odd_log(count=20):
    """A log in nobody's format."""
    return ''.join(json.dumps({
        'when': f'2026-02-01T10:00:{i:02}Z', 'customer': {'id': 4700 + i % 3}, 'auth': SECRET,
        'req': {'model_name': 'gpt-4o', 'messages': [{'role': 'user', 'content': PROMPT}]},
        'usage': {'promptTokens': 17, 'completionTokens': 5}, 'peer': f'192.0.2.{i}:4123',
        'took': 1.25}) + '\n' for i in range(count))


class Doctor(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name, content=None):
        path = os.path.join(self.folder, name)
        if content is not None:
            with open(path, 'wb') as f:
                f.write(content if isinstance(content, bytes) else content.encode())
        return path

    def run_it(self, *args, code=0, stdin=None):
        r = subprocess.run([STILLWATCH, *args], capture_output=True, input=stdin, timeout=120)
        self.assertEqual(r.returncode, code, r.stderr.decode())
        return r.stdout.decode(), r.stderr.decode()

    def doctor(self, *args, **more):
        return json.loads(self.run_it('doctor', '--json', *args, **more)[0])

    def assert_nowhere(self, folder, text):
        for parent, _, names in os.walk(folder):
            for name in names:
                with open(os.path.join(parent, name), 'rb') as f:
                    self.assertNotIn(text.encode(), f.read(), name)

    def test_every_sample_is_recognised(self):
        for sample, name, records in (
                ('litellm.jsonl', 'litellm', 3), ('otel-genai-current.jsonl', 'otel-genai', 3),
                ('otel-genai-older.jsonl', 'otel-genai', 3), ('otel-genai-console.jsonl', 'otel-genai', 3),
                ('envoy-ai-gateway.jsonl', 'envoy-ai-gateway', 3), ('nginx-json.jsonl', 'nginx-json', 3),
                ('csv-generic.csv', 'csv-generic', 2)):
            with self.subTest(sample):
                found = self.doctor(os.path.join(SAMPLES, sample))
                self.assertEqual((found['way'], found['map']), ('shipped', name))
                self.assertEqual((found['records'], found['refused']), (records, 0))

    def test_detect_reads_every_sample_by_map_name(self):
        for sample, name, accepted, skipped in (
                ('litellm.jsonl', 'litellm', 3, 0), ('otel-genai-current.jsonl', 'otel-genai', 2, 1),
                ('csv-generic.csv', 'csv-generic', 2, 0), ('nginx-json.jsonl', 'nginx-json', 2, 1)):
            with self.subTest(sample):
                out = self.path('run-' + name)
                self.run_it('detect', os.path.join(SAMPLES, sample), '--map', name, '--out', out, *SMALL)
                with open(os.path.join(out, 'summary.json'), encoding='utf-8') as f:
                    source = json.load(f)['source']
                self.assertEqual((source['accepted'], source['skipped'], source['refused']),
                                 (accepted, skipped, 0))

    def test_the_native_format_needs_no_map(self):
        log = self.path('native.jsonl', '{"ts":1,"account":"a","prompt":"hello"}\n' * 3)
        found = self.doctor(log)
        self.assertEqual((found['way'], found['map'], found['records']), ('native', None, 3))
        _, err = self.run_it('doctor', log, '--propose', self.path('map.json'), code=2)
        self.assertIn('needs no new map', err)

    def test_a_proposed_map_loads_and_reads_the_log(self):
        log, proposal, out = self.path('odd.jsonl', odd_log()), self.path('map.json'), self.path('run')
        found = self.doctor(log, '--propose', proposal)
        self.assertEqual(found['way'], 'proposed')
        self.assertEqual({f['field'] for f in found['fields']},
                         {'ts', 'account', 'key', 'ip', 'model', 'turn', 'images', 'input_tokens',
                          'output_tokens', 'latency_ms', 'prompt'})
        self.run_it('check', proposal)
        self.run_it('detect', log, '--map', proposal, '--out', out, *SMALL)
        with open(os.path.join(out, 'accounts.jsonl'), encoding='utf-8') as f:
            self.assertEqual({json.loads(l)['account'] for l in f}, {'4700', '4701', '4702'})
        self.assert_nowhere(out, SECRET)

    def test_csv_gets_a_map_too_also_compressed_and_from_stdin(self):
        text = 'Time;User ID;Model;Tokens In\n2026-02-01 10:00:00;u1;claude-x;10\n'
        for stdin in (text.encode(), gzip.compress(text.encode())):
            found = self.doctor('-', stdin=stdin)
            self.assertEqual(found['way'], 'proposed')
            self.assertEqual([f['from'] for f in found['fields']], ['Time', 'User ID', 'Model', 'Tokens In'])

    def test_a_shipped_map_can_be_copied_to_start_from(self):
        copy = self.path('mine.json')
        self.run_it('doctor', os.path.join(SAMPLES, 'litellm.jsonl'), '--propose', copy)
        with open(copy, encoding='utf-8') as mine, \
                open(os.path.join(MAPS, 'litellm.json'), encoding='utf-8') as shipped:
            self.assertEqual(json.load(mine), json.load(shipped))

    def test_neither_prompts_nor_secrets_are_shown(self):
        log = self.path('odd.jsonl', odd_log())
        for args in ((), ('--json',)):
            out, err = self.run_it('doctor', log, *args)
            for hidden in (SECRET, PROMPT):
                self.assertNotIn(hidden, out + err)

    def test_a_refused_line_does_not_give_its_secret_away(self):
        log = self.path('bad.jsonl', odd_log(2) + json.dumps({'auth': SECRET, 'when': 'never'}) + '\n')
        proposal, out = self.path('map.json'), self.path('run')
        self.run_it('doctor', log, '--propose', proposal)
        self.run_it('detect', log, '--map', proposal, '--out', out, *SMALL)
        with open(os.path.join(out, 'rejected.jsonl'), encoding='utf-8') as f:
            self.assertEqual(len(f.readlines()), 1)
        self.assert_nowhere(out, SECRET)

    def test_what_cannot_be_read_is_said(self):
        sample = os.path.join(SAMPLES, 'litellm.jsonl')
        for args, message in (
                ((self.path('x.txt', 'plain words\n'),), 'neither JSON lines nor CSV'),
                ((self.path('empty', ''),), 'empty'),
                ((self.path('none'),), 'No such file'),
                ((self.path('noise', bytes(range(256)) * 16),), 'neither JSON lines nor CSV'),
                ((self.path('colors.jsonl', '{"user": "a", "color": "red"}\n'),), '`ts`'),
                ((sample, '--map', 'litelm'), "did you mean 'litellm'?"),
                ((sample, '--map', 'csv-generic'), 'reads nothing in it'),
                ((sample, '--lines', '0'), '--lines')):
            with self.subTest(message):
                self.assertIn(message, self.run_it('doctor', *args, code=2)[1])

    def test_the_schema_knows_every_field_time_and_take(self):
        with open(os.path.join(MAPS, 'schema.json'), encoding='utf-8') as f:
            schema = json.load(f)
        with open(os.path.join(ROOT, 'event', 'api_event.h'), encoding='utf-8') as f:
            fields = re.findall(r'^    X\((\w+), [A-Z]+, ', f.read(), re.M)
        self.assertEqual(list(schema['properties']['fields']['properties']), fields)
        with open(os.path.join(ROOT, 'event', 'field_map_parts.h'), encoding='utf-8') as f:
            words = re.findall(r'X\([A-Z0-9_]+, "(\w+)"\)', f.read())
        rule = schema['$defs']['rule']['oneOf'][2]['properties']
        self.assertEqual(rule['time']['enum'] + schema['$defs']['take']['enum'], words)


if __name__ == '__main__':
    STILLWATCH = os.path.abspath(sys.argv.pop(1))
    unittest.main()
