// The lists: who is risky, in an incident, blocked, muted; and all of whom there is a record.

const LISTS = {
  users: ['Risky users', 'Nobody is risky, blocked or muted.', 'the most dangerous first'],
  incidents: ['Open incidents', 'No incident is open.', 'the next to end first'],
  blocked: ['Blocked users', 'Nobody is blocked or redirected.', 'the most dangerous first'],
  muted: ['Muted users', 'Nobody is muted.', 'the most dangerous first'],
};

const userUrl = (user) => `#/users/${user.id.slice(0, 16)}`;

// What of a user's state is not a number.
function standing(user) {
  const until = (what, iso, why) => iso && el('li', {}, `${what} until `, time(iso), why && ` (${why})`);
  const states = [
    until('blocked', user.blocked_until, user.blocked_by === 'operator' ? 'by hand' : 'by its band'),
    until('redirected', user.redirected_until),
    until('muted', user.muted_until),
    user.incident && el('li', {}, 'incident since ', time(user.incident.opened_at)),
  ].filter(Boolean);
  return states.length ? el('ul', { class: 'states' }, states) : 'no incident';
}

const COLUMNS = [
  ['User', (user) => [
    el('a', { href: userUrl(user), 'data-key': user.id, class: 'name' }, user.user),
    el('span', { class: 'quiet' }, user.source),
  ]],
  ['Score', (user) => [el('strong', { class: 'score' }, String(user.increase)), ' ', badge(user.incident?.band)], 'score-cell'],
  ['24 hours', (user) => sparkline(user.hours)],
  ['Categories', (user) => user.categories.join(', ') || '–'],
  ['First seen', (user) => time(user.first_seen)],
  ['Last seen', (user) => time(user.last_seen)],
  ['State', standing],
];

// What stands above each list: the downloads, and an order about somebody who is not in it.
function tools(list) {
  const save = async (name, type, form) => {
    say('The list is fetched.');
    const users = await whole(list);
    download(name, type, form(users));
    say(`${count(users.length, 'user')} saved as ${name}.`);
  };
  const json = (users) => `${JSON.stringify(users, null, 1)}\n`;
  return el('div', { class: 'tools' },
    button('Download CSV', guarded(() => save(`${list}.csv`, 'text/csv;charset=utf-8', csv))),
    button('Download JSON', guarded(() => save(`${list}.json`, 'application/json', json))),
    button('Mute or block somebody…', () => orderAboutSomebody('')));
}

const CSV = ['id', 'user', 'source', 'notified_as', 'increase', 'band', 'categories', 'first_seen', 'last_seen', 'blocked_until',
  'redirected_until', 'muted_until', 'incident'];

// RFC 4180. A spreadsheet takes what begins with one of these characters for a formula, and users choose their names.
function csv(users) {
  const cell = (value) => {
    const text = String(value ?? '');
    return `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
  };
  const row = (user) => {
    const flat = { ...user, categories: user.categories.join(' '), band: user.incident?.band, incident: user.incident?.id };
    return CSV.map((name) => cell(flat[name])).join(',');
  };
  return [CSV.join(','), ...users.map(row), ''].join('\r\n');
}

// A part of a list, with ways to the parts beside it.
const listView = (list) => ({
  load: (_, query) => ask(list, { offset: query.get('offset') ?? 0 }),
  title: () => LISTS[list][0],
  draw(part, _, query) {
    const offset = Number(query.get('offset') ?? 0);
    const users = part[list];
    const [title, none, order] = LISTS[list];
    const way = (text, to) => el('a', { href: `#/${list}?offset=${to}`, 'data-key': text }, text);
    return [
      heading(title),
      tools(list),
      users.length
        ? table(`${title}, ${order}`, COLUMNS, users)
        : el('p', { class: 'nothing' }, offset ? 'The list has become shorter.' : none),
      el('nav', { class: 'pages', 'aria-label': 'Pages of the list' },
        offset > 0 && way('Previous', Math.max(0, offset - 50)),
        users.length > 0 && el('span', {}, `${offset + 1}–${offset + users.length} of ${part.total}`),
        part.next !== undefined && way('Next', part.next)),
    ];
  },
  summary: (part) => `${LISTS[list][0]}: ${part.total}`,
});

// All records, a few buckets at a time, as many as the reader wants to see.
const walk = { users: [], next: 0, end: 0 };

async function walkOn() {
  const before = walk.users.length;
  while (walk.next !== undefined && walk.users.length < before + 50) {
    const step = await ask('records', { from: walk.next });
    walk.users.push(...step.records);
    [walk.next, walk.end] = [step.next, step.end];
  }
  return { users: [...walk.users].sort((a, b) => b.increase - a.increase), next: walk.next, end: walk.end };
}

const recordsView = {
  load() {
    Object.assign(walk, { users: [], next: 0, end: 0 });
    return walkOn();
  },
  still: true,
  title: () => 'All users',
  draw: ({ users, next, end }) => [
    heading('All users with points'),
    el('p', {}, 'Also those below their thresholds, as they are stored; what is loaded is sorted by score. This list does not '
      + 'update itself.'),
    tools('records'),
    users.length ? table('All users with points', COLUMNS, users) : el('p', { class: 'nothing' }, 'Nobody has points.'),
    next !== undefined && el('p', {}, `${Math.floor((next / end) * 100)} % of the records are looked through. `,
      button('Look further', guarded(async () => redraw(await walkOn())))),
  ],
};
