// The page: what comes by the feed, and where it goes.
import { Layout } from './layout.js';
import { Panel } from './panel.js';
import { number, percent, rate } from './words.js';
import { session } from './asking.js';

const $ = id => document.getElementById(id);
const many = 6;                                              // From more caches than these on, each is folded, and there is a list of them.
const layout = new Layout($('caches'));
const panels = new Map();
let made = 0, paused = false, calm = 0, isFirst = true;
const reads = total => total.hits + total.staleHits + total.absentHits + total.misses + total.expiredReads;
const isNarrow = () => innerWidth < 480;

function show({ caches }) {
  // The busiest first, as they were when they came; nobody wants them to change places later.
  const left = [...panels.keys()].filter(name => !caches.some(cache => cache.name === name));
  const come = caches.filter(cache => !panels.has(cache.name)).sort((a, b) => reads(b.total) - reads(a.total));
  for (const name of left) {
    panels.get(name).node.remove();
    panels.get(name).pill.remove();
    panels.delete(name);
  }
  for (const cache of come) {
    const panel = new Panel(cache, made++, caches.length > many || (isNarrow() && caches.length > 2));
    panels.set(cache.name, panel);
    $('caches').append(panel.node);
    $('pills').append(panel.pill);
  }
  for (const cache of caches) panels.get(cache.name).update(cache);
  if (isFirst || left.length + come.length > 0) {
    isFirst = false;
    $('none').hidden = caches.length > 0;
    $('index').hidden = caches.length <= many;
    filter();
    calm = 0;
  } else if (++calm === 3) {
    layout.resettle();                                       // By now they show all that they have.
  }
  overview(caches);
}

function filter() {
  const asked = $('index').hidden ? '' : $('find').value.trim().toLowerCase();
  for (const panel of panels.values()) panel.node.hidden = panel.pill.hidden = !panel.name.toLowerCase().includes(asked);
  $('unfound').hidden = [...panels.values()].some(panel => !panel.node.hidden) || panels.size === 0;
  layout.set([...panels.values()].map(panel => panel.node));
}
$('find').addEventListener('input', filter);
$('unfold').addEventListener('click', () => {
  const isFolded = [...panels.values()].some(panel => !panel.isFolded);
  for (const panel of panels.values()) panel.fold(isFolded, true);
  $('unfold').textContent = isFolded ? 'All details' : 'No details';
});
addEventListener('keydown', event => {
  if (event.key !== '/' || event.target.matches('input') || $('index').hidden || $('confirm').open) return;
  event.preventDefault();
  $('find').focus();
});

function overview(caches) {
  const sum = of => caches.reduce((total, cache) => total + of(cache.recent), 0);
  const served = sum(r => r.hits + r.stale + r.absent), all = served + sum(r => r.misses + r.expired);
  const open = caches.filter(cache => cache.breaker && cache.breaker.state !== 'Closed').length;
  $('all-ratio').textContent = all > 0 ? percent(served / all) : '–';
  $('all-reads').textContent = rate(all);
  $('all-loads').textContent = rate(sum(r => r.loads));
  $('all-breakers').textContent = open;
  $('all-breakers').parentElement.classList.toggle('bad', open > 0);
  document.title = `${open > 0 ? '⚠ ' : ''}Larder${all > 0 ? ` ${percent(served / all)}` : ''}`;
}

// What is shown is either of now, or dimmed and said to be old.
const patience = () => Math.max(5, 3 * session.seconds) * 1000;
let feed, heard = Date.now(), again = 0;

function state(text, tone) {
  if ($('state').textContent !== text) $('state').textContent = text;
  $('state').className = `state ${tone}`;
  document.body.dataset.old = tone === 'lost';
}

function lost() {
  const seconds = Math.round((Date.now() - heard) / 1000);
  state(seconds < 60 ? 'no answer, trying again' : `no answer for ${Math.round(seconds / 60)} min, trying again`, 'lost');
}

function connect() {
  feed = new EventSource('feed');
  feed.addEventListener('greeting', event => {
    const greeting = JSON.parse(event.data);
    Object.assign(session, { token: greeting.token, showsValues: greeting.showsValues, seconds: greeting.intervalSeconds });
    $('application').textContent = greeting.application;
    $('instance').textContent = greeting.instance;
  });
  feed.addEventListener('figures', event => {
    heard = Date.now();
    state(paused ? 'paused' : 'live', paused ? '' : 'live');
    if (!paused) show(JSON.parse(event.data));
  });
  feed.onerror = () => {
    lost();
    // The browser tries again by itself where nobody answers, but not where somebody says no: a proxy whose server restarts, say.
    if (feed.readyState !== EventSource.CLOSED) return;
    clearTimeout(again);
    again = setTimeout(connect, 3000);
  };
}
connect();
setInterval(() => { if (panels.size > 0 && Date.now() - heard > patience()) lost(); }, 1000);
addEventListener('pagehide', () => feed.close());

$('pause').addEventListener('click', event => {
  paused = !paused;
  event.target.setAttribute('aria-pressed', paused);
  event.target.textContent = paused ? 'Go on' : 'Pause';
  state(paused ? 'paused' : 'live', paused ? '' : 'live');
});
const theme = localStorage.getItem('larder-theme');
if (theme) document.documentElement.dataset.theme = theme;
$('theme').addEventListener('click', () => {
  const isDark = getComputedStyle(document.documentElement).colorScheme === 'dark'
    || (document.documentElement.dataset.theme === undefined && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = isDark ? 'light' : 'dark';
  localStorage.setItem('larder-theme', document.documentElement.dataset.theme);
});
