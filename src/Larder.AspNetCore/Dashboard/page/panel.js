// One cache: its card.
import { advice } from './advice.js';
import { el, sparkline, stack, latencies, life } from './charts.js';
import { act, session, wish } from './asking.js';
import { breakers, breakerWords, duration, findings, number, percent, rate, span, time } from './words.js';

const slots = 120; // of the plots, a figure each

function figure(name, title) {
  const value = el('dd', {}, '–'), node = el('div', { title }, el('dt', {}, name), value);
  return { node, set(text, tone) { value.textContent = text; node.className = tone ?? ''; } };
}

function folds() {
  try {
    return JSON.parse(localStorage.getItem('larder-folds')) ?? {};
  } catch {
    return {};
  }
}

// The gravest of what is wrong with a cache; null if nothing is.
function trouble({ breaker, tiers, coherence }) {
  if (breaker && breaker.state !== 'Closed') return { level: breaker.state === 'HalfOpen' ? 'warn' : 'bad', text: `breaker ${breakers[breaker.state]}` };
  const tier = tiers.find(tier => tier.breaker !== 'Closed' || tier.mustBeCleared);
  if (tier) return { level: 'warn', text: tier.breaker === 'Closed' ? 'a tier must be cleared' : 'a tier is bypassed' };
  return coherence && !coherence.isLinked ? { level: 'warn', text: 'link lost' } : null;
}

