// What another capacity or another policy would do, for one card.
import { capacityCurve, el } from './charts.js';
import { number, percent } from './words.js';

export function advice(name) {
  const said = el('ul', { class: 'said' }), samples = el('span', { class: 'value' }), curve = capacityCurve(name), rows = el('tbody');
  const rest = el('div', {}, curve.node,
    el('details', {}, el('summary', {}, 'Policies at this capacity'),
      el('table', {}, el('caption', {}, 'Expected hit ratio by policy'), el('thead', {}, el('tr', {}, ...['policy', 'hit ratio', 'against now'].map(head => el('th', { scope: 'col' }, head)))), rows)));
  const node = el('section', { class: 'advice', hidden: true }, el('h3', {}, 'Advice', samples), said, rest);
  let shown = null;
  return {
    node,
    set(advice) {
      node.hidden = !advice;
      if (!advice || shown === `${advice.samples} ${advice.capacity}`) return;
      shown = `${advice.samples} ${advice.capacity}`;
      samples.textContent = advice.hasEnough ? `of ${number(advice.samples)} samples` : '';
      said.replaceChildren(...advice.sentences.map(sentence => el('li', {}, sentence)));
      said.dataset.doubtful = advice.hasEnough && !advice.isPlausible;
      rest.hidden = !advice.hasEnough || !advice.isPlausible;
      if (rest.hidden) return;
      curve.draw(advice);
      rows.replaceChildren(...advice.policies.map(({ policy, hitRatio }) => {
        const gain = (hitRatio - advice.expectedHitRatio) * 100;
        return el('tr', {}, el('th', { scope: 'row' }, policy), el('td', {}, percent(hitRatio)), el('td', {}, policy === advice.policy ? 'in use' : `${gain < 0 ? '−' : '+'}${Math.abs(gain).toFixed(1)}`));
      }));
    },
  };
}
