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


def check_pictures(dom):
    """Each picture is named for who cannot see it, and its numbers are on the page."""
    for figure in re.findall(r'<figure>.*?</figure>', dom, re.S):
        name = re.search(r'<svg[^>]*role="img"[^>]*aria-label="([^"]+)"', figure)
        if not name:
            yield 'a picture has no name'
        if 'Look ' not in figure:
            yield f'a caption does not say what to look for: {name and name.group(1)}'
    for wanted in ('Activity of the group', 'The values that the group'):
        if wanted not in dom:
            yield f'a picture is missing: {wanted}'
    if dom.count('The numbers of the picture') < 2:
        yield 'the pictures have no numbers'


def check_keyboard(dom):
    """Everything that folds or scrolls is reached by the tab key, after a way past the contents."""
    body = dom[dom.index('<body'):]
    first = re.search(r'<(a|button|summary|input|[a-z]+ [^>]*tabindex)\b[^>]*', body)
    if not first or 'class="skip"' not in first.group(0):
        yield 'the first stop of the tab key is not the skip link'
    for landmark in ('<main', '<nav', '<header'):
        if landmark not in body:
            yield f'the page has no {landmark}>'
    for opened in re.findall(r'<details[^>]*>\s*<(\w+)', body):
        if opened != 'summary':
            yield f'a folded part begins with <{opened}>'
    for scroll in re.findall(r'<div class="scroll"[^>]*>', body):
        if 'tabindex="0"' not in scroll or 'aria-label' not in scroll:
            yield f'a part that scrolls cannot be reached: {scroll}'


def luminance(colour):
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


# Contrast to the paper that WCAG 2.2 asks for: 4.5 for text (1.4.3), 3 for what a picture says
# (1.4.11).
NEEDED = {'ink': 7, 'soft': 4.5, 'link': 4.5, 'watch': 4.5, 'for': 3, 'against': 3, 'idle': 3, 'prior': 3,
          'before': 3, 'total': 3, 'cell': 3, 'new': 3}


def check_contrast(dom):
    themes = re.findall(r':root\{(.*?)\}', dom, re.S)
    if len(themes) != 3:
        yield f'{len(themes)} themes instead of light, dark and print'
    for theme, name in zip(themes, ('light', 'dark', 'print')):
        colour = {n: '#' + ''.join(c * 2 for c in v) if len(v) == 3 else '#' + v
                  for n, v in re.findall(r'--(\w+):#(\w+)', theme)}
        for part, least in NEEDED.items():
            reached = contrast(colour[part], colour['paper'])
            if reached < least:
                yield f'{name}: --{part} has a contrast of {reached:.2f}, not {least}'


BAD = """<!doctype html><html><body><h1>x</h1><h3>y</h3><p id="a"><p id="a"><a href="#b">z</a>
<details><p>q</p></details><div class="scroll">s</div><figure><svg></svg></figure>
<style>:root{--paper:#fff;--ink:#aaa;--soft:#000;--link:#000;--watch:#000;--for:#000;
--against:#000;--idle:#000;--prior:#000;--before:#000;--total:#000;--cell:#000;--new:#000}</style>
<img src="beacon.png" onerror="x()"><script>console.error('seen')</script></body></html>"""
BAD_SHOWS = ('<img>', '<script>', 'onerror', 'leads nowhere', 'id a is used twice', 'level 3',
             'console:', 'asked for /beacon.png', 'no name', 'what to look for',
             'picture is missing', 'no numbers', 'skip link', 'no <main>', 'begins with <p>',
             'cannot be reached', 'themes instead', '--ink has a contrast of 2.32')


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
    yield from check_pictures(dom)
    yield from check_keyboard(dom)
    yield from check_contrast(dom)
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
