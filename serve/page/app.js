/* The dashboard. Every text that comes from the server reaches the page as textContent, so that no
 * account id can become markup; nothing is asked from anywhere but this server. */
'use strict';

const STATUS_MS = 1000, CLUSTERS_MS = 3000, DETAIL_MS = 5000, RETRY_MS = 2000, NOTICE_MS = 6000;
const HOUR_MS = 3600000;
const FINDINGS_SHOWN = 100, CLUSTERS_SHOWN = 200, MEMBERS_SHOWN = 1000, RATES_KEPT = 120, RASTER_ROWS = 60, ROW_PX = 20;
const LABELS = ['distilling', 'abusive', 'benign'];
const byId = (id) => document.getElementById(id);
const view = { chosen: null, clusters: [], rates: [], detail: null, token: sessionStorage.getItem('token') };

/* ---- small things ---- */

/* An element with properties and children; a text child is text, whatever it holds. */
function make(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (name === 'class') element.className = value;
    else if (name === 'onclick') element.addEventListener('click', value);
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

const count = (n) => (n === null || n === undefined ? '–' : Math.round(n).toLocaleString('en-US'));
const compact = (n) => (n < 10000 ? count(n)
  : n.toLocaleString('en-US', { notation: 'compact', maximumFractionDigits: 1 }));

/* Never a false 100 %. */
function percent(p) {
  if (p > 0.9999) return '> 99.99 %';
  if (p < 0.0001) return '< 0.01 %';
  return `${(100 * p).toFixed(p > 0.99 || p < 0.01 ? 2 : 1)} %`;
}

const time = (ms) => (ms === null || ms === undefined ? '–'
  : new Date(ms).toISOString().slice(0, 16).replace('T', ' '));
const span = (s) => (s < 60 ? `${Math.max(s, 0).toFixed(0)} s` : s < 7200 ? `${(s / 60).toFixed(0)} min`
  : s < 172800 ? `${(s / 3600).toFixed(0)} h` : `${(s / 86400).toFixed(0)} d`);
const words = (signal) => signal.replaceAll('_', ' ');
const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const nats = (weight) => (weight < 0 ? '−' : '+') + Math.abs(weight).toFixed(2);
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/* Characters that turn or hide text are shown as what they are. */
const plain = (text) => String(text).replace(
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
  (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

function badge(level) {
  return make('span', { class: `badge ${level}` }, level);
}

function notice(text, bad) {
  const p = byId('notice');
  p.textContent = text;
  p.className = bad ? 'bad' : '';
  p.hidden = !text;
  clearTimeout(notice.timer);
  if (text && !bad) notice.timer = setTimeout(() => notice(''), NOTICE_MS);
}

/* ---- the server ---- */

class Failure extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function ask(path, options) {
  const headers = { ...(view.token ? { Authorization: `Bearer ${view.token}` } : {}),
    ...(options?.headers || {}) };
  const answer = await fetch(path, { ...options, headers, cache: 'no-store', credentials: 'omit' });
  if (answer.ok) return answer;
  let message = `status ${answer.status}`;
  try {
    message = (await answer.json()).error;
  } catch { /* no words from the server: the status has to do */ }
  if (answer.status === 401) askForToken(view.token ? 'The server does not know this token.' : '');
  throw new Failure(answer.status, message);
}

const read = async (path) => (await ask(path)).json();

function askForToken(why) {
  byId('sign-in').hidden = false;
  byId('token-error').textContent = why;
  if (!byId('token-dialog').open) byId('token-dialog').showModal();
}

/* Calls `task` again and again; while it fails the page says so. */
async function repeat(task, pause) {
  for (;;) {
    try {
      if (!document.hidden && !byId('token-dialog').open) await task();
    } catch (error) {
      if (!(error instanceof Failure)) setState('unreachable', 'act');
      else if (error.status === 404 && task === detailUpdate) detailGone(error);
      else if (error.status !== 401) notice(plain(error.message), true);
    }
    await new Promise((done) => setTimeout(done, pause));
  }
}

/* ---- the tiles ---- */

function setState(text, kind) {
  const p = byId('state');
  if (p.textContent !== text) p.textContent = text;
  p.className = `badge ${kind}`;
}

const TILES = [
  ['rate', 'Records per second'], ['queue', 'Records in the queue'], ['lag', 'Behind the clock'],
  ['accounts', 'Accounts'], ['clusters', 'Clusters at review or act'], ['findings', 'Findings'],
];

function tilesBuild() {
  for (const [id, name] of TILES) {
    const extra = id === 'rate' ? make('canvas', { 'aria-hidden': 'true', id: 'rate-line' })
      : make('small', { id: `tile-${id}-note` });
    byId('tiles').append(make('div', { class: 'tile' },
      make('dl', null, make('dt', null, name), make('dd', { id: `tile-${id}` }, '–')), extra));
  }
}

function canvasSize(canvas, height) {
  const scale = window.devicePixelRatio || 1, width = canvas.clientWidth;
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.round(height * scale);
  const draw = canvas.getContext('2d');
  draw.scale(scale, scale);
  return { draw, width, height };
}

function bars(canvas, values, height) {
  const { draw, width } = canvasSize(canvas, height);
  const most = Math.max(1, ...values), step = width / Math.max(values.length, 1);
  draw.fillStyle = colour('--accent');
  values.forEach((value, i) => {
    const tall = value > 0 ? Math.max(1, (height * value) / most) : 0;
    draw.fillRect(i * step, height - tall, Math.max(1, step - (step > 3 ? 1 : 0)), tall);
  });
}

async function statusUpdate() {
  const s = await read('/v1/status');
  const set = (id, value, note) => {
    byId(`tile-${id}`).textContent = value;
    if (note !== undefined) byId(`tile-${id}-note`).textContent = note;
  };
  setState(s.state, s.state === 'ready' ? 'good' : 'watch');
  byId('event-time').textContent = s.event_time === null ? 'no events yet' : `events up to ${time(s.event_time)}`;
  const waiting = s.log_frames - s.judged_frames;
  set('rate', compact(s.records_per_s));
  set('queue', compact(s.queue.records),
    `${Math.ceil((100 * s.queue.records) / s.queue.records_max)} % of its room`);
  set('lag', s.event_time === null ? '–' : span(s.event_lag_s),
    `${count(waiting)} ${waiting === 1 ? 'batch' : 'batches'} logged, not judged`);
  set('accounts', compact(s.accounts), `${compact(s.counters.judged)} records judged`);
  set('clusters', compact(s.clusters.review + s.clusters.act), `${compact(s.clusters.watch)} more to watch`);
  set('findings', compact(s.findings), `${compact(s.decisions_standing)} decisions stand`);
  view.rates.push(s.records_per_s);
  view.rates.splice(0, view.rates.length - RATES_KEPT);
  bars(byId('rate-line'), [...Array(RATES_KEPT - view.rates.length).fill(0), ...view.rates], 18);
}

/* ---- clusters ---- */

/* Why, in a line: the strongest evidence in words, or the names of the strongest three. */
function strongest(evidence) {
  const best = evidence.filter((e) => e.signal !== 'prior').sort((a, b) => b.weight - a.weight);
  if (best.length > 0 && best[0].note) return sentence(plain(best[0].note));
  return sentence(best.slice(0, 3).map((e) => words(e.signal)).join(', '));
}

function clusterRow(id) {
  const button = make('button', { type: 'button', 'data-id': id, onclick: () => choose('cluster', id) },
    make('span', { class: 'name' }), make('span', { class: 'badge' }),
    make('canvas', { 'aria-hidden': 'true' }), make('span', { class: 'why' }));
  return make('li', null, button);
}

function clusterFill(button, c) {
  const [name, level, activity, why] = button.children;
  const facts = `${c.id}  ${percent(c.score)}`;
  if (name.textContent !== facts) name.textContent = facts;
  level.textContent = c.level;
  level.className = `badge ${c.level}`;
  const told = c.label ? ` · labelled ${c.label.verdict}` : '';
  why.textContent = `${count(c.member_count)} accounts, ${count(c.exchanges)} exchanges, ` +
    `${c.verdict}${told}. ${strongest(c.evidence)}`;
  button.setAttribute('aria-current', String(view.chosen?.kind === 'cluster' && view.chosen.id === c.id));
  bars(activity, c.activity.hours.slice(-168), 20);
}

/* Rows stay where they are while their cluster keeps its rank, so that the focus does too. */
async function clustersUpdate() {
  const list = byId('cluster-list');
  const page = await read(`/v1/clusters?limit=${CLUSTERS_SHOWN}`);
  const rows = new Map([...list.children].map((li) => [li.firstChild.dataset.id, li]));
  const focused = document.activeElement;
  view.clusters = page.clusters.filter((c) => c.level !== 'none');
  view.clusters.forEach((c, i) => {
    const row = rows.get(c.id) || clusterRow(c.id);
    rows.delete(c.id);
    if (list.children[i] !== row) list.insertBefore(row, list.children[i] || null);
    clusterFill(row.firstChild, c);
  });
  for (const row of rows.values()) row.remove();
  if (focused !== document.activeElement && list.contains(focused)) focused.focus();
  byId('clusters-about').textContent = view.clusters.length === 0
    ? 'None at level watch or above.'
    : `Highest level first, then score${page.cursor === null ? '' : `, of ${count(page.count)}`}.`;
}

/* ---- one cluster or account ---- */

function choose(kind, id) {
  view.chosen = { kind, id };
  for (const button of document.querySelectorAll('#cluster-list button'))
    button.setAttribute('aria-current', String(kind === 'cluster' && button.dataset.id === id));
  byId('detail-title').textContent = plain(id);
  detailUpdate().catch((error) => detailGone(error));
}

function detailGone(error) {
  byId('detail-body').replaceChildren(make('p', { class: 'muted' }, plain(error.message)));
}

function meter(name, p) {
  const bar = make('i');
  bar.style.width = `${100 * p}%`;
  return make('div', { class: 'meter' },
    make('span', null, make('span', null, name), make('b', { class: 'number' }, percent(p))),
    make('div', null, bar));
}

function fact(value, name) {
  return make('span', null, make('b', null, value), ` ${name}`);
}

function reasons(evidence, logOdds) {
  const rows = [...evidence].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight)).map((e) =>
    make('tr', null,
      make('td', { class: `weight ${e.weight < 0 ? 'against' : 'for'}` }, nats(e.weight)),
      make('td', { class: 'signal' }, words(e.signal)),
      make('td', null, sentence(plain(e.note || '')), e.value ? make('span', { class: 'muted' }, ` ${plain(e.value)}`) : null)));
  return make('table', null,
    make('thead', null, make('tr', null, make('th', { scope: 'col' }, 'Nats'),
      make('th', { scope: 'col' }, 'Signal'), make('th', { scope: 'col' }, 'What was seen'))),
    make('tbody', null, ...rows, make('tr', null, make('td', { class: 'weight' }, nats(logOdds)),
      make('td', { colspan: '2', class: 'muted' }, 'log-odds of the score'))));
}

function labelled(label) {
  return label ? make('p', { class: 'muted' },
    `Labelled ${label.verdict}${label.by ? ` by ${plain(label.by)}` : ''}, ${time(label.ts)}.`) : null;
}

function labelButtons(subject, current) {
  return make('div', { class: 'labels', role: 'group', 'aria-label': 'Your verdict' },
    make('span', { class: 'muted' }, 'Your verdict:'),
    ...LABELS.map((label) => make('button', { type: 'button', 'data-label': label,
      'aria-pressed': String(current?.verdict === label), onclick: () => setLabel(subject, label) }, label)));
}

async function setLabel(subject, verdict) {
  const [[kind, id]] = Object.entries(subject);
  try {
    await ask('/v1/labels', { method: 'POST', headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...subject, verdict, by: 'dashboard' }) });
    notice(`${kind === 'cluster' ? `${id} and its members` : plain(id)} labelled ${verdict}.`);
    await Promise.all([detailUpdate(true), clustersUpdate()]);
  } catch (error) {
    notice(`Not labelled: ${plain(error.message)}`, true);
  }
}

