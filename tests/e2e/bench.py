"""What the end-to-end tests on scenarios share: the real binary, and a folder per test."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.environ.get('STILLWATCH_ROOT', '.')
SMALL = ['--scale', '0.3', '--days', '2', '--seed', '11']


def scenario(name):
    return os.path.join(ROOT, 'scenarios', name + '.json')


class Bench(unittest.TestCase):
    binary = ''

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix='stillwatch-e2e-')
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def read(self, *names):
        with open(self.path(*names), 'rb') as f:
            return f.read()

    def stillwatch(self, *args, code=0):
        done = subprocess.run([self.binary, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False)
        self.assertEqual(done.returncode, code, done.stderr.decode(errors='replace'))
        return done

    def run_scenario(self, out, *args, code=0):
        return self.stillwatch('run', scenario('quickstart'), '--out', self.path(out), *SMALL, *args,
                               code=code)


def main():
    Bench.binary = os.path.abspath(sys.argv.pop(1))
    unittest.main('__main__')
