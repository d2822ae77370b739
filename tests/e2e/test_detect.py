#!/usr/bin/env python3
"""The real binary on good and bad input: `detect` and `check` from end to end.

    tests/e2e/test_detect.py STILLWATCH [unittest options]
"""

import gzip
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

STILLWATCH = ''
START = 1769904000000  # 2026-02-01
SECOND, MINUTE, HOUR, DAY = 1000, 60000, 3600000, 86400000
HONEST, RING = 500, 30
FILES = ['accounts.jsonl', 'clusters.jsonl', 'findings.jsonl', 'rejected.jsonl', 'summary.json']
PAGES = ['report.html', 'report.md']
SMALL = [f'--set={option}' for option in (  # tables of a size that starts quickly
    'accounts_max=2000', 'hubs_max=65536', 'door_max=65536', 'prompts_max=65536', 'groups_max=256',
    'names_bytes=1048576')]
TEMPLATE = ('Work through the following problem in numbered steps and end with the result on a '
            'line of its own: ')


def line(**fields):
    return json.dumps(fields) + '\n'


def world(honest=HONEST, ring=RING, rounds=24, seed=1):
    """A ring of new accounts with one card and one template, among old accounts of strangers."""
    rng = random.Random(seed)
    lines = []
    for i in range(honest + ring):
        in_ring = i >= honest
        lines.append(line(type='account', ts=START + i, account=f'{"ring" if in_ring else "honest"}-{i}',
                          payment='card-r' if in_ring else f'card-{i}',
                          created=START if in_ring else START - 100 * DAY - i * HOUR))
    n = 0
    for at in range(rounds):
        for i in range(honest + ring):
            in_ring = i >= honest
            words = ' '.join(f'{rng.getrandbits(64):016x}' for _ in range(3))
            lines.append(line(ts=START + (at + 1) * 20 * MINUTE + i * 500, id=f'r{n}',
                              account=f'{"ring" if in_ring else "honest"}-{i}',
                              turn=0 if in_ring else n % 3,
                              prompt=(TEMPLATE if in_ring else '') + words))
            n += 1
    return lines


def ended(data):
    return not data or data.endswith(b'\n')


class Bench(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix='stillwatch-e2e-')
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.out = self.path('out')

    def path(self, name):
        return os.path.join(self.dir, name)

    def file(self, name, content):
        path = self.path(name)
        with open(path, 'wb') as f:
            f.write(content.encode() if isinstance(content, str) else content)
        return path

    def run_it(self, *args, **more):
        return subprocess.run([STILLWATCH, *args], capture_output=True, timeout=120, **more)

    def detect(self, *args, out=None, code=0, **more):
        done = self.run_it('detect', *args, '--out', out or self.out, *SMALL, **more)
        self.assertEqual(done.returncode, code, done.stderr.decode(errors='replace'))
        return done

    def lines(self, name, folder=None):
        with open(os.path.join(folder or self.out, name), 'rb') as f:
            data = f.read()
        self.assertTrue(ended(data), name)
        return [json.loads(text) for text in data.decode().splitlines()]

    def summary(self, folder=None):
        return self.lines('summary.json', folder)[0]

    def folder(self, out):
        """All that a run left, but for what tells of this one run's names and times."""
        content = {}
        for name in FILES:
            content[name] = self.lines(name, out)
        for rejected in content['rejected.jsonl']:
            del rejected['source']
        for key in ('timing', 'input'):
            del content['summary.json'][0][key]
        return content


