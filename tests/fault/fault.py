#!/usr/bin/env python3
"""Kills `stillwatch serve` again and again while events flow, makes its disk fail, and damages its
files; then holds what it says against `detect` on the same events.

    tests/fault/fault.py STILLWATCH [--kills N] [--shim FILE] [--seed N] [--keep]

An event that was acknowledged must be judged once, and the findings and accounts must be those of an
undisturbed run, byte for byte. Damage to acknowledged events must be refused by name: then the test
puts the file back, as an operator would from a copy, and goes on.
"""

import argparse
import collections
import filecmp
import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.environ.get('STILLWATCH_ROOT', os.path.join(os.path.dirname(__file__), '..', '..'))
SMALL = [f'--set={option}' for option in (  # tables that a snapshot holds in a few MB
    'accounts_max=4096', 'hubs_max=16384', 'door_max=32768', 'prompts_max=32768',
    'phrases_max=32768', 'groups_max=256', 'names_bytes=1048576', 'hash_key=77')]
BATCH = 60
KILLS_OF_A_STREAM = 50
ANSWER_S = 60


class Failed(Exception):
    pass


class Table(collections.Counter):
    """What was done, and what came of it."""


class Daemon:
    """One life after the other of the daemon, over one state folder."""

    def __init__(self, binary, folder, shim, rng):
        self.binary, self.folder, self.shim, self.rng = binary, folder, shim, rng
        self.state = os.path.join(folder, 'state')
        self.log = open(os.path.join(folder, 'serve.log'), 'ab')
        self.process = None
        self.port = None
        self.damaged = set()  # names of files that were damaged on purpose

    def command(self, *more):
        return [self.binary, 'serve', '--state', self.state, '--listen', '127.0.0.1:0',
                '--segment-mb', '1', '--snapshot-s', '0.03', '--threads', '1', *SMALL, *more]

    def start(self, faults=None, more=()):
        """True: it listens; False: it refused to start; then `said` has its last words."""
        env = dict(os.environ)
        if faults and self.shim:
            env['LD_PRELOAD'] = self.shim
            env['STILLWATCH_FAULTS'] = f'{self.rng.getrandbits(32)} {faults}'
            env['ASAN_OPTIONS'] = env.get('ASAN_OPTIONS', '') + ':verify_asan_link_order=0'
        self.process = subprocess.Popen(self.command(*more), stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env=env)
        self.said = b''
        self.reader = threading.Thread(target=self.listen, daemon=True)
        self.reader.start()
        line = self.process.stdout.readline().decode()
        if not line:
            self.process.wait()
            self.reader.join()
            return False
        self.port = int(line.rsplit(':', 1)[1])
        return True

    def listen(self):
        for line in self.process.stderr:
            self.said += line
            self.log.write(line)
            self.log.flush()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.end()

    def end(self):
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()

    def files(self, prefix):
        if not os.path.isdir(self.state):
            return []
        return sorted(os.path.join(self.state, n) for n in os.listdir(self.state)
                      if n.startswith(prefix) and not n.endswith('.tmp'))


class Sender:
    """Sends the batches in order, each until it is acknowledged, whatever happens to the daemon."""

    def __init__(self, batches):
        self.batches = batches
        self.next = 0
        self.resent = 0
        self.refused = 0

    def send_until(self, daemon, done):
        """Sends until `done()`; False: the daemon is gone."""
        connection = http.client.HTTPConnection('127.0.0.1', daemon.port, timeout=ANSWER_S)
        try:
            while self.next < len(self.batches) and not done():
                connection.request('POST', '/v1/events', self.batches[self.next],
                                   {'Idempotency-Key': f'batch-{self.next}'})
                response = connection.getresponse()
                answer = json.loads(response.read())
                if response.status in (429, 503):
                    self.refused += 1
                    time.sleep(0.002)
                    continue
                if response.status != 202:
                    raise Failed(f'batch {self.next}: {response.status} {answer}')
                self.resent += answer['duplicate']
                self.next += 1
            return True
        except (OSError, http.client.HTTPException, ValueError):
            return False
        finally:
            connection.close()


def make_events(binary, folder, seed):
    events = os.path.join(folder, 'events.jsonl')
    subprocess.run([binary, 'simulate', os.path.join(ROOT, 'scenarios/quickstart.json'), '--scale',
                    '0.2', '--days', '1.2', '--seed', str(seed), '--events', events, '--truth',
                    os.path.join(folder, 'truth.jsonl')], check=True)
    with open(events, 'rb') as f:
        lines = f.readlines()
    subprocess.run([binary, 'detect', events, '--out', os.path.join(folder, 'detect'), '--quiet',
                    *SMALL], check=True)
    return [b''.join(lines[i:i + BATCH]) for i in range(0, len(lines), BATCH)], len(lines)


def damage(path, rng, how):
    """Returns the bytes to put back."""
    with open(path, 'rb') as f:
        before = f.read()
    after = bytearray(before)
    if how == 'cut':
        after = after[:rng.randrange(len(after))] if after else after
    elif after:
        after[rng.randrange(len(after))] ^= 1 << rng.randrange(8)
    with open(path, 'wb') as f:
        f.write(after)
    return before


