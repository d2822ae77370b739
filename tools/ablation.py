"""What each signal family is worth: the detector without it, where its kind of structure is.

Three parts, none of them on test seeds: semi-real validation sets (measured by evaluation_table.py),
presets at their own seeds, and, for the memory, the return of campaigns that were banned. Only the
presets hold crowds of look-alikes, archetypes B, G and I and free-credit farms; three of them are
judged without text.
"""

import os
import re
import statistics
import subprocess
import tempfile

from measuring import ROOT, call, flagged, judged, or_all, without_fields
from markdown_parts import and_list, percent, table
from operator_return import OTHERS_SEED, others_write, remembering, returned_write

ALL_FAMILIES = 0xffff

# Held by these: look-alikes and honest people (innocence); relays and replay, whose reasoning blocks
# or output come back (reuse: d, f, g, h); lists over many accounts (work list); hiding (evasion);
# what time tells when there is no text (timing).
PRESETS = ['look-alikes', 'honest-week', 'archetype-b', 'archetype-d', 'archetype-e',
           'archetype-f', 'archetype-g', 'archetype-h', 'archetype-i', 'evasion-1', 'evasion-2',
           'quickstart', 'quickstart without text', 'evasion-1 without text',
           'archetype-g without text and blocks']

# Presets of which fields are not logged: what text would answer is left to other families.
TEXT = ('prompt', 'system')
LESS = {'quickstart without text': ('quickstart', TEXT),
        'evasion-1 without text': ('evasion-1', TEXT),
        'archetype-g without text and blocks': ('archetype-g', (*TEXT, 'signature', 'echo'))}
RETURN = {'preset': 'quickstart', 'campaigns': ['alpha', 'gamma', 'epsilon'], 'scale': 0.5,
          'days': 3}

# A change that is told: this share of a campaign's exchanges leaked, or any account.
LEAK_TOLD = 0.005


def signal_families():
    """Names in the order of their bits; the prior is bit 0 and no signal."""
    with open(os.path.join(ROOT, 'detector', 'signals.h'), encoding='utf-8') as f:
        block = f.read().split('#define SIGNAL_FAMILIES(X)', 1)[1].split('#define', 1)[0]
    return re.findall(r'X\((\w+), "', block)


def without(family):
    """Options of a run that leaves the family out."""
    return '--set', f'families={ALL_FAMILIES & ~(1 << signal_families().index(family))}'


def preset_file(name):
    return os.path.join(ROOT, 'scenarios', name + '.json')


# ---- measuring ----------------------------------------------------------------------------------


def leave_out(folder, fields):
    """The exchanges of a set without those fields: name of the file."""
    with subprocess.Popen(['zstdcat', os.path.join(folder, 'events.zst')], encoding='utf-8',
                          stdout=subprocess.PIPE) as whole, \
            open(os.path.join(folder, 'less.jsonl'), 'w', encoding='utf-8') as less:
        less.writelines(without_fields(whole.stdout, 'exchange', fields))
    return 'less.jsonl'


def measure_preset(binary, preset, families):
    """The preset at its own seed, judged by the whole detector and without each of the families."""
    scenario, fields = LESS.get(preset, (preset, ()))
    with tempfile.TemporaryDirectory(prefix='stillwatch-ablation-') as folder:
        call(binary, 'simulate', preset_file(scenario), '--events',
             os.path.join(folder, 'events.zst'), '--truth', os.path.join(folder, 'labels.jsonl'),
             '--quiet')
        events = leave_out(folder, fields) if fields else 'events.zst'
        return [{'preset': preset, 'run': family or 'whole',
                 'evaluation': judged(binary, folder, *(without(family) if family else ()),
                                      events=events)}
                for family in [None, *families]]


def measure_return(binary, plan):
    """Campaigns banned in a first run, each come back two weeks later on its own: judged with what
    was remembered, by the whole detector and without the memory."""
    with tempfile.TemporaryDirectory(prefix='stillwatch-return-') as folder:
        def path(name):
            return os.path.join(folder, name)

        def run(scenario, out, *options):
            call(binary, 'run', scenario, '--out', path(out), '--scale', str(plan['scale']),
                 '--days', str(plan['days']), '--quiet', '--no-baselines', '--keep-events',
                 *options)

        preset = preset_file(plan['preset'])
        run(preset, 'first', '--enforce', 'strict', '--remember', path('memory'))
        run(preset, 'free')
        run(others_write(preset, path('others.json')), 'honest', '--seed', str(OTHERS_SEED))
        results = []
        for campaign in plan['campaigns']:
            returned_write(path('free'), path('honest'), campaign, path(campaign))
            for name, options in (('whole', ()), ('memory', without('memory'))):
                results.append({'campaign': campaign, 'run': name, 'evaluation': judged(
                    binary, path(campaign), *options, *remembering(path('memory'), path('own')))})
        return results


