"""An operator who was closed comes back: what `recognised` is for.

A campaign is banned in a first run, which keeps its memory. Two weeks later it comes back on a
platform of other customers: the same templates and list, but every account, payment instrument,
device, credential, mail domain and address is another. Used by evaluation_table.py and by
tests/e2e/test_remember.py.
"""

import hashlib
import json
import os
import shutil
import subprocess

AWAY_MS = 14 * 86400 * 1000
IDENTITIES = ('account', 'org', 'payment', 'device', 'key', 'session', 'id', 'signature',
              'email_domain')
OTHERS_SEED = 12


def other(text):
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def other_address(text):
    """In a network that nobody else is in."""
    h = hashlib.blake2b(text.encode(), digest_size=3).digest()
    return '203.%d.%d.%d' % tuple(h)


def come_back(event):
    """The same work by somebody who shows nothing that was shown before."""
    event['ts'] += AWAY_MS
    if 'created' in event:
        event['created'] += AWAY_MS
    for field in IDENTITIES:
        if field in event:
            event[field] = other(event[field])
    for field in ('ip', 'signup_ip'):
        if field in event:
            event[field] = other_address(event[field])
    return event


def events_of(run):
    with subprocess.Popen(['zstdcat', os.path.join(run, 'events.jsonl.zst')],
                          stdout=subprocess.PIPE) as zstd:
        for line in zstd.stdout:
            yield json.loads(line)


def labels_of(run):
    with open(os.path.join(run, 'labels.jsonl'), encoding='utf-8') as f:
        return [json.loads(line) for line in f]


def others_write(scenario, path):
    """Another platform two weeks later: other customers, and no campaign."""
    with open(scenario, encoding='utf-8') as f:
        s = json.load(f)
    s['start'] = s['start'].replace('02-02', '02-16')
    s.pop('enforcement')
    s.pop('expect')
    s.pop('campaigns')
    with open(path, 'w', encoding='utf-8') as f:
        json.dump(s, f)
    return path


def returned_write(free, honest, campaign, out):
    """Events and truth of the campaign's return, in the folder `out`: its part of the run `free`,
    among the customers of the run `honest`. How many accounts it has."""
    labels = labels_of(honest)
    back = [label for label in labels_of(free) if label.get('campaign') == campaign]
    accounts = {label['account'] for label in back}
    events = list(events_of(honest))
    events += [come_back(e) for e in events_of(free) if e.get('account') in accounts]
    events.sort(key=lambda e: e['ts'])
    os.mkdir(out)
    with open(os.path.join(out, 'events.jsonl'), 'w', encoding='utf-8') as f:
        f.writelines(json.dumps(e) + '\n' for e in events)
    with open(os.path.join(out, 'labels.jsonl'), 'w', encoding='utf-8') as f:
        for label in labels + [dict(label, account=other(label['account'])) for label in back]:
            f.write(json.dumps(label) + '\n')
    return len(back)


def remembering(memory, own):
    """Arguments for a run that begins with that memory, and keeps its own copy."""
    shutil.copy(memory, own)
    return '--remember', own