def damage_and_start(daemon, rng, table):
    """Damages one file between two lives. A refusal must name what is wrong; then it is put back."""
    kind = rng.choice(['log', 'snap'])
    how = rng.choice(['cut', 'flip'])
    found = daemon.files(kind + '-')
    if not found:
        return daemon.start()
    path = found[-1] if rng.random() < 0.7 else rng.choice(found)
    before = damage(path, rng, how)
    daemon.damaged.add(os.path.basename(path).encode())
    table[f'{kind} {how}: done'] += 1
    if daemon.start():
        told = b'snapshot_refused' in daemon.said or b'log_cut' in daemon.said
        table[f'{kind} {how}: ' + ('named, went on' if told else 'not needed, went on')] += 1
        return True
    name = os.path.basename(path).encode()
    if not any(word in daemon.said for word in (name, b'acknowledged', b'missing')):
        raise Failed(f'refused to start without saying why: {daemon.said.decode()}')
    daemon.end()
    table[f'{kind} {how}: refused by name, put back'] += 1
    with open(path, 'wb') as f:
        f.write(before)
    return daemon.start()


def check_snapshots(daemon, table):
    """A snapshot that nobody damaged is used."""
    for line in daemon.said.splitlines():
        if b'snapshot_refused' in line:
            table['snapshots passed over'] += 1
            if not any(name in line for name in daemon.damaged):
                raise Failed(f'an undamaged snapshot was refused: {line.decode()}')


def live(daemon, sender, rng, table):
    """One life: start, take some batches, be killed."""
    way = rng.random()
    if way < 0.25:
        started = damage_and_start(daemon, rng, table)
    elif way < 0.6:
        table['lives with a failing disk'] += 1
        started = daemon.start('2000 150 40')
        if not started:  # the disk failed while it started: as if killed then
            daemon.end()
            table['ended at the start by the disk'] += 1
            return
    else:
        started = daemon.start()
    if not started:
        raise Failed('it does not start again: ' + daemon.said.decode())
    until = sender.next + 2 * len(sender.batches) // KILLS_OF_A_STREAM
    timer = threading.Timer(rng.random() * 0.06, daemon.kill_now)
    timer.start()
    sender.send_until(daemon, lambda: sender.next >= until)
    if rng.random() < 0.7:
        timer.join()  # else: killed at once
    timer.cancel()
    if daemon.process.poll() is not None and daemon.process.returncode != -signal.SIGKILL:
        table['ended itself: the log failed'] += 1
        if daemon.process.returncode != 1:
            raise Failed(f'exit code {daemon.process.returncode}: {daemon.said.decode()}')
    daemon.kill()
    check_snapshots(daemon, table)
    table['kills'] += 1


def finish(daemon, sender, folder, event_count, table):
    if not daemon.start(more=['--finish', '--out', os.path.join(folder, 'run')]):
        raise Failed('it does not start again: ' + daemon.said.decode())
    if not sender.send_until(daemon, lambda: False):
        raise Failed('it ended while nothing was done to it: ' + daemon.said.decode())
    daemon.process.terminate()
    daemon.end()
    if daemon.process.returncode != 0:
        raise Failed(f'exit code {daemon.process.returncode}: {daemon.said.decode()}')
    with open(os.path.join(folder, 'detect/summary.json')) as f:
        expected = json.load(f)['source']
    with open(os.path.join(folder, 'run/summary.json')) as f:
        got = json.load(f)['source']
    table['events acknowledged'] += event_count
    table['events lost'] += max(0, expected['lines'] - got['lines'])
    table['events counted twice'] += max(0, got['lines'] - expected['lines'])
    for name in ('lines', 'accepted', 'duplicate', 'late', 'refused'):
        if expected[name] != got[name]:
            raise Failed(f'{name}: {got[name]}, undisturbed {expected[name]}')
    for name in ('findings.jsonl', 'accounts.jsonl', 'clusters.jsonl'):
        with open(os.path.join(folder, 'detect', name), 'rb') as f:
            table['findings compared'] += len(f.readlines()) if name == 'findings.jsonl' else 0
        if not filecmp.cmp(os.path.join(folder, 'detect', name), os.path.join(folder, 'run', name),
                           shallow=False):
            table['streams with differing findings'] += 1
            raise Failed(f'{name} differs')


def stream(binary, shim, folder, seed, kills, table):
    rng = random.Random(seed)
    batches, event_count = make_events(binary, folder, seed)
    daemon, sender = Daemon(binary, folder, shim, rng), Sender(batches)
    daemon.kill_now = lambda: daemon.process.send_signal(signal.SIGKILL)
    before = table['kills']
    try:
        while table['kills'] - before < kills:
            live(daemon, sender, rng, table)
        finish(daemon, sender, folder, event_count, table)
    finally:
        if daemon.process and daemon.process.poll() is None:
            daemon.kill()
        daemon.log.close()
    table['batches sent again and not counted again'] += sender.resent
    table['batches refused with 503 and sent again'] += sender.refused
    table['streams'] += 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('binary')
    parser.add_argument('--kills', type=int, default=50)
    parser.add_argument('--shim')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--keep', action='store_true', help='leave the folder of a failure')
    args = parser.parse_args()
    table = Table()
    began = time.monotonic()
    seed = args.seed
    while table['kills'] < args.kills:
        folder = tempfile.mkdtemp(prefix='stillwatch-fault-')
        try:
            stream(os.path.abspath(args.binary), args.shim and os.path.abspath(args.shim), folder,
                   seed, min(KILLS_OF_A_STREAM, args.kills - table['kills']), table)
        except Failed as failure:
            print(f'seed {seed}, after {table["kills"]} kills: {failure}', file=sys.stderr)
            if args.keep:
                print(f'kept: {folder}', file=sys.stderr)
            else:
                shutil.rmtree(folder)
            return 1
        shutil.rmtree(folder)
        seed += 1
    for name in ('events lost', 'events counted twice', 'streams with differing findings'):
        table[name] += 0
    for name in sorted(table):
        print(f'{table[name]:10d}  {name}')
    print(f'{time.monotonic() - began:10.1f}  seconds')
    return 0


if __name__ == '__main__':
    sys.exit(main())
