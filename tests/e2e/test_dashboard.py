#!/usr/bin/env python3
"""The dashboard in a real browser, on a real server with traffic flowing.

    tests/e2e/test_dashboard.py STILLWATCH [unittest options]

Exits 77 (skipped) when no Chromium is installed. With PICTURES=DIR pictures of the page are left there.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import browser
from service import SMALL, Service
from test_detect import world

STILLWATCH = ''
HOSTILE = '<img src=x onerror=alert(1)>"\'\u202e</script>'
TOKEN = 'read,label only-for-this-test-0'


class Dashboard(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = browser.Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix='stillwatch-dashboard-')
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        for noted in (self.browser.messages, self.browser.requests, self.browser.dialogs):
            noted.clear()

    def tearDown(self):
        self.browser.open('about:blank')  # before its server goes away
        self.browser.wait('location.href === "about:blank"')

    def file(self, name, content):
        path = os.path.join(self.dir, name)
        with open(path, 'w', encoding='utf-8') as f:
            f.write(content)
        return path

    def service(self, *options):
        service = Service(STILLWATCH, *SMALL, *options)
        self.addCleanup(service.close)
        return service.start()

    def send(self, service, lines, rate):
        """Starts to send the records, so many per second, and goes on for as long as the test does."""
        path = self.file('events.jsonl', ''.join(lines))
        sender = subprocess.Popen([STILLWATCH, 'simulate', '--from', path, '--to', service.url,
                                   '--rate', str(rate), '--quiet'])
        self.addCleanup(sender.wait)
        self.addCleanup(sender.kill)
        return sender

    def picture(self, name):
        if os.environ.get('PICTURES'):
            self.browser.picture(os.path.join(os.environ['PICTURES'], f'{name}.png'))

    def text(self, selector):
        return self.browser.value(f'document.querySelector({json.dumps(selector)})?.textContent')

    def hostile_world(self):
        return [line.replace('"ring-', json.dumps(HOSTILE)[:-1]) for line in world(rounds=48)]

    def test_traffic_is_seen_judged_and_labelled_with_the_keyboard_alone(self):
        b, service = self.browser, self.service()
        self.send(service, self.hostile_world(), 4000)
        b.open(service.url + '/')
        b.wait('parseFloat(document.getElementById("tile-rate")?.textContent) > 0')
        b.wait('document.querySelectorAll("#finding-list li").length > 0')
        b.wait('document.querySelectorAll("#cluster-list button").length > 0')
        b.press('j')
        b.wait('document.querySelectorAll(".raster li").length > 5')
        self.assertEqual(b.value('document.activeElement.dataset.id'), self.text('#detail-title'))
        self.assertGreater(b.value('document.querySelectorAll("#detail tbody tr").length'), 5)
        self.assertIn('<img src=x', self.text('.raster li button'))
        self.picture('light')
        cluster = self.text('#detail-title')
        b.press('b')
        b.wait('!!document.querySelector("#detail [data-label=benign][aria-pressed=true]")')
        self.assertEqual(service.read(f'/v1/clusters/{cluster}')['label']['verdict'], 'benign')
        # From the list with Tab alone to a button of the verdict, and Enter.
        for _ in range(40):
            b.press('Tab')
            if b.value('document.activeElement.dataset.label') == 'abusive':
                break
        b.press('Enter')
        b.wait('!!document.querySelector("#detail [data-label=abusive][aria-pressed=true]")')
        self.assertEqual(service.read(f'/v1/clusters/{cluster}')['label']['verdict'], 'abusive')
        self.look_up(service)
        self.nothing_escaped(service)

    def look_up(self, service):
        """A hostile account, by the search box."""
        b = self.browser
        b.press('/')
        b.write(HOSTILE + '500')
        b.press('Enter')
        b.wait('document.querySelector("#detail-title").textContent.startsWith("<img")')
        self.assertIn('\\u202e', self.text('#detail-title'))
        b.wait('document.querySelector("#detail-body").textContent.includes("exchanges")')
        b.value('document.activeElement.blur()')
        b.press('d')
        b.wait('!!document.querySelector("#detail [data-label=distilling][aria-pressed=true]")')
        verdicts = service.read('/v1/labels?limit=1000')['labels']
        self.assertEqual((verdicts[-1]['account'], verdicts[-1]['truth']),
                         (HOSTILE + '500', 'distilling'))

    def nothing_escaped(self, service):
        b = self.browser
        self.assertEqual(b.value('document.querySelectorAll("img, script:not([src]), [onerror]").length'),
                         0)
        self.assertEqual(b.messages, [])
        self.assertEqual(b.dialogs, [])
        self.assertEqual([url for url in b.requests if not url.startswith(service.url + '/')], [])

    def test_findings_come_in_without_asking_again(self):
        b, service = self.browser, self.service()
        b.open(service.url + '/')
        b.wait('document.querySelector("#findings-about")?.textContent.includes("Waiting")')
        sender = self.send(service, self.hostile_world(), 8000)
        b.wait('document.querySelectorAll("#finding-list li").length > 0')
        sender.wait()
        told = service.read('/v1/status')['findings']
        b.wait(f'document.querySelectorAll("#finding-list li").length >= Math.min(100, {told})')
        ids = b.value('[...document.querySelectorAll("#finding-list li")].map((li) => li.dataset.id)')
        self.assertEqual(ids, sorted(set(ids), key=lambda i: -int(i[1:])), 'newest first, once each')
        streams = [url for url in b.requests if '/v1/findings/stream' in url]
        self.assertEqual(len(streams), 1)

    def test_a_restarted_server_is_found_again(self):
        b, service = self.browser, self.service()
        b.open(service.url + '/')
        b.wait('document.getElementById("state")?.textContent === "ready"')
        service.kill()
        b.wait('document.getElementById("state")?.textContent === "unreachable"')
        service.start()
        b.wait('document.getElementById("state")?.textContent === "ready"')

    def test_a_token_is_asked_for_and_used(self):
        b = self.browser
        service = self.service('--tokens', self.file('tokens', TOKEN + '\n'))
        b.open(service.url + '/')
        b.wait('document.getElementById("token-dialog")?.open')
        b.write('wrong')
        b.press('Enter')
        b.wait('document.getElementById("token-error").textContent !== ""')
        b.write(TOKEN.split()[1])
        b.press('Enter')
        b.wait('document.getElementById("state")?.textContent === "ready"')
        self.assertFalse(b.value('document.getElementById("token-dialog").open'))
        self.assertNotIn(TOKEN.split()[1], b.value('location.href + document.cookie + '
                                                   'JSON.stringify({...localStorage})'))
        b.value('sessionStorage.clear()')

    def test_it_is_dark_and_narrow_where_its_reader_is(self):
        b, service = self.browser, self.service()
        self.send(service, self.hostile_world(), 8000)
        b.open(service.url + '/')
        b.wait('document.querySelectorAll("#cluster-list button").length > 0')
        b.press('j')
        b.wait('document.querySelectorAll(".raster li").length > 5')
        background = 'getComputedStyle(document.body).backgroundColor'
        light = b.value(background)
        self.addCleanup(b.size, 1440, 900)
        self.addCleanup(b.colours, 'light')
        b.colours('dark')
        b.wait(f'{background} !== {json.dumps(light)}')
        self.picture('dark')
        for width in (390, 820, 1100):
            b.size(width, 844)
            b.wait(f'innerWidth === {width}')
            self.assertEqual(b.value('document.documentElement.scrollWidth'), width)
            self.picture(f'dark-{width}')

    def test_no_script_but_its_own_runs(self):
        b, service = self.browser, self.service()
        b.open(service.url + '/')
        b.wait('document.getElementById("state")?.textContent === "ready"')
        b.value('''document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.bad=1'>");
            document.body.append(Object.assign(document.createElement("script"),
                {textContent: "window.bad = 2"}));''')
        b.wait('true')
        self.assertIsNone(b.value('window.bad'))
        policy = service.ask('GET', '/')[1]['content-security-policy']
        self.assertNotIn('unsafe', policy)
        self.assertIn("default-src 'none'", policy)


if __name__ == '__main__':
    STILLWATCH = sys.argv.pop(1)
    if not browser.CHROMIUM:
        sys.exit(77)
    unittest.main()
