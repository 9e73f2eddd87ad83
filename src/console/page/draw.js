// What is drawn, each with a text that says the same.

const HOUR = 3600_000;

// What an hour of the last 24 is called, by its index.
const ago = (index) => (index === 23 ? 'in this hour' : `${count(23 - index, 'hour')} ago`);

// The points of the last 24 hours in a sentence.
function hoursInWords(hours, unit) {
  const seen = hours.map((value, index) => [value, index]).filter(([value]) => value > 0);
  if (!seen.length) return `No ${unit}s in the last 24 hours`;
  return seen.reverse().map(([value, index]) => `${count(value, unit)} ${ago(index)}`).join(', ');
}

// A line for a row of a list.
function sparkline(hours, unit = 'point') {
  const most = Math.max(1, ...hours);
  const at = (value, index) => `${(index * 96) / 23 + 2},${22 - (value / most) * 20}`;
  const line = hours.map(at).join(' ');
  return svg(
    'svg',
    { class: 'sparkline', viewBox: '0 0 100 24', role: 'img', 'aria-label': hoursInWords(hours, unit) },
    svg('polygon', { class: 'area', points: `2,22 ${line} 98,22` }),
    svg('polyline', { class: 'line', points: line }),
  );
}

// A bar for each hour, with what is read at its axes.
function bars(hours, name) {
  const most = Math.max(1, ...hours);
  const bar = (value, index) => {
    const height = (value / most) * 76;
    return svg('rect', { class: 'bar', x: 30 + index * 19, y: 90 - height, width: 15, height, rx: 2 },
      svg('title', {}, `${points(value)} ${ago(index)}`));
  };
  const text = (x, y, words, anchor) => svg('text', { x, y, 'text-anchor': anchor }, words);
  return svg(
    'svg',
    { class: 'bars', viewBox: '0 0 490 112', role: 'img', 'aria-label': `${name}: ${hoursInWords(hours, 'point')}` },
    svg('line', { class: 'axis', x1: 28, y1: 90, x2: 488, y2: 90 }),
    text(24, 20, String(most), 'end'),
    text(24, 93, '0', 'end'),
    hours.map(bar),
    text(30, 107, '24 h ago', 'start'),
    text(259, 107, '12 h', 'middle'),
    text(486, 107, 'now', 'end'),
  );
}

// For each category, when it was first and last seen in the last 24 hours, and what it counts.
function strips(rules, now) {
  const categories = new Map();
  for (const rule of rules) {
    const known = categories.get(rule.category) ?? { points: 0, first: rule.first, last: rule.last };
    known.points += rule.points;
    if (rule.first < known.first) known.first = rule.first;
    if (rule.last > known.last) known.last = rule.last;
    categories.set(rule.category, known);
  }
  const start = new Date(now) - 24 * HOUR;
  const x = (iso) => Math.max(0, Math.min(200, ((new Date(iso) - start) / (24 * HOUR)) * 200));
  const strip = ([name, { points: sum, first, last }]) => {
    const words = `first ${clock(first)}, last ${clock(last)}`;
    const drawing = svg('svg', { class: 'strip', viewBox: '0 0 200 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      svg('line', { class: 'axis', x1: 0, y1: 5, x2: 200, y2: 5 }),
      svg('rect', { class: 'bar', x: Math.min(x(first), 197), y: 1, width: Math.max(3, x(last) - x(first)), height: 8, rx: 2 }));
    return el('li', {}, el('span', { class: 'category' }, name), el('span', {}, points(sum)), drawing,
      el('span', { class: 'quiet' }, words));
  };
  const sorted = [...categories].sort(([, a], [, b]) => b.points - a.points);
  return sorted.length ? el('ul', { class: 'strips' }, sorted.map(strip)) : el('p', {}, 'Nothing that counts.');
}