function rasterDraw(canvas, raster) {
  const { draw, width } = canvasSize(canvas, raster.rows.length * ROW_PX);
  const most = Math.max(1, ...raster.rows.flatMap((row) => row.hours));
  const step = width / Math.max(raster.hours, 1), rgb = colour('--cell');
  raster.rows.forEach((row, y) => {
    draw.fillStyle = colour('--raised');
    draw.fillRect(0, y * ROW_PX + 1, width, ROW_PX - 2);
    row.hours.forEach((n, x) => {
      if (n === 0) return;
      draw.fillStyle = `rgba(${rgb}, ${0.25 + (0.75 * Math.log1p(n)) / Math.log1p(most)})`;
      draw.fillRect(x * step, y * ROW_PX + 1, Math.max(1, step - (step > 4 ? 1 : 0)), ROW_PX - 2);
    });
  });
}

/* The server's rows begin and end when their account did: here they share one axis. */
function rasterOf(cluster) {
  const known = new Map(cluster.members.map((m) => [m.account, m]));
  const sum = (row) => row.hours.reduce((a, b) => a + b, 0);
  const rows = [...cluster.raster].sort((a, b) => sum(b) - sum(a)).slice(0, RASTER_ROWS);
  const from = Math.min(...rows.map((row) => row.from));
  const hours = Math.max(0, ...rows.map((row) => (row.from - from) / HOUR_MS + row.hours.length));
  return { from, hours, rows: rows.map((row) => ({ account: row.account, known: known.get(row.account),
    hours: [...Array((row.from - from) / HOUR_MS).fill(0), ...row.hours] })) };
}

