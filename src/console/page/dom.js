// How elements are made. Every value becomes a text node or an attribute: nothing here, and nothing in the page, reads HTML.

const byId = (id) => document.getElementById(id);

// An element. Properties are attributes, but for `on…`, which are listeners; what is null or false is left out.
function el(name, properties = {}, ...children) {
  return fill(document.createElement(name), properties, children);
}

// The same, of a drawing.
function svg(name, properties = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', name), properties, children);
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// A button. `key` is where the focus returns to when the view is drawn anew.
const button = (text, onclick, more = {}) => el('button', { type: 'button', onclick, 'data-key': text, ...more }, text);

const TODAY = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const OTHER_DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

function clock(iso) {
  const at = new Date(iso);
  return (at.toDateString() === new Date().toDateString() ? TODAY : OTHER_DAY).format(at);
}

// A moment, in the reader's time zone; the exact one is in the attribute.
const time = (iso) => (iso ? el('time', { datetime: iso, title: iso }, clock(iso)) : '–');

const count = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;
const points = (number) => count(number, 'point');

// How bad, in a word and a colour.
const badge = (word) => (word ? el('span', { class: `badge ${word}` }, word) : null);

const section = (title, ...children) => {
  const id = `section-${title.toLowerCase().replace(/[^a-z]+/g, '-')}`;
  return el('section', { 'aria-labelledby': id }, el('h2', { id }, title), ...children);
};

// A table that a phone shows as cards. With `display: block` an element loses its role, so each is written down. `columns` are
// [title, cell of a row, class]; the first names the row.
function table(caption, columns, rows) {
  const cell = ([title, show, style], row, index) => {
    const role = index ? 'cell' : 'rowheader';
    return el(index ? 'td' : 'th', { role, scope: index ? null : 'row', class: style, 'data-title': title }, show(row));
  };
  return el(
    'div',
    { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': caption },
    el(
      'table',
      { role: 'table' },
      el('caption', { class: 'unseen' }, caption),
      el('thead', { role: 'rowgroup' },
        el('tr', { role: 'row' }, columns.map(([title]) => el('th', { role: 'columnheader', scope: 'col' }, title)))),
      el('tbody', { role: 'rowgroup' },
        rows.map((row) => el('tr', { role: 'row' }, columns.map((column, index) => cell(column, row, index))))),
    ),
  );
}

// Names and values.
const facts = (pairs) =>
  el('dl', {}, pairs.filter(([, value]) => value !== undefined && value !== null && value !== '').map(([name, value]) =>
    el('div', {}, el('dt', {}, name), el('dd', {}, value))));

// Says something to whoever can't see it change.
function say(text) {
  byId('said').textContent = text;
}

function download(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  el('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
