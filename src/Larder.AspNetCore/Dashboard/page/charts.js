// Plots, drawn by hand: a line over its area, a stacked bar, two lines on a logarithmic scale, the life of an entry.
const space = 'http://www.w3.org/2000/svg';

// An element: tag, attributes and handlers, children. Text is always text, so no key or name is ever markup.
export function el(tag, attributes = {}, ...children) {
  const drawn = ['svg', 'path', 'rect', 'circle', 'line', 'text', 'g'].includes(tag);
  const node = drawn ? document.createElementNS(space, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(name, value === true ? '' : value);
  node.append(...children.filter(child => child != null));
  return node;
}

const path = points => points.map(([x, y], i) => `${i ? 'L' : 'M'}${x.toFixed(1)},${y.toFixed(1)}`).join('');

// Runs of points between gaps, each an array of [x, y].
function runs(values, x, y) {
  const found = [[]];
  values.forEach((value, i) => value == null ? found.push([]) : found.at(-1).push([x(i), y(value)]));
  return found.filter(run => run.length > 0);
}

// A share over time, from 0 to 1, with what it was at the pointer. The newest is at the right edge.
export function sparkline(label, slots) {
  const width = 400, height = 96, area = el('path', { class: 'area' }), line = el('path', { class: 'line' }), dot = el('circle', { class: 'dot', r: 4, cx: width, cy: -9 });
  const grid = [0, .5, 1].map(share => el('line', { class: 'grid', x1: 0, x2: width, y1: 4 + (1 - share) * (height - 8), y2: 4 + (1 - share) * (height - 8) }));
  const svg = el('svg', { class: 'spark', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': label }, ...grid, area, line);
  const tip = el('span', { class: 'tip', 'aria-hidden': 'true' });
  const frame = el('div', { class: 'sparkframe' }, svg, tip, el('span', { class: 'top', 'aria-hidden': 'true' }, '100 %'), el('span', { class: 'bottom', 'aria-hidden': 'true' }, '0 %'));
  let shown = [];
  frame.addEventListener('pointermove', event => {
    const box = frame.getBoundingClientRect(), at = (event.clientX - box.left) / box.width;
    const value = shown[Math.round(at * (slots - 1)) - (slots - shown.length)];
    tip.textContent = value == null ? '' : `${(value * 100).toFixed(1)} %`;
    tip.style.left = `${Math.min(88, Math.max(4, at * 100))}%`;
  });
  frame.addEventListener('pointerleave', () => { tip.textContent = ''; });
  return {
    node: frame,
    draw(values) {
      shown = values;
      const from = slots - values.length, x = i => (from + i) / (slots - 1) * width, y = value => 4 + (1 - value) * (height - 8);
      const parts = runs(values, x, y);
      line.setAttribute('d', parts.map(path).join(''));
      area.setAttribute('d', parts.map(run => `${path(run)}L${run.at(-1)[0].toFixed(1)},${height}L${run[0][0].toFixed(1)},${height}Z`).join(''));
    },
  };
}

// Parts of a whole, with a legend that says each in words.
export function stack(label, parts, format) {
  const bars = parts.map(part => el('rect', { class: part.colour, y: 0, height: 12, x: 0, width: 0 }));
  const svg = el('svg', { class: 'stack', viewBox: '0 0 1000 12', preserveAspectRatio: 'none', role: 'img' }, ...bars);
  const said = parts.map(() => el('b', {}, '–'));
  const items = parts.map((part, i) => el('li', {}, el('i', { class: part.colour }), `${part.name} `, said[i]));
  return {
    node: el('div', { class: 'parts' }, svg, el('ul', { class: 'legend' }, ...items)),
    draw(values) {
      const whole = values.reduce((a, b) => a + b, 0);
      let x = 0;
      values.forEach((value, i) => {
        const width = whole > 0 ? value / whole * 1000 : 0;
        bars[i].setAttribute('x', x.toFixed(1));
        bars[i].setAttribute('width', Math.max(0, width - (width > 6 ? 2 : 0)).toFixed(1));
        x += width;
        said[i].textContent = format(value);
        items[i].classList.toggle('zero', value === 0);
      });
      svg.setAttribute('aria-label', `${label}: ${parts.map((part, i) => `${part.name} ${format(values[i])}`).join(', ')}`);
    },
  };
}

// The median and the slowest hundredth over time. A decade takes as much room as another.
export function latencies(label, slots) {
  const width = 400, height = 56, p99 = el('path', { class: 'line slow' }), p50 = el('path', { class: 'line' });
  const node = el('svg', { class: 'lat', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': label }, p99, p50);
  return {
    node,
    draw(points) {
      const all = points.flatMap(point => point.p50 == null ? [] : [point.p50, point.p99]);
      const low = Math.log10(Math.max(1e-6, Math.min(...all))) - .2, high = Math.log10(Math.max(1e-5, ...all)) + .2;
      const x = i => (slots - points.length + i) / (slots - 1) * width, y = value => height - 3 - (Math.log10(Math.max(1e-6, value)) - low) / Math.max(.5, high - low) * (height - 6);
      p50.setAttribute('d', runs(points.map(point => point.p50), x, y).map(path).join(''));
      p99.setAttribute('d', runs(points.map(point => point.p99), x, y).map(path).join(''));
    },
  };
}

// The ages of one entry, end to end, and where it stands. What lasts for ever takes as much room as the rest.
export function life(found, duration) {
  const finite = [found.age, found.freshFor, found.servedFor, found.keptFor].filter(value => value != null);
  const end = Math.max(...finite, 1) * (found.keptFor == null ? 2 : 1), age = found.age ?? 0, whole = found.keptFor == null ? end : age + found.keptFor;
  const at = left => age + (left ?? whole - age);
  const fresh = found.freshFor === 0 ? Math.min(age, whole) : at(found.freshFor), served = found.servedFor === 0 ? Math.min(age, whole) : at(found.servedFor);
  const x = time => Math.sqrt(Math.min(1, time / whole)) * 1000;  // Long ages leave room for the short ones before them.
  const part = (colour, from, to) => el('rect', { class: colour, x: x(from), y: 6, height: 12, width: Math.max(0, x(to) - x(from)) });
  const absent = found.status === 'Absent';
  const label = absent ? `A remembered absence, for ${duration(found.keptFor)} more` : `Fresh for ${duration(found.freshFor)} more, served for ${duration(found.servedFor)}, kept for ${duration(found.keptFor)}`;
  return el('svg', { class: 'life', viewBox: '0 0 1000 24', preserveAspectRatio: 'none', role: 'img', 'aria-label': label },
    ...(absent ? [part('absent', 0, whole)] : [part('fresh', 0, fresh), part('stale', fresh, served), part('expired', served, whole)]),
    el('rect', { class: 'now', x: Math.min(994, x(age)), y: 0, width: 6, height: 24 }));
}

// Hit ratio over capacity, from a quarter of the cache's own to four times: under its policy, and thinner, under LRU. Each doubling takes as much room as another.
export function capacityCurve(name) {
  const width = 400, height = 96, own = el('path', { class: 'line' }), lru = el('path', { class: 'line lru' }), marks = el('g', { class: 'marks' });
  const now = el('line', { class: 'own', x1: width / 2, x2: width / 2, y1: 0, y2: height });
  const svg = el('svg', { class: 'spark', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img' }, now, lru, own, marks);
  const top = el('span', { class: 'top', 'aria-hidden': 'true' }), bottom = el('span', { class: 'bottom', 'aria-hidden': 'true' }), at = el('span', { class: 'at', 'aria-hidden': 'true' }), policy = el('span'), other = el('span', {}, el('i', { class: 'lru' }), 'lru');
  const node = el('figure', { class: 'curve' }, el('div', { class: 'sparkframe' }, svg, top, bottom, at),
    el('figcaption', { class: 'soft' }, 'Hit ratio from a quarter to four times the capacity: ', el('i', { class: 'median' }), policy, other));
  return {
    node,
    draw(advice) {
      const { capacity, capacities, lruCurve } = advice;
      const all = [...capacities, ...lruCurve.filter(point => point.capacity >= capacity / 4)], ratios = all.map(point => point.hitRatio);
      const low = Math.max(0, Math.min(...ratios) - .02), high = Math.min(1, Math.max(...ratios) + .02);
      const x = point => (Math.log2(point.capacity / capacity) + 2) / 4 * width, y = point => height - 4 - (point.hitRatio - low) / (high - low) * (height - 8);
      const place = points => points.map(point => [x(point), y(point)]).filter(([at]) => at >= -1);
      own.setAttribute('d', path(place(capacities)));
      lru.setAttribute('d', path(place(lruCurve)));
      marks.replaceChildren(...place(capacities).map(([at, up]) => el('line', { x1: at, x2: at, y1: up - 4, y2: up + 4 })));
      const say = share => `${(share * 100).toFixed(1)} %`;
      top.textContent = say(high);
      bottom.textContent = say(low);
      at.textContent = capacity.toLocaleString('en');
      policy.textContent = advice.policy;
      other.hidden = advice.policy === 'lru';
      svg.setAttribute('aria-label', `Expected hit ratio of ${name} by capacity: ${capacities.map(point => `${point.capacity.toLocaleString('en')}: ${say(point.hitRatio)}`).join(', ')}`);
    },
  };
}
