#!/usr/bin/env python3
"""The pure parts of tools/evaluation_table.py and tools/preset_table.py.

    tests/tools/test_evaluation_table.py [unittest options]
"""

import json
import os
import sys
import tempfile
import unittest

ROOT = os.environ.get('STILLWATCH_ROOT', '.')
sys.path.insert(0, os.path.join(ROOT, 'tools'))
# pylint: disable=wrong-import-position
import ablation  # noqa: E402
import evaluation_table as table  # noqa: E402
import operator_return  # noqa: E402
import preset_table  # noqa: E402

LOG = ['{"ts":1,"type":"account","account":"a","payment":"p","plan":"pro"}\n',
       '{"ts":2,"account":"a","ip":"10.0.0.1","asn":7,"prompt":"über \\"type\\":\\"account\\""}\n',
       '{"ts":3,"type":"release","model":"m"}\n']


def less(kind, *fields):
    return [json.loads(line) for line in table.without_fields(LOG, kind, fields or None)]


def judged(found, leaked, hard):
    """An evaluation of a ring of 100 accounts and 20 look-alikes."""
    def share(hit, of):
        return {'review': {'hit': hit, 'of': of}}

    return {'classes': {'distilling': share(found, 100), 'plain': share(0, 0),
                        'hard': share(hard, 20), 'abusive': share(0, 0)},
            'populations': [
                {'class': 'distilling', 'name': 'ring', 'flagged': share(found, 100)},
                {'class': 'hard', 'name': 'class', 'flagged': share(hard, 20)}],
            'campaigns': [{'name': 'ring', 'leaked': leaked,
                           'flagged': {'hit': found, 'of': 100}}]}


class EvaluationTable(unittest.TestCase):
    def test_wilson_interval_of_8_in_10_is_that_of_the_evaluation(self):
        low, high = preset_table.wilson_bounds(8, 10)  # as in test_metrics.c
        self.assertAlmostEqual(low, 0.4901625, 6)
        self.assertAlmostEqual(high, 0.9433178, 6)
        self.assertEqual(preset_table.wilson(0, 0), '-')

    def test_fields_leave_records_of_their_type_alone(self):
        self.assertEqual(less('exchange', 'ip', 'asn'),
                         [json.loads(LOG[0]), {'ts': 2, 'account': 'a',
                                               'prompt': 'über "type":"account"'},
                          json.loads(LOG[2])])
        self.assertEqual(less('account', 'payment')[0],
                         {'ts': 1, 'type': 'account', 'account': 'a', 'plan': 'pro'})

    def test_account_records_can_be_left_out_altogether(self):
        self.assertEqual(less('account'), [json.loads(line) for line in LOG[1:]])

    def test_families_start_with_the_prior_so_that_a_bit_is_an_index(self):
        families = ablation.signal_families()
        self.assertEqual(families[0], 'prior')
        self.assertIn('payment', families)
        self.assertLessEqual(1 << len(families), ablation.ALL_FAMILIES + 1)
        bits = int(ablation.without('payment')[1].split('=')[1])
        self.assertEqual(ablation.ALL_FAMILIES - bits, 1 << families.index('payment'))

    def test_an_ablation_tells_what_changes_and_who_changes_nothing(self):
        whole, without_list = judged(90, 0.05, 1), judged(0, None, 0)
        results = [{'preset': p, 'run': run, 'evaluation': e} for p in ('one', 'two')
                   for run, e in (('whole', whole), ('reuse', judged(90, 0.054, 1)),
                                  ('worklist', without_list if p == 'one' else whole))]
        text = '\n'.join(ablation.preset_lines(results, ['one', 'two'], ['worklist', 'reuse']))
        self.assertIn('| worklist | 90/200 (-90) | 52.5 % | 0/0 | 1/40 (-1) | 0/0 |', text)
        self.assertIn('| worklist | one | ring found 90 → 0 of 100; class (hard) flagged 1 → 0 of '
                      '20; ring leaked 5.0 % → 100.0 % |', text)
        self.assertNotIn('| two |', text)
        self.assertIn('Without reuse nothing of that changes', text)

    def test_a_return_is_told_with_and_without_the_memory(self):
        results = [{'campaign': 'ring', 'run': run, 'evaluation': judged(90, leaked, 1)}
                   for run, leaked in (('whole', 0.02), ('memory', 0.08))]
        text = '\n'.join(ablation.return_lines(results, {**ablation.RETURN, 'campaigns': ['ring']}))
        self.assertIn('| ring | 90/100 | 2.0 % | 1 | 90/100 | 8.0 % | 1 |', text)

    def test_who_comes_back_shows_nothing_that_was_shown(self):
        event = {'ts': 5, 'account': 'a', 'ip': '10.0.0.1', 'prompt': 'p', 'payment': 'card'}
        back = operator_return.come_back(dict(event))
        self.assertEqual(back['ts'], 5 + operator_return.AWAY_MS)
        self.assertEqual(back['prompt'], 'p')
        self.assertEqual([f for f in ('account', 'ip', 'payment') if back[f] == event[f]], [])
        self.assertEqual(back, operator_return.come_back(dict(event)))

    def test_precision_falls_with_the_base_rate(self):
        self.assertAlmostEqual(table.precision(0.5, 0.001, 10), 0.5 / 0.51)
        self.assertAlmostEqual(table.precision(0.5, 0.001, 1000), 0.5 / 1.5)
        self.assertIsNone(table.precision(0.0, 0.0, 10))

    def test_without_a_false_alarm_the_upper_bound_is_taken_and_told(self):
        row = table.base_rate_row('plain', 0.9, 0, 3000)
        self.assertIn('upper bound: none seen', row[2])
        upper = preset_table.wilson_bounds(0, 3000)[1]
        self.assertEqual(row[3], f'{90 / (0.9 + 10 * upper):.1f} %')

    def test_ece_is_taken_over_the_accounts_of_all_runs(self):
        def run(accounts, distilling, score):
            empty = {'accounts': 0, 'distilling': 0, 'score': None}
            bins = [{'accounts': accounts, 'distilling': distilling, 'score': score}, *[empty] * 9]
            return {'calibration': {'bins': bins}}

        self.assertAlmostEqual(table.pooled_ece([run(10, 0, 0.1), run(10, 2, 0.1)]), 0.0)
        self.assertAlmostEqual(table.pooled_ece([run(10, 5, 0.1)]), 0.4)

    def test_a_stopped_run_goes_on_with_what_the_same_commit_measured(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'runs', 'parts.jsonl')
            table.Kept(path, 'one', False).take('a', lambda: 1)
            with open(path, 'a', encoding='utf-8') as f:
                f.write('{"part": "b", "resu')  # stopped while it wrote
            self.assertEqual(table.Kept(path, 'one', True).take('a', lambda: 2), 1)
            self.assertEqual(table.Kept(path, 'two', True).take('a', lambda: 3), 3)

    def test_without_real_data_the_page_says_what_is_missing(self):
        results = {'date': '2026-01-01', 'commit': '-', 'minutes': 1, 'plan': table.QUICK,
                   'families': [], 'semi_real': None, 'presets': []}
        text = '\n'.join(table.page(results))
        self.assertIn('semi-real part is missing', text)
        self.assertIn('2026-01-01', text)


if __name__ == '__main__':
    unittest.main()