function rasterBuild(raster) {
  const rows = raster.rows.map(({ account, known }) => make('li', null,
    make('span', { class: `dot ${known ? known.level : ''}`, title: known ? known.level : '' }),
    make('button', { type: 'button', class: 'name', title: plain(account),
      onclick: () => choose('account', account) },
    plain(account) + (known?.label ? ` · ${known.label.verdict}` : ''))));
  const canvas = make('canvas', { role: 'img',
    'aria-label': `Exchanges of ${raster.rows.length} accounts in each of ${raster.hours} hours` });
  const cell = make('p', { class: 'muted', id: 'cell' }, 'Point at a cell for its hour.');
  canvas.style.height = `${raster.rows.length * ROW_PX}px`;
  canvas.addEventListener('mousemove', (event) => {
    const x = Math.floor((event.offsetX / canvas.clientWidth) * raster.hours);
    const row = raster.rows[Math.floor(event.offsetY / ROW_PX)];
    if (row) cell.textContent = `${plain(row.account)}, ${time(raster.from + x * HOUR_MS)}: ` +
      `${count(row.hours[x] || 0)} exchanges`;
  });
  const end = raster.from + raster.hours * HOUR_MS;
  return [make('div', { class: 'raster' }, make('ol', null, ...rows), canvas,
    make('div', { class: 'axis' }, make('span', null, time(raster.from)), make('span', null, time(end)))), cell];
}

