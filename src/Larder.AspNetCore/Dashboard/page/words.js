// How figures are said.
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export const number = value => Math.abs(value) < 100_000 ? whole.format(value) : short.format(value);
export const rate = value => value === 0 ? '0' : value < .05 ? '< 0.1' : value < 10 ? value.toFixed(1) : number(value);
export const percent = share => share == null ? '–' : `${(share * 100).toFixed(share > .9995 || share < .0005 ? 0 : 1)}\u00a0%`;
export const time = seconds => seconds == null ? '–'
  : seconds < .001 ? `${Math.round(seconds * 1e6)}\u00a0µs`
  : seconds < 1 ? `${(seconds * 1e3).toFixed(seconds < .01 ? 1 : 0)}\u00a0ms`
  : `${seconds.toFixed(seconds < 10 ? 1 : 0)}\u00a0s`;

export function duration(seconds) {
  if (seconds == null) return 'ever';
  if (seconds < 100) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}

// As above without a false precision: of what is always the same number of seconds.
export const span = seconds => seconds < 100 ? `${Math.round(seconds)} seconds` : `${+(seconds / 60).toFixed(1)} minutes`;

export const breakers = { Closed: 'closed', Open: 'open', HalfOpen: 'trying', Isolated: 'isolated' };
export const breakerWords = { Closed: 'The source is asked.', Open: 'The source is left alone', HalfOpen: 'A few calls try the source.', Isolated: 'The source is left alone until it is reset.' };
export const findings = { Hit: 'fresh', Stale: 'stale', Expired: 'a fallback', Absent: 'known to be absent', Miss: 'not here' };
