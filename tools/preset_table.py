#!/usr/bin/env python3
"""Runs presets with seeds that nothing was chosen on, and prints the detection table as Markdown.

Usage: preset_table.py BINARY SEED[,SEED...] SCENARIO...
"""

import json
import math
import os
import subprocess
import sys
import tempfile


def wilson_bounds(hit, of):
    """Wilson 95 % interval of a share (JASA 22, 1927), as shares."""
    z, p = 1.959964, hit / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def wilson(hit, of):
    """The same in percent, as text."""
    if of == 0:
        return '-'
    low, high = wilson_bounds(hit, of)
    return f'{100 * low:.2f}-{100 * high:.2f}'


def evaluation(binary, scenario, seed):
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([binary, 'run', scenario, '--out', folder, '--seed', str(seed),
                               '--quiet', '--no-baselines'], check=False)
        if done.returncode != 0:
            sys.exit(f'{scenario}, seed {seed}: exit code {done.returncode}')
        with open(os.path.join(folder, 'evaluation.json'), encoding='utf-8') as f:
            return json.load(f)


def count(rows, key, hit, of):
    entry = rows.setdefault(key, [0, 0])
    entry[0] += hit
    entry[1] += of


def measure(binary, scenarios, seeds):
    """(scenario's name, evaluation) of each preset and seed."""
    for scenario in scenarios:
        name = os.path.splitext(os.path.basename(scenario))[0]
        for seed in seeds:
            yield name, evaluation(binary, scenario, seed)
            print(f'{name}, seed {seed}: done', file=sys.stderr)


def pool(results):
    """Counts per preset, and per honest population over all presets."""
    presets, populations = {}, {}
    for name, result in results:
        preset = presets.setdefault(name, {'campaign': {}, 'leaked': {}, 'class': {}})
        for p in result['populations']:
            review = p['flagged']['review']['hit'], p['flagged']['review']['of']
            if p['class'] == 'distilling':
                count(preset['campaign'], p['name'], *review)
                continue
            count(preset['class'], p['class'], *review)
            count(populations, (p['class'], p['name']), *review)
        for c in result['campaigns']:
            preset['leaked'].setdefault(c['name'], []).append(c['leaked'])
    return presets, populations


def preset_lines(presets):
    yield '| preset | campaigns: found | leaked before the alarm | plain honest | ' \
        'hard look-alikes | abusive |'
    yield '|---|---|---|---|---|---|'
    for name, preset in presets.items():
        found = '; '.join(f'{c} {100 * h / n:.3g} % ({h}/{n})'
                          for c, (h, n) in preset['campaign'].items())
        leaked = '; '.join(f'{c} {100 * sum(v) / len(v):.1f} %'
                           for c, v in preset['leaked'].items())
        cells = [f'{h}/{n} ({wilson(h, n)} %)' if n else '-' for h, n in
                 (preset['class'].get(c, [0, 0]) for c in ('plain', 'hard', 'abusive'))]
        yield f'| {name} | {found or "-"} | {leaked or "-"} | {" | ".join(cells)} |'


def population_lines(populations):
    yield '| population | class | flagged | 95 % interval, % |'
    yield '|---|---|---|---|'
    for (kind, name), (hit, of) in sorted(populations.items()):
        yield f'| {name} | {kind} | {hit}/{of} | {wilson(hit, of)} |'


def main():
    binary, seeds, scenarios = sys.argv[1], [int(s) for s in sys.argv[2].split(',')], sys.argv[3:]
    presets, populations = pool(measure(binary, scenarios, seeds))
    print(f'Seeds {", ".join(map(str, seeds))}; accounts at `review` or above, pooled, with 95 % '
          'intervals.\n')
    print(*preset_lines(presets), sep='\n')
    print('\nFalse alarms by honest population, all presets and seeds together:\n')
    print(*population_lines(populations), sep='\n')


if __name__ == '__main__':
    main()
