"""A headless Chromium under control: pages, keys, pictures, and all that the page asked for and
complained about. Speaks the DevTools protocol through a pipe, so that nothing but Chromium is needed.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

CHROMIUM = next((p for p in map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome'))
                 if p), None)


class Browser:
    def __init__(self, width=1440, height=900):
        self.profile = tempfile.mkdtemp(prefix='stillwatch-chromium-')
        self.messages, self.requests, self.dialogs = [], [], []
        self.rest, self.number, self.answers = b'', 0, {}
        to_read, self.to = os.pipe()
        self.answer_fd, from_write = os.pipe()

        def descriptors():  # the protocol's are 3 and 4
            high = [os.dup(fd) for fd in (to_read, from_write)]
            spare = [fd for fd in high]
            while min(spare) < 5:
                spare = [os.dup(fd) for fd in spare]
            os.dup2(spare[0], 3)
            os.dup2(spare[1], 4)
        self.process = subprocess.Popen(
            [CHROMIUM, '--headless', '--no-sandbox', '--disable-gpu', '--no-first-run',
             '--disable-background-networking', '--disable-component-update', '--hide-scrollbars',
             '--remote-debugging-pipe', f'--user-data-dir={self.profile}', 'about:blank'],
            preexec_fn=descriptors, close_fds=False, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(from_write)
        target = self.call('Target.createTarget', url='about:blank')['targetId']
        self.session = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Network', 'Log'):
            self.call(f'{domain}.enable')
        self.size(width, height)

    def close(self):
        os.close(self.to)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.answer_fd)
        shutil.rmtree(self.profile, ignore_errors=True)

    session = None

    def call(self, method, **parameters):
        self.number += 1
        message = {'id': self.number, 'method': method, 'params': parameters}
        if self.session:
            message['sessionId'] = self.session
        os.write(self.to, json.dumps(message).encode() + b'\0')
        number, deadline = self.number, time.monotonic() + 30
        while number not in self.answers:
            self.pump(deadline - time.monotonic())
        answer = self.answers.pop(number)
        if 'error' in answer:
            raise RuntimeError(f'{method}: {answer["error"]["message"]}')
        return answer['result']

    def pump(self, seconds):
        """Takes what the browser has to say, for at most so long."""
        if not select.select([self.answer_fd], [], [], max(seconds, 0))[0]:
            raise TimeoutError('the browser does not answer')
        data = os.read(self.answer_fd, 1 << 20)
        if not data:
            raise RuntimeError('the browser has ended')
        *whole, self.rest = (self.rest + data).split(b'\0')
        for text in whole:
            self.take(json.loads(text))

    def take(self, message):
        if 'id' in message:
            self.answers[message['id']] = message
            return
        about = message['params']
        kind = message['method']
        if kind == 'Network.requestWillBeSent':
            self.requests.append(about['request']['url'])
        elif kind == 'Runtime.consoleAPICalled':
            self.messages.append(' '.join(str(a.get('value', '')) for a in about['args']))
        elif kind == 'Runtime.exceptionThrown':
            detail = about['exceptionDetails']
            self.messages.append(detail.get('exception', {}).get('description', detail['text']))
        elif kind == 'Log.entryAdded':
            self.messages.append(f'{about["entry"]["text"]} {about["entry"].get("url", "")}')
        elif kind == 'Page.javascriptDialogOpening':
            self.dialogs.append(about['message'])

    def size(self, width, height):
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height,
                  deviceScaleFactor=1, mobile=False)

    def colours(self, scheme):
        self.call('Emulation.setEmulatedMedia',
                  features=[{'name': 'prefers-color-scheme', 'value': scheme}])

    def open(self, url):
        self.call('Page.navigate', url=url)

    def value(self, script):
        """What the script yields."""
        answer = self.call('Runtime.evaluate', expression=script, returnByValue=True,
                           awaitPromise=True)
        if 'exceptionDetails' in answer:
            raise RuntimeError(answer['exceptionDetails']['exception']['description'])
        return answer['result'].get('value')

    def wait(self, script, seconds=20):
        """Waits until the script yields something true, and returns it."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.value(script)
            if found:
                return found
            if time.monotonic() > deadline:
                raise TimeoutError(f'{script} stays {found!r}; {self.messages[-5:]}')
            time.sleep(0.05)

    def press(self, key):
        """A key as a person presses it: a character, or a name such as Tab or Enter."""
        codes = {'Tab': 9, 'Enter': 13, 'Escape': 27}
        text = {'Enter': '\r'}.get(key, key if len(key) == 1 else '')
        extra = {'text': text} if text else {}
        code = codes.get(key, ord(key.upper()) if len(key) == 1 else 0)
        self.call('Input.dispatchKeyEvent', type='keyDown', key=key, windowsVirtualKeyCode=code,
                  **extra)
        self.call('Input.dispatchKeyEvent', type='keyUp', key=key, windowsVirtualKeyCode=code)

    def write(self, text):
        self.call('Input.insertText', text=text)

    def picture(self, path):
        data = self.call('Page.captureScreenshot', format='png', captureBeyondViewport=False)['data']
        with open(path, 'wb') as f:
            f.write(base64.b64decode(data))
