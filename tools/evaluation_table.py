#!/usr/bin/env python3
"""Measures everything that docs/evaluation-table.md states, and writes it.

Runs the detector over semi-real sets (semi_real.py), once as it is and on validation sets also
without single signal families and without fields, and over the presets. The results are kept in
one JSON file, from which the page can be written again with --render; a run that was stopped
goes on with --resume. Test seeds are never used for the ablation or the missing fields, so that
no choice can rest on them.

Usage: evaluation_table.py [--data DIR] [--quick] [--resume] [--jobs N] BINARY SCENARIO...
       evaluation_table.py --render RESULTS [--out FILE]
"""

import argparse
import concurrent.futures
import datetime
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import ablation
from measuring import ROOT, call, flagged, judged, or_all, without_fields
from markdown_parts import and_list, percent, rare_cell, share_cell, table
from preset_table import evaluation, pool, preset_lines, wilson, wilson_bounds

HERE = os.path.dirname(os.path.abspath(__file__))

# What is run: the whole, and a part that shows within minutes whether everything works.
FULL = {'test': [11, 12, 13, 14, 15], 'validation': [1, 2], 'levels': [0, 1, 2, 3, 4],
        'ablation_levels': [0, 2, 3], 'missing_levels': [0, 2], 'presets': [1001, 1002],
        'scale': 1.0, 'ablation_presets': ablation.PRESETS, 'return': ablation.RETURN}
QUICK = {'test': [11], 'validation': [1], 'levels': [0, 2, 4], 'ablation_levels': [2],
         'missing_levels': [2], 'presets': [1001], 'scale': 0.3,
         'ablation_presets': ['look-alikes', 'archetype-g'],
         'return': {**ablation.RETURN, 'campaigns': ['epsilon'], 'scale': 0.3, 'days': 2}}

# Fields left out of a log: name, type of record (exchange when it has none), fields; without
# fields the record itself.
MISSING = [
    ('no network: `ip` `asn` `country` `network`', 'exchange',
     ('ip', 'asn', 'country', 'network')),
    ('no client: `client` `user_agent`', 'exchange', ('client', 'user_agent')),
    ('no identity: `payment` `device` `email_domain` `signup_ip` `name_shape`', 'account',
     ('payment', 'device', 'email_domain', 'signup_ip', 'name_shape')),
    ('no text: `prompt` `system`', 'exchange', ('prompt', 'system')),
    ('no `account` records', 'account', None)]

FPR = 1e-3
BASE_RATES = (10, 100, 1000)


# ---- measuring ----------------------------------------------------------------------------------


def judged_without(binary, folder, kind, fields):
    with open(os.path.join(folder, 'events.jsonl'), encoding='utf-8') as whole, \
            open(os.path.join(folder, 'less.jsonl'), 'w', encoding='utf-8') as less:
        less.writelines(without_fields(whole, kind, fields))
    return judged(binary, folder, events='less.jsonl')


class Kept:
    """What was measured, one line per part, so that a stopped run can go on."""

    def __init__(self, path, mark, resume):
        self.path, self.mark, self.part = path, mark, {}
        self.lock = threading.Lock()
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if resume and os.path.exists(path):
            with open(path, encoding='utf-8') as f:
                rows = [json.loads(line) for line in f if line.endswith('\n')]
            self.part = {r['part']: r for r in rows if r['mark'] == mark}
        with open(path, 'w', encoding='utf-8') as f:
            f.writelines(json.dumps(r) + '\n' for r in self.part.values())

    def take(self, part, make, *args):
        if part not in self.part:
            start = time.monotonic()
            result = make(*args)
            row = {'part': part, 'mark': self.mark, 'result': result,
                   'seconds': time.monotonic() - start}
            with self.lock, open(self.path, 'a', encoding='utf-8') as f:
                f.write(json.dumps(row) + '\n')
            self.part[part] = row
            print(f'{part}: done', file=sys.stderr)
        return self.part[part]['result']


