#!/usr/bin/env python3
"""The real binary on scenarios: `run`, `simulate`, `evaluate`, `report`, `explain` from end to end.

    tests/e2e/test_run.py STILLWATCH [unittest options]
"""

import json
import re
import os
import signal
import subprocess
import time

from bench import SMALL, Bench, main, scenario

FOUND = ['accounts.jsonl', 'clusters.jsonl', 'findings.jsonl']


class Run(Bench):
    def test_a_run_leaves_everything_and_finds_the_synchronised_campaign(self):
        done = self.run_scenario('out')
        self.assertEqual(sorted(os.listdir(self.path('out'))), sorted(FOUND + [
            'baselines.jsonl', 'evaluation.json', 'labels.jsonl', 'rejected.jsonl', 'report.html',
            'report.md', 'summary.json']))
        result = json.loads(self.read('out', 'evaluation.json'))
        flagged = {p['name']: p['flagged']['review'] for p in result['populations']}
        self.assertGreater(flagged['alpha']['value'], 0.9)
        self.assertEqual(result['benign']['review']['hit'], 0)
        self.assertEqual(json.loads(self.read('out', 'summary.json'))['scenario'], 'quickstart')
        self.assertIn(b'report.html', done.stdout)

    def test_threads_change_nothing_and_a_file_between_changes_no_verdict(self):
        self.run_scenario('one', '--threads', '1', '--quiet')
        self.run_scenario('three', '--threads', '3', '--quiet')
        for name in FOUND + ['labels.jsonl', 'baselines.jsonl', 'evaluation.json']:
            self.assertEqual(self.read('one', name), self.read('three', name), name)
        self.stillwatch('simulate', scenario('quickstart'), *SMALL, '--events', self.path('e.zst'),
                        '--truth', self.path('labels.jsonl'), '--quiet')
        self.assertEqual(self.read('labels.jsonl'), self.read('one', 'labels.jsonl'))
        self.stillwatch('detect', self.path('e.zst'), '--out', self.path('file'), '--quiet')
        for name in FOUND:
            self.assertEqual(self.read('file', name), self.read('one', name), name)
        done = self.stillwatch('evaluate', self.path('file'), '--truth', self.path('labels.jsonl'),
                               '--base-rate', '0.01', '--json')
        evaluated, ran = json.loads(done.stdout), json.loads(self.read('one', 'evaluation.json'))
        self.assertEqual(evaluated['populations'], ran['populations'])
        self.assert_precision_is_that_of(evaluated['base_rates'][0]['review'],
                                         evaluated['classes']['distilling']['review'],
                                         {'benign': evaluated['benign']['review'],
                                          'plain': evaluated['classes']['plain']['review']})

    def assert_precision_is_that_of(self, precision, found, wrong):
        """At a base rate of 0.01, by Bayes from the shares that the same run counted."""
        self.assertGreater(found['hit'], 0)
        for name, share in wrong.items():
            told = precision[name]
            self.assertAlmostEqual(told['value'], found['value'] /
                                   (found['value'] + 99 * share['value']), places=5)
            self.assertLess(told['low'], 1)
            self.assertLessEqual(told['low'], told['value'])

    def test_sketches_in_the_log_do_as_well_as_text(self):
        for kind in ([], ['--sketch']):
            out = 'sketch' if kind else 'text'
            self.stillwatch('simulate', scenario('quickstart'), *SMALL, *kind, '--quiet', '--events',
                            self.path(out + '.zst'), '--truth', self.path('labels.jsonl'))
            self.stillwatch('detect', self.path(out + '.zst'), '--out', self.path(out), '--quiet')
        for name in FOUND:
            self.assertEqual(self.read('sketch', name), self.read('text', name), name)

    def test_the_scenarios_expectations_are_a_gate(self):
        with open(scenario('quickstart'), encoding='utf-8') as f:
            world = json.load(f)
        world['expect'] = {'recall_min': 1.0, 'leaked_share_max': 0.0}
        with open(self.path('hard.json'), 'w', encoding='utf-8') as f:
            json.dump(world, f)
        done = self.stillwatch('run', self.path('hard.json'), '--out', self.path('hard'), *SMALL,
                               '--quiet', '--expect', code=3)
        self.assertIn(b'unmet: leaked exchanges, campaign, at most 0 %', done.stderr)
        self.stillwatch('run', self.path('hard.json'), '--out', self.path('hard'), *SMALL, '--quiet')

    def test_a_group_is_explained_and_its_report_is_rebuilt(self):
        self.run_scenario('out', '--quiet')
        cluster = max((json.loads(line) for line in self.read('out', 'clusters.jsonl').splitlines()),
                      key=lambda c: c['score'])
        done = self.stillwatch('explain', self.path('out'), cluster['cluster'], '--json')
        told = json.loads(done.stdout)
        self.assertAlmostEqual(sum(e['weight'] for e in cluster['evidence']), cluster['log_odds'], 6)
        self.assertEqual(told['cluster'], cluster['cluster'])
        self.assert_explanation_adds_up(told, cluster)
        page = self.read('out', 'report.html')
        for picture in ('Activity of the group', 'The values that the group', 'Precision against',
                        'Misses against', 'Share of each campaign', 'Share of distilling accounts'):
            self.assertIn(picture.encode(), page)
        self.stillwatch('report', self.path('out'))
        self.assertEqual(self.read('out', 'report.html'), page)

    def test_timelines_count_every_account_from_its_first_to_its_last_exchange(self):
        self.run_scenario('out', '--quiet')
        for account in map(json.loads, self.read('out', 'accounts.jsonl').splitlines()):
            if account['exchanges'] == 0:
                self.assertNotIn('timeline', account)
                continue
            timeline = account['timeline']
            cells = [(int(n or 0), letter)
                     for n, letter in re.findall(r'(\d*)([a-gA-G])', timeline['cells'])]
            length = sum(n + 1 for n, _ in cells)
            first = timeline['from'] + cells[0][0] * timeline['width_ms']
            end = timeline['from'] + length * timeline['width_ms']
            self.assertLess(account['first_ts'], first + timeline['width_ms'])  # or a record before
            self.assertLess(account['last_ts'], end)
            self.assertGreaterEqual(account['last_ts'], end - timeline['width_ms'])
            least = sum((1, 2, 4, 8, 20, 50, 150)['abcdefg'.index(c.lower())] for _, c in cells)
            if timeline['width_ms'] == 3600000:  # later the classes are added up by what is typical
                self.assertLessEqual(least, account['exchanges'])

    def assert_explanation_adds_up(self, told, cluster):
        """The printed lines sum to the printed sum, and what it hangs on follows from them."""
        self.assertEqual(round(sum(e['weight'] for e in told['evidence']) * 1e6),
                         round(cluster['log_odds'] * 1e6))
        hangs = told['hangs_on']
        strongest = sorted((e['weight'] for e in told['evidence'] if e['weight'] > 0), reverse=True)
        needed = hangs['strongest_needed_together']
        left = told['log_odds'] - sum(strongest[:needed])
        self.assertAlmostEqual(left, hangs['log_odds_without_these'], 9)
        self.assertLess(left, hangs['review_log_odds'])
        self.assertGreaterEqual(left + strongest[needed - 1], hangs['review_log_odds'])
        self.assertEqual([e['ts'] for e in told['timeline']],
                         sorted(e['ts'] for e in told['timeline']))
        text = self.stillwatch('explain', self.path('out'), cluster['cluster']).stdout.decode()
        table = text.split('Evidence, in nats:\n')[1].split('\n\n')[0]
        number = r'^  [a-z =-]+ +([+−])(\d+\.\d\d)  '
        nats = [int(n.replace('.', '')) * (1 if sign == '+' else -1)
                for sign, n in re.findall(number, table, re.M)]
        self.assertEqual(sum(nats[:-1]), nats[-1])
        self.assertEqual(len(nats), len(told['evidence']) + 1)

    def test_an_account_is_explained_by_its_group_and_a_slip_is_understood(self):
        self.run_scenario('out', '--quiet')
        account = next(a for a in map(json.loads, self.read('out', 'accounts.jsonl').splitlines())
                       if a['cluster'] and a['level'] == 'act')
        told = json.loads(self.stillwatch('explain', self.path('out'), account['account'],
                                          '--json').stdout)
        self.assertEqual([c['signal'] for c in told['hangs_on']['single']], ['group'])
        self.assertEqual(told['timeline'][0]['ts'], account['first_ts'])
        self.assertIn('group_finding', [e['kind'] for e in told['timeline']])
        slip = account['account'][:-1]
        done = self.stillwatch('explain', self.path('out'), slip, code=2)
        self.assertIn(f'did you mean account {account["account"]}?'.encode(), done.stderr)

    def test_a_wrong_scenario_is_told_by_file_line_and_key(self):
        with open(self.path('bad.json'), 'w', encoding='utf-8') as f:
            f.write('{"name": "bad",\n "seed": 1,\n "dayz": 3}\n')
        done = self.stillwatch('run', self.path('bad.json'), '--out', self.path('bad'), code=2)
        self.assertRegex(done.stderr.decode(), r'bad\.json:3: dayz: .*did you mean "days"')

    def test_an_interrupted_run_says_what_it_has(self):
        run = subprocess.Popen([self.binary, 'run', scenario('quickstart'), '--out', self.path('cut')],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while not os.path.exists(self.path('cut', 'findings.jsonl.tmp')):
            time.sleep(0.01)
        run.send_signal(signal.SIGINT)
        errors = run.communicate()[1]
        self.assertEqual(run.returncode, 1)
        self.assertIn(b'interrupted', errors)
        self.assertTrue(json.loads(self.read('cut', 'summary.json'))['interrupted'])


if __name__ == '__main__':
    main()
