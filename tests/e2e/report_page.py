#!/usr/bin/env python3
"""The report's page in a real browser: it loads without an error or a request, nothing from a log
becomes markup, and it fits on a phone and on paper.

    report_page.py STILLWATCH RUN

RUN is copied; exits 77 (skipped) when no Chromium is installed.
"""

import glob
import http.server
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading

CHROMIUM = next((p for p in map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome'))
                 if p), None)


class Folder(http.server.SimpleHTTPRequestHandler):
    """Serves the page and remembers what was asked for."""

    asked = []

    def do_GET(self):
        Folder.asked.append(self.path)
        super().do_GET()

    def log_message(self, *_):
        pass


def browse(profile, url, *options):
    """Standard output of the browser, and what its pages wrote to the console."""
    run = subprocess.run(
        [CHROMIUM, '--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking',
         '--no-first-run', '--hide-scrollbars', '--enable-logging=stderr', '--log-level=0',
         '--user-data-dir=' + profile, *options, url],
        capture_output=True, text=True, timeout=120, check=True)
    return run.stdout, [line for line in run.stderr.split('\n') if 'CONSOLE' in line]


def check_dom(dom):
    """Problems of the page as the browser understood it."""
    if not dom.rstrip().endswith('</html>'):
        yield 'the page is cut'
    for tag in re.findall(r'<(script|img|iframe|object|embed|form|input|base)\b', dom):
        yield f'the page has an element <{tag}>'
    for name in re.findall(r'<[^>]*\s(on\w+)=', dom):
        yield f'the page has a handler {name}'
    for target in re.findall(r'<a [^>]*href="([^"]*)"', dom):
        if not target.startswith('#') or f'id="{target[1:]}"' not in dom:
            yield f'a link leads nowhere: {target}'
    ids = re.findall(r'\sid="([^"]*)"', dom)
    for name in {i for i in ids if ids.count(i) > 1}:
        yield f'the id {name} is used twice'
    headings = [int(n) for n in re.findall(r'<h([1-6])\b', dom)]
    for before, after in zip(headings, headings[1:]):
        if after > before + 1:
            yield f'a heading of level {after} follows one of level {before}'
    if dom.count('<figure>') != dom.count('<figcaption>'):
        yield 'a picture has no caption'
    for number in re.findall(r'(?:width|height|x|y|x1|y1|x2|y2|points)="[^"]*(?:nan|inf)', dom):
        yield f'a picture has a coordinate that is no number: {number}'


BAD = """<!doctype html><html><body><h1>x</h1><h3>y</h3><p id="a"><p id="a"><a href="#b">z</a>
<img src="beacon.png" onerror="x()"><script>console.error('seen')</script></body></html>"""
BAD_SHOWS = ('<img>', '<script>', 'onerror', 'leads nowhere', 'id a is used twice', 'level 3',
             'console:', 'asked for /beacon.png')


def missed_in_bad_page(server_url, folder, served):
    """What the checks overlook in a page that has everything wrong: they must be able to fail."""
    with open(os.path.join(served, 'bad.html'), 'w', encoding='utf-8') as f:
        f.write(BAD)
    found = '\n'.join(check(server_url + '/bad.html', folder))
    yield from (f'the check does not see: {text}' for text in BAD_SHOWS if text not in found)


def check_printed(pdf):
    if not os.path.isfile(pdf) or os.path.getsize(pdf) < 10_000:
        yield 'the page does not print'


def check(page_url, folder):
    profile = os.path.join(folder, 'profile')
    Folder.asked.clear()
    dom, console = browse(profile, page_url, '--dump-dom')
    yield from check_dom(dom)
    pdf = os.path.join(folder, 'report.pdf')
    yield from (f'console: {line}' for line in console)
    browse(profile, page_url, '--print-to-pdf=' + pdf)
    yield from check_printed(pdf)
    for path in set(Folder.asked) - {'/' + page_url.rpartition('/')[2]}:
        yield f'the page asked for {path}'


def main():
    if not CHROMIUM:
        print('no Chromium: skipped')
        return 77
    stillwatch, run = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, 'run')
        shutil.copytree(run, copy)
        subprocess.run([stillwatch, 'report', copy], check=True, stdout=subprocess.DEVNULL)
        assert glob.glob(copy + '/report.*'), 'no report'
        handler = lambda *a, **k: Folder(*a, directory=copy, **k)
        with http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            url = f'http://127.0.0.1:{server.server_port}'
            problems = list(check(url + '/report.html', folder))
            problems += missed_in_bad_page(url, folder, copy)
            server.shutdown()
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
