#!/usr/bin/env python3
"""Ingest rate against the latency of acknowledgements, over loopback.

    load_curve.py STILLWATCH [--seconds S] [--rates N,N,...] [--connections N] [--batch N] [--no-text]

For each rate a server with a fresh state gets so many records per second, open loop, for so many
seconds: events of the quickstart scenario. Client and server share the machine. Latency is counted
from the moment at which a batch was due, so that waiting behind others is in it.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tests', 'e2e'))
from service import Service  # noqa: E402

SCENARIO = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'scenarios',
                        'quickstart.json')


def events_file(folder, binary, count, text):
    path = os.path.join(folder, 'events.jsonl')
    subprocess.run([binary, 'simulate', SCENARIO, '--events', path, '--limit', str(count), '--quiet',
                    '--scale', '2'] + ([] if text else ['--no-text']), check=True)
    return path


def cpu_s(pid):
    with open(f'/proc/{pid}/stat', encoding='ascii') as f:
        fields = f.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def head(path, count, folder):
    """A file with the first `count` lines."""
    part = os.path.join(folder, 'part.jsonl')
    with open(path, 'rb') as source, open(part, 'wb') as out:
        for _, line in zip(range(count), source):
            out.write(line)
    return part


def measure(args, path, rate, folder):
    part = head(path, int(rate * args.seconds), folder)
    with Service(args.binary) as service:
        told = json.loads(subprocess.run(
            [args.binary, 'simulate', '--from', part, '--to', service.url, '--rate', str(rate),
             '--connections', str(args.connections), '--batch', str(args.batch), '--linger', '20',
             '--lateness', '1e9', '--quiet', '--json'], check=True, capture_output=True).stdout)
        used = cpu_s(service.process.pid)
        service.stop()
    os.unlink(part)
    return told, used


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('binary')
    parser.add_argument('--seconds', type=float, default=5)
    parser.add_argument('--rates', default='10000,50000,100000,125000,200000,250000,300000')
    parser.add_argument('--connections', type=int, default=8)
    parser.add_argument('--batch', type=int, default=2000)
    parser.add_argument('--no-text', action='store_true')
    args = parser.parse_args()
    rates = [float(rate) for rate in args.rates.split(',')]
    print('due to acknowledged, ms; sent to acknowledged, ms; batches refused with 429; CPU seconds')
    print(f'{"offered/s":>10} {"acknowledged/s":>15} {"p50":>8} {"p99":>8} {"max":>8} {"answer p50":>11}'
          f' {"answer p99":>11} {"429":>5} {"server":>7}')
    with tempfile.TemporaryDirectory(prefix='stillwatch-load-') as folder:
        path = events_file(folder, args.binary, int(max(rates) * args.seconds), not args.no_text)
        for rate in rates:
            told, used = measure(args, path, rate, folder)
            print(f'{rate:>10.0f} {told["acknowledged"] / told["wall_s"]:>15.0f} '
                  f'{told["total_ms"]["p50"]:>8.1f} {told["total_ms"]["p99"]:>8.1f} '
                  f'{told["total_ms"]["max"]:>8.1f} {told["answer_ms"]["p50"]:>11.1f} '
                  f'{told["answer_ms"]["p99"]:>11.1f} {told["retries_overloaded"]:>5} '
                  f'{used:>7.1f}', flush=True)
            time.sleep(0.5)


if __name__ == '__main__':
    main()
