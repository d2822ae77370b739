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


def wilson(hit, of):
    """Wilson 95 % interval of a share, in percent."""
    if of == 0:
        return '-'
    z, p = 1.959964, hit / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return f'{100 * max(0.0, middle - half):.2f}-{100 * min(1.0, middle + half):.2f}'


def evaluation(binary, scenario, seed):
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([binary, 'run', scenario, '--out', folder, '--seed', str(seed), '--quiet'],
                              check=False)
        if done.returncode != 0:
            sys.exit(f'{scenario}, seed {seed}: exit code {done.returncode}')
        with open(os.path.join(folder, 'evaluation.json'), encoding='utf-8') as f:
            return json.load(f)


def count(rows, key, name, hit, of):
    entry = rows.setdefault(key, {}).setdefault(name, [0, 0])
    entry[0] += hit
    entry[1] += of


def print_presets(presets, seeds):
    print(f'Seeds {", ".join(map(str, seeds))}; accounts at `review` or above, pooled, with 95 % intervals.\n')
    print('| preset | campaigns: found | leaked before the alarm | plain honest | hard look-alikes | abusive |')
    print('|---|---|---|---|---|---|')
    for name, preset in presets.items():
        campaigns = '; '.join(f'{c} {100 * h / n:.3g} % ({h}/{n})' for c, (h, n) in preset['campaign'].items())
        leaked = '; '.join(f'{c} {100 * sum(v) / len(v):.1f} %' for c, v in preset['leaked'].items())
        cells = [f'{h}/{n} ({wilson(h, n)} %)' if n else '-' for h, n in
                 (preset['class'].get(c, [0, 0]) for c in ('plain', 'hard', 'abusive'))]
        print(f'| {name} | {campaigns or "-"} | {leaked or "-"} | {" | ".join(cells)} |')


def print_populations(populations):
    print('\nFalse alarms by honest population, all presets and seeds together:\n')
    print('| population | class | flagged | 95 % interval, % |')
    print('|---|---|---|---|')
    for (kind, name), (hit, of) in sorted(populations.items()):
        print(f'| {name} | {kind} | {hit}/{of} | {wilson(hit, of)} |')


def main():
    binary, seeds, scenarios = sys.argv[1], [int(s) for s in sys.argv[2].split(',')], sys.argv[3:]
    presets, populations = {}, {}
    for scenario in scenarios:
        name = os.path.splitext(os.path.basename(scenario))[0]
        preset = presets.setdefault(name, {'campaign': {}, 'leaked': {}, 'class': {}})
        for seed in seeds:
            result = evaluation(binary, scenario, seed)
            for p in result['populations']:
                review = p['flagged']['review']
                if p['class'] == 'distilling':
                    count(preset, 'campaign', p['name'], review['hit'], review['of'])
                    continue
                count(preset, 'class', p['class'], review['hit'], review['of'])
                entry = populations.setdefault((p['class'], p['name']), [0, 0])
                entry[0] += review['hit']
                entry[1] += review['of']
            for c in result['campaigns']:
                preset['leaked'].setdefault(c['name'], []).append(c['leaked'])
            print(f'{name}, seed {seed}: done', file=sys.stderr)
    print_presets(presets, seeds)
    print_populations(populations)


if __name__ == '__main__':
    main()