class Results(Bench):
    def test_a_ring_is_found_and_told(self):
        done = self.detect(self.file('log', ''.join(world())))
        ring = [c for c in self.lines('clusters.jsonl') if c['level'] in ('review', 'act')]
        self.assertEqual(len(ring), 1)
        self.assertEqual(ring[0]['member_count'], RING)
        self.assertTrue(all(m.startswith('ring-') for m in ring[0]['members']))
        self.assertTrue(any(f['subject'] == ring[0]['cluster'] and f['advice']
                            for f in self.lines('findings.jsonl')))
        self.assertEqual(len(self.lines('accounts.jsonl')), HONEST + RING)
        self.assertIn(b'Groups at review or act: 1', done.stdout)
        self.assertEqual(done.stderr, b'')
        self.assertEqual(sorted(os.listdir(self.out)), sorted(FILES + PAGES))

    def test_weights_sum_to_log_odds(self):
        self.detect(self.file('log', ''.join(world())))
        for name in FILES[:3]:
            for item in self.lines(name):
                total = sum(round(e['weight'] * 1e6) for e in item['evidence'])
                self.assertEqual(total, round(item['log_odds'] * 1e6), name)

    def test_transport_and_threads_do_not_change_a_byte(self):
        text = ''.join(world()) + 'refused\n'
        plain = self.file('log', text)
        half = len(text) // 2
        packed = self.file('log.gz', gzip.compress(text[:half].encode()) +
                           gzip.compress(text[half:].encode()))
        cut = text.index('\n', half) + 1
        runs = [([plain], {}), ([packed], {}), ([], {'input': text.encode()}),
                (['-'], {'input': text.encode()}), ([plain, '--threads', '1'], {}),
                ([plain, '--threads=4'], {}),
                ([self.file('a', text[:cut]), self.file('b', text[cut:])], {})]
        if shutil.which('zstd'):
            subprocess.run(['zstd', '-q', plain], check=True)
            runs.append(([plain + '.zst'], {}))
        folders = []
        for n, (args, more) in enumerate(runs):
            out = self.path(f'out-{n}')
            self.detect(*args, out=out, **more)
            folders.append(self.folder(out))
        for n, folder in enumerate(folders[:-1] if shutil.which('zstd') else folders):
            if n == 6:  # lines are counted per file
                for f in (folder, folders[0]):
                    for rejected in f['rejected.jsonl']:
                        del rejected['line']
            self.assertEqual(folder, folders[0], runs[n][0])
        if shutil.which('zstd'):
            for rejected in folders[-1]['rejected.jsonl']:
                del rejected['line']
            self.assertEqual(folders[-1], folders[0])

    def test_shuffled_within_the_window_gives_the_same_findings(self):
        lines = world()
        rng = random.Random(2)
        keyed = sorted(lines, key=lambda t: json.loads(t)['ts'] + rng.randrange(4 * MINUTE))
        self.assertNotEqual(keyed, lines)
        self.detect(self.file('log', ''.join(lines)), out=self.path('sorted'))
        self.detect(self.file('log', ''.join(keyed)), out=self.path('shuffled'))
        self.assertEqual(self.summary(self.path('shuffled'))['source']['late'], 0)
        for name in ('findings.jsonl', 'clusters.jsonl'):
            self.assertEqual(*(self.lines(name, self.path(out)) for out in ('sorted', 'shuffled')))
        by_account = [sorted(self.lines('accounts.jsonl', self.path(out)),
                             key=lambda a: a['account']) for out in ('sorted', 'shuffled')]
        self.assertEqual(*by_account)

    def test_late_and_duplicate_records_are_counted(self):
        lines = [line(ts=START + i * SECOND, account='a', id=str(i)) for i in range(1000)]
        lines.append(line(ts=START, account='a', id='late'))
        lines.append(line(ts=START + 999 * SECOND, account='a', id='5'))
        self.detect(self.file('log', ''.join(lines)))
        source = self.summary()['source']
        self.assertEqual((source['accepted'], source['late'], source['duplicate']), (1000, 1, 1))
        self.detect(self.file('log', ''.join(lines)), '--lateness', '1000')
        self.assertEqual(self.summary()['source']['late'], 0)

    def test_every_csv_file_has_its_own_header(self):
        field_map = self.file('map.json', json.dumps({
            'name': 'two', 'format': 'csv',
            'fields': {'ts': {'from': 'time', 'time': 'ms'}, 'account': 'user'}}))
        one = self.file('one.csv', f'time,user\n{START},ann\n')
        two = self.file('two.csv', f'user,time\nbob,{START}\n')
        self.detect(one, two, '--map', field_map)
        self.assertEqual([a['account'] for a in self.lines('accounts.jsonl')], ['ann', 'bob'])

    def test_json_prints_the_summary(self):
        done = self.detect(self.file('log', ''.join(world(5, 0, 2))), '--json')
        printed, written = json.loads(done.stdout), self.summary()
        del printed['timing'], written['timing'], written['report']
        self.assertEqual(printed, written)
        self.assertEqual(self.detect(self.path('log'), '--quiet').stdout, b'')

    def test_the_configuration_printed_can_be_loaded(self):
        done = self.run_it('detect', '--set', 'base_rate=0.01', '--print-config')
        config = self.file('config.json', done.stdout)
        self.assertEqual(json.loads(done.stdout)['base_rate'], 0.01)
        again = self.run_it('detect', '--config', config, '--print-config')
        self.assertEqual(again.stdout, done.stdout)