function clusterDetail(c) {
  const raster = view.detail.raster;
  return [
    make('div', { class: 'facts' }, badge(c.level), fact(percent(c.score), c.verdict),
      fact(count(c.member_count), 'accounts'), fact(count(c.exchanges), 'exchanges'),
      fact(time(c.first_ts), 'first'), fact(time(c.last_ts), 'last'),
      c.alert_ts === null ? null : fact(time(c.alert_ts), 'alarm')),
    labelButtons({ cluster: c.id }, c.label), labelled(c.label),
    make('div', { class: 'meters' }, meter('One operator', c.answers.one_operator),
      meter('Harvesting', c.answers.harvesting)),
    make('h3', null, 'Reasons'), reasons(c.evidence, c.log_odds),
    ...(raster ? [make('h3', null, `Activity of ${raster.rows.length} accounts`), ...rasterBuild(raster)]
      : [make('h3', null, 'Members'),
        make('p', null, c.members.map((m) => plain(m.account)).join(', '))]),
  ];
}

function accountDetail(a) {
  return [
    make('div', { class: 'facts' }, badge(a.level), fact(percent(a.score), 'probability'),
      fact(count(a.exchanges), 'exchanges'), fact(time(a.first_ts), 'first'), fact(time(a.last_ts), 'last'),
      a.alert_ts === null ? null : fact(time(a.alert_ts), 'alarm')),
    a.cluster ? make('div', { class: 'labels' }, make('span', { class: 'muted' }, 'Member of'),
      make('button', { type: 'button', onclick: () => choose('cluster', a.cluster) }, a.cluster)) : null,
    labelButtons({ account: a.account }, a.label), labelled(a.label),
    make('h3', null, 'Reasons'), reasons(a.evidence, a.log_odds),
  ];
}

/* Rebuilds what is shown, unless nothing has changed; the focus stays on the same thing. */
async function detailUpdate(force) {
  const chosen = view.chosen;
  if (!chosen) return;
  const path = chosen.kind === 'cluster' ? `/v1/clusters/${encodeURIComponent(chosen.id)}?limit=${MEMBERS_SHOWN}`
    : `/v1/accounts/${encodeURIComponent(chosen.id)}`;
  const found = await read(path);
  const text = JSON.stringify([chosen, found]);
  if (chosen !== view.chosen || (!force && text === view.detail?.text)) return;
  view.detail = { text, found, raster: found.raster?.length ? rasterOf(found) : null };
  detailShow();
}

function detailShow() {
  const body = byId('detail-body'), { found } = view.detail;
  const buttons = () => [...body.querySelectorAll('button')];
  const focus = buttons().indexOf(document.activeElement);
  const parts = view.chosen.kind === 'cluster' ? clusterDetail(found) : accountDetail(found);
  body.replaceChildren(...parts.filter((part) => part !== null));
  const canvas = body.querySelector('.raster canvas');
  if (canvas) rasterDraw(canvas, view.detail.raster);
  if (focus >= 0) buttons()[focus]?.focus();
}

/* ---- findings, as they come ---- */

