#!/usr/bin/env python3
"""Writes a labelled evaluation set made of real prompts and real arrival processes.

The detector's own simulator is not used or read here, so that a result on this set is a second
opinion. The data folder (see its README) supplies what real traffic supplies; everything that no
source publishes (identities, templates, evasion) is written by hand below and says so.

What the honest populations rest on
  chat people          ShareGPT turn structure, human_* prompts, hours of rhythmic ServeGen clients,
                       think times of Claude Code users between an answer and the next message
  developers           the same people plus script runs over short real texts (inputs of alpaca)
  coding agents        replayed Claude Code sessions: gaps, lengths, cached prefixes
  API products, jobs   one ServeGen client each: its week of 10-minute rates, its gap CV and its
                       length quantiles, all perturbed so that two accounts never match exactly;
                       Azure LLM lengths for code completion, arXiv lengths for summarising
  hard look-alikes     the list of campaigns.md 3b, each composed of the behaviours above
  abusive              campaigns.md 1d: free-credit waves (means 23.6 s and 118.7 s) and resellers
Campaigns follow archetypes a-j of campaigns.md 1g. Their prompts are real distillation prompts
taken from one work list per campaign without repeats. Templates are harmless stand-ins.

Not modelled: dormant accounts (an account without an exchange in the window is left out),
conversation text of assistants, images, prompts in many languages (the sources are English with a
little Chinese). A slice of the alpaca texts is kept for honest use, the rest is campaign stock.

Usage: semi_real.py --data ../shared/data --seed N --evasion 0..4 --out DIR
                    [--scale 1.0] [--days 7] [--campaigns a,b,...] [--summary]
"""

import argparse
import bisect
import collections
import csv
import datetime
import gzip
import itertools
import json
import math
import os
import random
import sys

# The window starts on a Monday, so that weekends fall at its end.
T0 = int(datetime.datetime(2026, 10, 5, tzinfo=datetime.timezone.utc).timestamp() * 1000)
HOUR = 3_600_000
DAY = 24 * HOUR

# Model names are neutral. The first is the top model until NEW_TOP is released in the window.
TOP, MID, SMALL, OLD, NEW_TOP = 'atlas-4-large', 'atlas-4-mid', 'atlas-4-small', 'atlas-3-mid', \
    'atlas-5-large'
RELEASE_SHARE = 0.49  # of the window: mid-week, in the afternoon (assumed)

# Country, share of sign-ups, UTC offset. Assumed: no source publishes the mix.
COUNTRIES = [
    ('US', 30, -6), ('IN', 9, 5), ('GB', 6, 0), ('DE', 6, 1), ('BR', 5, -3), ('JP', 5, 9),
    ('FR', 4, 1), ('CA', 4, -5), ('KR', 3, 9), ('SG', 3, 8), ('AU', 3, 10), ('NL', 2, 1),
    ('ES', 2, 1), ('IT', 2, 1), ('PL', 2, 1), ('ID', 2, 7), ('VN', 2, 7), ('PH', 1, 8),
    ('MX', 2, -6), ('TR', 1, 3), ('UA', 1, 2), ('SE', 1, 1), ('CH', 1, 1), ('IL', 1, 2),
    ('TW', 2, 8), ('HK', 1, 8), ('AR', 1, -3), ('NG', 1, 1), ('PK', 1, 5), ('ZA', 1, 2)]

# Stand-ins for the mail providers everybody uses, with assumed shares.
POPULAR_MAIL = [('mail-a.example', 58), ('mail-b.example', 12), ('mail-c.example', 8),
                ('mail-d.example', 6), ('mail-e.example', 4), ('mail-f.example', 3),
                ('mail-g.example', 2), ('mail-h.example', 2)]

# Share of accounts for which a gateway lacks a field, by pathway (assumed; campaigns.md 2 notes
# that clouds and aggregators strip metadata). Campaign accounts draw from the same table.
MISSING = {
    'web': {'ip': .03, 'client': .15, 'country': .05, 'asn': .15, 'network': .2, 'user_agent': .02,
            'temperature': 1, 'max_tokens': 1, 'session': .03, 'prompt': .05, 'system': .9,
            'latency_ms': .1, 'language': .4},
    'api': {'ip': .06, 'client': .25, 'country': .1, 'asn': .2, 'network': .25, 'user_agent': .04,
            'temperature': .35, 'max_tokens': .2, 'session': .6, 'prompt': .07, 'system': .1,
            'latency_ms': .1, 'language': .5},
    'cloud': {'ip': .7, 'client': .85, 'country': .6, 'asn': .7, 'network': .7, 'user_agent': .4,
              'temperature': .35, 'max_tokens': .2, 'session': .8, 'prompt': .2, 'system': .25,
              'latency_ms': .2, 'language': .6},
    'aggregator': {'ip': .1, 'client': .2, 'country': .2, 'asn': .2, 'network': .3,
                   'user_agent': .05, 'temperature': .3, 'max_tokens': .25, 'session': .8,
                   'prompt': .08, 'system': .1, 'latency_ms': .1, 'language': .6}}


# Programmes that some plans come through; S1 names them as the most abused sign-up paths.
PROGRAMS = {'startup': 'hackathon-credit', 'research': 'research-access',
            'education': 'campus-licence'}


def esc(text):
    """JSON string body of a text, without the quotes: pieces can then be joined as they are."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def poisson(rng, mean):
    """A Poisson count; the normal approximation above 30 is exact enough for traffic."""
    if mean > 30:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, n, p = math.exp(-mean), 0, rng.random()
    while p > limit:
        n, p = n + 1, p * rng.random()
    return n


def choose(rng, pairs):
    """One key of (key, weight, ...) rows."""
    return rng.choices(pairs, [p[1] for p in pairs])[0][0]


# ------------------------------------------------------------------------------ the real data

class Data:
    """Everything read from the data folder, in the form the behaviours need."""

    def __init__(self, folder):
        self.folder = folder
        needed = ['prompts/distill_alpaca.jsonl.gz', 'traffic/claude_code_sessions.csv.gz',
                  'traffic/servegen_m-large_rates.csv.gz', 'traffic/sharegpt_turn_structure.csv.gz']
        lost = [n for n in needed if not os.path.exists(os.path.join(folder, n))]
        if lost:
            sys.exit(f'semi_real: no data in "{folder}": {lost[0]} is missing. '
                     'Give the folder that holds prompts/ and traffic/ with --data.')
        self.read_prompts()
        self.read_clients()
        self.read_sessions()
        self.read_lengths()

    def rows(self, name):
        with gzip.open(os.path.join(self.folder, 'traffic', name), 'rt', encoding='utf-8') as f:
            yield from csv.DictReader(f)

    def prompt_rows(self, name):
        path = os.path.join(self.folder, 'prompts', name + '.jsonl.gz')
        with gzip.open(path, 'rt', encoding='utf-8') as f:
            return [json.loads(line) for line in f]

    def read_prompts(self):
        self.sets = {}
        for name in ('bank_gsm_train', 'bank_math_bank', 'distill_codealpaca', 'eval_bbh',
                     'distill_gpt_roleplay', 'eval_bfcl_synth', 'eval_humaneval', 'human_nq',
                     'human_arena_hard', 'human_bfcl_live', 'human_iw_seed_en', 'seed_seeds'):
            self.sets[name] = [esc(r['p'][:3000]) for r in self.prompt_rows(name)]
        trees = collections.defaultdict(list)
        for r in self.prompt_rows('human_oasst'):
            trees[r['tree']].append((r['turn'], esc(r['p'][:3000])))
        self.oasst_first = [p for t in trees.values() for n, p in t if n == 0]
        self.oasst_later = [p for t in trees.values() for n, p in t if n > 0]
        self.oasst_trees = [[p for _, p in sorted(t)] for t in trees.values()]
        alpaca = [r['p'] for r in self.prompt_rows('distill_alpaca')]
        # Every third row is honest stock: short texts people paste, items of declared research.
        self.sets['distill_alpaca'] = [esc(p) for i, p in enumerate(alpaca) if i % 3]
        spare = alpaca[::3]
        self.spare_items = [esc(p) for p in spare]
        self.texts = [esc(p.split('\n\n', 1)[1]) for p in spare if len(p.split('\n\n', 1)) == 2]
        self.texts = [t for t in self.texts if len(t) > 24]
        convs = collections.defaultdict(list)
        for r in self.prompt_rows('distill_moss_plugins_multiturn'):
            convs[r['conv']].append((r['turn'], esc(r['p'])))
        self.moss = [[p for _, p in sorted(t)] for t in convs.values()]

    def read_clients(self):
        """ServeGen clients: rate windows, gap CV and length quantiles of each."""
        self.clients = []
        for pool, days in (('m-large', 14), ('deepseek-r1', 1), ('mm-image', 1)):
            quant = collections.defaultdict(dict)
            for r in self.rows(f'servegen_{pool}_length_quantiles.csv.gz'):
                cols = [c for c in r if c[0] == 'q' and c[1:2].isdigit()]
                quant[r['client']][r['field']] = ([float(c[1:]) / 100 for c in cols],
                                                  [float(r[c] or 0) for c in cols])
            rates = collections.defaultdict(list)
            for r in self.rows(f'servegen_{pool}_rates.csv.gz'):
                rates[r['client']].append((int(r['t_s']), float(r['rate_rps']),
                                           float(r['iat_cv'] or 1)))
            for c in sorted(rates, key=int):
                q = quant.get(c, {})
                tin = q.get('input_tokens') or q.get('text_tokens')
                cvs = sorted(w[2] for w in rates[c])
                self.clients.append({'pool': pool, 'days': days, 'windows': rates[c],
                                     'cv': min(6., max(.3, cvs[len(cvs) // 2])),
                                     'in': tin, 'out': q.get('output_tokens')})
        self.lengthy = [c for c in self.clients if c['in'] and c['out']]
        self.reason = [c for c in self.lengthy if c['pool'] == 'deepseek-r1']
        self.series = [c for c in self.clients if sum(w[1] for w in c['windows']) * 600 > 200]
        self.day_profiles = self.rhythms()

    def rhythms(self):
        """Cumulative hour profiles of the clients that have a day: at night under half."""
        found = []
        for c in self.clients:
            hours = [0.] * 24
            for t, rate, _ in c['windows']:
                hours[t // 3600 % 24] += rate
            total = sum(hours)
            night, day = sum(hours[1:6]) / 5, sum(hours[10:18]) / 8
            if total and len(c['windows']) > 40 and night < .5 * day:
                smooth = [.5 * hours[h] + .25 * (hours[h - 1] + hours[(h + 1) % 24])
                          + .004 * total for h in range(24)]
                found.append(list(itertools.accumulate(smooth)))
        return found

    def read_sessions(self):
        """Claude Code sessions, ShareGPT chats, and human pauses of the former."""
        self.code_sessions, self.pauses = [], []
        stop = {}
        sessions = collections.defaultdict(list)
        for r in self.rows('claude_code_sessions.csv.gz'):
            who = (r['session'], r['agent'])
            think = float(r['think_time_s'] or 0)
            if stop.get(who) == 'end_turn' and 4 < think < 2400:
                self.pauses.append(think)
            human = r['input_types'] == 'text' or stop.get(who) == 'end_turn'
            stop[who] = r['stop']
            sessions[r['session']].append(
                (float(r['t_s']), int(r['input_tokens']), int(r['output_tokens']),
                 int(r['prefix_blocks_shared_with_prev'] or 0) * 64, human,
                 float(r['api_time_s'] or 5)))
        self.code_sessions = [sorted(s) for s in sessions.values() if len(s) >= 4]
        chats = collections.defaultdict(list)
        for r in self.rows('sharegpt_turn_structure.csv.gz'):
            if r['is_continuation_piece'] == '0':
                chats[r['conv']].append((int(r['turn']), r['role'], int(r['chars'])))
        self.chats = []
        for rows in chats.values():
            replies = [max(2, c // 4) for _, role, c in sorted(rows) if role == 'a']
            if replies:
                self.chats.append(replies)

    def read_lengths(self):
        self.azure_code = [(int(r['input_tokens']), int(r['output_tokens']))
                           for r in self.rows('azure_llm_2023_code.csv.gz')]
        self.azure_conv_out = [int(r['output_tokens'])
                               for r in self.rows('azure_llm_2023_conv.csv.gz')]
        self.arxiv = [(int(r['input_tokens']), int(r['output_tokens']))
                      for r in self.rows('arxiv_summarization_lengths.csv.gz')]


class Lengths:
    """Draws token counts from a real client's quantiles, bent a little for this owner."""

    def __init__(self, rng, quantiles, spread=.15):
        self.at, self.values = quantiles
        self.scale, self.power = math.exp(rng.gauss(0, spread)), rng.gauss(1, .04)

    def draw(self, rng):
        u = rng.random()
        i = min(len(self.at) - 1, max(1, bisect.bisect_left(self.at, u)))
        x0, x1 = self.at[i - 1], self.at[i]
        v = self.values[i - 1] + (self.values[i] - self.values[i - 1]) * (u - x0) / (x1 - x0)
        return max(1, int(self.scale * max(v, 1) ** self.power))


# ------------------------------------------------------------------------------ identities

Place = collections.namedtuple('Place', 'ips asn country network')
Program = collections.namedtuple('Program', 'agent ja4')


class Account:
    """One account, with the habits its traffic shows. Plain record; behaviours read it."""

    def __init__(self, **fields):
        self.n, self.active = 0, set()
        self.campaign = None
        self.stop = None
        self.__dict__.update(fields)


