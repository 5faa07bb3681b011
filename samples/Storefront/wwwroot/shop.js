'use strict';
const $ = id => document.getElementById(id);
const view = $('view');
const post = (path, value) => fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ value }) });
const ms = value => value < 1 ? `${value.toFixed(value < 0.1 ? 3 : 2)} ms` : `${Math.round(value)} ms`;
const money = value => `€ ${value.toFixed(2)}`;
const number = value => value.toLocaleString('en');

// An element: tag, attributes and handlers, children. Text is always text, so no product name is ever markup.
function el(tag, attributes = {}, ...children) {
  const node = tag === 'svg' || tag === 'path' || tag === 'rect' || tag === 'circle'
    ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// A jar, a bottle, a tin or a box, in the product's own colours.
function picture(product) {
  const h = product.hue, fill = `hsl(${h} 55% 55%)`, dark = `hsl(${h} 45% 32%)`, pale = `hsl(${h} 60% 90%)`;
  const vessel = { Honey: 'jar', Jam: 'jar', Pickles: 'jar', Oil: 'bottle', Vinegar: 'bottle', Tea: 'tin', Spice: 'tin', Pasta: 'box' }[product.category];
  const rect = (x, y, width, height, rx, fill) => el('rect', { x, y, width, height, rx, fill });
  const parts = {
    jar: [rect(72, 28, 56, 14, 4, dark), rect(62, 44, 76, 88, 16, fill), rect(72, 74, 56, 32, 5, pale)],
    bottle: [rect(91, 14, 18, 12, 3, dark), rect(92, 26, 16, 34, 4, fill), rect(76, 54, 48, 80, 14, fill), rect(82, 78, 36, 34, 4, pale)],
    tin: [rect(64, 36, 72, 12, 5, dark), rect(66, 46, 68, 88, 6, fill), rect(66, 68, 68, 36, 0, pale)],
    box: [rect(66, 24, 68, 112, 5, fill), rect(66, 24, 68, 18, 5, dark), rect(78, 58, 44, 54, 22, pale)],
  }[vessel];
  return el('svg', { viewBox: '0 0 200 150', preserveAspectRatio: 'xMidYMid meet', 'aria-hidden': 'true' },
    rect(-300, -150, 800, 450, 0, pale), el('circle', { cx: 100, cy: 92, r: 66, fill: 'white', opacity: '.45' }), ...parts);
}

const sources = { cache: 'from the cache', source: 'from the source', absent: 'known to be absent, from the cache',
  disk: 'from the disk', redis: 'from Redis', stale: 'from the cache, stale: it is being refreshed', fallback: 'from the cache, expired: the source did not answer' };
const sentence = (from, time) => el('span', { class: from }, `${sources[from]} in `, el('b', {}, ms(time)));

let page = 0;                                                // of visits: an answer that comes after the next click is dropped
async function show() {
  const visit = ++page;
  const [kind, name, part] = (decodeURIComponent(location.hash.slice(1)) || 'c/Honey').split('/');
  for (const link of $('categories').children) link.toggleAttribute('aria-current', kind === 'c' && link.dataset.name === name);
  try {
    const nodes = kind === 'p' ? await product(name) : await shelf(name, Number(part) || 0);
    if (visit === page) view.replaceChildren(...nodes);
  } catch (error) {
    if (visit === page) view.replaceChildren(el('h1', {}, 'The catalogue does not answer'), el('p', { class: 'hint' }, error.message), el('button', { type: 'button', onclick: show }, 'Try again'));
  }
}

async function shelf(name, part) {
  const began = performance.now();
  const answer = await fetch(`api/categories/${encodeURIComponent(name)}?page=${part}`);
  if (!answer.ok) throw new Error('A product of this shelf could not be loaded.');
  const products = await answer.json();
  const took = performance.now() - began;
  const cards = products.map(p => el('a', { class: 'card', href: `#p/${p.id}` }, picture(p), el('div', {}, el('h3', {}, p.name), el('span', { class: 'price' }, money(p.price)), p.stock < 4 ? el('span', { class: 'few' }, p.stock ? ` only ${p.stock} left` : ' sold out') : '')));
  const pages = el('div', { class: 'pages' });
  if (part > 0) pages.append(el('a', { href: `#c/${name}/${part - 1}` }, '← Back'));
  if (products.length === 12) pages.append(el('a', { href: `#c/${name}/${part + 1}` }, 'More →'));
  return [el('h1', {}, name), el('p', { class: 'hint' }, `The shelf took ${ms(took)} with the way here. Leave it and come back: what is cached comes at once.`), el('div', { class: 'grid' }, ...cards), pages];
}

async function product(id) {
  const response = await fetch(`api/products/${encodeURIComponent(id)}`);
  if (response.status === 503) throw new Error((await response.json()).detail);
  const answer = await response.json();
  const took = el('p', { class: `took ${answer.from}` }, sentence(answer.from, answer.milliseconds));
  const again = el('button', { type: 'button', class: 'quiet', onclick: show }, 'Ask again');
  if (!answer.value) {
    return [el('h1', {}, 'There is no such product'), el('p', { class: 'hint' }, 'The cache remembers that, so that a dead link does not cost the source a visit each time.'), took, again];
  }
  const p = answer.value;
  const price = el('input', { type: 'number', min: '0.01', max: '10000', step: '0.01', value: p.price.toFixed(2), required: '' });
  const change = el('form', {
    class: 'row', onsubmit: async event => {
      event.preventDefault();
      await post(`api/products/${p.id}/price`, Number(price.value));
      show();
    },
  }, el('label', {}, 'New price, €', price), el('button', { class: 'quiet' }, 'Change and invalidate'), again);
  const thanks = el('p', { class: 'hint', role: 'status' });
  const buy = el('button', {
    type: 'button', onclick: async () => {
      const ordered = await post(`api/products/${p.id}/order`, 1);
      thanks.replaceChildren(ordered.ok ? 'Ordered. It is safe in the journal already; the books have it within seconds, even if the shop is killed now.'
        : ordered.status === 409 ? 'Sold out just now. A delivery comes within a minute.' : 'The order was not taken; try again.');
    },
  }, 'Buy');
  return [el('article', { class: 'product' }, picture(p), el('div', {},
    el('h1', {}, p.name), el('p', { class: 'hint' }, `${p.category} · no. ${p.id}`), el('p', { class: 'price' }, money(p.price)), el('p', { class: p.stock ? 'hint' : 'hint out' }, p.stock ? `${p.stock} in stock` : 'Sold out; a delivery is on its way.'), buy, thanks, took, change,
    el('p', { class: 'hint' }, 'Changing the price removes the product from the cache; the next visit asks the source, the one after does not.')))];
}

// Suggestions, a little after the last key.
let typing, asked = 0;
$('words').addEventListener('input', () => { clearTimeout(typing); typing = setTimeout(suggest, 120); });
$('search').addEventListener('submit', event => { event.preventDefault(); suggest(); });
$('search').addEventListener('keydown', event => {
  const stops = [$('words'), ...$('suggestions').querySelectorAll('a')], at = stops.indexOf(document.activeElement);
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    stops[Math.max(0, Math.min(stops.length - 1, at + (event.key === 'ArrowDown' ? 1 : -1)))].focus();
  } else if (event.key === 'Escape') { $('suggestions').hidden = true; $('words').focus(); }
});
document.addEventListener('click', event => { if (!$('search').contains(event.target)) $('suggestions').hidden = true; });
async function suggest() {
  const words = $('words').value.trim(), question = ++asked;
  if (!words) { $('suggestions').hidden = true; return; }
  const response = await fetch(`api/search?words=${encodeURIComponent(words)}`);
  if (!response.ok || question !== asked) return;
  const answer = await response.json();
  const links = (answer.value ?? []).map(s => el('a', { href: `#p/${s.id}`, onclick: () => { $('suggestions').hidden = true; } }, s.name));
  $('suggestions').replaceChildren(...links, el('p', {}, links.length ? '' : 'Nothing by that name: ', sentence(answer.from, answer.milliseconds)));
  $('suggestions').hidden = false;
}