def semi_real(options, seed, level, runs):
    """Makes a set, does the runs (name, function of the folder) over it and drops it again."""
    with tempfile.TemporaryDirectory(prefix='stillwatch-evaluate-') as folder:
        call(sys.executable, os.path.join(HERE, 'semi_real.py'), '--data', options.data, '--seed',
             str(seed), '--evasion', str(level), '--scale', str(options.plan['scale']),
             '--out', folder)
        results = [{'seed': seed, 'level': level, 'run': name, 'evaluation': run(folder)}
                   for name, run in runs]
    return results


def test_runs(binary):
    return [('test', lambda folder: judged(binary, folder, '--baselines'))]


def validation_runs(binary, plan, seed, level):
    runs = [('whole', lambda folder: judged(binary, folder))]
    if level in plan['ablation_levels']:
        for family in ablation.signal_families()[1:]:
            runs.append((f'without {family}', lambda folder, f=family:
                         judged(binary, folder, *ablation.without(f))))
    if level in plan['missing_levels'] and seed == plan['validation'][0]:
        for name, kind, fields in MISSING:
            runs.append((name, lambda folder, k=kind, f=fields:
                         judged_without(binary, folder, k, f)))
    return runs


def measure_parts(options, kept, parts):
    """Results of parts (name, function, its arguments), some at once."""
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as workers:
        done = [workers.submit(kept.take, *part) for part in parts]
        try:
            return [result for d in done for result in d.result()]
        except BaseException:
            workers.shutdown(cancel_futures=True)
            raise


def measure_semi_real(options, kept):
    plan, binary = options.plan, options.binary
    sets = [(seed, level, test_runs(binary)) for seed in plan['test'] for level in plan['levels']]
    sets += [(seed, level, validation_runs(binary, plan, seed, level))
             for seed in plan['validation']
             for level in sorted({*plan['ablation_levels'], *plan['missing_levels']})]
    return measure_parts(options, kept, [
        (f'semi-real, seed {seed}, evasion {level}', semi_real, options, seed, level, runs)
        for seed, level, runs in sets])


def measure_ablation(options, kept):
    """On presets, and of the memory on a return."""
    plan, families = options.plan, ablation.signal_families()[1:]
    returns = measure_parts(options, kept, [
        ('ablation, return', ablation.measure_return, options.binary, plan['return'])])
    return returns, measure_parts(options, kept, [
        (f'ablation, {preset}', ablation.measure_preset, options.binary, preset, families)
        for preset in plan['ablation_presets']])


def measure_presets(options, kept):
    return [(os.path.splitext(os.path.basename(scenario))[0],
             kept.take(f'{scenario}, seed {seed}', evaluation, options.binary, scenario, seed))
            for scenario in options.scenario for seed in options.plan['presets']]


