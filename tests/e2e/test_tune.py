#!/usr/bin/env python3
"""The real binary: from scenarios and labelled runs to a configuration, and the frontier.

    tests/e2e/test_tune.py STILLWATCH [unittest options]
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

STILLWATCH = ''
ROOT = os.environ.get('STILLWATCH_ROOT', '.')
QUICK = os.path.join(ROOT, 'scenarios', 'quickstart.json')
SMALL = ['--scale', '0.25', '--days', '3', '--quiet']


def stillwatch(*args):
    return subprocess.run([STILLWATCH, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)


class Tune(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix='stillwatch-tune-')
        done = stillwatch('tune', QUICK, '--seeds', '4', *SMALL, '--max-fpr', 'benign=0.02', '--base-rate',
                          'inputs', '--set', 'fdr=0.1', '--fresh', '1', '--out', cls.path('tuned'))
        assert done.returncode == 0, done.stderr

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.dir)

    @classmethod
    def path(cls, *names):
        return os.path.join(cls.dir, *names)

    def json_of(self, *names):
        with open(self.path(*names), encoding='utf-8') as f:
            return json.load(f)

    def refused(self, *args):
        done = stillwatch('tune', *args, '--out', self.path('refused'), '--quiet')
        self.assertEqual(done.returncode, 2, done.stderr)
        return done.stderr.decode()

    def test_the_configuration_says_where_it_comes_from_and_runs(self):
        config = self.json_of('tuned', 'config.json')
        told = config['provenance']
        self.assertEqual([i['seed'] for i in told['inputs']], [1, 2, 3, 4])
        self.assertRegex(told['digest'], '^[0-9a-f]{16}$')
        self.assertLess(told['event_time']['from'], told['event_time']['to'])
        self.assertLess(config['watch_score'], config['review_score'])
        self.assertLessEqual(config['review_score'], config['act_score'])
        done = stillwatch('run', QUICK, *SMALL, '--seed', '77', '--no-baselines', '--config',
                          self.path('tuned', 'config.json'), '--out', self.path('run'))
        self.assertEqual(done.returncode, 0, done.stderr)
        promise = self.json_of('run', 'evaluation.json')['promise']
        self.assertAlmostEqual(promise['fdr'], 0.1)
        self.assertLess(promise['probability']['ece'], promise['score']['ece'])
        with open(self.path('run', 'findings.jsonl'), encoding='utf-8') as f:
            self.assertTrue(all(0.0 < json.loads(line)['probability'] < 1.0 for line in f))
        check = stillwatch('check', self.path('tuned', 'config.json'))
        self.assertEqual(check.returncode, 0, check.stderr)

    def test_the_estimate_is_held_out_and_within_its_interval(self):
        told = self.json_of('tuned', 'tune.json')
        flagged = told['held_out']['flagged']
        for share in flagged.values():
            if share['value'] is not None:
                self.assertTrue(share['low'] <= share['value'] <= share['high'])
        self.assertGreater(flagged['campaign']['value'], 0.5)
        self.assertEqual(sorted(told['held_out']['archetypes_never_seen']), ['A', 'C', 'E'])
        self.assertEqual(len(told['fresh']), 1)
        self.assertGreater(told['fresh'][0]['flagged']['benign']['of'], 300)
        calibration = told['held_out']['calibration']
        self.assertLess(calibration['accounts_after']['ece'], calibration['accounts_before']['ece'])
        with open(self.path('tuned', 'curves.csv'), encoding='utf-8') as f:
            lines = f.read().split('\n')
        self.assertEqual(len(lines), 1 + 1000 + 1)
        recall = [float(line.split(',')[2]) for line in lines[1:-1]]
        self.assertEqual(recall, sorted(recall))

    def test_the_same_inputs_give_the_same_configuration(self):
        done = stillwatch('tune', QUICK, '--seeds', '4', *SMALL, '--max-fpr', 'benign=0.02', '--base-rate',
                          'inputs', '--set', 'fdr=0.1', '--threads', '1', '--out', self.path('again'))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.json_of('tuned', 'config.json'), self.json_of('again', 'config.json'))

    def test_every_signal_of_a_group_has_a_weight(self):
        stillwatch('run', QUICK, *SMALL, '--no-baselines', '--out', self.path('plain'))
        with open(self.path('plain', 'clusters.jsonl'), encoding='utf-8') as f:
            signals = {e['signal'] for line in f for e in json.loads(line)['evidence']}
        for signal in signals - {'prior', 'gate'}:
            done = stillwatch('detect', '--set', f'weights.{signal}=1', '--print-config')
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_weights_change_what_is_shown_and_it_still_adds_up(self):
        done = stillwatch('run', QUICK, *SMALL, '--no-baselines', '--set', 'weights.template=0.5', '--set',
                          'weights.fit=2', '--set', 'caps.usage=1', '--out', self.path('weighed'))
        self.assertEqual(done.returncode, 0, done.stderr)
        for name in ('accounts.jsonl', 'clusters.jsonl'):
            with open(self.path('weighed', name), encoding='utf-8') as f:
                for line in f:
                    subject = json.loads(line)
                    self.assertAlmostEqual(sum(e['weight'] for e in subject['evidence']),
                                           subject['log_odds'], 5)
        message = self.refused(self.path('weighed'), self.path('weighed'), '--max-fpr', 'benign=0.1')
        self.assertIn('run `detect` again without `weights`', message)

    def test_runs_with_an_analysts_verdicts_are_inputs(self):
        folders = []
        for seed in ('5', '6'):
            folder = self.path('labelled' + seed)
            done = stillwatch('run', QUICK, *SMALL, '--no-baselines', '--seed', seed, '--out', folder)
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(os.path.join(folder, 'labels.jsonl'), encoding='utf-8') as f:
                labels = [json.loads(line) for line in f]
            with open(os.path.join(folder, 'labels.jsonl'), 'w', encoding='utf-8') as f:
                for label in labels:
                    f.write(json.dumps({'subject': label['account'], 'verdict': label['truth']}) + '\n')
            folders.append(folder)
        done = stillwatch('tune', *folders, '--reviews-per-day', '3', '--out', self.path('labels'), '--json')
        self.assertEqual(done.returncode, 0, done.stderr)
        told = json.loads(done.stdout)
        self.assertGreater(told['held_out']['flagged']['campaign']['value'], 0.5)
        os.remove(os.path.join(folders[0], 'labels.jsonl'))
        self.assertIn('has no labels: put one line per known account',
                      self.refused(*folders, '--reviews-per-day', '3'))

    def test_what_cannot_be_is_refused_with_what_to_do(self):
        small = [QUICK, *SMALL[:4], '--seeds', '2']
        for args, message in (
                ([*small], 'what can you afford'),
                ([QUICK, *SMALL[:4], '--seeds', '1', '--max-fpr', '0.1'], 'give --seeds 2 or more'),
                ([*small, '--max-fpr', 'hard=0.0001'], 'that takes 30000 hard accounts'),
                ([*small, '--max-fpr', 'hard=0'], 'no number of accounts shows a rate of exactly 0'),
                ([*small, '--cost', 'false_ban=5'], 'give both'),
                ([*small, '--reviews-per-day', '0.2', '--min-recall', '0.99'], 'contradicting budgets'),
                ([os.path.join(ROOT, 'scenarios', 'honest-week.json'), '--scale', '0.1', '--days', '1',
                  '--seeds', '2', '--max-fpr', '0.1'], 'one class only'),
                ([QUICK, '--frontier', '--vary', 'evasion=0,x'], 'not a list of numbers')):
            self.assertIn(message, self.refused(*args))
        done = stillwatch('detect', '--set', 'fdr=0.05', '--out', self.path('nothing'))
        self.assertEqual(done.returncode, 2)
        self.assertIn(b'stillwatch tune', done.stderr)

    def test_the_frontier_tells_what_hiding_costs(self):
        done = stillwatch('tune', QUICK, '--frontier', '--vary', 'evasion=0,4', '--vary', 'rate=4,40',
                          '--seeds', '1', *SMALL, '--out', self.path('frontier'))
        self.assertEqual(done.returncode, 0, done.stderr)
        point = self.json_of('frontier', 'frontier.json')['points']
        self.assertEqual([p['knobs'] for p in point],
                         [{'evasion': e, 'rate': r} for e in (0, 4) for r in (4, 40)])
        self.assertGreater(point[1]['flagged'], 0)
        self.assertEqual(point[3]['flagged'], 0) # evasion 4 is not found
        self.assertGreater(point[1]['asked_per_day'], 5 * point[0]['asked_per_day'])
        self.assertLess(point[3]['asked_per_day'], point[1]['asked_per_day'])
        self.assertEqual(stillwatch('check', self.path('frontier', 'point-4.json')).returncode, 0)
        with open(self.path('frontier', 'frontier.svg'), encoding='utf-8') as f:
            self.assertEqual(f.read().count('<circle'), 4 + 2)


if __name__ == '__main__':
    STILLWATCH = sys.argv.pop(1)
    unittest.main()