// The figures: the ratio shown is of all reads since the start, the curve is of the last half second each.
const ratios = [];
let before, sliding, turning, isDown = false;

// The dial is square: half of it is a quarter of the visitors, so that few can be told from fewer.
const most = 1000, visitors = turn => Math.round(most * (turn / 100) ** 2), dial = count => Math.round(Math.sqrt(count / most) * 100);
function database(f) {
  isDown = f.isDatabaseDown;
  $('down').hidden = !isDown;
  $('plug').setAttribute('aria-pressed', isDown);
  $('plug').textContent = isDown ? 'Mend the database' : 'Make the database fail';
  const words = f.breaker === 'Closed' ? 'Its breaker is still closed.' : f.breaker === 'Open' ? 'Its breaker is open: it is left alone.' : 'Its breaker tries it now and then.';
  const served = `${words} The shop goes on with what it has: stale, then as a fallback.`;
  if (isDown && $('down-words').textContent !== served) $('down-words').textContent = served;
}

function figures(f) {
  $('ratio').textContent = `${(f.hitRatio * 100).toFixed(1)} %`;
  $('count').textContent = number(f.count);
  $('capacity').textContent = number(f.capacity);
  $('full').textContent = `${Math.round(f.count / f.capacity * 100)} %`;
  $('fullness').value = f.count / f.capacity;
  $('hits').textContent = number(f.hits);
  $('misses').textContent = number(f.misses);
  $('absent').textContent = number(f.absentHits);
  $('stale').textContent = number(f.staleHits);
  $('fallbacks').textContent = number(f.fallbacks);
  $('evictions').textContent = number(f.evictions);
  $('load').textContent = f.loads ? ms(f.averageLoadMilliseconds) : '–';
  $('failures').textContent = number(f.loadFailures);
  $('disk').textContent = number(f.diskHits);
  for (const part of document.querySelectorAll('.shared')) part.hidden = f.redisHits === null;
  $('redis').textContent = number(f.redisHits ?? 0);
  $('heard').textContent = number(f.invalidations);
  const orders = [];
  if (f.ordersBooked) orders.push(`${number(f.ordersBooked)} in the books`);
  if (f.ordersWaiting) orders.push(`${number(f.ordersWaiting)} safe in the journal, on the way`);
  if (f.ordersBroughtBack) orders.push(`${number(f.ordersBroughtBack)} brought back at the start`);
  $('orders').textContent = orders.length ? `Orders: ${orders.join(', ')}.` : 'No order yet.';
  if (!turning) { $('visitors').value = dial(f.visitors); $('come').textContent = number(f.visitors); }
  database(f);
  if (!sliding) { $('resize').value = f.capacity; $('wanted').textContent = number(f.capacity); }
  if (f.last) $('last').replaceChildren(`Last request, ${f.last.id}: `, sentence(f.last.from, f.last.milliseconds), '.');
  if (before) {
    const served = g => g.hits + g.staleHits + g.absentHits, hits = served(f) - served(before), reads = hits + f.misses - before.misses;
    if (reads > 0) ratios.push(hits / reads);
    if (ratios.length > 120) ratios.shift();
    draw();
  }
  before = f;
}
function draw() {
  if (ratios.length < 2) return;
  // A moving mean of two seconds, for fifteen reads make a jumpy ratio.
  const smooth = ratios.map((_, i) => { const near = ratios.slice(Math.max(0, i - 3), i + 1); return near.reduce((a, b) => a + b) / near.length; });
  const line = smooth.map((r, i) => `${(i / (smooth.length - 1) * 240).toFixed(1)},${(61 - r * 58).toFixed(1)}`).join('L');
  document.querySelector('.line').setAttribute('d', `M${line}`);
  document.querySelector('.area').setAttribute('d', `M0,64L${line}L240,64Z`);
}
const stats = new EventSource('stats');
stats.onmessage = event => { $('state').textContent = 'live'; $('state').classList.add('live'); figures(JSON.parse(event.data)); };
stats.onerror = () => { $('state').textContent = 'reconnecting'; $('state').classList.remove('live'); };
addEventListener('pagehide', () => stats.close());

$('visitors').addEventListener('input', event => { turning = true; $('come').textContent = number(visitors(Number(event.target.value))); });
$('visitors').addEventListener('change', async event => { await post('api/visitors', visitors(Number(event.target.value))); turning = false; });
$('plug').addEventListener('click', () => post('api/database', isDown ? 1 : 0));
$('resize').addEventListener('input', event => { sliding = true; $('wanted').textContent = number(Number(event.target.value)); });
$('resize').addEventListener('change', async event => { await post('api/capacity', Number(event.target.value)); sliding = false; });
$('clear').addEventListener('click', () => { ratios.length = 0; return post('api/clear', 0); });
addEventListener('hashchange', async () => { await show(); $('shelf').focus({ preventScroll: true }); });

fetch('api/categories').then(response => response.json()).then(list => {
  $('categories').replaceChildren(...list.map(c => el('a', { href: `#c/${c.name}`, 'data-name': c.name, title: `${c.products} products from ${money(c.from)}` }, c.name)));
  show();
});
