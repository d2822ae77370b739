"""A real `stillwatch serve` on a loopback port, for tests and measurements."""

import http.client
import json
import shutil
import signal
import socket
import subprocess
import tempfile
import time

# Tables of a size that starts quickly.
SMALL = [f'--set={option}' for option in (
    'accounts_max=8000', 'hubs_max=65536', 'door_max=65536', 'prompts_max=65536', 'groups_max=256',
    'names_bytes=2097152')]


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Service:
    def __init__(self, binary, *options, state=None, port=None, quiet=True):
        self.binary, self.options = binary, options
        self.own = state is None
        self.state = state or tempfile.mkdtemp(prefix='stillwatch-state-')
        self.port = port or free_port()
        self.url = f'http://127.0.0.1:{self.port}'
        self.log = tempfile.TemporaryFile() if quiet else None
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [self.binary, 'serve', '--state', self.state, '--listen', f'127.0.0.1:{self.port}',
             *self.options], stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 60
        while True:
            if self.process.poll() is not None:
                raise RuntimeError(f'serve ended: {self.said()}')
            try:
                if self.ask('GET', '/readyz')[0] == 200:
                    return self
            except OSError:
                pass
            if time.monotonic() > deadline:
                raise TimeoutError(f'serve is not ready: {self.said()}')
            time.sleep(0.02)

    def said(self):
        self.log.seek(0)
        return self.log.read().decode()

    def ask(self, method, path, body=None, **headers):
        """Status, headers in lower case, and body."""
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=30)
        try:
            connection.request(method, path, body,
                               {name.replace('_', '-'): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def read(self, path, **headers):
        status, _, body = self.ask('GET', path, **headers)
        if status != 200:
            raise RuntimeError(f'{path}: {status} {body[:200]!r}')
        return json.loads(body)

    def post(self, path, body, **headers):
        status, _, answer = self.ask('POST', path, body, **headers)
        return status, json.loads(answer) if answer else None

    def stop(self):
        """Asks it to end; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()
        if self.log:
            self.log.close()
        if self.own:
            shutil.rmtree(self.state, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()