class BadInput(Bench):
    def test_bad_lines_are_refused_with_source_line_and_reason(self):
        bad = ['{"ts": "soon", "account": "a"}', '{"ts": 1, "account": 7}', '{"ts": 1',
               '{"ts": -5, "account": "a"}', '{"ts": 1e17, "account": "a"}', '[]', '\0\0',
               '{"ts": "2026-13-01T00:00:00Z", "account": "a"}', '{"account": "a"}',
               '{"ts": 1, "account": "a", "turn": "x"}']
        log = self.file('log', line(ts=START, account='a') + '\n'.join(bad) + '\n')
        done = self.detect(log)
        rejected = self.lines('rejected.jsonl')
        self.assertEqual([r['line'] for r in rejected], list(range(2, 12)))
        self.assertTrue(all(r['source'] == log and r['reason'] for r in rejected))
        self.assertEqual([r['text'] for r in rejected], bad)
        self.assertIn(b'10 of 11 lines refused', done.stderr)

    def test_nothing_readable_is_invalid_input(self):
        noise = random.Random(4).randbytes(50000)
        done = self.detect(self.file('noise', noise), code=2)
        self.assertIn(b'not one of', done.stderr)
        for rejected in self.lines('rejected.jsonl'):
            self.assertLessEqual(len(rejected['text']), 200)
        self.detect(self.file('empty', b''))
        self.assertEqual(self.lines('accounts.jsonl'), [])

    def test_cut_off_compressed_input_keeps_what_it_held(self):
        text = ''.join(world())
        packed = [('log.gz', gzip.compress(text.encode()))]
        if shutil.which('zstd'):
            packed.append(('log.zst', subprocess.run(['zstd', '-q'], input=text.encode(),
                                                     capture_output=True, check=True).stdout))
        for name, data in packed:
            done = self.detect(self.file(name, data[:len(data) * 9 // 10]), code=1)
            self.assertIn(f'{name}: the '.encode(), done.stderr)
            self.assertIn(b'data is cut off', done.stderr)
            self.assertGreater(self.summary()['source']['accepted'], 1000)
            self.assertIn('cut off', self.summary()['failure'])

    def test_a_cut_off_last_line_is_refused(self):
        text = ''.join(world(5, 0, 2))
        self.detect(self.file('log', text[:-9]))
        self.assertEqual(len(self.lines('rejected.jsonl')), 1)

    def test_a_missing_file_or_option_is_named(self):
        self.assertIn(b'nowhere: No such file', self.detect(self.path('nowhere'), code=1).stderr)
        self.assertIn(b'is a folder', self.detect(self.dir, code=1).stderr)
        done = self.run_it('detect', 'log')
        self.assertEqual((done.returncode, b'--out' in done.stderr), (2, True))
        done = self.run_it('detect', '--set', 'acounts_max=5', '--out', self.out)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b'did you mean accounts_max', done.stderr)
        config = self.file('config.json', '{\n"base_rate": 3}')
        done = self.run_it('detect', '--config', config, '--out', self.out)
        self.assertEqual(done.returncode, 2)
        self.assertIn(f'{config}:2: base_rate'.encode(), done.stderr)

    def test_a_very_long_line_does_not_stay_in_memory(self):
        def peak(megabytes):
            out = self.path(f'out-{megabytes}')
            child = subprocess.Popen([STILLWATCH, 'detect', '--out', out, '--quiet', *SMALL],
                                     stdin=subprocess.PIPE, stderr=subprocess.PIPE)
            record = line(ts=START, account='a').encode()
            child.stdin.write(record)
            for _ in range(megabytes):
                child.stdin.write(b'z' * (1 << 20))
            child.stdin.write(b'\n' + record)
            child.stdin.close()
            child.stderr.close()
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            self.assertEqual(child.returncode, 0)
            source = self.summary(out)['source']
            self.assertEqual((source['accepted'], source['long_lines']), (2, 1))
            self.assertEqual(len(self.lines('rejected.jsonl', out)[0]['text']), 200)
            return usage.ru_maxrss // 1024

        self.assertLess(peak(300), peak(2) + 32)

    def test_one_wrong_clock_does_not_make_the_rest_late(self):
        lines = world()
        lines.insert(1000, line(ts=START + 30000 * DAY, account='honest-1'))
        self.detect(self.file('log', ''.join(lines)))
        source = self.summary()['source']
        self.assertEqual((source['leap'], source['late']), (1, 0))
        self.assertEqual(source['accepted'], len(lines) - 1)


class BadWorld(Bench):
    def test_a_full_disk_is_told_and_leaves_whole_lines(self):
        if not os.path.exists('/dev/full'):
            self.skipTest('there is no /dev/full')
        log = self.file('log', ''.join(world()))
        for name in ('accounts.jsonl', 'findings.jsonl', 'summary.json', 'rejected.jsonl'):
            out = self.path('out-' + name)
            os.mkdir(out)
            os.symlink('/dev/full', os.path.join(out, name + '.tmp'))
            self.file('log', ''.join(world()) + 'refused\n')
            done = self.detect(log, out=out, code=1)
            self.assertIn(f'{name}.tmp: No space left on device'.encode(), done.stderr)
            for left in os.listdir(out):
                if left not in PAGES and not os.path.islink(os.path.join(out, left)):  # endless
                    self.lines(left, out)
            if name != 'rejected.jsonl':
                self.assertFalse(os.path.exists(os.path.join(out, 'summary.json')))

    def test_a_disk_that_fills_half_way_leaves_whole_lines(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (50000, 50000))

        log = self.file('log', ''.join(world()) + 'refused\n' * 2000)
        done = self.detect(log, code=1, preexec_fn=limit)
        self.assertIn(b'File too large', done.stderr)
        sizes = []
        for name in os.listdir(self.out):
            if name in PAGES:
                continue
            self.lines(name)
            sizes.append(os.path.getsize(os.path.join(self.out, name)))
        self.assertGreater(max(sizes), 40000)

    def test_a_closed_stdout_is_an_error_after_the_results(self):
        log = self.file('log', ''.join(world()))
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run([STILLWATCH, 'detect', log, '--out', self.out, *SMALL], stdout=write,
                              stderr=subprocess.PIPE, timeout=120)
        os.close(write)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b'stdout: Broken pipe', done.stderr)
        self.assertEqual(len(self.lines('accounts.jsonl')), HONEST + RING)

    def interrupted(self, number):
        out = self.path(f'out-{number}')
        child = subprocess.Popen([STILLWATCH, 'detect', '--out', out, *SMALL],
                                 stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE)
        child.stdin.write(''.join(world()).encode() + b'{"ts": 17')
        child.stdin.flush()
        deadline = time.monotonic() + 60  # findings are written while the input still runs
        findings = os.path.join(out, 'findings.jsonl.tmp')
        while not (os.path.exists(findings) and os.path.getsize(findings) > 0):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        child.send_signal(number)
        error = child.stderr.read()
        child.stderr.close()
        self.assertEqual(child.wait(60), 1, error)
        self.addCleanup(child.stdin.close)
        self.assertIn(b'interrupted after', error)
        self.assertTrue(self.summary(out)['interrupted'])
        self.assertEqual(len(self.lines('accounts.jsonl', out)), HONEST + RING)
        self.assertEqual(self.lines('rejected.jsonl', out), [])

    def test_ctrl_c_ends_the_input_and_writes_what_there_is(self):
        self.interrupted(signal.SIGINT)

    def test_a_kill_ends_the_input_and_writes_what_there_is(self):
        self.interrupted(signal.SIGTERM)


class Check(Bench):
    def check(self, *paths):
        done = self.run_it('check', *paths)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def test_files_are_told_apart_by_their_content(self):
        scenario = os.path.join(os.environ.get('STILLWATCH_ROOT', '.'), 'scenarios/quickstart.json')
        field_map = self.file('m', '{"name": "m", "format": "jsonl", "fields": {"ts": {"from": "t",'
                                   ' "time": "s"}, "account": "a"}}')
        config = self.file('c', '{"base_rate": 0.1}')
        events = self.file('e', line(ts=START, account='a'))
        packed = self.file('z', gzip.compress(line(ts=START, account='a').encode() * 3))
        code, told, errors = self.check(scenario, field_map, config, events, packed)
        self.assertEqual((code, errors), (0, ''))
        kinds = [text.split(': ')[1] for text in told.splitlines()]
        self.assertEqual(kinds, ['ok scenario', 'ok field map', 'ok configuration', 'ok events',
                                 'ok events'])

    def test_mistakes_are_told_with_file_and_line(self):
        cases = [('c', '{\n"base_rate": 0.1,\n"acounts_max": 3}', ':3: acounts_max: no such option'),
                 ('e', line(ts=START, account='a') + line(ts=START), ':2: `account` is missing'),
                 ('s', '{\n"populations": [\n', ':3: '),
                 ('s2', '{\n"populations": [],\n"campagns": []}', 'campagns'),
                 ('u', '{"what": 1, "ever": 2}', ':1: top level: neither'),
                 ('n', random.Random(3).randbytes(999), ':1: '),
                 ('z', gzip.compress(b'{}' * 999)[:-9], ': the gzip data is cut off')]
        for name, content, message in cases:
            path = self.file(name, content)
            code, told, errors = self.check(path)
            self.assertEqual(code, 2, name)
            self.assertTrue(errors.startswith(path + ':'), errors)
            self.assertIn(message, errors)
            self.assertTrue(told.startswith(f'{path}: invalid'), told)
        self.assertEqual(self.check(self.path('nowhere'))[0], 1)
        self.assertEqual(self.check(*(self.path(c[0]) for c in cases))[1].count('invalid'), 7)

    def test_logs_are_checked_through_their_map(self):
        field_map = self.file('m', '{"name": "m", "format": "csv", "fields": {"ts": {"from": "t",'
                                   ' "time": "s"}, "account": "a"}}')
        good, bad = self.file('g', 't,a\n1767225600,x\n'), self.file('b', 't,a\n1767225600,\n')
        self.assertEqual(self.check(good, '--map', field_map)[0], 0)
        code, _, errors = self.check(bad, '--map', field_map)
        self.assertEqual(code, 2)
        self.assertIn(f'{bad}:2: ', errors)

    def test_json_says_the_same(self):
        path = self.file('e', line(ts=START, account='a') + 'no\n' * 20)
        done = self.run_it('check', '--json', path)
        told = json.loads(done.stdout)
        self.assertEqual(done.returncode, 2)
        self.assertEqual((told['kind'], told['valid'], told['error_count']), ('events', False, 20))
        self.assertEqual(len(told['errors']), 10)


if __name__ == '__main__':
    STILLWATCH = os.path.abspath(sys.argv.pop(1))
    unittest.main()
