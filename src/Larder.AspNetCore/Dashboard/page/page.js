import { el, sparkline, stack, latencies, life } from './charts.js';

const $ = id => document.getElementById(id);
const slots = 120;                                           // of the plots: two minutes at a figure a second
let token = '', showsValues = false, paused = false;

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const number = value => Math.abs(value) < 100_000 ? whole.format(value) : short.format(value);
const rate = value => value === 0 ? '0' : value < 10 ? value.toFixed(1) : number(value);
const percent = share => share == null ? '–' : `${(share * 100).toFixed(share > .9995 || share < .0005 ? 0 : 1)} %`;
const time = seconds => seconds == null ? '–' : seconds < .001 ? `${Math.round(seconds * 1e6)} µs` : seconds < 1 ? `${(seconds * 1e3).toFixed(seconds < .01 ? 1 : 0)} ms` : `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
function duration(seconds) {
  if (seconds == null) return 'ever';
  if (seconds < 100) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}

function say(text, isBad = false) {
  const toast = el('p', { class: isBad ? 'bad' : '' }, text);
  $('toasts').append(toast);
  setTimeout(() => toast.remove(), 6000);
}

// Asks, and has it done. The button that was pressed has the focus again afterwards.
let agreed = null;
function confirmed(title, text, verb) {
  $('confirm-title').textContent = title;
  $('confirm-text').textContent = text;
  $('confirm-yes').textContent = verb;
  const dialog = $('confirm');
  return new Promise(resolve => {
    agreed = false;
    dialog.addEventListener('close', () => resolve(agreed), { once: true });
    dialog.showModal();
    $('confirm-no').focus();
  });
}
$('confirm-no').addEventListener('click', () => $('confirm').close());
$('confirm-yes').addEventListener('click', () => { agreed = true; $('confirm').close(); });

async function wish(action, cache, more = {}) {
  try {
    const response = await fetch(action, { method: 'POST', headers: { 'content-type': 'application/json', 'X-Larder-Token': token }, body: JSON.stringify({ cache, ...more }) });
    if (response.status === 401 || response.status === 403) throw new Error('You may not do that. Log in again.');
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.message);
    return answer;
  } catch (error) {
    say(error.message, true);
    return null;
  }
}
async function act(action, cache, title, text, verb, more) {
  if (!await confirmed(title, text, verb)) return null;
  const answer = await wish(action, cache, more);
  if (answer) say(`${cache}: ${answer.message}`);
  return answer;
}

const breakers = { Closed: 'closed', Open: 'open', HalfOpen: 'trying', Isolated: 'isolated' };
const breakerWords = { Closed: 'The source is asked.', Open: 'The source is left alone', HalfOpen: 'A few calls try the source.', Isolated: 'The source is left alone until it is reset.' };
const findings = { Hit: 'fresh', Stale: 'stale', Expired: 'a fallback', Absent: 'known to be absent', Miss: 'not here' };

function figure(name, title) {
  const value = el('dd', {}, '–'), node = el('div', { title }, el('dt', {}, name), value);
  return { node, set(text, tone) { value.textContent = text; node.className = tone ?? ''; } };
}

class Panel {
  constructor(figures, index) {
    const { name } = figures, id = `cache-${index}`;
    this.name = name;
    this.ratios = [];
    this.times = [];
    this.ratio = el('strong', { class: 'ratio' }, '–');
    this.reads = el('span', { class: 'soft' });
    this.spark = sparkline(`Hit ratio of ${name} over the last two minutes`, slots);
    this.requests = stack('Reads a second', [
      { name: 'hits', colour: 'fresh' }, { name: 'stale', colour: 'stale' }, { name: 'absent', colour: 'absent' }, { name: 'misses', colour: 'miss' }, { name: 'expired', colour: 'expired' }], rate);
    this.ages = stack('Entries by age', [
      { name: 'fresh', colour: 'fresh' }, { name: 'stale', colour: 'stale' }, { name: 'expired', colour: 'expired' }, { name: 'absent', colour: 'absent' }], number);
    this.held = el('span', { class: 'value' });
    this.capacity = el('rect', { class: 'used', y: 0, x: 0, height: 6, width: 0 });
    this.lat = latencies(slots);
    this.p50 = el('b', {}, '–');
    this.p99 = el('b', {}, '–');
    this.figures = {
      inFlight: figure('in flight', 'Loads under way'), loads: figure('loads', 'Loads that ended with a value or an absence'), failures: figure('failures', 'Loads that threw or timed out'),
      fallbacks: figure('fallbacks', 'Reads served an expired value because the source could not be asked'), refreshes: figure('refreshes', 'Refreshes begun behind a reader’s back'), joins: figure('joins', 'Reads that waited for a load of another'),
      evictions: figure('evictions', 'Entries that left because the cache was full'), expirations: figure('expirations', 'Entries that left because their time was over'), invalidations: figure('invalidations', 'Entries removed by hand, by code or by another process'),
    };
    this.breaker = this.breakerTile();
    this.tiers = el('tbody');
    this.tierTable = el('table', { hidden: true }, el('caption', {}, 'Tiers'),
      el('thead', {}, el('tr', {}, ...['tier', 'state', 'found', 'a read takes', 'waiting'].map(head => el('th', { scope: 'col' }, head)))), this.tiers);
    this.links = el('p', { class: 'links soft', hidden: true });
    this.node = el('article', { 'aria-labelledby': id, 'data-cache': name },
      el('div', { class: 'head' }, el('h2', { id }, name), el('code', {}, `${figures.keyType} → ${figures.valueType}`), this.breaker.chip),
      el('div', { class: 'top-row' }, el('div', { class: 'number' }, this.ratio, el('span', { class: 'soft' }, 'hit ratio'), this.reads), this.spark.node),
      el('section', { class: 'when-read' }, el('h3', {}, 'Reads a second'), this.requests.node),
      el('section', {}, el('h3', {}, 'Entries', this.held), this.ages.node,
        el('svg', { class: 'capacity', viewBox: '0 0 1000 6', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, el('rect', { class: 'room', width: 1000, height: 6 }), this.capacity)),
      this.latencySection = el('section', { hidden: !figures.loads }, el('h3', {}, 'Load latency', el('span', { class: 'value' }, el('i', { class: 'median' }), 'p50 ', this.p50, '  ', el('i', { class: 'slow' }), 'p99 ', this.p99)), this.lat.node),
      el('dl', { class: 'figures' }, ...Object.values(this.figures).map(f => f.node)),
      this.breaker.node, this.tierTable, this.links, this.keySection(figures));
  }

  breakerTile() {
    const state = el('strong', {}), words = el('span', { class: 'soft' }), chip = el('span', { class: 'chip', hidden: true });
    const isolate = el('button', { type: 'button', class: 'quiet', onclick: () => act('isolate', this.name, `Isolate the breaker of ${this.name}?`, 'The source is not asked any more, by this cache and those that share the breaker, until the breaker is reset. Cached values are served.', 'Isolate') }, 'Isolate');
    const reset = el('button', { type: 'button', class: 'quiet', onclick: () => act('reset', this.name, `Reset the breaker of ${this.name}?`, 'The breaker closes, and the source is asked again at once.', 'Reset') }, 'Reset');
    const node = el('div', { class: 'breaker', hidden: true }, el('div', {}, el('span', { class: 'lamp', 'aria-hidden': 'true' }), el('div', {}, el('span', { class: 'soft' }, 'Breaker '), state, el('br'), words)), el('div', { class: 'row' }, isolate, reset));
    return {
      node, chip, set(breaker) {
        node.hidden = !breaker;
        chip.hidden = !breaker || breaker.state === 'Closed';
        if (!breaker) return;
        node.dataset.state = chip.dataset.state = breaker.state;
        state.textContent = breakers[breaker.state];
        chip.textContent = `breaker ${breakers[breaker.state]}`;
        words.textContent = breakerWords[breaker.state] + (breaker.state === 'Open' ? breaker.retryAfter > 0 ? ` for ${duration(breaker.retryAfter)} more.` : ' until the next read tries.' : '');
        isolate.disabled = breaker.state === 'Isolated';
        reset.disabled = breaker.state === 'Closed';
      },
    };
  }

  keySection(figures) {
    const clear = el('button', { type: 'button', class: 'quiet danger', onclick: () => act('clear', this.name, `Clear ${this.name}?`, `All ${number(this.count ?? 0)} entries go, here and in its tiers. What is read next must be loaded anew.`, 'Clear it') }, 'Clear the cache');
    if (!figures.readsKeys) return el('section', { class: 'keys' }, el('p', { class: 'soft' }, `Keys of type ${figures.keyType} cannot be typed in.`), clear);
    const key = el('input', { type: 'text', required: true, maxlength: 1000, autocomplete: 'off', spellcheck: 'false', placeholder: `a ${figures.keyType} key`, 'aria-label': `Key to look up in ${this.name}` });
    const value = showsValues ? el('input', { type: 'checkbox' }) : null;
    const result = el('div', { class: 'finding', 'aria-live': 'polite', hidden: true });
    const look = async () => {
      const answer = await wish('look-up', this.name, { key: key.value, withValue: value?.checked ?? false });
      result.hidden = !answer;
      if (answer) this.show(result, answer.finding, look);
    };
    return el('section', { class: 'keys' },
      el('form', { onsubmit: event => { event.preventDefault(); look(); } }, key, value && el('label', {}, value, ' with its value'), el('button', {}, 'Look up'), clear), result);
  }

  show(result, found, again) {
    const isHere = found.status !== 'Miss', buttons = el('div', { class: 'row' });
    const then = (action, title, text, verb) => async () => { if (await act(action, this.name, title, text, verb, { key: found.key })) await again(); };
    if (isHere) buttons.append(el('button', { type: 'button', class: 'quiet danger', onclick: then('remove', `Remove ${found.key}?`, `It goes from ${this.name} and its tiers, and is loaded anew when it is read next.`, 'Remove it') }, 'Remove'));
    if (this.canRefresh) buttons.append(el('button', { type: 'button', class: 'quiet', onclick: then('refresh', `Refresh ${found.key}?`, 'It is loaded from the source now.', 'Refresh it') }, isHere ? 'Refresh' : 'Load it'));
    const facts = !isHere ? [] : [
      found.age == null ? null : `${duration(found.age)} old`,
      found.status === 'Absent' ? `remembered for ${duration(found.keptFor)} more` : found.freshFor === 0 ? null : `fresh for ${duration(found.freshFor)}`,
      found.status === 'Stale' ? `served for ${duration(found.servedFor)} more` : null,
      found.status === 'Expired' ? `kept for ${duration(found.keptFor)} more` : null,
      found.loadTime > 0 ? `took ${time(found.loadTime)} to load` : null, found.tier ? `in ${found.tier}` : null].filter(Boolean);
    result.replaceChildren(...[
      el('p', {}, el('b', {}, found.key), ' is ', el('span', { class: `word ${found.status}` }, findings[found.status]), facts.length ? `: ${facts.join(', ')}.` : '.'),
      isHere ? life(found, duration) : null,
      found.value == null ? null : el('pre', { tabindex: 0, 'aria-label': `The value of ${found.key}` }, found.value), buttons].filter(Boolean));
  }

  update(figures) {
    const { recent, total, ages } = figures, f = this.figures;
    this.canRefresh = figures.canRefresh;
    this.count = ages.total;
    const reads = recent.hits + recent.stale + recent.absent + recent.misses + recent.expired;
    this.push(this.ratios, recent.hitRatio);
    this.push(this.times, { p50: recent.p50, p99: recent.p99 });
    // What nobody has read for as long as the plot reaches back takes little room.
    this.node.dataset.idle = this.ratios.every(value => value == null) && figures.inFlight === 0;
    this.ratio.textContent = percent(recent.hitRatio ?? (reads === 0 && total.hits + total.misses > 0 ? total.hitRatio : null));
    this.reads.textContent = reads > 0 ? `${rate(reads)} reads a second` : 'nobody reads now';
    this.spark.draw(this.ratios);
    this.requests.draw([recent.hits, recent.stale, recent.absent, recent.misses, recent.expired]);
    this.ages.draw([ages.fresh, ages.stale, ages.expired, ages.absent]);
    const share = figures.weight / figures.capacity;
    this.held.textContent = `${number(figures.weight)} of ${number(figures.capacity)} · ${Math.round(share * 100)} %`;
    this.capacity.setAttribute('width', Math.min(1, share) * 1000);
    this.latencySection.hidden = this.times.every(point => point.p50 == null);
    this.p50.textContent = time(recent.p50);
    this.p99.textContent = time(recent.p99);
    this.lat.draw(this.times);
    f.inFlight.set(number(figures.inFlight), figures.inFlight > 0 ? 'busy' : '');
    f.loads.set(number(total.loads));
    f.failures.set(number(total.loadFailures), recent.failures > 0 ? 'bad' : '');
    f.fallbacks.set(number(total.fallbacks), recent.fallbacks > 0 ? 'warn' : '');
    f.refreshes.set(number(total.refreshesStarted));
    f.joins.set(number(total.joins));
    for (const key of ['inFlight', 'loads', 'failures', 'fallbacks', 'refreshes', 'joins']) f[key].node.hidden = !figures.loads;
    f.evictions.set(number(total.evictions));
    f.expirations.set(number(total.expirations));
    f.invalidations.set(number(total.invalidations));
    this.breaker.set(figures.breaker);
    this.node.dataset.trouble = figures.breaker && figures.breaker.state !== 'Closed';
    this.updateTiers(figures.tiers);
    this.updateLinks(figures);
  }

  push(series, value) {
    series.push(value);
    if (series.length > slots) series.shift();
  }

  updateTiers(tiers) {
    this.tierTable.hidden = tiers.length === 0;
    this.tiers.replaceChildren(...tiers.map(tier => {
      const asked = tier.hits + tier.misses;
      const state = tier.mustBeCleared ? 'must be cleared' : tier.breaker === 'Closed' ? 'in use' : tier.breaker === 'Open' ? 'bypassed' : breakers[tier.breaker];
      return el('tr', {}, el('th', { scope: 'row' }, tier.name), el('td', {}, el('span', { class: state === 'in use' ? 'good' : 'bad' }, state)),
        el('td', { title: `${number(tier.hits)} of ${number(asked)}` }, asked ? percent(tier.hits / asked) : '–'), el('td', {}, tier.reads ? time(tier.readSeconds / tier.reads) : '–'), el('td', {}, number(tier.waiting)));
    }));
  }

  updateLinks({ coherence, writing }) {
    const said = [];
    if (writing) said.push(`Writes: ${number(writing.written)} written, ${number(writing.waiting)} waiting${writing.deadLetters ? `, ${number(writing.deadLetters)} given up` : ''}.`);
    if (coherence) said.push(`${coherence.isLinked ? 'Linked to other processes' : 'NOT linked to other processes'}: ${number(coherence.heard)} invalidations heard, ${number(coherence.told)} told.`);
    this.links.hidden = said.length === 0;
    this.links.textContent = said.join(' ');
  }
}

const panels = new Map();
let made = 0;
const reads = total => total.hits + total.staleHits + total.absentHits + total.misses + total.expiredReads;
function show({ caches }) {
  for (const [name, panel] of panels) if (!caches.some(cache => cache.name === name)) { panel.node.remove(); panels.delete(name); }
  // The busiest first, as they were when they came; nobody wants them to change places later.
  for (const cache of caches.filter(cache => !panels.has(cache.name)).sort((a, b) => reads(b.total) - reads(a.total))) {
    panels.set(cache.name, new Panel(cache, made++));
    $('caches').append(panels.get(cache.name).node);
  }
  for (const cache of caches) panels.get(cache.name).update(cache);
  $('none').hidden = caches.length > 0;
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

function state(text, isLive) {
  if ($('state').textContent !== text) $('state').textContent = text;
  $('state').classList.toggle('live', isLive);
}
const feed = new EventSource('feed');
feed.addEventListener('greeting', event => {
  const greeting = JSON.parse(event.data);
  ({ token, showsValues } = greeting);
  $('application').textContent = greeting.application;
  $('instance').textContent = greeting.instance;
});
feed.addEventListener('figures', event => {
  if (paused) return;
  state('live', true);
  show(JSON.parse(event.data));
});
feed.onerror = () => state(feed.readyState === EventSource.CLOSED ? 'disconnected: load the page again' : 'reconnecting', false);
addEventListener('pagehide', () => feed.close());

$('pause').addEventListener('click', event => {
  paused = !paused;
  event.target.setAttribute('aria-pressed', paused);
  event.target.textContent = paused ? 'Go on' : 'Pause';
  state(paused ? 'paused' : 'live', !paused);
});
const theme = localStorage.getItem('larder-theme');
if (theme) document.documentElement.dataset.theme = theme;
$('theme').addEventListener('click', () => {
  const isDark = getComputedStyle(document.documentElement).colorScheme === 'dark'
    || (document.documentElement.dataset.theme === undefined && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = isDark ? 'light' : 'dark';
  localStorage.setItem('larder-theme', document.documentElement.dataset.theme);
});
