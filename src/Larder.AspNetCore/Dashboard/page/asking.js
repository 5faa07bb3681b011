// What is asked of the server: always with the token, and after the visitor has agreed where it changes anything.
import { el } from './charts.js';

const $ = id => document.getElementById(id);

// What the feed greeted with.
export const session = { token: '', showsValues: false, seconds: 1 };

export function say(text, isBad = false) {
  const toast = el('p', { class: isBad ? 'bad' : '' }, text);
  $('toasts').append(toast);
  setTimeout(() => toast.remove(), 6000);
}

// Asks, and has it done. The button that was pressed has the focus again afterwards.
let agreed = false;
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

export async function wish(action, cache, more = {}) {
  try {
    const response = await fetch(action, { method: 'POST', headers: { 'content-type': 'application/json', 'X-Larder-Token': session.token }, body: JSON.stringify({ cache, ...more }) });
    if (response.status === 401 || response.status === 403) throw new Error('You may not do that. Log in again.');
    const answer = await response.json().catch(() => ({ message: `The server answered ${response.status}.` }));
    if (!response.ok) throw new Error(answer.message);
    return answer;
  } catch (error) {
    say(error instanceof TypeError ? 'The server does not answer.' : error.message, true);
    return null;
  }
}

export async function act(action, cache, title, text, verb, more) {
  if (!await confirmed(title, text, verb)) return null;
  const answer = await wish(action, cache, more);
  if (answer) say(`${cache}: ${answer.message}`);
  return answer;
}