function findingShow(f) {
  const list = byId('finding-list'), subject = f.subject === null ? 'forgotten since' : plain(f.subject);
  const button = make('button', { type: 'button', onclick: () => f.subject !== null && choose(f.kind, f.subject) },
    make('span', { class: 'name' }, subject), badge(f.level),
    make('span', { class: 'why' }, `${time(f.ts)} · ${percent(f.score)}` +
      `${f.kind === 'cluster' ? ` · ${count(f.member_count)} accounts` : ''}. ${strongest(f.evidence)}`));
  list.prepend(make('li', { class: 'new', 'data-id': f.id }, button));
  while (list.children.length > FINDINGS_SHOWN) list.lastChild.remove();
  byId('findings-about').textContent = 'Newest first, as they are raised.';
}

/* One event of a stream: lines of "field: value". */
function eventTake(text, at) {
  let kind = 'message', data = '';
  for (const line of text.split('\n')) {
    const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
    if (field === 'event') kind = value;
    if (field === 'data') data += value;
    if (field === 'id') at.cursor = value;
  }
  if (kind === 'finding' && data) findingShow(JSON.parse(data));
}

/* The stream is read by hand because EventSource cannot send a token. */
async function findingsFollow(at) {
  if (at.cursor === null) at.cursor = Math.max(0, (await read('/v1/status')).findings - FINDINGS_SHOWN);
  const answer = await ask(`/v1/findings/stream?cursor=${encodeURIComponent(at.cursor)}`);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  byId('findings-about').textContent = 'Waiting for the first.';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value.replaceAll('\r', '')).split('\n\n');
    rest = parts.pop();
    for (const part of parts) eventTake(part, at);
  }
}

async function findingsForever() {
  const at = { cursor: null };
  for (;;) {
    try {
      if (!byId('token-dialog').open) await findingsFollow(at);
    } catch { /* the tiles say that the server is away; the stream goes on where it was */ }
    await new Promise((done) => setTimeout(done, RETRY_MS));
  }
}

/* ---- keys, forms, colours ---- */

function chooseNext(step) {
  const buttons = [...document.querySelectorAll('#cluster-list button')];
  const at = buttons.findIndex((b) => view.chosen?.kind === 'cluster' && b.dataset.id === view.chosen.id);
  const next = buttons[Math.min(Math.max(at + step, 0), buttons.length - 1)];
  if (!next) return;
  next.focus();
  choose('cluster', next.dataset.id);
}

function onKey(event) {
  const typing = event.target instanceof HTMLInputElement;
  if (typing || event.ctrlKey || event.metaKey || event.altKey || byId('token-dialog').open) return;
  const label = { d: 'distilling', a: 'abusive', b: 'benign' }[event.key];
  if (event.key === 'j') chooseNext(1);
  else if (event.key === 'k') chooseNext(-1);
  else if (event.key === '/') byId('account').focus();
  else if (label && view.chosen) setLabel({ [view.chosen.kind]: view.chosen.id }, label);
  else return;
  event.preventDefault();
}

function themeTurn() {
  const order = ['auto', 'light', 'dark'];
  const now = document.documentElement.dataset.theme || 'auto';
  themeSet(order[(order.indexOf(now) + 1) % order.length]);
}

function themeSet(theme) {
  const name = `Theme: ${theme}`;
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  localStorage.setItem('theme', theme);
  byId('theme').textContent = name;
  redraw();
}

function redraw() {
  if (view.detail && view.chosen) detailShow();
  for (const c of view.clusters) {
    const button = document.querySelector(`#cluster-list button[data-id="${CSS.escape(c.id)}"]`);
    if (button) clusterFill(button, c);
  }
}

function tokenTake(event) {
  event.preventDefault();
  view.token = byId('token').value;
  sessionStorage.setItem('token', view.token);
  byId('token').value = '';
  byId('token-dialog').close();
  statusUpdate().then(() => notice('')).catch(() => {});
}

function start() {
  tilesBuild();
  themeSet(['light', 'dark'].includes(localStorage.getItem('theme')) ? localStorage.getItem('theme') : 'auto');
  document.addEventListener('keydown', onKey);
  byId('theme').addEventListener('click', themeTurn);
  byId('sign-in').addEventListener('click', () => askForToken(''));
  byId('token-form').addEventListener('submit', tokenTake);
  byId('lookup').addEventListener('submit', (event) => {
    const id = byId('account').value;
    event.preventDefault();
    if (id) choose(/^c[0-9]+$/.test(id) ? 'cluster' : 'account', id);
  });
  window.addEventListener('resize', redraw);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  repeat(statusUpdate, STATUS_MS);
  repeat(clustersUpdate, CLUSTERS_MS);
  repeat(detailUpdate, DETAIL_MS);
  findingsForever();
}

start();