class World:
    """Networks, programs, companies and people; and the output."""

    def __init__(self, data, seed, days, scale):
        self.data, self.seed, self.days, self.scale = data, seed, days, scale
        self.end = T0 + days * DAY
        # 16:00 UTC of the day in which RELEASE_SHARE falls.
        self.release = T0 + int(days * RELEASE_SHARE) * DAY + 16 * HOUR
        self.accounts, self.lines, self.used = [], [], set()
        self.ids = self.rng('ids')
        self.build_networks(self.rng('networks'))
        self.build_programs(self.rng('programs'))

    def rng(self, name):
        return random.Random(f'{self.seed}:{name}')

    def build_networks(self, rng):
        """Address plan. 10/8 homes, offices and campuses, 100.64/10 carriers, 172.16/12 clouds,
        198.18/15 VPN. Sizes are assumed; only the order of magnitude of sharing matters."""
        asn = itertools.count(64512)
        self.offset = {c: tz for c, _, tz in COUNTRIES}
        self.isp = collections.defaultdict(list)
        blocks = list(range(160))
        rng.shuffle(blocks)
        for c, weight, _ in COUNTRIES:
            for _ in range(1 + min(5, weight // 4)):
                number = next(asn)
                self.isp[c].append((blocks.pop(), number, rng.random() < .3))
        self.carrier, self.cloud, self.vpn = collections.defaultdict(list), [], []
        for k, (c, weight, _) in enumerate(COUNTRIES):
            for j in range(2 if weight > 3 else 1):
                ips = [f'100.{64 + k}.{j}.{n}' for n in range(1, 30 + 6 * weight)]
                self.carrier[c].append(Place(ips, next(asn), c, 'mobile'))
        for k in range(16):
            self.cloud.append((k, next(asn), rng.choice(['US', 'US', 'DE', 'SG', 'NL', 'JP'])))
        for k in range(14):
            label = 'vpn' if rng.random() < .7 else 'hosting'
            number = next(asn)
            for c in rng.sample(['US', 'NL', 'SG', 'JP', 'DE', 'GB', 'CH', 'CA'], 5):
                ips = [f'198.{18 + k % 2}.{k * 8 + len(self.vpn) % 8}.{n}' for n in range(1, 12)]
                self.vpn.append(Place(ips, number, c, label))
        self.office_asn, self.campus_asn = asn, itertools.count(4200000000)
        self.offices = [self.new_office(rng) for _ in range(1500)]

    def build_programs(self, rng):
        """Client programs: a few popular, a long tail (Zipf). The fingerprint belongs to the
        TLS stack, so several user agents share one."""
        def ja4(kind):
            return f't13d{rng.randrange(12, 20)}{rng.randrange(8, 17):02d}{kind}_' \
                   f'{rng.getrandbits(48):012x}_{rng.getrandbits(48):012x}'
        chrome, safari = [ja4('h2') for _ in range(6)], [ja4('h2') for _ in range(4)]
        self.browsers = []
        for v in range(128, 142):
            for os_name in ('Windows NT 10.0; Win64; x64', 'Macintosh; Intel Mac OS X 10_15_7',
                            'X11; Linux x86_64', 'Linux; Android 10; K'):
                self.browsers.append((Program(
                    f'Mozilla/5.0 ({os_name}) AppleWebKit/537.36 Chrome/{v}.0.0.0 Safari/537.36',
                    chrome[(v - 128) // 3]), (1.9 if 'Win' in os_name else .8) ** 2
                    * math.exp((v - 141) / 2.5)))
        for v in range(16, 19):
            self.browsers.append((Program(
                f'Mozilla/5.0 (iPhone; CPU iPhone OS {v}_1 like Mac OS X) Version/{v}.1 Mobile '
                'Safari/604.1', safari[v - 16]), 1.2))
        stacks = [ja4('h1') for _ in range(9)]
        self.sdks = []
        for i in range(30):
            lib = 'atlas-sdk-python' if i % 3 else 'atlas-sdk-js'
            self.sdks.append((Program(f'{lib}/0.{50 - i}.{rng.randrange(4)}',
                                      stacks[min(8, int(rng.expovariate(.5)))]), 1 / (i + 1)))
        for i, lib in enumerate(('python-requests/2.32.3', 'axios/1.7.9', 'Go-http-client/2.0',
                                 'okhttp/4.12.0', 'langchain/0.3.14', 'litellm/1.55.3',
                                 'curl/8.5.0', 'python-httpx/0.27.2', 'node-fetch/3.3')):
            self.sdks.append((Program(lib, stacks[i % 9]), .35))
        self.tail = [Program(f'{a}-{b}/{rng.randrange(1, 9)}.{rng.randrange(20)}',
                             rng.choice(stacks) if rng.random() < .6 else ja4('h1'))
                     for a in ('acme', 'delta', 'nova', 'kite', 'orbit', 'fern', 'pixel', 'cobalt')
                     for b in ('bot', 'svc', 'worker', 'app', 'backend', 'tool', 'client', 'etl')]
        agent_stack = [ja4('h2') for _ in range(3)]
        self.agents = [(Program(f'atlas-cli/1.0.{90 - i} (external, cli)', agent_stack[i // 8]),
                        math.exp(-i / 4)) for i in range(20)]
        self.agents += [(Program(f'opencoder/0.{9 - i}', agent_stack[2]), .15) for i in range(4)]
        self.aggregators = []
        for k, name in enumerate(('routehub', 'modelmart', 'onegate')):
            ips = [f'172.{29}.{k}.{n}' for n in range(1, 9)]
            self.aggregators.append((Place(ips, self.cloud[k][1], 'US', 'hosting'),
                                     Program(f'{name}-proxy/2.{k}', ja4('h2'))))

    # places ------------------------------------------------------------------

    def home(self, rng, country):
        block, asn, v6 = rng.choice(self.isp[country])
        label = 'proxy' if rng.random() < .008 else 'residential'
        if v6 and rng.random() < .5:
            net = f'2001:db8:{block:x}:{rng.getrandbits(16):x}'
            ips = [f'{net}:{rng.getrandbits(16):x}:{rng.getrandbits(16):x}:'
                   f'{rng.getrandbits(16):x}:{rng.getrandbits(16):x}' for _ in range(3)]
        else:
            ips = [f'10.{block}.{rng.randrange(256)}.{rng.randrange(1, 255)}']
        return Place(ips, asn, country, label)

    def new_office(self, rng, country=None):
        country = country or choose(rng, COUNTRIES)
        if rng.random() < .55:  # most offices sit behind an ordinary provider
            block, asn, _ = rng.choice(self.isp[country])
        else:
            block, asn = 160 + rng.randrange(60), next(self.office_asn)
        base = f'10.{block}.{rng.randrange(256)}'
        ips = [f'{base}.{rng.randrange(1, 255)}' for _ in range(rng.choice([1, 1, 1, 2, 4]))]
        return Place(ips, asn, country, 'business')

    def campus(self, rng, country, addresses):
        block = 220 + rng.randrange(36)
        base = f'10.{block}.{rng.randrange(256)}'
        return Place([f'{base}.{n + 1}' for n in range(addresses)], next(self.campus_asn), country,
                     'education')

    def server(self, rng, addresses=1, country=None):
        rows = [c for c in self.cloud if c[2] == country] or self.cloud
        k, asn, where = rng.choice(rows)
        ips = [f'172.{16 + k % 13}.{rng.randrange(256)}.{rng.randrange(1, 255)}'
               for _ in range(addresses)]
        return Place(ips, asn, where, 'hosting')

    # people ------------------------------------------------------------------

    def unique(self, rng, prefix, bits=40):
        while True:
            name = f'{prefix}{rng.getrandbits(bits):0{bits // 4}x}'
            if name not in self.used:
                self.used.add(name)
                return name

    def mail(self, rng, country):
        r = rng.random()
        if r < .76:
            return choose(rng, POPULAR_MAIL)
        if r < .86:
            return f'post.{country.lower()}.example'
        if r < .965:
            return f'{rng.choice(WORDS)}{rng.choice(WORDS)}-{rng.randrange(400)}.example'
        if r < .99:
            return f'uni-{rng.randrange(60)}.example'
        return f'tmpbox-{rng.randrange(8)}.test'

    def shape(self, rng):
        """name_shape of a person's chosen name."""
        first, last = 'a' * rng.randrange(3, 9), 'a' * rng.randrange(3, 10)
        tail = '0' * rng.choice([0, 0, 0, 1, 2, 2, 3, 4])
        return rng.choice([f'{first} {last}', f'{first}.{last}{tail}', f'{first}{last}{tail}',
                           f'{first}{tail}', f'{first}_{last}{tail}', f'a{last}{tail}'])

    def created(self, rng, new_share=.12):
        """Creation time: most accounts are old, sign-ups arrive at all times."""
        if rng.random() < new_share:
            return T0 + int(rng.random() * self.days * DAY * .97)
        return T0 - int((2 + 700 * rng.random() ** 1.7) * DAY)

    def programs_for(self, rng, pathway):
        if pathway == 'web':
            return [choose(rng, self.browsers) for _ in range(rng.choice([1, 1, 2]))]
        if pathway == 'aggregator':
            return None
        if pathway == 'agent':
            return [choose(rng, self.agents)]
        if rng.random() < .15:
            return [rng.choice(self.tail)]
        return [choose(rng, self.sdks) for _ in range(rng.choice([1, 1, 1, 2]))]

    def account(self, pop, rng, kind='web', **over):
        """A new account with a natural identity; `over` replaces parts of it."""
        country = over.get('country') or choose(rng, COUNTRIES)
        pathway = over.pop('pathway', None) or ('web' if kind == 'web' else
                                                choose(rng, [('api', 85), ('cloud', 8),
                                                             ('aggregator', 7)]))
        plan = choose(rng, [('free', 60), ('pro', 40)]) if kind == 'web' else \
            choose(rng, [('free', 15), ('pro', 60), ('team', 15), ('startup', 5), ('research', 2),
                         ('enterprise', 3)])
        a = Account(
            id=self.unique(rng, 'ac_'), pop=pop[0], stratum=pop[1], truth=pop[2], kind=kind,
            org=None, key=self.unique(rng, 'k_') if kind != 'web' else None, country=country,
            billing=country, mail=None, plan=plan, program=None, verified=rng.random() < .4,
            device=self.unique(rng, 'd_') if rng.random() < (.85 if kind == 'web' else .4)
            else None, shape=self.shape(rng), pathway=pathway, created=self.created(rng),
            payment='?', signup=None, places=None, vpn=None, travel=None, programs=None,
            profile=rng.choice(self.data.day_profiles), chronotype=rng.gauss(0, 1.6),
            weekend=min(1.3, max(.1, rng.gauss(.7, .35))), tools=None, top=None)
        a.__dict__.update(over)
        a.tz = self.offset[a.country]
        if a.program is None and a.plan in PROGRAMS and rng.random() < .4:
            a.program = PROGRAMS[a.plan]
        a.mail = a.mail or self.mail(rng, a.country)
        if a.payment == '?':
            paid = a.plan not in ('free', 'education') or rng.random() < .08
            a.payment = self.unique(rng, 'pm_') if paid else None
        self.locate(a, rng)
        self.furnish(a, rng)
        self.accounts.append(a)
        return a

    def locate(self, a, rng):
        """Where the account's requests come from."""
        if a.places is None:
            home = self.home(rng, a.country)
            if a.kind == 'server':
                office = self.server(rng, rng.choice([1, 1, 2, 3, 6]))
                a.places = [(office, 1.)]
            else:
                a.places = [(home, 3.)]
                if rng.random() < .45:
                    a.places.append((rng.choice(self.carrier[a.country]), 1.2))
                if rng.random() < (.4 if a.kind == 'web' else .6):
                    local = [o for o in rng.sample(self.offices, 12) if o.country == a.country]
                    a.places.append((local[0] if local else self.new_office(rng, a.country), 2.))
                if a.kind != 'web' and rng.random() < .35:
                    a.places.append((self.server(rng), 1.5))
                if rng.random() < .05:
                    a.places.append((rng.choice(self.vpn), 2.))
        a.signup = a.signup or a.places[0][0]
        if a.pathway == 'aggregator':
            place, program = rng.choice(self.aggregators)
            a.places, a.programs = [(place, 1.)], [program]
        a.dynamic = rng.random() < .3

    def furnish(self, a, rng):
        """Programs, missing fields, default parameters, model habits and the fixed fragment."""
        a.programs = a.programs or self.programs_for(
            rng, 'web' if a.kind == 'web' else 'agent' if a.kind == 'agent' else a.pathway)
        # Whether a field is absent is a property of the account, not of the event.
        a.without = {f for f, p in sorted(MISSING[a.pathway].items()) if rng.random() < p}
        if a.plan == 'enterprise' and rng.random() < .25:
            a.without |= {'prompt', 'system'}
        a.temperature = choose(rng, [(1.0, 35), (0.0, 22), (0.7, 20), (0.2, 9), (0.3, 6),
                                     (0.5, 4), (0.1, 3), (0.8, 3), (0.6, 3), (0.9, 2)])
        a.max_tokens = choose(rng, [(4096, 35), (1024, 20), (8192, 14), (2048, 12), (512, 6),
                                    (1000, 5), (2000, 4), (256, 2), (16000, 5)])
        a.streams = a.kind == 'web' or rng.random() < .4
        # Some API clients send reasoning blocks back, some paste older answers (assumed).
        a.signs = a.kind != 'web' and rng.random() < .2
        a.echoes = rng.random() < .12
        self.fragments(a)
        if a.top is None:
            a.top = {'web': .5, 'agent': .7}.get(a.kind, .3)
        a.model = TOP if rng.random() < a.top else choose(
            rng, [(MID, 50), (SMALL, 35), (OLD, 15)])
        a.pivot = self.pivot(rng, a)

    def fragments(self, a):
        """Constant pieces of the account's event lines."""
        a.head = f'"account":"{a.id}"' + (f',"org":"{a.org}"' if a.org else '') + \
            (f',"key":"{a.key}"' if a.key else '') + f',"pathway":"{a.pathway}"'
        keep = []
        if 'temperature' not in a.without:
            keep.append(f',"temperature":{a.temperature}')
        if 'max_tokens' not in a.without:
            keep.append(f',"max_tokens":{a.max_tokens}')
        keep.append(f',"stream":{"true" if a.streams else "false"}')
        if a.tools is not None:
            keep.append(f',"tools":{a.tools}')
        a.params = ''.join(keep)

    def pivot(self, rng, a):
        """When the account moves to the new top model: web defaults roll out in a day, API users
        follow by hand (assumed; every keen user pivots, campaigns.md 3b)."""
        if a.kind == 'web' and a.model == TOP and rng.random() < .6:
            return self.release + int(rng.uniform(.5, 26) * HOUR)
        if a.model == TOP and rng.random() < .3:
            return self.release + int(rng.expovariate(1 / 40) * HOUR)
        return None

    # output ------------------------------------------------------------------

    def env(self, a, rng, place=None, program=None):
        """The network and client part of an event, drawn once per sitting."""
        if place is None:
            place = a.places[0][0] if len(a.places) == 1 else \
                rng.choices([p for p, _ in a.places], [w for _, w in a.places])[0]
        program = program or (a.programs[0] if len(a.programs) == 1 else rng.choice(a.programs))
        w, out = a.without, []
        if 'ip' not in w:
            out.append(f',"ip":"{rng.choice(place.ips)}"')
        if 'asn' not in w:
            out.append(f',"asn":{place.asn}')
        if 'country' not in w:
            out.append(f',"country":"{place.country}"')
        if 'network' not in w:
            out.append(f',"network":"{place.network}"')
        if 'user_agent' not in w:
            out.append(f',"user_agent":"{program.agent}"')
        if 'client' not in w:
            out.append(f',"client":"{program.ja4}"')
        return ''.join(out)

    def put(self, a, ts, env, tin, tout, prompt=None, system=None, session=None, turn=0,
            cached=0, extra='', model=None, refused=False):
        """Writes one exchange, unless it lies outside the window or the account is gone."""
        ts = int(ts)
        if ts < T0 or ts >= self.end or ts <= a.created or (a.stop and ts >= a.stop):
            return False
        bits = self.ids
        without = a.without
        if model is None:
            model = NEW_TOP if a.pivot and ts >= a.pivot else a.model
        line = [f'{{"ts":{ts},"id":"{bits.getrandbits(52):013x}",{a.head}{env},"model":"{model}"']
        if 'session' not in without:
            session = session or f's{bits.getrandbits(44):011x}'
            line.append(f',"session":"{session}","turn":{turn}')
        roll = bits.random()
        if roll < .988:
            line.append(f',"input_tokens":{tin},"output_tokens":{tout}')
            line.append(',"status":200')
        else:
            tout, refused = 0, False
            line.append(f',"input_tokens":{tin},"output_tokens":0,"status":'
                        f'{(429, 529, 500)[int(roll * 1e5) % 3]}')
        if cached:
            line.append(f',"cached_tokens":{min(cached, tin)}')
        line.append(a.params)
        if refused:
            line.append(',"refused":true')
        if 'latency_ms' not in without:
            spent = int((500 + tin * .04 + tout * 15) * (.6 + bits.random()))
            line.append(f',"latency_ms":{spent}')
        if prompt and 'prompt' not in without:
            if 'language' not in without:
                line.append(f',"language":"{language_of(prompt)}"')
            if system and 'system' not in without:
                line.append(f',"system":"{system}"')
            line.append(f'{extra},"prompt":"{prompt}"}}')
        else:
            line.append(f'{extra}}}')
        self.lines.append(''.join(line))
        a.n += 1
        a.active.add((ts - T0) // DAY)
        return True

    def act(self, a, ts, action):
        if T0 <= ts < self.end:
            self.lines.append(f'{{"ts":{int(ts)},"type":"action","account":"{a.id}",'
                              f'"action":"{action}","by":"trust-team"}}')

    def write_account(self, a):
        """The account record: at creation, or in a snapshot just before the window."""
        ts = a.created if a.created >= T0 else T0 - 1 - a.created % HOUR
        row = {'ts': ts, 'type': 'account', 'account': a.id, 'org': a.org, 'created': a.created,
               'email_domain': a.mail, 'payment': a.payment, 'signup_ip': a.signup.ips[0],
               'signup_asn': a.signup.asn, 'country': a.country, 'billing_country':
               a.billing if a.payment else None, 'device': a.device, 'name_shape': a.shape,
               'plan': a.plan, 'program': a.program, 'verified': a.verified}
        drop = random.Random(a.id)
        for field, share in (('signup_ip', .08), ('signup_asn', .15), ('country', .05),
                             ('billing_country', .1), ('name_shape', .1), ('verified', .2)):
            if drop.random() < share:
                row[field] = None
        if a.signup.network == 'business' and a.org and drop.random() < .3:
            row['signup_ip'] = None
        self.lines.append(json.dumps({k: v for k, v in row.items() if v is not None},
                                     separators=(',', ':')))


def language_of(text):
    """Rough script test: enough for English with a little Chinese, Korean or Japanese."""
    if text.isascii():
        return 'en'
    for ch in text:
        if ch > '\u2e80':
            return 'ko' if '\uac00' <= ch <= '\ud7a3' else \
                'ja' if '\u3040' <= ch <= '\u30ff' else 'zh'
    return 'en'


# ------------------------------------------------------------------------------ words

WORDS = ('north', 'blue', 'river', 'stone', 'maple', 'swift', 'cedar', 'lumen', 'harbor', 'atlas',
         'quartz', 'willow', 'summit', 'ember', 'orchid', 'falcon', 'meadow', 'copper', 'signal',
         'prairie', 'canyon', 'violet', 'anchor', 'beacon', 'drift', 'echo', 'forge', 'grove')
DOMAINS = ('online shop', 'insurance', 'travel agency', 'law office', 'school', 'gym', 'hospital',
           'bank', 'news site', 'logistics firm', 'real estate', 'game studio', 'charity',
           'recruiting', 'restaurant chain', 'software vendor', 'city council', 'museum',
           'music label', 'farm supplier', 'dental clinic', 'pet store', 'airline', 'publisher')
THINGS = ('customer message', 'support ticket', 'product review', 'paragraph', 'email', 'note',
          'job posting', 'article', 'transcript', 'comment', 'report section', 'description',
          'survey answer', 'chat log', 'listing', 'abstract')
TASKS = ('Summarise', 'Classify', 'Extract the key facts from', 'Rewrite', 'Translate to German',
         'Draft a reply to', 'Find the sentiment of', 'Correct the grammar of', 'Tag', 'Shorten',
         'List the named entities in', 'Write a headline for', 'Check the tone of',
         'Turn into bullet points', 'Estimate the urgency of', 'Anonymise')
FORMATS = ('Return JSON only.', 'Answer with one word.', 'Use at most two sentences.',
           'Reply in plain text.', 'Return a JSON object with keys "label" and "reason".',
           'Output only the result.', 'Use markdown.', 'Answer in the language of the input.',
           'Give a short explanation first, then the answer.', 'Be concise.',
           'Think step by step and finish with the final answer on its own line.')
VERBS = ('summarize this', 'can you check this', 'make this sound better', 'explain this to me',
         'what do you think of this', 'translate to spanish', 'rewrite this please',
         'is this correct?', 'shorten this', 'turn this into an email', 'give me feedback on this',
         'fix the grammar', 'what does this mean', 'find mistakes here', 'write a reply to this',
         'make it more formal', 'simplify', 'give me 3 titles for this', 'continue this')
OPENERS = ('', '', '', '', '', '', 'hi, ', 'hey ', 'can you tell me ', 'please ',
           'quick question: ',
           'so ', 'ok ', 'I was wondering, ', 'do you know ', 'hello! ', 'help me with this: ')
TAILS = ('', '', '', '', '', '', '', '?', ' thanks', ' please', ' thank you!', '??', ' in short',
         ' for my class', ' keep it simple', ' with examples', ' for work', ' asap')
FOLLOWUPS = ('can you make it shorter', 'why?', 'thanks', 'continue', 'are you sure?',
             'more detail',
             'give me an example', 'now in a table', 'what about the second one?', 'ok and then?',
             'that does not work', 'rewrite it more simply', 'can you explain the last part',
             'yes', 'no, I meant the other one', 'go on', 'make it friendlier', 'what else?',
             'how would that look in practice', 'add a conclusion', 'any alternatives?')
SPECIFICS = ('the part about ', 'what you said on ', 'more about ', 'and what about ', 'expand on ',
             'I do not get ', 'how does it relate to ', 'same but for ', 'compare it with ')


class Speech:
    """What people type: real prompts, with the small variation that a person adds."""

    def __init__(self, data):
        d = data.sets
        self.data = data
        self.pools = [(d['human_nq'], 45), (d['human_bfcl_live'], 14), (d['human_arena_hard'], 9),
                      (data.oasst_first + data.oasst_later, 7), (d['human_iw_seed_en'], 5)]
        self.lists, self.cum = [p for p, _ in self.pools], \
            list(itertools.accumulate(w for _, w in self.pools))
        self.vocabulary = sorted({w for p in d['human_nq'] for w in p.split()
                                  if len(w) > 5 and w.isalpha()})

    def first(self, rng):
        """Opening message of a chat."""
        r = rng.random()
        if r < .22:
            text = rng.choice(self.data.texts)
            verb = rng.choice(VERBS)
            return f'{text}\\n\\n{verb}' if r < .05 else f'{verb}: {text}' if r < .12 \
                else f'{verb}\\n{text}'
        pool = rng.choices(self.lists, cum_weights=self.cum)[0]
        text = rng.choice(pool)
        if len(text) > 200:
            return text if rng.random() < .4 else f'{text}\\n{rng.choice(FOLLOWUPS)}'
        if r > .92:
            text = f'{text}. also {rng.choice(self.lists[0])}'
        elif r > .86:
            text = f'{text} {rng.choice(self.vocabulary)}'
        return rng.choice(OPENERS) + text + rng.choice(TAILS)

    def later(self, rng):
        """A follow-up: about half refer back (ShareGPT: 57 %)."""
        r = rng.random()
        if r < .3:
            return rng.choice(FOLLOWUPS)
        if r < .6:
            return f'{rng.choice(SPECIFICS)}{rng.choice(self.vocabulary)} ' \
                   f'{rng.choice(self.vocabulary)}'
        if r < .72:
            return rng.choice(self.data.oasst_later)
        return self.first(rng)


def script_template(rng):
    """A developer's or product's own fixed text around an item: (system, before, after)."""
    domain, thing, task = rng.choice(DOMAINS), rng.choice(THINGS), rng.choice(TASKS)
    system = rng.choice([
        f'You are a helpful assistant for a {domain}.',
        f'You work for a {domain}. Be precise and polite.',
        f'You are an expert in {domain} {thing}s.', '', '',
        f'Assistant of {rng.choice(WORDS).title()} {rng.choice(WORDS).title()}, a {domain}. '
        f'Never discuss other topics. {rng.choice(FORMATS)}'])
    head = rng.choice([f'{task} the following {thing}.', f'{task} this {thing} of a {domain}:',
                       f'Here is a {thing}. {task} it.', f'{task} the {thing} below'])
    tail = rng.choice(['', '', rng.choice(FORMATS)])
    mark = rng.choice(['\n\n', '\n---\n', '\nText: ', '\nInput:\n', ' ', '\n"""\n'])
    after = f'\n\n{tail}' if tail else ''
    return esc(system), esc(f'{head} {rng.choice(FORMATS)}{mark}'), esc(after)


# ------------------------------------------------------------------------------ behaviours

class Behaviour:
    """How accounts spend their time. Every method writes exchanges of one account."""

    def __init__(self, world):
        self.w, self.d, self.speech = world, world.data, Speech(world.data)

    def moment(self, rng, a, day):
        """A time of day (ms) from the account's own rhythm, in its local time."""
        p = a.profile
        h = bisect.bisect_left(p, rng.random() * p[-1]) + rng.random() + a.chronotype
        return T0 + day * DAY + int(((h - a.tz) % 24) * HOUR)

    def active_days(self, rng, a, share):
        """Days the account is used; the first day after creation always counts."""
        days = []
        for day in range(self.w.days):
            weekend = a.weekend if day % 7 >= 5 else 1.
            if rng.random() < share * weekend and T0 + (day + 1) * DAY > a.created:
                days.append(day)
        if not days:
            low = max(0, (a.created - T0) // DAY + (1 if a.created > T0 else 0))
            days = [rng.randrange(low, self.w.days)] if low < self.w.days else []
        return days

    def drift(self, rng, a):
        """A new day: a dynamic home line may have a new address."""
        if a.dynamic and rng.random() < .15 and a.places[0][0].network == 'residential':
            a.places[0] = (self.w.home(rng, a.country), a.places[0][1])

    def chat(self, rng, a, ts, first=None, later=None, limit=99, env=None, system=None, extra='',
             pace=1.):
        """One conversation with ShareGPT's structure; returns the exchanges written."""
        w, replies = self.w, rng.choice(self.d.chats)
        env = env or w.env(a, rng)
        session, history, done = f's{rng.getrandbits(44):011x}', 0, 0
        first, later = first or self.speech.first, later or self.speech.later
        if not extra and a.echoes and rng.random() < .15:
            extra = ',"echo":true'
        sign = f',"signature":"g{rng.getrandbits(48):012x}"' if a.signs and not extra else ''
        for turn in range(min(limit, len(replies))):
            prompt = first(rng) if turn == 0 else later(rng)
            mine = len(prompt) // 4 + 4
            out = max(1, int(replies[turn] * math.exp(rng.gauss(0, .35))))
            tin = history + mine + (len(system) // 4 if system else 0)
            done += w.put(a, ts, env, tin, out, prompt, system, session, turn,
                          history // 64 * 64 if history > 1024 else 0,
                          extra or (sign if turn else ''),
                          refused=rng.random() < .008)
            history += mine + out
            ts += (2000 + out * 18 + rng.choice(self.d.pauses) * 1000 * pace)
        return done

    def chatter(self, rng, a, per_day, share, **chat):
        """A person who chats: some days, some conversations a day."""
        for day in self.active_days(rng, a, share):
            self.drift(rng, a)
            for _ in range(1 + poisson(rng, per_day)):
                self.chat(rng, a, self.moment(rng, a, day), **chat)

    def script(self, rng, a, ts, items, template, parallel=False, gap=None, lengths=None,
               extra='', env=None, temperature=None):
        """A loop over items with one template; sequential by default."""
        w, (system, head, tail) = self.w, template
        env = env or w.env(a, rng)
        if lengths is None:
            lengths = a.lengths = getattr(a, 'lengths', None) or self.lengths(rng)
        written = 0
        for item in items:
            prompt = head + item + tail
            out = lengths.draw(rng)
            tin = (len(prompt) + len(system)) // 4 + 6
            written += w.put(a, ts, env, tin, min(out, a.max_tokens), prompt, system, extra=extra)
            if parallel:
                ts += rng.expovariate(1 / 400)
            else:
                ts += 400 + out * 14 + (gap or 300) * math.exp(rng.gauss(0, .8))
        return written

    def lengths(self, rng, pool=None):
        return Lengths(rng, rng.choice(pool or self.d.lengthy)['out'])

    def arrivals(self, rng, total, tz=0):
        """Times of about `total` requests: one real client's week, as a renewal process with that
        client's gap CV in operational time."""
        span = self.w.days * 86400
        while True:
            c = rng.choice(self.d.series)
            shift = rng.randrange(max(1, c['days'] - self.w.days + 1)) * 86400
            copies = range(-(-self.w.days // c['days']) if c['days'] < self.w.days else 1)
            rate = []
            for k in copies:
                factor = math.exp(rng.gauss(0, .3)) if len(copies) > 1 else 1
                rate += [(t - shift + k * c['days'] * 86400, r * factor) for t, r, _ in
                         c['windows'] if 0 <= t - shift + k * c['days'] * 86400 < span]
            mass = sum(r for _, r in rate)
            if mass > 0:
                break
        cv = c['cv']
        shape, times, todo, passed = 1 / cv ** 2, [], 0., 0.
        todo = rng.gammavariate(shape, 1 / shape)
        offset = T0 - tz * HOUR
        for t, r in rate:
            m = r / mass * total
            while todo < passed + m:
                ts = offset + ((t + (todo - passed) / m * 600) % span) * 1000
                times.append(ts if ts >= T0 else ts + span * 1000)
                todo += max(1e-9, rng.gammavariate(shape, 1 / shape))
            passed += m
        return times

    def service(self, rng, a, total, make, tin=None, tout=None, system='', per_env=40, extra=''):
        """An unattended client: real arrivals, own lengths, text from `make`."""
        w, real = self.w, rng.choice(self.d.lengthy)
        tin, tout = tin or Lengths(rng, real['in']), tout or Lengths(rng, real['out'])
        env = w.env(a, rng)
        sys_tokens = len(system) // 4
        for n, ts in enumerate(self.arrivals(rng, total, a.tz)):
            if n % per_env == 0:
                env = w.env(a, rng)
            prompt = make(rng)
            size = max(tin.draw(rng), (len(prompt) // 4) + sys_tokens + 4)
            w.put(a, ts, env, size, tout.draw(rng), prompt, system, extra=extra,
                  cached=1024 if sys_tokens > 1024 else 0)

    def agent(self, rng, a, ts, most=140, system=None):
        """One coding session, replayed from a real one with bent gaps and lengths."""
        w, real = self.w, rng.choice(self.d.code_sessions)
        start = rng.randrange(max(1, len(real) - 20)) if len(real) > most else 0
        env, session = w.env(a, rng), f's{rng.getrandbits(44):011x}'
        speed, size, t_first = math.exp(rng.gauss(0, .2)), math.exp(rng.gauss(0, .25)), \
            real[start][0]
        sign = f'g{rng.getrandbits(48):012x}'
        shift, last = 0., 0.
        for turn, (t, tin, tout, cached, human, _) in enumerate(real[start:start + most]):
            t = (t - t_first) * speed
            if t - last > 5400:
                shift += t - last - 5400
            last = t
            prompt = self.speech.first(rng) if human and turn == 0 else \
                self.speech.later(rng) if human and rng.random() < .4 else None
            extra = f',"signature":"{sign}"' if turn and rng.random() < .5 else ''
            w.put(a, ts + (t - shift) * 1000, env, int(tin * size), max(1, int(
                tout * math.exp(rng.gauss(0, .15)))), prompt, system, session, turn,
                int(cached * size), extra)


# ------------------------------------------------------------------------------ honest, plain

AGENT_SYSTEM = esc('You are Atlas CLI, an interactive agent that helps users with software '
                   'engineering tasks. Use the tools available to you. Be concise and follow the '
                   'conventions of the code base.')
FRAMEWORK_SYSTEM = esc('You are a helpful AI assistant. Answer the following questions as best '
                       'you can. You have access to tools. Use the format Question, Thought, '
                       'Action, Observation, Final Answer.')


class Honest:
    """Honest and abusive populations. Each method makes about n accounts of one population."""

    def __init__(self, world):
        self.w, self.b, self.d = world, Behaviour(world), world.data
        self.items = list(self.d.spare_items)

    def run(self):
        for name, stratum, truth, n, method in POPULATIONS:
            rng = self.w.rng(name)
            method(self, (name, stratum, truth), max(1, round(n * self.w.scale)), rng)

    def groups(self, rng, n, low, high):
        """Sizes of groups that add up to about n accounts."""
        while n > 0:
            size = min(n, rng.randrange(low, high + 1))
            yield size
            n -= size

    def own_items(self, rng, n):
        """A contiguous slice of real short texts: one person's material is related."""
        texts = self.d.texts
        i = rng.randrange(len(texts))
        return [texts[(i + k) % len(texts)] for k in range(n)]

    def chat_user(self, pop, n, rng):
        for _ in range(n):
            a = self.w.account(pop, rng, 'web')
            self.b.chatter(rng, a, rng.gammavariate(.7, 1.6), rng.betavariate(1.1, 1.6))

    def developer(self, pop, n, rng):
        for _ in range(n):
            a = self.w.account(pop, rng, 'api')
            self.develop(a, rng)

    def develop(self, a, rng, share=None, template=None, system=None):
        """Interactive trials and script runs, the same few items again while debugging."""
        share = rng.betavariate(1.2, 1.6) if share is None else share
        template = template or script_template(rng)
        items = self.own_items(rng, rng.choice([3, 8, 20, 60]))
        for day in self.b.active_days(rng, a, share):
            for _ in range(1 + poisson(rng, .8)):
                ts = self.b.moment(rng, a, day)
                if rng.random() < .45:
                    self.b.chat(rng, a, ts, limit=5, system=system)
                    continue
                if rng.random() < .2:
                    template = (template[0], *script_template(rng)[1:])
                count = min(120, int(2 + rng.lognormvariate(1.5, 1)))
                pick = items[:count] if rng.random() < .5 else rng.choices(items, k=count)
                self.b.script(rng, a, ts, pick, (system or template[0], *template[1:]),
                              rng.random() < .25, rng.choice([300, 3000, 20000]))

    def coding_agent(self, pop, n, rng):
        for _ in range(n):
            a = self.w.account(pop, rng, 'agent', tools=rng.randrange(10, 24))
            self.code(a, rng, rng.betavariate(1.2, 2.2), AGENT_SYSTEM)

    def code(self, a, rng, share, system=None, most=110):
        for day in self.b.active_days(rng, a, share):
            for _ in range(1 + (rng.random() < .3)):
                self.b.agent(rng, a, self.b.moment(rng, a, day), most, system)

    def volume(self, rng, mean, sigma=1.2, top=12000):
        """Requests of a service in the window: skewed like ServeGen's clients, cut for size."""
        days = self.w.days / 7
        return min(top, int(10 + mean * days * math.exp(rng.gauss(-sigma ** 2 / 2, sigma))))

    def api_product(self, pop, n, rng):
        """One organisation: its own system prompt and template around its users' inputs."""
        for size in self.groups(rng, n, 1, 3):
            org, pay = self.w.unique(rng, 'org_'), self.w.unique(rng, 'pm_')
            domain = f'{rng.choice(WORDS)}-{rng.randrange(999)}.example'
            place = self.w.server(rng, rng.choice([1, 2, 4, 12]))
            country = choose(rng, COUNTRIES)
            system, head, tail = script_template(rng)
            long = esc(' '.join(rng.choice(FORMATS + WORDS) for _ in range(rng.randrange(40))))
            for _ in range(size):
                a = self.w.account(pop, rng, 'server', org=org, payment=pay, mail=domain,
                                   country=country, places=[(place, 1.)],
                                   plan=rng.choice(['pro', 'team', 'enterprise']))
                mode = rng.random()
                make = self.product_text(mode, head, tail)
                self.b.service(rng, a, self.volume(rng, 900), make, system=system + ' ' + long)

    def product_text(self, mode, head, tail):
        if mode < .45:
            return lambda r: self.b.speech.first(r)
        if mode < .8:
            return lambda r: f'{head}{r.choice(self.d.texts)}{tail}'
        return lambda r: f'{head}{self.b.speech.first(r)}{tail}'

    def code_completion(self, pop, n, rng):
        """Completion plug-in back ends: Azure code lengths, no prompt text kept."""
        for _ in range(n):
            a = self.w.account(pop, rng, 'server', org=self.w.unique(rng, 'org_'))
            env = self.w.env(a, rng)
            for ts in self.b.arrivals(rng, self.volume(rng, 700), a.tz):
                tin, tout = rng.choice(self.d.azure_code)
                self.w.put(a, ts, env, tin, tout)

    def batch_job(self, pop, n, rng):
        """Nightly or weekly jobs over documents: on the hour, one template, no repeats."""
        for _ in range(n):
            a = self.w.account(pop, rng, 'server', org=self.w.unique(rng, 'org_')
                               if rng.random() < .7 else None)
            template, hour = script_template(rng), rng.randrange(24)
            arxiv = rng.random() < .3
            count = self.volume(rng, 120, 1., 1500)
            for day in range(self.w.days):
                if rng.random() < (.9 if count < 400 else .3):
                    ts = T0 + day * DAY + hour * HOUR + rng.randrange(90_000)
                    self.job(a, rng, ts, count, template, arxiv)

    def job(self, a, rng, ts, count, template, arxiv):
        items = self.own_items(rng, count)
        env, (system, head, tail) = self.w.env(a, rng), template
        lengths = a.lengths = getattr(a, 'lengths', None) or self.b.lengths(rng)
        for item in items:
            tin, out = rng.choice(self.d.arxiv) if arxiv else (0, lengths.draw(rng))
            prompt = head + item + tail
            self.w.put(a, ts, env, max(tin, len(prompt) // 4 + 8), out, prompt, system)
            ts += 150 + rng.expovariate(1 / 1500)

    # -------------------------------------------------------------------------- hard

    def nightly_eval(self, pop, n, rng):
        """The same suite every night at the same minute, temperature 0."""
        pool = self.d.sets['bank_gsm_train'] + self.d.sets['eval_bfcl_synth'] + self.items
        for _ in range(n):
            a = self.w.account(pop, rng, 'server', org=self.w.unique(rng, 'org_'))
            a.temperature = 0
            self.w.fragments(a)
            suite = rng.sample(pool, rng.randrange(30, 120))
            template, minute = script_template(rng), rng.randrange(1440)
            for day in range(self.w.days):
                self.b.script(rng, a, T0 + day * DAY + minute * 60_000 + rng.randrange(20_000),
                              suite, template, rng.random() < .5)

    def benchmark_team(self, pop, n, rng):
        """Unrelated teams on one public benchmark: equal items in equal order, several models."""
        bench = [('eval_humaneval', 164), ('eval_bbh', 400), ('eval_bfcl_synth', 300),
                 ('bank_math_bank', 250), ('bank_gsm_train', 300)]
        harness = {k: (('', esc('Question: '), esc('\n\nThink step by step, then give the final '
                                                   'answer after "####".')),
                       ('', '', esc('\nAnswer:')), ('', esc('Complete the task.\n\n'), ''))
                   for k, _ in bench}
        for size in self.groups(rng, n, 1, 3):
            org, name = self.w.unique(rng, 'org_'), rng.choice(bench)
            pay, offset = self.w.unique(rng, 'pm_'), 0
            items = self.d.sets[name[0]]
            if name[0] == 'eval_bbh':
                offset = rng.choice([0, 250, 1000, 1250, 2000])
            for _ in range(size):
                a = self.w.account(pop, rng, 'api', org=org, payment=pay)
                template = rng.choice(harness[name[0]])
                for _ in range(rng.randrange(1, 4)):
                    a.model = rng.choice([TOP, TOP, MID, SMALL])
                    day = rng.randrange(self.w.days)
                    self.b.script(rng, a, self.b.moment(rng, a, day),
                                  items[offset:offset + name[1]], template, rng.random() < .5)

    def synth_data_declared(self, pop, n, rng):
        """Declared research organisations that generate training data with permission."""
        for size in self.groups(rng, n, 3, 6):
            org, pay = self.w.unique(rng, 'org_'), self.w.unique(rng, 'pm_')
            template, place = script_template(rng), self.w.server(rng, 2)
            stock = rng.sample(self.items, min(len(self.items), 600 * size))
            lengths = self.b.lengths(rng, self.d.reason)
            for k in range(size):
                a = self.w.account(pop, rng, 'server', org=org, payment=pay, plan='research',
                                   program='research-access', verified=True,
                                   places=[(place, 1.)], mail=f'lab-{org[4:8]}.example')
                a.max_tokens = 4096
                mine = stock[k::size]
                for i, part in enumerate(range(0, len(mine), 100)):
                    ts = T0 + (i % self.w.days) * DAY + rng.randrange(DAY // 2)
                    self.b.script(rng, a, ts, mine[part:part + 100], template, True,
                                  lengths=lengths)

    def classroom(self, pop, n, rng):
        """One NAT, one hour, one task; accounts made the same day with the school's mail."""
        for size in self.groups(rng, n, 22, 40):
            cc = choose(rng, COUNTRIES)
            nat, number = self.w.campus(rng, cc, rng.choice([1, 2])), rng.randrange(400)
            day, tz = rng.randrange(min(5, self.w.days)), self.w.offset[cc]
            start = T0 + day * DAY + int((rng.randrange(9, 17) - tz) % 24 * HOUR)
            task = rng.choice(self.d.sets['human_arena_hard'] + self.d.sets['seed_seeds'])
            words = [task, rng.choice(self.d.sets['seed_seeds'])]
            program = choose(rng, self.w.browsers)
            for _ in range(size):
                a = self.w.account(pop, rng, 'web', country=cc, places=[(nat, 1.)],
                                   created=start + int(rng.gammavariate(2, 2) * 60_000),
                                   mail=f'school-{number}.example', plan='education',
                                   programs=[program] if rng.random() < .7 else None)
                for hour in (0, 24, 48)[:rng.choice([1, 2, 3])]:
                    for _ in range(rng.randrange(1, 4)):
                        ts = max(start, a.created) + hour * HOUR + rng.randrange(HOUR)
                        self.b.chat(rng, a, ts, pace=.5, first=lambda r: r.choice(words)
                                    if r.random() < .6 else self.b.speech.first(r), limit=6)

    def hackathon(self, pop, n, rng):
        """A weekend, one venue, credits from one programme, a starter kit's template."""
        for size in self.groups(rng, n, 40, 60):
            cc = choose(rng, COUNTRIES)
            venue, kit = self.w.new_office(rng, cc), script_template(rng)
            first = T0 + min(5, self.w.days - 1) * DAY + 8 * HOUR
            for _ in range(size):
                a = self.w.account(pop, rng, 'api', country=cc, places=[(venue, 3.), (
                    self.w.home(rng, cc), 1.)], plan='startup', program='hackathon-credit',
                    created=first - rng.randrange(20 * HOUR) if rng.random() < .6
                    else self.w.created(rng, 0), payment=None)
                for _ in range(rng.randrange(2, 6)):
                    ts = first + rng.randrange(30 * HOUR)
                    if rng.random() < .5:
                        self.b.chat(rng, a, ts, limit=6)
                    else:
                        self.b.script(rng, a, ts, self.own_items(rng, rng.randrange(3, 25)),
                                      kit if rng.random() < .6 else script_template(rng))

    def plugin_users(self, pop, n, rng):
        """A popular plug-in: hundreds of own keys, one template around each user's content."""
        for size in self.groups(rng, n, 150, 230):
            template = script_template(rng)
            program = Program(f'{rng.choice(WORDS)}-plugin/3.{rng.randrange(9)}',
                              choose(rng, self.w.browsers).ja4)
            for _ in range(size):
                a = self.w.account(pop, rng, 'api', programs=[program], pathway='api')
                a.temperature, a.max_tokens = .3, 2048
                self.w.fragments(a)
                for day in self.b.active_days(rng, a, rng.betavariate(1.3, 1.5)):
                    items = self.own_items(rng, 1 + int(rng.expovariate(.2)))
                    self.b.script(rng, a, self.b.moment(rng, a, day), items, template,
                                  gap=rng.choice([9000, 60_000, 400_000]))

    def framework_default(self, pop, n, rng):
        for _ in range(n):
            a = self.w.account(pop, rng, 'api', tools=rng.choice([1, 2, 3, 5]))
            self.develop(a, rng, system=FRAMEWORK_SYSTEM)

    def university_nat(self, pop, n, rng):
        for size in self.groups(rng, n, 80, 140):
            cc = choose(rng, COUNTRIES)
            nat, mail = self.w.campus(rng, cc, 4), f'uni-{rng.randrange(60)}.example'
            course = rng.sample(self.d.sets['bank_math_bank'], 60)
            for _ in range(size):
                a = self.w.account(pop, rng, 'web', country=cc, places=[
                    (nat, 2.), (self.w.home(rng, cc), 1.5)],
                    mail=mail if rng.random() < .5 else None,
                    plan='education' if rng.random() < .4 else 'free')
                self.b.chatter(rng, a, rng.gammavariate(.7, 1.5), rng.betavariate(1.2, 1.5),
                               first=lambda r: r.choice(course) if r.random() < .35
                               else self.b.speech.first(r))

    def textbook_student(self, pop, n, rng):
        """Unrelated students who paste exercises of the same books."""
        books = [self.d.sets['bank_gsm_train'], self.d.sets['bank_math_bank']]
        ask = ('', 'solve: ', 'how do I do this? ', '', 'step by step please: ',
               'check my answer: ')
        for _ in range(n):
            a = self.w.account(pop, rng, 'web')
            at, book = rng.randrange(6500), rng.choice(books)
            chapter = book[at:at + 40]
            self.b.chatter(rng, a, rng.gammavariate(.8, 1.8), rng.betavariate(1.3, 1.5),
                           first=lambda r: r.choice(ask) + r.choice(chapter)
                           if r.random() < .7 else self.b.speech.first(r))

    def vpn_user(self, pop, n, rng):
        for _ in range(n):
            exit_ = rng.choice(self.w.vpn)
            more = rng.sample(self.w.vpn, 2)
            kind = rng.choice(['web', 'web', 'api'])
            a = self.w.account(pop, rng, kind, places=[(exit_, 3.)] + [(p, 1.) for p in more])
            if kind == 'web':
                self.b.chatter(rng, a, rng.gammavariate(.7, 1.7), rng.betavariate(1.2, 1.6))
            else:
                self.develop(a, rng)

    def ci_runner(self, pop, n, rng):
        """Code review in CI: ephemeral runners of a few clouds, bursts at push time."""
        for size in self.groups(rng, n, 1, 3):
            org, pay = self.w.unique(rng, 'org_'), self.w.unique(rng, 'pm_')
            system = esc(f'You review pull requests of {rng.choice(WORDS)}-{rng.choice(WORDS)}. '
                         'List bugs only.')
            for _ in range(size):
                a = self.w.account(pop, rng, 'server', org=org, payment=pay)
                for day in self.b.active_days(rng, a, .95):
                    for _ in range(poisson(rng, 6)):
                        a.places = [(self.w.server(rng), 1.)]
                        items = rng.sample(self.d.sets['eval_humaneval'] + self.d.texts[:3000],
                                           rng.randrange(1, 9))
                        self.b.script(rng, a, self.b.moment(rng, a, day), items,
                                      (system, esc('Diff:\n'), ''), True)

    def team_shared_card(self, pop, n, rng):
        self.company(pop, n, rng, True)

    def small_company(self, pop, n, rng):
        self.company(pop, n, rng, False)

    def company(self, pop, n, rng, with_org):
        """Colleagues with one card and one exit; the small firm has no org field at all."""
        for size in self.groups(rng, n, 4, 13):
            cc = choose(rng, COUNTRIES)
            office, pay = self.w.new_office(rng, cc), self.w.unique(rng, 'pm_')
            org = self.w.unique(rng, 'org_') if with_org else None
            mail = f'{rng.choice(WORDS)}-{rng.randrange(999)}.example'
            house, base = script_template(rng), self.w.created(rng, .05)
            for _ in range(size):
                kind = rng.choice(['web', 'api', 'api'])
                a = self.w.account(pop, rng, kind, country=cc, org=org, payment=pay, mail=mail,
                                   places=[(office, 3.), (self.w.home(rng, cc), 1.)],
                                   created=base + int(rng.expovariate(1 / 9) * DAY),
                                   plan='team')
                a.weekend = .1
                if kind == 'web':
                    self.b.chatter(rng, a, rng.gammavariate(.8, 2), rng.betavariate(3, 1.5))
                else:
                    self.develop(a, rng, rng.betavariate(3, 1.5),
                                 house if rng.random() < .5 else None)

    def llm_gateway(self, pop, n, rng):
        """A declared gateway: many end users behind one or a few accounts, metadata stripped."""
        for size in self.groups(rng, n, 1, 4):
            org, pay = self.w.unique(rng, 'org_'), self.w.unique(rng, 'pm_')
            place = self.w.server(rng, 6)
            for _ in range(size):
                a = self.w.account(pop, rng, 'server', org=org, payment=pay, verified=True,
                                   places=[(place, 1.)], plan='enterprise', pathway='api')
                a.without |= {'session', 'temperature', 'language'}
                total = self.volume(rng, 1800, .6, 5000)
                for ts in self.b.arrivals(rng, total / 3, a.tz):
                    self.b.chat(rng, a, ts, limit=5)

    def translation_vendor(self, pop, n, rng):
        tongues = ('German', 'French', 'Spanish', 'Japanese', 'Polish', 'Turkish', 'Korean',
                   'Italian', 'Dutch', 'Portuguese', 'Ukrainian', 'Czech', 'Greek', 'Thai')
        for size in self.groups(rng, n, 1, 4):
            org = self.w.unique(rng, 'org_') if rng.random() < .6 else None
            pay, place = self.w.unique(rng, 'pm_'), self.w.new_office(rng)
            for _ in range(size):
                a = self.w.account(pop, rng, 'api', org=org, payment=pay, places=[(place, 1.)])
                for day in self.b.active_days(rng, a, .8):
                    for _ in range(rng.randrange(1, 4)):
                        head = esc(f'Translate into {rng.choice(tongues)}, keep the tone. '
                                   'Return the translation only.\n\n')
                        self.b.script(rng, a, self.b.moment(rng, a, day),
                                      self.own_items(rng, rng.randrange(5, 50)), ('', head, ''))

    def release_enthusiast(self, pop, n, rng):
        """People who try a new model within hours, many with the same well-known test prompts."""
        viral = rng.sample(self.d.sets['human_arena_hard'] + self.d.sets['human_iw_seed_en'], 14)
        for _ in range(n):
            a = self.w.account(pop, rng, rng.choice(['web', 'api']), top=1., created=self.w.created(
                rng, .03))
            a.pivot = self.w.release + int(rng.gammavariate(1.5, 4) * HOUR)
            self.b.chatter(rng, a, rng.gammavariate(.7, 1), rng.betavariate(1.2, 2))
            for k in range(rng.randrange(2, 7)):
                self.b.chat(rng, a, a.pivot + rng.randrange(5 * HOUR) * (k > 0) + 1, limit=4,
                            first=lambda r: r.choice(viral) if r.random() < .5
                            else self.b.speech.first(r))

    def llm_judge(self, pop, n, rng):
        """Teams that grade their own product's answers: rubric, short output, echo."""
        for size in self.groups(rng, n, 1, 3):
            org, pay = self.w.unique(rng, 'org_'), self.w.unique(rng, 'pm_')
            system, head, _ = script_template(rng)
            rubric = esc(f'Grade the answer of our {rng.choice(DOMAINS)} assistant from 1 to '
                         f'{rng.choice([5, 10, 100])} for {rng.choice(["tone", "accuracy"])} and '
                         f'{rng.choice(["helpfulness", "safety", "brevity"])}. '
                         f'{rng.choice(FORMATS)}\n\nQuestion: ')
            for _ in range(size):
                a = self.w.account(pop, rng, 'server', org=org, payment=pay)
                short = Lengths(rng, ([0, .5, 1], [1, rng.randrange(3, 60), 160]))
                echo = ',"echo":true' if rng.random() < .7 else ''
                self.b.service(rng, a, self.volume(rng, 500, .8), lambda r: (
                    f'{rubric}{self.b.speech.first(r)}\\n\\nAnswer: {r.choice(self.d.texts)}'),
                    tout=short, system=system, extra=echo)

    def red_teamer(self, pop, n, rng):
        for _ in range(n):
            a = self.w.account(pop, rng, rng.choice(['web', 'api']), program=rng.choice(
                ['security-research', None]))
            rate = rng.uniform(.2, .6)
            for day in self.b.active_days(rng, a, .6):
                for _ in range(rng.randrange(1, 4)):
                    ts, env = self.b.moment(rng, a, day), self.w.env(a, rng)
                    seed = self.b.speech.first(rng)
                    for turn in range(rng.randrange(4, 30)):
                        text = f'{rng.choice(OPENERS)}{seed} {rng.choice(FOLLOWUPS)}'
                        no = rng.random() < rate
                        self.w.put(a, ts, env, len(text) // 4 + 30, rng.randrange(20, 90) if no
                                   else rng.choice(self.d.azure_conv_out), text, refused=no)
                        ts += rng.choice(self.d.pauses) * 600

    def migrated_workload(self, pop, n, rng):
        """An old service on a new account: full volume from the first minute."""
        for _ in range(n):
            start = T0 + int(rng.uniform(.5, self.w.days * .6) * DAY)
            a = self.w.account(pop, rng, 'server', org=self.w.unique(rng, 'org_'), created=start)
            _, head, tail = script_template(rng)
            self.b.service(rng, a, self.volume(rng, 900, .6), self.product_text(
                rng.random(), head, tail), system=script_template(rng)[0])

    def agent_fleet(self, pop, n, rng):
        for size in self.groups(rng, n, 5, 18):
            org, pay = self.w.unique(rng, 'org_'), self.w.unique(rng, 'pm_')
            place, program = self.w.server(rng, 3), choose(rng, self.w.agents)
            system = esc(f'You are worker agent of {rng.choice(WORDS)} {rng.choice(WORDS)}. '
                         'Work through the ticket with the tools.')
            for _ in range(size):
                a = self.w.account(pop, rng, 'agent', org=org, payment=pay, tools=12,
                                   places=[(place, 1.)], programs=[program])
                a.weekend = 1.
                self.code(a, rng, .7, system, 50)

    def academic_relay(self, pop, n, rng):
        """Academics and hobbyists who reach the service through a grey relay's exits."""
        exits = [self.w.server(rng, 5, cc) for cc in ('SG', 'JP', 'US')]
        exits.append(rng.choice(self.w.vpn))
        for _ in range(n):
            a = self.w.account(pop, rng, 'api', places=[(rng.choice(exits), 2.), (
                rng.choice(exits), 1.)], plan=rng.choice(['free', 'pro', 'education', 'research']))
            self.develop(a, rng)

    def prompt_market(self, pop, n, rng):
        """Unrelated people who paste one popular shared prompt around their own question."""
        for size in self.groups(rng, n, 60, 110):
            head = esc(f'Act as a world-class expert in {rng.choice(DOMAINS)} matters with twenty '
                       f'years of experience. {rng.choice(TASKS)} what I give you. First explain '
                       f'your thinking, then give the result. {rng.choice(FORMATS)} '
                       f'My {rng.choice(THINGS)}: ')
            for _ in range(size):
                a = self.w.account(pop, rng, 'web')
                self.b.chatter(rng, a, rng.gammavariate(.7, 1.7), rng.betavariate(1.2, 1.6),
                               first=lambda r: head + self.b.speech.first(r)
                               if r.random() < .5 else self.b.speech.first(r))

    def freelancer(self, pop, n, rng):
        """Contractors on one platform: own accounts, the client's guideline, items from one list;
        two or three people get each item."""
        for size in self.groups(rng, n, 60, 100):
            guide = esc(f'{rng.choice(TASKS)} the {rng.choice(THINGS)} for a {rng.choice(DOMAINS)}.'
                        f' Rate quality from 1 to 5 and explain why. {rng.choice(FORMATS)}\n\n')
            work = rng.sample(self.items, 900)
            for _ in range(size):
                a = self.w.account(pop, rng, rng.choice(['web', 'web', 'api']))
                words = esc(rng.choice(['', '', 'for my client: ', 'task: ', 'please do this. ']))
                for day in self.b.active_days(rng, a, .75):
                    ts = self.b.moment(rng, a, day)
                    for _ in range(poisson(rng, rng.choice([5, 9, 14]))):
                        self.b.chat(rng, a, ts, limit=2, pace=2, first=lambda r: (
                            f'{words}{guide}{r.choice(work)}' if r.random() < .75
                            else self.b.speech.first(r)))
                        ts += rng.choice(self.d.pauses) * 3000

    def drift_monitor(self, pop, n, rng):
        """A few canary prompts on the hour, to see whether answers get worse."""
        for _ in range(n):
            a = self.w.account(pop, rng, 'server', org=self.w.unique(rng, 'org_'))
            canary = rng.sample(self.d.sets['seed_seeds'] + self.d.sets['human_nq'], 4)
            for hour in range(0, self.w.days * 24, rng.choice([1, 2, 3])):
                self.b.script(rng, a, T0 + hour * HOUR + rng.randrange(9000), canary, ('', '', ''))

    def rag_backfill(self, pop, n, rng):
        """One burst over a corpus."""
        for _ in range(n):
            a = self.w.account(pop, rng, 'server', org=self.w.unique(rng, 'org_')
                               if rng.random() < .6 else None)
            ts = T0 + int(rng.random() * self.w.days * .9 * DAY)
            self.job(a, rng, ts, self.volume(rng, 900, .5, 3000), script_template(rng), False)

    def audit_capture(self, pop, n, rng):
        """Regulated teams that must keep the reasons of every decision."""
        for size in self.groups(rng, n, 1, 4):
            org, pay = self.w.unique(rng, 'org_'), self.w.unique(rng, 'pm_')
            head = esc(f'For the audit file of our {rng.choice(DOMAINS)}: {rng.choice(TASKS)} the '
                       'case. Give your reasoning step by step inside <rationale> tags, then the '
                       'decision inside <decision> tags.\n\nCase: ')
            for _ in range(size):
                a = self.w.account(pop, rng, 'server', org=org, payment=pay)
                self.b.service(rng, a, self.volume(rng, 500, .7), lambda r: head + r.choice(
                    self.d.texts), tout=self.b.lengths(rng, self.d.reason))

    # -------------------------------------------------------------------------- abusive

    def free_credit_farm(self, pop, n, rng):
        """Sign-up waves (campaigns.md 1d: 23.6 s and 118.7 s apart); credits are resold."""
        for k, size in enumerate(self.groups(rng, n, 120, 210)):
            ts = T0 + int(rng.uniform(-.1, .75) * self.w.days * DAY)
            gap = (23_600, 118_700)[k % 2]
            mails = [f'{rng.choice(WORDS)}{rng.randrange(99)}.test' for _ in range(9)]
            exits = [self.w.server(rng, 3) for _ in range(4)] + [rng.choice(self.w.vpn)]
            program = [choose(rng, self.w.sdks)]
            for _ in range(size):
                ts += int(gap * rng.gauss(1, .12))
                a = self.w.account(pop, rng, 'api', created=ts, mail=rng.choice(mails),
                                   payment=None, plan='free', shape='a' * rng.randrange(9, 13)
                                   + '000', places=[(rng.choice(exits), 1.)], device=None,
                                   verified=False, programs=program, pathway='api')
                at = ts + int(rng.expovariate(1 / 9) * HOUR)
                for _ in range(rng.randrange(1, 6)):
                    at += int(rng.expovariate(1 / 3) * HOUR)
                    self.b.chat(rng, a, at, limit=5)
                if rng.random() < .35:
                    a.stop = at + HOUR
                    self.w.act(a, a.stop, 'ban')

    def reseller(self, pop, n, rng):
        """Pooled accounts resold to many buyers; a conversation sticks to an account."""
        for size in self.groups(rng, n, 30, 60):
            exits = [self.w.server(rng, 4) for _ in range(3)]
            cards = [self.w.unique(rng, 'pm_') for _ in range(max(2, size // 6))]
            programs = [choose(rng, self.w.agents), choose(rng, self.w.sdks)]
            for _ in range(size):
                a = self.w.account(pop, rng, 'api', plan='pro', payment=rng.choice(cards), top=.95,
                                   places=[(rng.choice(exits), 1.)], programs=programs,
                                   created=T0 - int(rng.expovariate(1 / 20) * DAY), pathway='api')
                for day in range(self.w.days):
                    for _ in range(poisson(rng, 5)):
                        other = rng.choice(self.d.day_profiles)
                        a.profile = other
                        self.b.chat(rng, a, self.b.moment(rng, a, day))

    def enforcement(self):
        """A few honest accounts are challenged or banned in error and restored."""
        rng = self.w.rng('enforcement')
        for a in self.w.accounts:
            if a.truth == 'benign' and a.n and rng.random() < .003:
                ts = T0 + rng.randrange(self.w.days * DAY)
                kind = rng.choice(['challenge', 'limit', 'suspend'])
                self.w.act(a, ts, kind)
                self.w.act(a, ts + int(rng.expovariate(1 / 8) * HOUR), 'restore')


# Name, stratum, truth, accounts at scale 1, method. Counts are assumed; they set the share of each
# look-alike in the honest population (about a third), not a claim about any provider.
POPULATIONS = [
    ('chat_user', 'plain', 'benign', 5600, Honest.chat_user),
    ('developer', 'plain', 'benign', 2300, Honest.developer),
    ('coding_agent', 'plain', 'benign', 420, Honest.coding_agent),
    ('api_product', 'plain', 'benign', 130, Honest.api_product),
    ('code_completion', 'plain', 'benign', 30, Honest.code_completion),
    ('batch_job', 'plain', 'benign', 90, Honest.batch_job),
    ('nightly_eval', 'hard', 'benign', 45, Honest.nightly_eval),
    ('benchmark_team', 'hard', 'benign', 60, Honest.benchmark_team),
    ('synth_data_declared', 'hard', 'benign', 12, Honest.synth_data_declared),
    ('classroom', 'hard', 'benign', 200, Honest.classroom),
    ('hackathon', 'hard', 'benign', 100, Honest.hackathon),
    ('plugin_users', 'hard', 'benign', 560, Honest.plugin_users),
    ('framework_default', 'hard', 'benign', 400, Honest.framework_default),
    ('university_nat', 'hard', 'benign', 330, Honest.university_nat),
    ('textbook_student', 'hard', 'benign', 300, Honest.textbook_student),
    ('vpn_user', 'hard', 'benign', 420, Honest.vpn_user),
    ('ci_runner', 'hard', 'benign', 60, Honest.ci_runner),
    ('team_shared_card', 'hard', 'benign', 200, Honest.team_shared_card),
    ('small_company', 'hard', 'benign', 150, Honest.small_company),
    ('llm_gateway', 'hard', 'benign', 12, Honest.llm_gateway),
    ('translation_vendor', 'hard', 'benign', 45, Honest.translation_vendor),
    ('release_enthusiast', 'hard', 'benign', 260, Honest.release_enthusiast),
    ('llm_judge', 'hard', 'benign', 45, Honest.llm_judge),
    ('red_teamer', 'hard', 'benign', 45, Honest.red_teamer),
    ('migrated_workload', 'hard', 'benign', 20, Honest.migrated_workload),
    ('agent_fleet', 'hard', 'benign', 70, Honest.agent_fleet),
    ('academic_relay', 'hard', 'benign', 160, Honest.academic_relay),
    ('prompt_market', 'hard', 'benign', 420, Honest.prompt_market),
    ('freelancer', 'hard', 'benign', 240, Honest.freelancer),
    ('drift_monitor', 'hard', 'benign', 20, Honest.drift_monitor),
    ('rag_backfill', 'hard', 'benign', 15, Honest.rag_backfill),
    ('audit_capture', 'hard', 'benign', 25, Honest.audit_capture),
    ('free_credit_farm', None, 'abusive', 480, Honest.free_credit_farm),
    ('reseller', None, 'abusive', 110, Honest.reseller)]


# ------------------------------------------------------------------------------ campaigns

# What an operator does at each evasion level. All values are assumed (campaigns.md 5: none is
# public) except the rates, which stay inside the means of campaigns.md 1e (6-26 a day).
#   rate      exchanges per account and day      cover    share of real human prompts
#   cards     share of accounts on a shared card, accounts per card
#   exits     exit addresses per account         flagged  share of exits a feed calls proxy
#   wordings  fixed templates, 0 = a fresh paraphrase each time
#   stacks    harness programs                   ban      share of live accounts banned a day
#   popular   share of accounts on everybody's mail domains
#   top       share of accounts that ask for the top model
LEVELS = [
    dict(rate=(15, 30), cover=0., cards=(1., 12), exits=.04, flagged=.3, wordings=1, stacks=1,
         ban=.03, popular=0., top=.97,
         path=[('api', 100)]),
    dict(rate=(12, 26), cover=0., cards=(.6, 5), exits=.12, flagged=.25, wordings=5, stacks=2,
         ban=.02, popular=.3, top=.97,
         path=[('api', 85), ('cloud', 10), ('aggregator', 5)]),
    dict(rate=(8, 20), cover=.1, cards=(.12, 3), exits=3., flagged=.06, wordings=16, stacks=3,
         ban=.01, popular=.65, top=.95,
         path=[('api', 62), ('web', 23), ('cloud', 9), ('aggregator', 6)]),
    dict(rate=(5, 15), cover=.5, cards=(0., 1), exits=6., flagged=.04, wordings=0, stacks=5,
         ban=.005, popular=.9, top=.92,
         path=[('api', 46), ('web', 40), ('cloud', 8), ('aggregator', 6)]),
    dict(rate=(3, 6), cover=.75, cards=(0., 1), exits=12., flagged=.025, wordings=0, stacks=8,
         ban=.003, popular=None, top=.82,
         path=[('api', 38), ('web', 50), ('cloud', 6), ('aggregator', 6)])]

# Templates in pieces; {a|b} is a choice. Piece order: role, task, reasoning, format, mark.
# The format piece is never left out: a collector has to parse the answers.
FLAVOURS = {
    'reason': [
        '{You are|Act as|Take the role of} {an expert|a patient|a senior|a careful} '
        '{problem solver|tutor|analyst|specialist}{.| in this field.| who explains well.}',
        '{Solve|Work on|Answer|Handle} the {task|problem|question|request} {below|that follows}'
        '{ carefully|, and be complete|}.',
        '{Show your full reasoning|Write down every step of your thinking|Explain each step as you '
        'go|Lay out the whole line of thought}{ before you answer| first|}.',
        '{Put the reasoning inside <reasoning> tags and the result inside <answer> tags|Write the '
        'steps between <reasoning> and </reasoning>, then the result between <answer> and '
        '</answer>|Use <reasoning>...</reasoning> for the steps and <answer>...</answer> at the '
        'end}.', '{Task|Problem|Question|Input}:'],
    'trace': [
        '{You are|Act as} {a meticulous|an experienced|a thorough} {engineer|scientist|teacher}.',
        '{Here is|Below is|This is} {a problem|an exercise|a task}{ to complete| for you|}.',
        '{Note each idea you try, also the ones you drop|List the alternatives you considered|'
        'Record what you check and why}{, in order|, briefly|}.',
        '{Number the steps and end with a line that starts with ####|Finish with a line "#### '
        'result"|After the steps give the result behind ####}.', '{Exercise|Problem|Item}:'],
    'grade': [
        '{You are|Act as} {a strict|an impartial|a fair} {grader|judge|reviewer}.',
        '{Grade|Rate|Assess} the {answer|response} {below|that follows} {from 1 to 10|on a scale '
        'of 1 to 10}.',
        '{Consider correctness, completeness and clarity|Look at accuracy, depth and style|Weigh '
        'correctness first, then form}.',
        '{Return JSON with "score" and "why"|Reply with {JSON|a JSON object}: score, why}.',
        '{Question|Task|Prompt}:'],
    'broad': [
        '{You are|Act as} {a capable|a helpful|a skilled} {assistant|colleague|expert}.',
        '{Complete|Do|Answer} the {following|next} {task|instruction}{ in full|}.',
        '{Give a detailed answer|Be thorough|Cover all that matters}.',
        '{Answer under the heading "### Response"|Start the answer with "### Response"}.',
        '{### Instruction|Instruction|Task}:'],
    'code': [
        '{You are|Act as} {a senior|an expert} {software engineer|developer}.',
        '{Implement|Complete|Carry out} the {change|task} {below|described next} in the '
        'repository.',
        '{Plan first, then edit|Explore the code before you edit|Work step by step with the '
        'tools}.',
        '{Report the final patch in a ```diff block|End with one ```diff block}.',
        '{Issue|Ticket|Task}:']}

# Whole other wordings, used from level 3 on; the format may then also differ by request, as the
# operator's parser knows all of them.
OTHER_WORDINGS = [
    ['{I need|I am looking for} {someone with|the view of someone with} {deep|solid|real} '
     '{knowledge|experience} {here|of this subject}.', '{Think of yourself as|Pretend to be} the '
     '{person|colleague} everybody asks about {this|such things}.'],
    ['{Could you|Can you|Please} {deal with|take care of|look at} {this one|the following|what '
     'comes next}{?| for me?}', '{This|It} {has to be|should be} {done|finished|settled} {properly|'
     'completely|today}.'],
    ['{I want to follow|I would like to see|It matters to me} how you {got|get|come} there'
     '{, in detail|, bit by bit|}.', '{No|Please no} {skipped|missing} {steps|parts}, {the path|'
     'how you work it out} {counts|matters} as much as the {end|outcome}.'],
    ['', '{It is|It concerns|We have}:', '{Now|So}:', '>>>', 'Q:']]
OTHER_FORMATS = {
    'reason': ['{First|Start with} a part called "Working", {then|after that} one called "Result".',
               'JSON with {the|two} keys "steps" and "final", nothing else.',
               '{Close|End} with the boxed {result|final value}, as in a paper.'],
    'trace': ['{The last line|Your last line} {must read|has to be} "Result: ..."'],
    'grade': ['{Just|Only} two lines: "Score: n" {and|then} "Because: ...".',
              '{First|Begin with} the number, then a {dash|colon}, then one sentence.'],
    'broad': ['{Wrap|Put} the {whole|complete} {answer|text} in <output> tags.',
              'JSON with one key, "response".'],
    'code': ['{Give|Show} every changed file {in full|completely} under "=== path".']}

# Item changes used when a public set is too small for a campaign (Evol-Instruct style).
EVOLVE = ('Add one constraint of your own and respect it.', 'Also discuss a counterexample.',
          'Generalise the result.', 'Give two different approaches.', 'Use a concrete example.',
          'Assume the reader is a beginner.', 'Then state where this fails.', 'Answer in Python.',
          'Make the numbers ten times larger.', 'Justify every assumption.', 'Compare both cases.')

ARCHETYPES = {
    'a': dict(flavour='reason', sets=('bank_gsm_train', 'bank_math_bank', 'distill_alpaca')),
    'b': dict(flavour='broad', sets=('distill_alpaca', 'distill_codealpaca',
                                     'distill_gpt_roleplay')),
    'c': dict(flavour='code', sets=('distill_codealpaca', 'distill_alpaca')),
    'd': dict(flavour='reason', sets=('distill_alpaca', 'bank_gsm_train')),
    'e': dict(flavour='reason', sets=('bank_math_bank', 'bank_gsm_train', 'distill_codealpaca',
                                      'distill_alpaca')),
    'f': dict(flavour='trace', sets=('distill_alpaca',)),
    'g': dict(flavour='broad', sets=('distill_gpt_roleplay',)),
    'h': dict(flavour='grade', sets=('distill_alpaca', 'distill_codealpaca')),
    'i': dict(flavour='trace', sets=('distill_alpaca', 'bank_math_bank')),
    'j': dict(flavour='reason', sets=('distill_alpaca',))}


def spin(rng, text):
    """Expands the innermost {a|b} choices until none is left."""
    while '{' in text:
        right = text.index('}')
        left = text.rindex('{', 0, right)
        text = text[:left] + rng.choice(text[left + 1:right].split('|')) + text[right + 1:]
    return text


class WorkList:
    """One campaign's items, each handed out once; varied copies when the sets run out."""

    def __init__(self, rng, data, sets):
        self.rng = rng
        self.raw = [p for s in sets for p in data.sets[s]]
        rng.shuffle(self.raw)
        self.at = 0

    def next(self):
        n, self.at = len(self.raw), self.at + 1
        item = self.raw[(self.at - 1) % n]
        for k in range((self.at - 1) // n):
            item = f'{item} {EVOLVE[(self.at + k) % len(EVOLVE)]}'
        return item


class Template:
    """The text a campaign puts around an item, at its evasion level."""

    def __init__(self, rng, flavour, wordings, level):
        self.pieces, self.level, self.flavour = FLAVOURS[flavour], level, flavour
        self.fixed = [self.make(rng) for _ in range(wordings)]
        self.in_system = rng.random() < .35

    def make(self, rng):
        """(before the item, after the item), escaped."""
        pieces = self.pieces
        if self.level >= 3:
            other = [*OTHER_WORDINGS[:3], OTHER_FORMATS[self.flavour], OTHER_WORDINGS[3]]
            pieces = [rng.choice([p, *o]) for p, o in zip(pieces, other)]
        parts = [spin(rng, p) for p in pieces]
        mark, body = parts[4], parts[:4]
        after = ''
        if self.level >= 4:
            body = [p for i, p in enumerate(body) if i == 3 or rng.random() < .6]
        if self.level >= 3:
            rng.shuffle(body)
        if self.level >= 3 and rng.random() < .4:
            cut = rng.randrange(len(body) + 1)
            body, after = body[:cut], '\n\n' + ' '.join(body[cut:]) if body[cut:] else ''
        head = ' '.join(body)
        if self.level < 4 or rng.random() < .5:
            head = f'{head}\n\n{mark}\n' if head else f'{mark}\n'
        elif head:
            head += '\n\n'
        return esc(head), esc(after)

    def wrap(self, rng, account_rng, item):
        """(system, prompt) of one request; an account keeps to few of the fixed wordings."""
        if not self.fixed:
            head, after = self.make(rng)
        else:
            head, after = self.fixed[account_rng % len(self.fixed)] if rng.random() < .7 \
                else rng.choice(self.fixed)
        if self.in_system and not after and self.level < 4:
            return head, item
        return '', head + item + after


class Campaign:
    """One operator: identities, a schedule, a work list. Subtle parts are chosen by level."""

    def __init__(self, world, letter, level, size):
        self.w, self.letter, self.level, self.size = world, letter, level, size
        self.rng = world.rng(f'campaign {letter} {level}')
        self.b, self.d, self.L = Behaviour(world), world.data, LEVELS[level]
        spec = ARCHETYPES[letter]
        self.name = f'{letter}_level{level}'
        self.pop = (f'campaign_{letter}', None, 'distilling')
        self.work = WorkList(self.rng, self.d, spec['sets'])
        self.template = Template(self.rng, spec['flavour'], self.L['wordings'], level)
        self.lengths = Lengths(self.rng, self.rng.choice(self.d.reason)['out'])
        self.cover = self.L['cover']
        if letter == 'd':    # paying customers outweigh the harvest at every level
            self.cover = (.6, .6, .65, .75, .85)[level]
        if letter in 'fj':   # nearly all traffic is the relay's own users
            self.cover = (.9, .9, .92, .94, .96)[level] if letter == 'f' else 1.
        self.members, self.slots, self.signatures = [], [], []
        self.resources()

    def resources(self):
        """Exits, cards, mail domains, harness programs, sign-up moments: bought in bulk."""
        rng, w, level = self.rng, self.w, self.level
        self.countries = rng.sample(['SG', 'JP', 'US', 'KR', 'HK', 'DE', 'GB', 'TW', 'NL'],
                                    2 + 2 * (level >= 2) + 2 * (level >= 4))
        self.pool = []
        for _ in range(max(3, int(self.size * self.L['exits']))):
            cc = rng.choice(self.countries)
            hosted = rng.random() < (1, .6, 0, 0, 0)[level]
            place = w.server(rng, rng.choice([1, 2]), cc) if hosted else w.home(rng, cc)
            if level >= 3 and rng.random() < .2:
                place = rng.choice(w.carrier[cc])
            if rng.random() < self.L['flagged']:
                place = place._replace(network='proxy')
            self.pool.append(place)
        self.mails = [f'{rng.choice(WORDS)}{rng.choice(WORDS)}-{rng.randrange(900)}.example'
                      if level >= 2 else f'{rng.choice(WORDS)}{rng.randrange(99)}.test'
                      for _ in range((2, 5, 14, 10, 1)[level])]
        self.harness = [choose(rng, w.sdks) if rng.random() < (.4 if level == 0 else .85)
                        else rng.choice(w.tail) for _ in range(self.L['stacks'])]
        if self.letter in 'cg':
            self.harness[0] = choose(rng, w.agents)
        self.browser = [choose(rng, w.browsers) for _ in range(max(1, self.L['stacks'] - 1))]
        if level == 2:  # a browser's name on the harness's own TLS stack
            self.browser = [Program(p.agent, self.harness[0].ja4) for p in self.browser]
        self.params = [(rng.choice([.6, .7, 1., 0.]), rng.choice([4096, 8192, 16000]))
                       for _ in range((1, 2, 3, 1, 1)[level])]
        self.births = self.sign_ups(self.size + self.size // 8)
        self.orgs = [w.unique(rng, 'org_') for _ in range(max(3, self.size // 50))]

    def sign_ups(self, n):
        """Creation times: farm waves when careless, bought aged accounts when not."""
        rng, out = self.rng, []
        while len(out) < n:
            if self.level == 0:
                t, k, gap = T0 - rng.uniform(-.3, 6) * DAY, n // 2 + 1, rng.uniform(20e3, 120e3)
            elif self.level == 1:
                t, k, gap = T0 - rng.uniform(-1, 15) * DAY, n // 6 + 1, rng.uniform(60e3, 600e3)
            elif self.level == 2:
                t, k, gap = T0 - rng.uniform(-2, 32) * DAY, rng.randrange(2, 10), 9e5
            elif self.level == 3:
                t, k, gap = T0 - rng.uniform(-1, 240) * DAY, rng.randrange(1, 4), 4e6
            else:
                t, k, gap = self.w.created(rng, .1), 1, 0
            for _ in range(k):
                out.append(int(t))
                t += gap * (rng.gauss(1, .1) if self.level == 0 else rng.expovariate(1))
        return out[:n]

    def recruit(self, not_before=None):
        """One more identity of the campaign's stock."""
        rng, w, level = self.rng, self.w, self.level
        place = rng.choice(self.pool)
        pathway = choose(rng, self.L['path'] if self.letter != 'b' else [
            ('api', 45), ('web', 25), ('cloud', 18), ('aggregator', 12)])
        if self.letter in 'cghj' and pathway == 'web':
            pathway = 'api'
        kind = 'web' if pathway == 'web' else 'api'
        born = self.births.pop() if self.births else int(w.end - DAY)
        if not_before and born > T0:
            born = int(min(born, not_before - rng.uniform(.1, 2) * HOUR))
        shared, per = self.L['cards']
        card = None
        if rng.random() < shared:
            self.cards = getattr(self, 'cards', None) or [
                w.unique(rng, 'pm_') for _ in range(max(1, int(self.size * shared / per)))]
            card = rng.choice(self.cards)
        over = {'created': born, 'places': [(place, 1.)], 'signup': place, 'pathway': pathway,
                'country': place.country if level >= 2 else rng.choice(self.countries),
                'top': self.L['top'] if self.letter != 'j' else 1.,
                'tools': rng.randrange(8, 20) if self.letter == 'c' else None,
                'programs': None if pathway == 'aggregator' else
                [rng.choice(self.browser if kind == 'web' else self.harness)]}
        if self.letter == 'c' and not over['programs']:
            over.pop('programs')
        if self.L['popular'] is not None:
            over['mail'] = choose(rng, POPULAR_MAIL) if rng.random() < self.L['popular'] \
                else rng.choice(self.mails)
        if level < 2:
            over.update(shape=('a' * rng.randrange(6, 12)) + '0' * 3, device=None)
        over['plan'] = choose(rng, [('pro', 66), ('free', 16 if level < 2 else 9), ('education', 7),
                                    ('startup', 6), ('research', 3), ('team', 2)])
        if card:
            over['payment'] = card
        if self.letter == 'j':
            org = rng.randrange(len(self.orgs))
            over.update(org=self.orgs[org], plan='team', verified=True,
                        mail=f'{WORDS[org % len(WORDS)]}-{self.orgs[org][4:7]}.example',
                        payment='pm_' + self.orgs[org if level >= 2 else 0][4:])
        return self.enlist(w.account(self.pop, rng, kind, **over), kind)

    def enlist(self, a, kind):
        rng = self.rng
        a.campaign = self.name
        a.seat = rng.randrange(1 << 30)
        a.rate = rng.uniform(*self.L['rate'])
        if self.level <= 2 and kind != 'web':
            a.temperature, a.max_tokens = self.params[a.seat % len(self.params)]
            self.w.fragments(a)
        elif kind != 'web':
            a.max_tokens = rng.choice([4096, 4096, 8192, 2048, 16000])
            self.w.fragments(a)
        if self.level < 2 and rng.random() < .7:
            a.billing = 'US'
        if self.letter == 'c' and a.model == TOP:
            r = rng.random()
            hours = rng.uniform(1, 23) if r < .5 else rng.uniform(24, 90) if r < .75 else None
            a.pivot = self.w.release + int(hours * HOUR) if hours else None
        self.members.append(a)
        return a

    # life of the accounts ----------------------------------------------------

    def run(self):
        """Recruits, lays out every account's days, then hands out the work in time order."""
        rng, w = self.rng, self.w
        cut = T0 + int(rng.uniform(.4, .7) * w.days * DAY)
        for k in range(self.size):
            a = self.recruit()
            start = max(T0, a.created + int(rng.expovariate(1 / (1, 6, 30, 24, 10)[self.level])
                                            * HOUR))
            stop = w.end
            if self.level == 3:
                start = max(start, T0 + rng.randrange(2 * DAY))
            if self.level == 4:  # thin, staggered, soon replaced
                start = max(start, int(rng.uniform(T0 - DAY, w.end - DAY)))
                stop = start + int(rng.uniform(1, 3) * DAY)
            if self.letter == 'e':
                start, stop = self.pools(a, k, cut, start, stop)
            self.serve(a, start, stop)
        self.slots.sort(key=lambda s: (s[0], s[1].id))
        for slot in self.slots:
            self.harvest(*slot)

    def pools(self, a, k, cut, start, stop):
        """Archetype e: the first pool dies at `cut`, the second takes over soon after."""
        rng = self.rng
        if k < self.size * .6:
            if start > cut - HOUR:  # level 4 staggers inside the life of the pool
                start = max(T0, a.created, int(rng.uniform(T0, cut - HOUR)))
                stop = start + int(rng.uniform(1, 3) * DAY)
            end = cut + int(rng.gauss(0, .6) * HOUR)
            if rng.random() < .85 and stop > end - (DAY if self.level == 4 else 0):
                a.stop = min(end, stop)
                self.w.act(a, a.stop, 'ban')
            return start, min(stop, end)
        if self.level == 4:
            start = max(a.created, int(rng.uniform(cut, max(cut + HOUR, self.w.end - DAY))))
            return start, start + int(rng.uniform(1, 3) * DAY)
        # A standby is bought before it is needed.
        a.created = min(a.created, cut - rng.randrange(2 * HOUR))
        return max(a.created, cut + int(rng.expovariate(1 / 40) * 60_000)), stop

    def serve(self, a, start, stop):
        """Fills an account's days; a ban ends it and brings a replacement within hours."""
        rng = self.rng
        life = (stop - start) / DAY
        fate = rng.expovariate(self.L['ban'])
        if fate < life and self.births:
            stop = start + int(fate * DAY)
            a.stop = stop
            self.w.act(a, stop, 'ban')
            again = stop + int(rng.expovariate(1 / 5) * HOUR)
            if again < self.w.end - HOUR:
                new = self.recruit(not_before=again)
                self.serve(new, max(again, new.created + HOUR // 6), self.w.end if self.level < 4
                           else again + int(rng.uniform(1, 3) * DAY))
        for day in range(max(0, (start - T0) // DAY), self.w.days):
            low, high = max(start, T0 + day * DAY), min(stop, T0 + (day + 1) * DAY)
            if high - low < HOUR // 2:
                continue
            if self.level >= 2 and rng.random() < (.5, .5, .35)[self.level - 2]:
                a.places = [(rng.choice(self.pool), 1.)] if a.pathway != 'aggregator' else a.places
            if self.level >= 3 and rng.random() < .12:
                continue  # a day off
            self.day(a, day, low, high)

    def day(self, a, day, low, high):
        """Cover first, then the harvest slots of one account and day."""
        rng, share = self.rng, (high - low) / DAY
        total = poisson(rng, a.rate * (share if self.level < 4 else max(share, .5)))
        cover = sum(rng.random() < self.cover for _ in range(total))
        if self.level >= 4 and total and rng.random() < .05:
            cover = total
        self.harvest_times(a, day, low, high, total - cover)
        if not cover:
            return
        relay = self.letter in 'dfj'
        own = a.profile
        while cover > 0:
            if relay:  # end users with hours of their own; the relay keeps a chat on an account
                a.profile = rng.choice(self.d.day_profiles)
            ts = self.b.moment(rng, a, day)
            if not low <= ts < high:
                ts = low + rng.random() * (high - low)
            extra = ''
            if self.letter == 'f' and rng.random() < (.3, .2, .12, .06, .04)[self.level]:
                extra = f',"signature":"{self.signature(a)}"'
            if self.letter == 'c':
                self.b.agent(rng, a, ts, max(2, cover), AGENT_SYSTEM)
                break
            cover -= max(1, self.b.chat(rng, a, ts, limit=cover, extra=extra))
        a.profile = own

    def signature(self, a):
        """Reasoning blocks of stored sessions come back in sessions of other accounts."""
        if self.signatures and self.rng.random() < .6:
            return self.rng.choice(self.signatures[-400:])
        self.signatures.append(f'g{self.rng.getrandbits(48):012x}')
        return self.signatures[-1]

    def harvest_times(self, a, day, low, high, n):
        """Slots by level: rounds in step, jittered rounds, runs by day, human sittings."""
        rng, out = self.rng, []
        if self.letter == 'i':
            n = self.probe_share(a, low, n)
        if n <= 0:
            return
        if self.level <= 1:
            mean = sum(self.L['rate']) / 2
            every = DAY / mean
            wide = 45_000 if self.level == 0 else every * .4
            attend = min(1., n * DAY / (mean * (high - low)))
            for k in range(int(mean)):
                ts = T0 + day * DAY + k * every + rng.random() * wide
                if low <= ts < high and rng.random() < attend:
                    out.append(ts)
        else:
            while len(out) < n:
                ts = self.b.moment(rng, a, day)
                if not low <= ts < high:
                    ts = low + rng.random() * (high - low)
                for _ in range(min(n - len(out), rng.randrange(2, 7) if self.level == 2
                                   else rng.randrange(1, 5))):
                    out.append(ts)
                    ts += 12_000 + rng.expovariate(1 / 30_000) if self.level == 2 else \
                        15_000 + rng.choice(self.d.pauses) * 1000
        if self.letter == 'c':      # a slot is a whole tool loop
            out = out[a.seat % 4::4] or out[:1]
        if self.letter == 'g':
            out = out[a.seat % 3::3] or out[:1]
        env = self.w.env(a, rng)
        self.slots += [(ts, a, env) for ts in out]

    def probe_share(self, a, low, n):
        """Archetype i: a quarter of the accounts search first, then everyone runs."""
        early = low < T0 + .3 * self.w.days * DAY
        if early:
            return n if a.seat % 4 == 0 else 0
        return int(n * 1.3 + .5)

    # one harvested item ------------------------------------------------------

    def harvest(self, ts, a, env):
        rng, letter = self.rng, self.letter
        if letter == 'c':
            return self.tool_loop(a, ts, env)
        if letter == 'g':
            return self.replay(a, ts, env)
        item, extra, refused = self.work.next(), '', False
        if letter == 'b' and ts > T0 + .55 * self.w.days * DAY and not hasattr(self, 'narrow'):
            self.narrow = True
            self.template = Template(rng, 'trace', self.L['wordings'], self.level)
            self.work = WorkList(rng, self.d, ('bank_math_bank', 'bank_gsm_train',
                                               'eval_humaneval'))
        template = self.template
        if letter == 'a' and a.seat % 5 == 0:  # the farm also grades
            self.grader = getattr(self, 'grader', None) or Template(rng, 'grade', self.L[
                'wordings'], self.level)
            template = self.grader
        out = self.lengths.draw(rng)
        if letter == 'h':
            mark = 'Answer' if self.level < 2 else rng.choice(['Answer', 'Response', 'Reply'])
            item = f'{item}\\n\\n{mark}: {rng.choice(self.d.texts)}'
            out = rng.randrange(8, 130)
            extra = ',"echo":true' if rng.random() < (.95, .9, .9, .8, .7)[self.level] else ''
        if letter == 'f':
            extra = f',"echo":true,"signature":"{self.signature(a)}"'
        if letter == 'i' and ts < T0 + .33 * self.w.days * DAY:
            system, prompt = '', self.probe(rng, item)
            refused = rng.random() < (.65, .6, .55, .45, .35)[self.level]
        else:
            system, prompt = template.wrap(rng, a.seat, item)
            refused = rng.random() < .012
        if refused:
            out = rng.randrange(15, 80)
        cap = a.max_tokens if a.kind != 'web' else 8192
        session = f's{rng.getrandbits(44):011x}'
        self.w.put(a, ts, env, (len(prompt) + len(system)) // 4 + 7, min(out, cap), prompt, system,
                   session, 0, 0, extra, refused=refused)

    def probe(self, rng, item):
        """A one-off variant. Harmless stand-ins: only the variety and the refusals matter."""
        style = spin(rng, '{Write|Frame|Phrase|Present} the answer as {a dialogue|a letter|a story|'
                          'a lecture|notes|a checklist|a play|a diary} {for|by} {a pilot|a chef|'
                          'a student|an editor|a robot|two friends|a judge|a coach}')
        return esc(f'{style} ({rng.choice(WORDS)} {rng.choice(WORDS)}). '
                   f'{rng.choice(FORMATS)} {rng.choice(TASKS)} it afterwards.\n\n') + item

    def tool_loop(self, a, ts, env):
        """Archetype c: an agentic task with tools, the context growing as in real sessions."""
        rng = self.rng
        real = rng.choice(self.d.code_sessions)
        system, prompt = self.template.wrap(rng, a.seat, self.work.next())
        session, base = f's{rng.getrandbits(44):011x}', int(rng.lognormvariate(9.6, .7))
        held, sign = 0, f'g{rng.getrandbits(48):012x}'
        for turn in range(min(len(real), rng.randrange(2, 7))):
            out = real[turn][2]
            tin = base + len(prompt) // 4
            extra = f',"signature":"{sign}"' if turn and rng.random() < .5 else ''
            self.w.put(a, ts, env, tin, out, prompt if turn == 0 else None, system, session, turn,
                       held, extra)
            held, base = tin // 64 * 64, base + out + rng.randrange(60, 2400)
            ts += 2500 + out * 16 + rng.expovariate(1 / 4000)

    def replay(self, a, ts, env):
        """Archetype g: a stored session sent again turn by turn; think time only when hiding."""
        rng = self.rng
        r = rng.random()
        if r < .15:
            turns = rng.choice(self.d.moss)
        elif r < .2:
            turns = rng.choice(self.d.oasst_trees)[:5]
        else:
            turns = [self.b.speech.first(rng)] + [self.b.speech.later(rng) for _ in range(
                min(8, len(rng.choice(self.d.chats))) - 1)]
        system, mark = ('', '')
        if self.level < 4 and self.template.fixed:
            system = self.template.fixed[a.seat % len(self.template.fixed)][0]
        session, history = f's{rng.getrandbits(44):011x}', len(system) // 4
        for turn, prompt in enumerate(turns):
            out, mine = self.lengths.draw(rng), len(prompt) // 4 + 4
            extra = ',"echo":true' if turn and rng.random() < .55 else mark
            self.w.put(a, ts, env, history + mine, out, prompt, system, session, turn, 0, extra)
            history += mine + rng.choice(self.d.azure_conv_out)
            pause = (1500, 3000, 9000, 0, 0)[self.level] * math.exp(rng.gauss(0, .4))
            ts += 900 + out * 15 + (pause or rng.choice(self.d.pauses) * 1000)


# ------------------------------------------------------------------------------ program

def write_output(world, folder):
    """Accounts that sent something, everything in time order, and the labels."""
    os.makedirs(folder, exist_ok=True)
    active = [a for a in world.accounts if a.n]
    silent = {a.id for a in world.accounts if not a.n}
    for a in active:
        world.write_account(a)
    days_ago = {OLD: 420, MID: 150, SMALL: 150, TOP: 95}
    releases = [(T0 - d * DAY, m) for m, d in days_ago.items()] + [(world.release, NEW_TOP)]
    world.lines += [f'{{"ts":{ts},"type":"release","model":"{m}"}}' for ts, m in releases]
    world.lines.sort()  # every line starts with a 13-digit ts; account records before exchanges
    with open(os.path.join(folder, 'events.jsonl'), 'w', encoding='utf-8') as f:
        for line in world.lines:
            if '"type":"action"' in line[:50] and json.loads(line)['account'] in silent:
                continue
            f.write(line)
            f.write('\n')
    with open(os.path.join(folder, 'labels.jsonl'), 'w', encoding='utf-8') as f:
        for a in active:
            row = {'account': a.id, 'population': a.pop, 'truth': a.truth, 'campaign': a.campaign,
                   'stratum': a.stratum}
            f.write(json.dumps({k: v for k, v in row.items() if v}) + '\n')
    return active


def summary(world, active):
    """Counts per population, to see at a glance whether the set is plausible."""
    table = collections.OrderedDict()
    for a in active:
        row = table.setdefault((a.truth, a.stratum or '', a.pop), [0, 0, 0.])
        row[0] += 1
        row[1] += a.n
        row[2] += len(a.active)
    print(f'{"truth":<11}{"stratum":<8}{"population":<22}{"accounts":>9}{"exchanges":>11}'
          f'{"a day*":>8}')
    for (truth, stratum, pop), (n, x, days) in table.items():
        print(f'{truth:<11}{stratum:<8}{pop:<22}{n:>9}{x:>11}{x / days:>8.2f}')
    print(f'total: {len(active)} accounts, {sum(a.n for a in active)} exchanges, '
          f'{world.days} days (* per account and day with traffic)')


def options():
    p = argparse.ArgumentParser(description=__doc__.split('\n', 1)[0])
    p.add_argument('--data', required=True, help='folder with prompts/ and traffic/')
    p.add_argument('--seed', type=int, required=True)
    p.add_argument('--evasion', type=int, required=True, choices=range(5))
    p.add_argument('--out', required=True)
    p.add_argument('--scale', type=float, default=1.)
    p.add_argument('--days', type=int, default=7)
    p.add_argument('--campaigns', help='archetypes, such as a,c,e; default a,c,e,h and one more')
    p.add_argument('--summary', action='store_true')
    o = p.parse_args()
    if o.days < 2 or o.days > 14 or o.scale <= 0:
        p.error('--days must be 2 to 14 and --scale above 0')
    letters = o.campaigns.split(',') if o.campaigns else \
        ['a', 'c', 'e', 'h', 'bdfgij'[o.seed % 6]]
    if o.campaigns in ('', 'none'):
        letters = []
    if set(letters) - set(ARCHETYPES) or len(set(letters)) != len(letters):
        p.error('--campaigns takes letters a to j, each once, or none')
    o.letters = letters
    return o


def main():
    o = options()
    data = Data(o.data)
    world = World(data, o.seed, o.days, o.scale)
    honest = Honest(world)
    honest.run()
    sizes = world.rng('sizes')
    for letter in o.letters:
        size = max(10, round(sizes.triangular(150, 600, 400) * o.scale))
        Campaign(world, letter, o.evasion, size).run()
    honest.enforcement()
    active = write_output(world, o.out)
    if o.summary:
        summary(world, active)


if __name__ == '__main__':
    main()
