#!/usr/bin/env python3
"""The real binary: bounds on a run, and two configurations over the same traffic.

    tests/e2e/test_gate.py STILLWATCH [unittest options]
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

STILLWATCH = ''
ROOT = os.environ.get('STILLWATCH_ROOT', '.')
SMALL = ['--scale', '0.3', '--days', '2', '--seed', '11', '--quiet', '--no-baselines']


def stillwatch(*args):
    return subprocess.run([STILLWATCH, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)


class Gate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix='stillwatch-gate-')
        for out, extra in (('run', []), ('lax', ['--set', 'watch_score=0.002', '--set', 'review_score=0.005'])):
            done = stillwatch('run', os.path.join(ROOT, 'scenarios', 'quickstart.json'), '--out',
                              os.path.join(cls.dir, out), *SMALL, *extra)
            assert done.returncode == 0, done.stderr

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.dir)

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def gate(self, run, *args, code=0):
        done = stillwatch('gate', self.path(run), *args)
        self.assertEqual(done.returncode, code, done.stderr.decode(errors='replace'))
        return done

    def read(self, name):
        with open(self.path(name), 'rb') as f:
            return f.read()

    def test_bounds_with_room_are_met_and_say_what_was_counted(self):
        done = self.gate('run', '--no-expect', '--max-fpr', '0.05', '--min-recall', 'alpha=0.5',
                         '--json')
        told = json.loads(done.stdout)
        self.assertTrue(told['passed'])
        self.assertEqual([c['outcome'] for c in told['checks']], ['met', 'met'])
        self.assertGreater(told['checks'][0]['counted'], 500)
        self.assertLess(told['checks'][0]['high'], 0.05)
        self.assertEqual(done.stderr, b'')

    def test_an_unmet_bound_ends_with_3_and_fails_in_ci(self):
        done = self.gate('run', '--no-expect', '--max-leaked', '0', '--max-fpr', '0.05', '--junit',
                         self.path('unmet.xml'), code=3)
        self.assertIn(b'unmet: leaked exchanges', done.stderr)
        suite = xml.etree.ElementTree.parse(self.path('unmet.xml')).getroot().find('testsuite')
        self.assertEqual((suite.get('tests'), suite.get('failures')), ('2', '1'))
        self.assertEqual(suite.find('.//failure').get('type'), 'unmet')

    def test_too_little_data_is_no_pass_unless_that_is_allowed(self):
        bound = ['--no-expect', '--max-fpr', 'hard=0.0001']
        done = self.gate('run', *bound, '--junit', self.path('untold.xml'), code=3)
        self.assertRegex(done.stderr.decode(), r'cannot tell.*at least 38411 are needed')
        self.assertIn(b'type="cannot tell"', self.read('untold.xml'))
        done = self.gate('run', *bound, '--cannot-tell', 'allow', '--junit', self.path('may.xml'))
        self.assertIn(b'<skipped', self.read('may.xml'))
        self.assertIn(b'cannot tell', done.stderr)

    def test_the_scenarios_own_expectations_are_kept_with_the_run(self):
        # Two days at a third of the scale are less than the scenario's expectations are about.
        told = json.loads(self.gate('run', '--json', code=3).stdout)
        self.assertIn(('min-recall', 'alpha'), [(c['measure'], c['of']) for c in told['checks']])
        other = json.loads(self.gate('run', '--json', '--cannot-tell', 'allow', '--expect', os.path.join(
            ROOT, 'scenarios', 'honest-week.json')).stdout)
        self.assertEqual({c['measure'] for c in other['checks']}, {'max-fpr'})

    def test_another_configuration_on_the_same_traffic_shows_who_changed(self):
        told = json.loads(self.gate('lax', '--no-expect', '--against', self.path('run'), '--json',
                                    '--max-rise', '0.5', '--max-drop', '0.5').stdout)
        rows = {row['name']: row for row in told['against']['rows']}
        newly = told['against']['newly_flagged']
        self.assertEqual(rows['all accounts']['newly'], len(newly))
        self.assertEqual(rows['all accounts']['no_longer'], 0)
        self.assertGreater(len(newly), 0)
        self.assertLessEqual(rows['distilling']['low'], rows['distilling']['difference'])
        back = json.loads(self.gate('run', '--no-expect', '--against', self.path('lax'), '--json').stdout)
        self.assertEqual(len(back['against']['no_longer_flagged']), len(newly))
        self.gate('run', '--no-expect', '--against', self.path('lax'))

    def test_a_kept_runs_events_are_judged_again_under_another_configuration(self):
        done = stillwatch('run', os.path.join(ROOT, 'scenarios', 'quickstart.json'), '--out',
                          self.path('kept'), *SMALL, '--keep-events')
        self.assertEqual(done.returncode, 0, done.stderr)
        events = self.path('kept', 'events.jsonl.zst')
        with open(self.path('new.json'), 'w', encoding='utf-8') as f:
            json.dump({'watch_score': 0.002, 'review_score': 0.005}, f)
        for out, extra in (('same', []), ('new', ['--config', self.path('new.json')])):
            done = stillwatch('detect', events, '--out', self.path(out), '--quiet', *extra)
            self.assertEqual(done.returncode, 0, done.stderr)
        for name in ('accounts.jsonl', 'clusters.jsonl', 'findings.jsonl'):
            self.assertEqual(self.read(os.path.join('same', name)), self.read(os.path.join('kept', name)))
            self.assertEqual(self.read(os.path.join('new', name)), self.read(os.path.join('lax', name)))
        self.gate('new', '--truth', self.path('kept', 'labels.jsonl'), '--against', self.path('kept'))

    def test_two_runs_are_compared_for_people(self):
        done = stillwatch('report', '--compare', self.path('run'), self.path('lax'), '--out', self.dir)
        self.assertEqual(done.returncode, 0, done.stderr)
        told = json.loads(self.read('compare.json'))
        page, text = self.read('compare.html').decode(), self.read('compare.md').decode()
        self.assertIn(f"Newly flagged: {len(told['newly_flagged'])}", text)
        self.assertIn('watch_score', page)
        self.assertIn(told['newly_flagged'][0]['account'], page)
        self.assertIn('<svg', page)
        self.assertNotRegex(page, r'<script|https?://(?!www\.w3\.org)')
        printed = stillwatch('report', '--compare', self.path('run'), self.path('lax'), '--json')
        self.assertEqual(json.loads(printed.stdout), told)
        for args in (['--compare', self.path('run')], [self.path('run'), self.path('lax')],
                     [self.path('run'), '--out', self.dir],
                     ['--compare', self.path('run'), self.path('nowhere')]):
            self.assertEqual(stillwatch('report', *args).returncode, 2, args)

    def test_bad_input_is_told_with_2(self):
        for args, words in ((['--max-fpr', 'hard=x'], b'NAME=SHARE'),
                            (['--max-fpr', 'hrad=0.1'], b"did you mean 'hard'"),
                            (['--no-expect'], b'nothing to check'),
                            (['--level', 'none'], b'--level'),
                            (['--cannot-tell', 'maybe'], b'fail or allow'),
                            (['--max-rise', '0.1'], b'--against'),
                            (['--against', self.path('nowhere')], b'nowhere'),
                            (['--truth', self.path('nowhere')], b'nowhere')):
            self.assertIn(words, self.gate('run', *args, code=2).stderr, args)
        os.makedirs(self.path('bare'), exist_ok=True)
        self.assertIn(b'--truth FILE', self.gate('bare', code=2).stderr)


if __name__ == '__main__':
    STILLWATCH = os.path.abspath(sys.argv.pop(1))
    unittest.main()
