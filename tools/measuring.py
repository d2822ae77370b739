"""The real binary, run and evaluated; and what several evaluations count together."""

import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def call(*args):
    done = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        sys.exit(f'{" ".join(args)}: exit code {done.returncode}\n'
                 f'{done.stderr.decode(errors="replace")}')
    return done.stdout


def judged(binary, folder, *options, events='events.jsonl'):
    """The evaluation of one detection over the set in a folder."""
    run = os.path.join(folder, 'run')
    call(binary, 'detect', os.path.join(folder, events), '--out', run, '--quiet', *options)
    return json.loads(call(binary, 'evaluate', run, '--truth', os.path.join(folder, 'labels.jsonl'),
                           '--json'))


def without_fields(lines, kind, fields):
    """The lines of a log without those fields, or without records of that type."""
    for line in lines:
        if (kind == 'account') != ('"type":"account"' in line[:60]):
            yield line
            continue
        if fields is None:
            continue
        record = json.loads(line)
        if record.get('type', 'exchange') != kind:
            yield line
            continue
        for field in fields:
            record.pop(field, None)
        yield json.dumps(record, ensure_ascii=False, separators=(',', ':')) + '\n'


def flagged(evaluations, names):
    """(flagged, accounts) of classes, added up."""
    shares = [e['classes'][name]['review'] for e in evaluations for name in names]
    return sum(s['hit'] for s in shares), sum(s['of'] for s in shares)


def or_all(share):
    """A campaign whose alarm never came has leaked everything."""
    return 1.0 if share is None else share
