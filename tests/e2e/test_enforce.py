#!/usr/bin/env python3
"""The real binary: the closed loop, in which findings act back on the platform.

    tests/e2e/test_enforce.py STILLWATCH [unittest options]
"""

import glob
import json
import os
import subprocess
import xml.etree.ElementTree

from bench import ROOT, Bench, main

POLICIES = os.path.join(ROOT, 'tools', 'policies')
FOUND = ['accounts.jsonl', 'clusters.jsonl', 'findings.jsonl', 'labels.jsonl']


class Enforce(Bench):
    def run_scenario(self, out, *args, code=0):
        return super().run_scenario(out, '--quiet', '--no-baselines', *args, code=code)

    def result(self, out):
        return json.loads(self.read(out, 'enforcement.json'))

    def test_to_observe_changes_nothing(self):
        self.run_scenario('open')
        self.run_scenario('closed', '--enforce', 'observe-only')
        for name in FOUND:
            self.assertEqual(self.read('open', name), self.read('closed', name), name)
        told = self.result('closed')
        self.assertEqual(sum(told['actions'].values()), 0)
        self.assertEqual(told['harm']['plain']['harmed'], 0)

    def test_a_strict_policy_takes_answers_from_campaigns_whatever_the_threads(self):
        self.run_scenario('free', '--enforce', 'observe-only')
        for threads in ('1', '3'):
            self.run_scenario(threads, '--enforce', 'strict', '--keep-events', '--threads', threads)
        for name in FOUND + ['enforcement.json', 'events.jsonl.zst']:
            self.assertEqual(self.read('1', name), self.read('3', name), name)
        free, strict = self.result('free'), self.result('1')
        obtained = [sum(c['obtained'] for c in r['campaigns']) for r in (free, strict)]
        self.assertLess(obtained[1], obtained[0] / 2)
        for c in strict['campaigns']:
            self.assertEqual(c['obtained'], c['exchanges'] - c['cover'] - c['denied'])
        self.assertGreater(strict['campaigns'][0]['closed_per_1000_obtained'], 0)
        self.assertIn(b'What acting on it did', self.read('1', 'report.html'))
        self.run_scenario('1')  # a run into the same folder leaves nothing of the one before
        self.assertEqual({'enforcement.json', 'events.jsonl.zst'} & set(os.listdir(self.path('1'))), set())
        self.assertNotIn(b'What acting on it did', self.read('1', 'report.html'))

    def test_actions_are_in_the_stream_and_take_effect_after_the_step_that_found(self):
        self.run_scenario('out', '--enforce', 'strict', '--keep-events')
        lines = subprocess.run(['zstdcat', self.path('out', 'events.jsonl.zst')], check=True,
                               stdout=subprocess.PIPE).stdout.splitlines()
        events = [json.loads(line) for line in lines]
        actions = [e for e in events if e.get('type') == 'action' and e['by'] == 'policy']
        self.assertEqual(len(actions), sum(self.result('out')['actions'].values()))
        banned = {e['account']: e['ts'] for e in actions if e['action'] == 'ban'}
        self.assertGreater(len(banned), 10)
        back = {e['account'] for e in actions if e['action'] == 'restore'}
        for e in events:
            if e.get('type', 'exchange') == 'exchange' and e['account'] not in back:
                self.assertLess(e['ts'], banned.get(e['account'], e['ts'] + 1))
        found = [json.loads(line)['ts'] for line in self.read('out', 'findings.jsonl').splitlines()]
        hour = 3600 * 1000
        self.assertGreaterEqual(actions[0]['ts'], -(-min(found) // hour) * hour)
        labelled = {json.loads(line)['account'] for line in self.read('out', 'labels.jsonl').splitlines()}
        self.assertEqual({e['account'] for e in events if 'account' in e} - labelled, set())

    def test_a_sweep_writes_one_table_and_one_picture(self):
        self.run_scenario('sweep', '--enforce', 'strict', '--enforce-sweep=-3,3')
        self.assertEqual(sorted(os.listdir(self.path('sweep'))),
                         ['sweep.json', 'sweep.md', 'sweep.svg'])
        points = json.loads(self.read('sweep', 'sweep.json'))['points']
        self.assertEqual([p['enforced'] for p in points], [False, True, True])
        obtained = [sum(c['obtained'] for c in p['campaigns']) for p in points]
        self.assertGreaterEqual(obtained[1], obtained[2])
        self.assertEqual(xml.etree.ElementTree.fromstring(self.read('sweep', 'sweep.svg')).tag,
                         '{http://www.w3.org/2000/svg}svg')

    def test_an_honest_account_that_is_hit_is_counted_with_its_hours(self):
        with open(self.path('mad.json'), 'w', encoding='utf-8') as f:
            json.dump({'policy': 'mad', 'rules': [{'score_min': 0.0001, 'action': 'suspend', 'lasts_h': 6}],
                       'appeal': {'honest_share': 1, 'delay_h': 1, 'honest_granted': 1}}, f)
        self.run_scenario('mad', '--enforce', self.path('mad.json'))
        plain = self.result('mad')['harm']['plain']
        self.assertGreater(plain['harmed'], 10)
        self.assertLess(plain['hours_median'], 3)  # the appeal ends it before six hours are over
        self.assertGreater(self.result('mad')['granted'], 0)

    def test_shipped_policies_hold_and_bad_ones_are_told_by_file_line_and_key(self):
        shipped = sorted(glob.glob(os.path.join(POLICIES, '*.json')))
        self.assertEqual(len(shipped), 4)
        self.stillwatch('check', *shipped)
        bad = {'{"policy": "p"}': 'rules', '{"rules": []}': 'policy',
               '{"policy": "p",\n "rules": [{"level": "reviw", "action": "ban"}]}': 'did you mean review',
               '{"policy": "p", "rules": [{"level": "act"}]}': '`action` is missing',
               '{"policy": "p", "rules": [{"action": "ban"}]}': 'either',
               '{"policy": "p", "rules": [{"action": "ban", "level": "act", "score_min": 1}]}': 'either',
               '{"policy": "p", "rules": [], "step_min": 61}': 'from 5 to 60',
               '{"policy": "p", "rules": [{"action": "ban", "score_min": 2}]}': 'from 0 to 1',
               '{"policy": "p", "rules": [], "apeal": {}}': 'did you mean appeal',
               '{"policy": "p", "rules": [], "appeal": {"delay_h": "x"}}': 'number'}
        for text, words in bad.items():
            with open(self.path('bad.json'), 'w', encoding='utf-8') as f:
                f.write(text)
            self.assertIn(words, self.stillwatch('check', self.path('bad.json'), code=2).stderr.decode())
            self.run_scenario('bad', '--enforce', self.path('bad.json'), code=2)
        self.assertIn(b'observe-only', self.run_scenario('bad', '--enforce', 'strikt', code=2).stderr)
        for sweep in ('x', '1,1', '2,1', '99', ''):
            self.run_scenario('bad', '--enforce', 'strict', '--enforce-sweep=' + sweep, code=2)
        self.run_scenario('bad', '--enforce-sweep', '1', code=2)

    def test_the_schema_says_what_the_reader_takes(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest('python3-jsonschema is not installed')
        with open(os.path.join(POLICIES, 'schema.json'), encoding='utf-8') as f:
            schema = json.load(f)
        for name in ('observe-only', 'careful', 'strict'):
            with open(os.path.join(POLICIES, name + '.json'), encoding='utf-8') as f:
                jsonschema.validate(json.load(f), schema)
        for wrong in ({'policy': 'p'}, {'policy': 'p', 'rules': [{'level': 'act'}]},
                      {'policy': 'p', 'rules': [{'action': 'ban', 'score_min': 2}]}):
            with self.assertRaises(jsonschema.ValidationError):
                jsonschema.validate(wrong, schema)


if __name__ == '__main__':
    main()
