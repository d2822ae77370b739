#!/usr/bin/env python3
"""`serve` beside the programs that it works with: Prometheus, Alertmanager, curl, systemd.

    tests/e2e/test_peers.py STILLWATCH UNIT [unittest options]

UNIT is the systemd unit. What is not installed is skipped.
"""

import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
import urllib.request

from service import SMALL, Service, free_port
from test_detect import world

STILLWATCH = UNIT = ''
TOKEN = 'only-for-this-test-0'


def needs(program):
    return unittest.skipUnless(shutil.which(program), f'{program} is not installed')


class Peers(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix='stillwatch-peers-')
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def file(self, name, content):
        path = os.path.join(self.dir, name)
        with open(path, 'wb') as f:
            f.write(content.encode() if isinstance(content, str) else content)
        return path

    def service(self, *options):
        service = Service(STILLWATCH, *SMALL, *options)
        self.addCleanup(service.close)
        return service.start()

    def start(self, *command):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   cwd=self.dir)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)

    def until(self, ask, wanted):
        """Asks until the answer is as wanted, and returns it."""
        deadline, answer = time.monotonic() + 40, None
        while time.monotonic() < deadline:
            try:
                answer = ask()
                if wanted(answer):
                    return answer
            except OSError:
                pass
            time.sleep(0.1)
        return self.fail(f'it stays {answer!r}')

    def send(self, service):
        status, answer = service.post('/v1/events', ''.join(world()), Authorization=f'Bearer {TOKEN}')
        self.assertEqual((status, answer['refused']), (202, 0))

    @needs('promtool')
    def test_promtool_finds_nothing_wrong_with_the_metrics(self):
        service = self.service()
        self.send(service)
        text = service.ask('GET', '/metrics')[2]
        check = subprocess.run(['promtool', 'check', 'metrics'], input=text, capture_output=True,
                               timeout=60)
        self.assertEqual((check.returncode, check.stdout, check.stderr), (0, b'', b''))
        self.assertNotIn(b'honest-', text)
        self.assertNotIn(b'ring-', text)

    @needs('prometheus')
    def test_prometheus_scrapes_it_with_a_token(self):
        tokens = self.file('tokens', f'ingest,read {TOKEN}\n')
        service, port = self.service('--tokens', tokens), free_port()
        self.send(service)
        config = self.file('prometheus.yml', json.dumps({'scrape_configs': [
            {'job_name': 'stillwatch', 'scrape_interval': '1s', 'authorization': {'credentials': TOKEN},
             'static_configs': [{'targets': [f'127.0.0.1:{service.port}']}]}]}))
        self.start('prometheus', f'--config.file={config}', f'--web.listen-address=127.0.0.1:{port}',
                   f'--storage.tsdb.path={self.dir}/data', '--log.level=error')

        def ask():
            query = urllib.parse.urlencode({'query': 'stillwatch_accounts'})
            with urllib.request.urlopen(f'http://127.0.0.1:{port}/api/v1/query?{query}') as answer:
                return json.load(answer)['data']['result']
        found = self.until(ask, lambda result: result and result[0]['value'][1] == '530')
        self.assertEqual(found[0]['metric']['job'], 'stillwatch')

    @needs('prometheus-alertmanager')
    def test_alertmanager_receives_a_finding_that_names_no_account(self):
        port = free_port()
        config = self.file('alertmanager.yml', json.dumps(
            {'route': {'receiver': 'nobody'}, 'receivers': [{'name': 'nobody'}]}))
        self.start('prometheus-alertmanager', f'--config.file={config}', f'--storage.path={self.dir}',
                   f'--web.listen-address=127.0.0.1:{port}', '--cluster.listen-address=')
        service = self.service('--alertmanager', f'http://127.0.0.1:{port}')
        self.send(service)

        def ask():
            with urllib.request.urlopen(f'http://127.0.0.1:{port}/api/v2/alerts') as answer:
                return json.load(answer)
        alert = self.until(ask, bool)[0]
        self.assertEqual(alert['labels']['alertname'], 'StillwatchFinding')
        self.assertEqual(alert['status']['state'], 'active')
        self.assertNotIn('ring-', json.dumps(alert['labels']))

    @needs('curl')
    def test_curl_posts_files_packed_as_they_are(self):
        service = self.service()
        text = ''.join(world(rounds=2)).encode()
        packed = {'identity': text, 'gzip': gzip.compress(text)}
        if shutil.which('zstd'):
            packed['zstd'] = subprocess.run(['zstd', '-c'], input=text, capture_output=True,
                                            check=True).stdout
        for coding, data in packed.items():
            done = subprocess.run(
                ['curl', '-sS', '--fail', '--data-binary', '@' + self.file(coding, data), '-H',
                 f'Content-Encoding: {coding}', f'{service.url}/v1/events'],
                capture_output=True, check=True, timeout=60)
            self.assertEqual(json.loads(done.stdout)['accepted'], text.count(b'\n'))

    @needs('systemd-analyze')
    def test_the_unit_exposes_little(self):
        unit = shutil.copy(UNIT, self.dir)
        with open(unit, encoding='utf-8') as f:
            text = f.read()
        with open(unit, 'w', encoding='utf-8') as f:  # the binary is not installed where tests run
            f.write(text.replace('ExecStart=/usr/local/bin/stillwatch',
                                 'ExecStart=' + os.path.abspath(STILLWATCH)))
        done = subprocess.run(['systemd-analyze', 'verify', '--man=no', unit], capture_output=True,
                              text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        done = subprocess.run(['systemd-analyze', 'security', '--offline=yes', '--threshold=15', unit],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout[-300:])


if __name__ == '__main__':
    STILLWATCH, UNIT = sys.argv.pop(1), sys.argv.pop(1)
    unittest.main()