export class Panel {
  constructor(figures, index, isFolded) {
    const { name } = figures, id = `cache-${index}`;
    this.name = name;
    this.id = id;
    this.ratios = [];
    this.times = [];
    this.ratio = el('strong', { class: 'ratio' }, '–');
    this.reads = el('span', { class: 'soft' });
    this.spark = sparkline(`Hit ratio of ${name} over the last ${span(slots * session.seconds)}`, slots);
    this.requests = stack('Reads a second', [
      { name: 'hits', colour: 'fresh' }, { name: 'stale', colour: 'stale' }, { name: 'absent', colour: 'absent' }, { name: 'misses', colour: 'miss' }, { name: 'expired', colour: 'expired' }], rate);
    this.ages = stack('Entries by age', [
      { name: 'fresh', colour: 'fresh' }, { name: 'stale', colour: 'stale' }, { name: 'expired', colour: 'expired' }, { name: 'absent', colour: 'absent' }], number);
    this.held = el('span', { class: 'value' });
    this.capacity = el('rect', { class: 'used', y: 0, x: 0, height: 6, width: 0 });
    this.lat = latencies(`Load latency of ${name} over the last ${span(slots * session.seconds)}`, slots);
    this.p50 = el('b', {}, '–');
    this.p99 = el('b', {}, '–');
    this.figures = {
      inFlight: figure('in flight', 'Loads under way'), loads: figure('loads', 'Loads that ended with a value or an absence'), failures: figure('failures', 'Loads that threw or timed out'),
      fallbacks: figure('fallbacks', 'Reads served an expired value because its load failed, took too long or could not be tried'), refreshes: figure('refreshes', 'Refreshes begun behind a reader’s back'), joins: figure('joins', 'Reads that waited for a load of another'),
      evictions: figure('evictions', 'Entries that left because the cache was full'), expirations: figure('expirations', 'Entries that left because their time was over'), invalidations: figure('invalidations', 'Entries removed by hand, by code or by another process'),
    };
    this.advice = advice(name);
    this.breaker = this.breakerTile();
    this.tiers = el('tbody');
    this.tierTable = el('table', { hidden: true }, el('caption', {}, 'Tiers'),
      el('thead', {}, el('tr', {}, ...['tier', 'state', 'found', 'mean read', 'waiting'].map(head => el('th', { scope: 'col' }, head)))), this.tiers);
    this.links = el('p', { class: 'links soft', hidden: true });
    this.chip = el('a', { class: 'chip', href: `#${id}`, hidden: true });
    this.toggle = el('button', { type: 'button', class: 'quiet fold', 'aria-controls': `${id}-more`, onclick: () => this.fold(!this.isFolded, true) });
    const types = `${figures.keyType} → ${figures.valueType}`;
    this.node = el('article', { id, tabindex: -1, 'aria-labelledby': `${id}-name`, 'data-cache': name },
      el('div', { class: 'head' }, el('h2', { id: `${id}-name` }, name), el('code', { title: types }, types), el('div', { class: 'end' }, this.chip, this.toggle)),
      el('div', { class: 'top-row' }, el('div', { class: 'number' }, this.ratio, el('span', { class: 'soft' }, 'hit ratio'), this.reads), this.spark.node),
      el('section', { class: 'when-read' }, el('h3', {}, 'Reads a second'), this.requests.node),
      el('section', {}, el('h3', {}, 'Entries', this.held),
        el('svg', { class: 'capacity', viewBox: '0 0 1000 6', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, el('rect', { class: 'room', width: 1000, height: 6 }), this.capacity), this.ages.node),
      el('div', { class: 'more', id: `${id}-more` },
        this.latencySection = el('section', { hidden: !figures.loads }, el('h3', {}, 'Load latency', el('span', { class: 'value' }, el('i', { class: 'median' }), 'p50 ', this.p50, '  ', el('i', { class: 'slow' }), 'p99 ', this.p99)), this.lat.node),
        el('dl', { class: 'figures' }, ...Object.values(this.figures).map(f => f.node)),
        this.advice.node, this.breaker.node, this.tierTable, this.links, this.keySection(figures)));
    this.pill = el('a', { class: 'pill', href: `#${id}`, onclick: () => this.fold(false) }, el('span', { class: 'lamp', 'aria-hidden': 'true' }), el('span', { class: 'name' }, name), this.pillText = el('b', {}));
    this.fold(folds()[name] ?? isFolded);
  }

  // Whether only the first figures are shown. What somebody has chosen is kept for the next visit.
  fold(isFolded, isChosen = false) {
    this.isFolded = isFolded;
    this.node.dataset.folded = isFolded;
    this.toggle.setAttribute('aria-expanded', !isFolded);
    this.toggle.textContent = isFolded ? 'More' : 'Less';
    this.toggle.setAttribute('aria-label', `${this.toggle.textContent}: details of ${this.name}`);
    if (isChosen) localStorage.setItem('larder-folds', JSON.stringify({ ...folds(), [this.name]: isFolded }));
  }

  breakerTile() {
    const state = el('strong', {}), words = el('span', { class: 'soft' });
    const isolate = el('button', { type: 'button', class: 'quiet', onclick: () => act('isolate', this.name, `Isolate the breaker of ${this.name}?`, 'The source is not asked any more, by this cache and those that share the breaker, until the breaker is reset. Cached values are served.', 'Isolate') }, 'Isolate');
    const reset = el('button', { type: 'button', class: 'quiet', onclick: () => act('reset', this.name, `Reset the breaker of ${this.name}?`, 'The breaker closes, and the source is asked again at once.', 'Reset') }, 'Reset');
    const node = el('div', { class: 'breaker', hidden: true }, el('div', {}, el('span', { class: 'lamp', 'aria-hidden': 'true' }), el('div', {}, el('span', { class: 'soft' }, 'Breaker '), state, el('br'), words)), el('div', { class: 'row' }, isolate, reset));
    return {
      node, set(breaker) {
        node.hidden = !breaker;
        if (!breaker) return;
        node.dataset.state = breaker.state;
        state.textContent = breakers[breaker.state];
        words.textContent = breakerWords[breaker.state] + (breaker.state === 'Open' ? breaker.retryAfter > 0 ? ` for ${duration(breaker.retryAfter)} more.` : ' until the next read tries.' : '');
        isolate.disabled = breaker.state === 'Isolated';
        reset.disabled = breaker.state === 'Closed';
      },
    };
  }

  keySection(figures) {
    const clear = el('button', { type: 'button', class: 'quiet danger', onclick: () => act('clear', this.name, `Clear ${this.name}?`, `All ${number(this.count ?? 0)} entries go, here and in its tiers. What is read next must be loaded anew.`, 'Clear it') }, 'Clear the cache');
    if (!figures.readsKeys) return el('section', { class: 'keys' }, el('p', { class: 'soft' }, `Keys of type ${figures.keyType} cannot be typed in: give the view a KeyFormat.`), el('div', { class: 'row' }, clear));
    const key = el('input', { type: 'text', required: true, maxlength: 1000, autocomplete: 'off', spellcheck: 'false', placeholder: figures.keyType.length > 20 ? 'a key' : `a ${figures.keyType} key`, 'aria-label': `Key to look up in ${this.name}` });
    const value = session.showsValues ? el('input', { type: 'checkbox' }) : null;
    const result = el('div', { class: 'finding', 'aria-live': 'polite', hidden: true });
    const look = async () => {
      const answer = await wish('look-up', this.name, { key: key.value, withValue: value?.checked ?? false });
      result.hidden = !answer;
      if (answer) this.show(result, answer.finding, look);
    };
    return el('section', { class: 'keys' },
      el('form', { onsubmit: event => { event.preventDefault(); look(); } }, key, el('button', {}, 'Look up'), value && el('label', {}, value, ' with its value'), clear), result);
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
    this.advice.set(figures.advice);
    this.breaker.set(figures.breaker);
    this.tell(trouble(figures), recent.hitRatio);
    this.updateTiers(figures.tiers);
    this.updateLinks(figures);
  }

  // What is wrong, on the card and where it is listed with the others.
  tell(fault, ratio) {
    this.node.dataset.trouble = this.chip.dataset.state = this.pill.dataset.trouble = fault?.level ?? 'none';
    this.pill.dataset.idle = this.node.dataset.idle;
    this.chip.hidden = !fault;
    this.chip.textContent = fault?.text ?? '';
    this.pillText.textContent = fault?.text ?? percent(ratio);
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
        el('td', { title: `${number(tier.hits)} of ${number(asked)}; ${number(tier.failures)} failures` }, asked ? percent(tier.hits / asked) : '–'), el('td', {}, tier.reads ? time(tier.readSeconds / tier.reads) : '–'), el('td', {}, number(tier.waiting)));
    }));
  }

  updateLinks({ coherence, writing }) {
    const said = [];
    if (writing) said.push(el('span', {}, `Writes: ${number(writing.written)} written, ${number(writing.waiting)} waiting`, writing.deadLetters ? el('b', { class: 'bad' }, `, ${number(writing.deadLetters)} given up`) : '', '. '));
    if (coherence) said.push(el('span', {}, coherence.isLinked ? 'Linked to other processes' : el('b', { class: 'bad' }, 'Not linked to other processes'), `: ${number(coherence.heard)} invalidations heard, ${number(coherence.told)} told.`));
    this.links.hidden = said.length === 0;
    this.links.replaceChildren(...said);
  }
}