# ---- pages --------------------------------------------------------------------------------------


def median_leaked(evaluations):
    """Over the campaigns; None without any."""
    leaked = [or_all(c['leaked']) for e in evaluations for c in e['campaigns']]
    return statistics.median(leaked) if leaked else None


def change(evaluations, whole, names):
    """Flagged of all, and the difference to the whole detector in accounts."""
    hit, of = flagged(evaluations, names)
    more = hit - flagged(whole, names)[0]
    return f'{hit}/{of}' + (f' ({more:+d})' if more else '')


def population_changes(less, whole):
    before = {(p['class'], p['name']): p['flagged']['review'] for p in whole['populations']}
    for p in less['populations']:
        old, new = before[p['class'], p['name']], p['flagged']['review']
        if old['hit'] != new['hit']:
            word = 'found' if p['class'] == 'distilling' else f'({p["class"]}) flagged'
            yield f'{p["name"]} {word} {old["hit"]} → {new["hit"]} of {new["of"]}'


def leak_changes(less, whole):
    before = {c['name']: or_all(c['leaked']) for c in whole['campaigns']}
    for c in less['campaigns']:
        old, new = before[c['name']], or_all(c['leaked'])
        if abs(new - old) >= LEAK_TOLD:
            yield f'{c["name"]} leaked {percent(old)} → {percent(new)}'


def changes(less, whole):
    """What one preset says of a family, in words; '' when nothing that is told."""
    return '; '.join([*population_changes(less, whole), *leak_changes(less, whole)])


def preset_lines(results, presets, families):
    of = {(r['preset'], r['run']): r['evaluation'] for r in results}
    whole = [of[p, 'whole'] for p in presets]

    def row(name, run):
        less = [of[p, run] for p in presets]
        return [name, change(less, whole, ['distilling']), percent(median_leaked(less)),
                *(change(less, whole, [c]) for c in ('plain', 'hard', 'abusive'))]

    yield from ('### On presets', '',
                f'On **validation** presets at their own seeds ({", ".join(presets)}), which hold '
                'what the semi-real sets hold little or nothing of: crowds of look-alikes, '
                'free-credit farms, relays, archetypes B, G and I. All of them together:', '')
    yield from table(['left out', 'found', 'leaked, median campaign', 'plain flagged',
                      'hard flagged', 'abusive flagged'],
                     [row('nothing', 'whole'), *(row(f, f) for f in families)])
    told = [(f, p, changes(of[p, f], of[p, 'whole'])) for f in families for p in presets]
    yield from ('One by one, whatever changes by an account, or by '
                f'{percent(LEAK_TOLD)} of a campaign\'s exchanges:', '')
    yield from table(['left out', 'preset', 'with the whole detector → without the family'],
                     (line for line in told if line[2]))
    silent = [f for f in families if not any(line[2] for line in told if line[0] == f)]
    if silent:
        yield from (f'**Without {and_list(silent)} nothing of that changes on any of them.**', '')


def return_lines(results, plan):
    of = {(r['campaign'], r['run']): r['evaluation'] for r in results}

    def honest(e):
        return sum(p['flagged']['review']['hit'] for p in e['populations']
                   if p['class'] != 'distilling')

    def row(campaign):
        cells = []
        for run in ('whole', 'memory'):
            e = of[campaign, run]
            c = e['campaigns'][0]
            cells += [f'{c["flagged"]["hit"]}/{c["flagged"]["of"]}',
                      percent(or_all(c['leaked'])), honest(e)]
        return [campaign, *cells]

    yield from ('### Memory, on a return', '',
                f'The campaigns of `{plan["preset"]}` (own seed, scale {plan["scale"]:g}, '
                f'{plan["days"]} days) are banned by `--enforce strict`. Two weeks later each comes '
                'back alone on a platform of other customers, with the same templates and list '
                'under other accounts, payment instruments, devices, credentials, mail domains and '
                'addresses (`tools/operator_return.py`).', '')
    yield from table(['campaign', *(f'{what}, {run}' for run in ('whole', 'without memory')
                                    for what in ('found', 'leaked', 'others flagged'))],
                     [row(c) for c in plan['campaigns']])