def detector_commit():
    """The last commit that could have changed what is measured; '-' outside a repository."""
    done = subprocess.run(['git', '-C', ROOT, 'log', '-1', '--format=%h', '--', 'base', 'event',
                           'detector', 'sim', 'scenarios', 'tools/semi_real.py',
                           'tools/operator_return.py'],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return done.stdout.decode().strip() or '-'


def measure_all(options):
    results = {'date': datetime.date.today().isoformat(), 'commit': detector_commit(),
               'plan': options.plan, 'families': ablation.signal_families()[1:], 'semi_real': None}
    kept = Kept(options.parts, f'{results["commit"]}, scale {options.plan["scale"]}',
                options.resume)
    if os.path.isdir(os.path.join(options.data, 'prompts')):
        results['semi_real'] = measure_semi_real(options, kept)
    else:
        print(f'no prompts/ in {options.data}: the semi-real part is skipped (option --data)',
              file=sys.stderr)
    results['returns'], results['ablation'] = measure_ablation(options, kept)
    results['presets'] = measure_presets(options, kept)
    results['minutes'] = round(sum(row['seconds'] for row in kept.part.values()) / 60)
    return results


# ---- pooling ------------------------------------------------------------------------------------


def archetype(campaign):
    return campaign.split('_')[0].upper()


def campaigns(evaluations):
    """archetype -> its campaigns."""
    found = {}
    for e in evaluations:
        for c in e['campaigns']:
            found.setdefault(archetype(c['name']), []).append(c)
    return dict(sorted(found.items()))


def pooled_ece(evaluations):
    """Expected calibration error over the accounts of all runs, in ten equal bins."""
    bins = [[0, 0, 0.0] for _ in range(10)]
    for e in evaluations:
        for b, entry in zip(bins, e['calibration']['bins']):
            b[0] += entry['accounts']
            b[1] += entry['distilling']
            b[2] += entry['accounts'] * (entry['score'] or 0.0)
    accounts = sum(b[0] for b in bins)
    return sum(abs(score - hit) for _, hit, score in bins) / accounts


def tpr_at_fpr(rankings, fpr):
    """Accounts found at that rate of false alarms, each run at its own threshold."""
    rows = [row for r in rankings for row in r['tpr_at_fpr'] if row['fpr'] == fpr]
    return sum(r['tpr']['hit'] for r in rows), sum(r['tpr']['of'] for r in rows)


def precision(tpr, fpr, honest):
    """Share of flagged accounts that distil, at one distilling account to so many honest ones."""
    return tpr / (tpr + honest * fpr) if tpr + honest * fpr > 0 else None


# ---- the page -----------------------------------------------------------------------------------


def by_level(results):
    levels = {}
    for r in results['semi_real']:
        if r['run'] == 'test':
            levels.setdefault(r['level'], []).append(r['evaluation'])
    return dict(sorted(levels.items()))


def level_row(level, evaluations):
    all_campaigns = [c for e in evaluations for c in e['campaigns']]
    half = sum(2 * c['flagged']['hit'] >= c['flagged']['of'] for c in all_campaigns)
    honest = [e['grouping']['mostly_honest'] for e in evaluations]
    f1 = [e['grouping']['f1'] or 0.0 for e in evaluations]
    auc = [e['ranking']['roc_auc'] for e in evaluations]
    return [level, share_cell(*flagged(evaluations, ['distilling'])),
            f'{half}/{len(all_campaigns)}',
            percent(statistics.median(or_all(c['leaked']) for c in all_campaigns)),
            percent(statistics.median(or_all(c['cluster_leaked']) for c in all_campaigns)),
            *(rare_cell(*flagged(evaluations, [name])) for name in ('plain', 'hard', 'abusive')),
            f'{statistics.median(f1):.3f} ({min(f1):.3f}-{max(f1):.3f})',
            f'{sum(h["hit"] for h in honest)}/{sum(h["of"] for h in honest)}',
            f'{pooled_ece(evaluations):.4f}',
            f'{statistics.median(auc):.3f} ({min(auc):.3f}-{max(auc):.3f})']


def test_lines(results):
    levels = by_level(results)
    yield from (
        '## Test: semi-real sets', '',
        'Real prompts and real arrival processes (`tools/semi_real.py`), honest people and '
        'campaigns A, C, E, H and one more of each seed. Accounts at `review` or above, pooled '
        'over the seeds, with Wilson\'s 95 % interval in percent and counts. Intervals take '
        'accounts for independent; those of one campaign are found or missed together, so that '
        'the number of campaigns says more about how far a share carries.', '')
    yield from table(
        ['evasion', 'distilling accounts found', 'campaigns with half found or more',
         'leaked, median campaign', '`cluster_leaked`, median', 'plain flagged', 'hard flagged',
         'abusive flagged', 'pair F1, median (range)', 'flagged clusters mostly honest', 'ECE',
         'ROC-AUC, median (range)'],
        (level_row(level, e) for level, e in levels.items()))
    yield from ('A campaign without an alarm counts as leaked in full. ECE is taken over the '
                'pooled accounts; F1 and AUC per set.', '', '### Found, by archetype', '')
    letters = sorted({a for e in levels.values() for a in campaigns(e)})
    cells = {level: campaigns(e) for level, e in levels.items()}

    def found(level, a):
        rows = [c['flagged'] for c in cells[level].get(a, [])]
        return share_cell(sum(r['hit'] for r in rows), sum(r['of'] for r in rows))

    def leak(level, a):
        rows = cells[level].get(a, [])
        return ' / '.join(percent(statistics.median(or_all(c[key]) for c in rows))
                          for key in ('leaked', 'cluster_leaked')) if rows else '-'

    head = [f'evasion {level}' for level in levels]
    count = {a: max(len(cells[level].get(a, [])) for level in levels) for a in letters}
    yield from table(['archetype', 'campaigns per level', *head],
                     ([a, count[a], *(found(level, a) for level in levels)] for a in letters))
    yield from ('### Leaked, by archetype', '',
                'Median over the campaigns: exchanges before the alarm of the account that sent '
                'them / before the alarm of the flagged cluster (`cluster_leaked`).', '')
    yield from table(['archetype', *head],
                     ([a, *(leak(level, a) for level in levels)] for a in letters))
    yield from baseline_lines(levels)


def baseline_lines(levels):
    yield from ('### Baselines', '',
                'The same events in the same run: distilling accounts found at the lowest '
                f'threshold whose false-positive rate is at most {FPR:g}, per set, pooled.', '')
    names = [b['name'] for b in next(iter(levels.values()))[0]['baselines']]

    def row(level, evaluations):
        of = [[next(b for b in e['baselines'] if b['name'] == n) for e in evaluations]
              for n in names]
        return [level, *(share_cell(*tpr_at_fpr(r, FPR)) for r in [evaluations, *of])]

    yield from table(['evasion', 'Stillwatch', *(f'`{n}`' for n in names)],
                     (row(level, e) for level, e in levels.items()))


def honest_lines(results):
    levels = by_level(results)
    counts = {}
    for e in (e for es in levels.values() for e in es):
        for p in e['populations']:
            if p['class'] != 'distilling':
                entry = counts.setdefault((p['class'], p['name']), [0, 0])
                entry[0] += p['flagged']['review']['hit']
                entry[1] += p['flagged']['review']['of']
    n = len(levels)
    yield from (
        '## False alarms by honest population', '',
        f'Pooled over the {n} levels and all test seeds, most often flagged first. A seed\'s '
        f'honest accounts are the same at every level, so the interval counts each of them once: '
        f'it is that of flagged/{n} of account-runs/{n}.', '')
    order = sorted(counts.items(), key=lambda c: (c[0][0] == 'abusive', -c[1][0] / c[1][1], c[0]))
    yield from table(['population', 'class', 'flagged / account-runs', 'rate', '95 %, %'],
                     ([name, kind, f'{hit}/{of}', percent(hit / of, 2), wilson(hit / n, of / n)]
                      for (kind, name), (hit, of) in order))


def validation(results, run, level):
    return [r['evaluation'] for r in results['semi_real'] if (r['run'], r['level']) == (run, level)]


def semi_real_ablation_lines(results):
    levels = results['plan']['ablation_levels']
    yield from (
        '### On semi-real sets', '',
        f'On **validation** {seeds(results["plan"]["validation"])}.', '')

    def row(name, run):
        cells = []
        for names in (['distilling'], ['plain', 'hard']):
            cells += [ablation.change(validation(results, run, level),
                                      validation(results, 'whole', level), names)
                      for level in levels]
        leaked = [percent(ablation.median_leaked(validation(results, run, level)))
                  for level in levels]
        return [name, *cells, ' / '.join(leaked)]

    yield from table(['left out', *(f'found, evasion {level}' for level in levels),
                      *(f'plain + hard flagged, evasion {level}' for level in levels),
                      'leaked, median campaign, ' + ' / '.join(map(str, levels))],
                     [row('nothing', 'whole'),
                      *(row(f, f'without {f}') for f in results['families'])])


def ablation_lines(results):
    plan = results['plan']
    yield from ('## Ablation', '',
                'One signal family left out at a time (`--set families=`), as evidence and as a '
                'link between accounts. Accounts at `review` or above; in brackets the difference '
                'to the whole detector.', '')
    if results['semi_real'] is not None:
        yield from semi_real_ablation_lines(results)
    if 'ablation' in results:  # --render of what was measured before there was this part
        yield from ablation.preset_lines(results['ablation'], plan['ablation_presets'],
                                         results['families'])
        yield from ablation.return_lines(results['returns'], plan['return'])


def missing_lines(results):
    levels, seed = results['plan']['missing_levels'], results['plan']['validation'][0]
    first = {**results, 'semi_real': [r for r in results['semi_real'] if r['seed'] == seed]}
    yield from (
        '## Missing fields', '',
        f'On **validation** seed {seed}: the same log without some of its fields.', '')

    def row(name, run):
        cells = []
        for names in (['distilling'], ['plain', 'hard']):
            cells += [share_cell(*flagged(validation(first, run, level), names))
                      if names == ['distilling'] else
                      rare_cell(*flagged(validation(first, run, level), names))
                      for level in levels]
        auc = [f'{validation(first, run, level)[0]["ranking"]["roc_auc"]:.3f}' for level in levels]
        return [name, *cells, ' / '.join(auc)]

    yield from table(['log', *(f'found, evasion {level}' for level in levels),
                      *(f'plain + hard flagged, evasion {level}' for level in levels),
                      'ROC-AUC, ' + ' / '.join(map(str, levels))],
                     [row('all fields', 'whole'), *(row(name, name) for name, _, _ in MISSING)])


def base_rate_row(name, tpr, hit, of):
    """Precision at the measured rate of false alarms, or at the interval's upper end without any;
    in brackets at that upper end."""
    upper = wilson_bounds(hit, of)[1]
    fpr = hit / of if hit else upper
    rate = f'{100 * fpr:.4f} %' + ('' if hit else ' (upper bound: none seen)')
    cells = [percent(precision(tpr, fpr, n)) + (f' (at the upper bound '
             f'{percent(precision(tpr, upper, n))})' if hit else '') for n in BASE_RATES]
    return [name, f'{hit}/{of}', rate, *cells]


def base_rate_lines(results):
    levels = by_level(results)
    level = 2
    tpr_hit, tpr_of = flagged(levels[level], ['distilling'])
    tpr = tpr_hit / tpr_of
    yield from (
        '## Precision at base rates', '',
        f'At evasion {level}, test seeds. precision = TPR / (TPR + N x FPR) at one distilling '
        f'account to N honest ones, with TPR = {tpr_hit}/{tpr_of} = {percent(tpr)} and FPR as '
        'counted. With no false alarm the upper end of its interval is taken instead and the row '
        'says so. A third of the benign accounts here are look-alikes, far more than a platform '
        'would have; the rate on plain accounts is given beside it.', '')
    yield from table(
        ['honest accounts', 'flagged', 'FPR', *(f'1:{n:,}' for n in BASE_RATES)],
        [base_rate_row('plain + hard, as in the set', tpr,
                       *flagged(levels[level], ['plain', 'hard'])),
         base_rate_row('plain only', tpr, *flagged(levels[level], ['plain']))])


def preset_part(results):
    presets, _ = pool(results['presets'])
    yield from (
        '## Beside it: simulated presets', '',
        f'{seeds(results["plan"]["presets"]).capitalize()} of Stillwatch\'s own simulator '
        '(`tools/dev table` makes this part alone, with false alarms by population), accounts at '
        '`review` or above, with 95 % intervals. Leaked: mean over the seeds.', '')
    yield from preset_lines(presets)
    yield ''


def seeds(numbers):
    return ('seed ' if len(numbers) == 1 else 'seeds ') + and_list(numbers)


def page(results):
    plan = results['plan']
    yield from (
        '# The evaluation table', '',
        f'Made by `tools/dev evaluate` on {results["date"]}, detector of commit '
        f'{results["commit"]}, default configuration; {results["minutes"]} minutes of work, '
        'two or more parts at a time. Terms: [evaluation.md](evaluation.md).', '',
        '| data | what | seeds | used for |', '|---|---|---|---|',
        f'| validation | semi-real sets, scale {plan["scale"]:g} '
        f'| {and_list(plan["validation"])} | looked at while the detector was made; ablation, '
        'missing fields |',
        '| validation | presets | their own | looked at while the detector was made; ablation '
        '|',
        f'| test | semi-real sets, scale {plan["scale"]:g}, evasion '
        f'{and_list(plan["levels"])} | {and_list(plan["test"])} | nothing was chosen on them |',
        f'| test | presets | {and_list(plan["presets"])} | nothing was chosen on them |', '')
    if plan['test'] != FULL['test']:
        yield from (f'The command\'s own test seeds are {and_list(FULL["test"])}; this page was '
                    f'made with {and_list(plan["test"])} to save time (`--seeds`).', '')
    if results['semi_real'] is None:
        yield from ('**The semi-real part is missing**: no real data was given (`--data`).', '')
    else:
        yield from test_lines(results)
        yield from honest_lines(results)
        yield from base_rate_lines(results)
    yield from ablation_lines(results)
    if results['semi_real'] is not None:
        yield from missing_lines(results)
    yield from preset_part(results)


def write_page(results, out):
    with open(out, 'w', encoding='utf-8') as f:
        f.write('\n'.join(page(results)).rstrip() + '\n')
    print(f'written: {out}', file=sys.stderr)


def parse():
    p = argparse.ArgumentParser(description=__doc__.split('\n', 1)[0])
    p.add_argument('--data', default=os.path.join('..', 'shared', 'data'),
                   help='folder with prompts/ and traffic/ (default %(default)s)')
    p.add_argument('--quick', action='store_true',
                   help='a small part, written to runs/ instead of docs/')
    for name, what in (('seeds', 'test'), ('validation', 'validation')):
        p.add_argument(f'--{name}', type=lambda text: [int(s) for s in text.split(',')],
                       help=f'{what} seeds of the semi-real sets, instead of the usual ones')
    p.add_argument('--resume', action='store_true',
                   help='keeps what an earlier, stopped run measured of the same commit')
    p.add_argument('--jobs', type=int, default=2, help='sets at once (default %(default)s)')
    p.add_argument('--out', help='the page (default docs/evaluation-table.md)')
    p.add_argument('--render', metavar='RESULTS', help='writes the page from an earlier run')
    p.add_argument('binary', nargs='?')
    p.add_argument('scenario', nargs='*')
    o = p.parse_args()
    if not o.render and not (o.binary and o.scenario):
        p.error('takes BINARY SCENARIO..., or --render RESULTS')
    name = 'evaluation-quick' if o.quick else 'evaluation'
    o.plan = dict(QUICK if o.quick else FULL)
    o.plan['test'] = o.seeds or o.plan['test']
    o.plan['validation'] = o.validation or o.plan['validation']
    o.parts = os.path.join('runs', name + '-parts.jsonl')
    o.raw = os.path.join('runs', name + '.json')
    o.out = o.out or (os.path.join('runs', name + '.md') if o.quick else
                      os.path.join('docs', 'evaluation-table.md'))
    return o


def main():
    o = parse()
    if o.render:
        with open(o.render, encoding='utf-8') as f:
            write_page(json.load(f), o.out)
        return
    results = measure_all(o)
    with open(o.raw, 'w', encoding='utf-8') as f:
        json.dump(results, f)
    write_page(results, o.out)


if __name__ == '__main__':
    main()
