#!/usr/bin/env python3
"""The real binary: what was acted upon in one run is recognised in the next.

    tests/e2e/test_remember.py STILLWATCH [unittest options]

A campaign is banned in the first run. Two weeks later it comes back on a platform of other
customers: the same templates and list, but every account, payment instrument, device, credential,
mail domain and address is another.
"""

import json
import os
import re
import sys

from bench import ROOT, SMALL, Bench, main, scenario

sys.path.insert(0, os.path.join(ROOT, 'tools'))
# pylint: disable=wrong-import-position
from operator_return import (IDENTITIES, OTHERS_SEED, events_of, others_write,  # noqa: E402
                             remembering, returned_write)


class Remember(Bench):
    def simulate(self, out, *args):
        self.stillwatch('run', *args, '--out', self.path(out), *SMALL, '--quiet', '--no-baselines',
                        '--keep-events')

    def others(self):
        return others_write(scenario('quickstart'), self.path('others.json'))

    def returned(self, campaign):
        """Events and truth of the campaign's return, in self.path('back')."""
        self.simulate('free', scenario('quickstart'))
        self.simulate('honest', self.others(), '--seed', str(OTHERS_SEED))
        self.assertGreater(returned_write(self.path('free'), self.path('honest'), campaign,
                                          self.path('back')), 20)

    def detect(self, out, *args):
        """Leaked share of the campaign, and accounts flagged that are not its."""
        self.stillwatch('detect', self.path('back', 'events.jsonl'), '--out', self.path(out),
                        '--quiet', *args)
        done = self.stillwatch('evaluate', self.path(out), '--truth',
                               self.path('back', 'labels.jsonl'), '--json')
        told = json.loads(done.stdout)
        flagged = sum(p['flagged']['review']['hit'] for p in told['populations']
                      if p['class'] != 'distilling')
        return told['campaigns'][0]['leaked'], flagged

    def lines(self, *names):
        return [json.loads(line) for line in self.read(*names).splitlines()]

    kept = None  # of the first run, which all tests begin with: events and memory

    def first_run(self):
        """A run in which what is found is banned; its memory is self.path('memory')."""
        self.simulate('first', scenario('quickstart'), '--enforce', 'strict',
                      '--remember', self.path('memory'))

    def setUp(self):
        super().setUp()
        if Remember.kept:
            with open(self.path('memory'), 'wb') as f:
                f.write(Remember.kept)
        else:
            self.first_run()
            Remember.kept = self.read('memory')

    def remembering(self):
        return remembering(self.path('memory'), self.path('memory-2'))

    def test_a_campaign_that_comes_back_is_found_earlier_and_nobody_else_is(self):
        self.returned('epsilon')
        without, flagged = self.detect('without')
        remembered, flagged_too = self.detect('with', *self.remembering())
        print('leaked %.4f without the memory, %.4f with it' % (without, remembered))
        self.assertLess(remembered, without / 2)
        self.assertEqual(flagged_too, flagged)
        top = max(self.lines('with', 'clusters.jsonl'), key=lambda c: c['score'])
        line = [e for e in top['evidence'] if e['signal'] == 'recognised']
        self.assertEqual(len(line), 1)
        self.assertEqual(line[0]['family'], 'memory')
        self.assertLessEqual(line[0]['weight'], 4)
        self.assertIn('acted upon', line[0]['note'])
        self.assertNotIn('recognised', self.read('without', 'clusters.jsonl').decode())

    def test_the_memory_holds_no_value_and_the_same_run_makes_the_same_one(self):
        memory = self.read('memory').decode()
        lines = [json.loads(line) for line in memory.splitlines()]
        self.assertGreater(lines[0]['values'], 100)
        self.assertEqual(lines[0]['values'], len(lines) - 1)
        self.assertIn('template', {line['kind'] for line in lines[1:]})
        os.remove(self.path('memory'))
        self.first_run()
        self.assertEqual(self.read('memory').decode(), memory)
        shown = set()
        for event in events_of(self.path('first')):
            shown.update(str(event[field]) for field in IDENTITIES + ('ip', 'client')
                         if len(str(event.get(field, ''))) > 6)
        for text in re.findall(r'"([^"]*)"', memory):
            self.assertNotIn(text, shown)

    def test_honest_customers_are_left_alone_whatever_is_remembered(self):
        with open(scenario('honest-week'), encoding='utf-8') as f:
            week = json.load(f)
        week['start'] = week['start'].replace('02-02', '02-16')
        with open(self.path('week.json'), 'w', encoding='utf-8') as f:
            json.dump(week, f)
        self.stillwatch('run', self.path('week.json'), '--out', self.path('week'), '--scale', '0.3',
                        '--days', '3', '--quiet', '--no-baselines', *self.remembering())
        # The same platform, whose networks, products and plugins the banned accounts used as well.
        self.simulate('same', self.others(), *self.remembering())
        for run in ('week', 'same'):
            levels = json.loads(self.read(run, 'summary.json'))['levels']
            for kind in ('accounts', 'clusters'):
                self.assertEqual([levels[kind][level] for level in ('review', 'act')], [0, 0], run)

    def test_a_damaged_memory_and_one_of_another_key_are_refused_and_stay_as_they_are(self):
        with open(self.path('one.jsonl'), 'w', encoding='utf-8') as f:
            f.write('{"ts":1,"account":"a"}\n')
        for damage, words in ((lambda m: m[:-40], 'bad:'), (lambda m: m.replace(b':1,', b':2,', 1), 'version')):
            with open(self.path('bad'), 'wb') as f:
                f.write(damage(self.read('memory')))
            before = self.read('bad')
            done = self.stillwatch('detect', self.path('one.jsonl'), '--out', self.path('bad-run'),
                                   '--remember', self.path('bad'), code=2)
            self.assertIn(self.path('bad'), done.stderr.decode())
            self.assertIn(words, done.stderr.decode())
            self.assertEqual(self.read('bad'), before)
        done = self.stillwatch('detect', self.path('one.jsonl'), '--out', self.path('bad-run'),
                               '--remember', self.path('memory'), '--set', 'hash_key=5', code=2)
        self.assertIn('another hash_key', done.stderr.decode())
        self.run_scenario('sweep', '--enforce', 'strict', '--enforce-sweep', '1',
                          '--remember', self.path('memory'), code=2)


if __name__ == '__main__':
    main()
