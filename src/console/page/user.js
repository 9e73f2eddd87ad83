// A user: score, what they did and when, what was done about it.

// A request's id, with its link, if the operator says where the log is; and how it was answered.
function request(one) {
  const template = app.status.log_link;
  if (!one) return '–';
  const { id, status } = one;
  const code = el('code', {}, id);
  const href = /^https?:/.test(template ?? '') && template.replace('{request_id}', () => encodeURIComponent(id));
  return [
    href ? el('a', { href, target: '_blank', rel: 'noreferrer noopener', 'data-key': `request ${id}` }, code) : code,
    status && ` answered ${status}`,
  ];
}

// The events of the incident, the newest first.
function timeline(incident) {
  if (!incident) return el('p', {}, 'No incident is open. What still counts is below.');
  const event = (one) => el('li', {},
    el('p', { class: 'when' }, time(one.at), el('strong', {}, `+${one.points}`), badge(one.severity)),
    el('p', { class: 'what' }, el('code', {}, one.rule), ' in ', el('code', {}, one.target || 'the request')),
    one.why && el('p', {}, one.why),
    el('p', { class: 'quiet' }, 'request ', request(one.request)));
  return [
    el('p', {}, `Over ${incident.threshold} since `, time(incident.opened_at), '; ends by itself at ', time(incident.resolve_at),
      ' if nothing more happens. ',
      incident.notified ? 'The channels were told.' : 'Nobody was told yet, or the user was muted.'),
    el('ol', { class: 'timeline', reversed: true }, incident.events.map(event)),
    incident.events.length >= 32 && el('p', { class: 'quiet' }, 'The newest 32 events; the log has all.'),
  ];
}

const RULES = [
  ['Rule', (rule) => [el('code', {}, rule.rule), el('span', { class: 'quiet' }, rule.why)]],
  ['Severity', (rule) => badge(rule.severity)],
  ['Confidence', (rule) => rule.confidence],
  ['Points', (rule) => String(rule.points)],
  ['Times', (rule) => String(rule.count)],
  ['First', (rule) => time(rule.first)],
  ['Last', (rule) => time(rule.last)],
  ['Where', (rule) => [el('code', {}, rule.target), el('span', { class: 'quiet' }, rule.route)]],
  ['Common', (rule) => (rule.common ? 'several users: perhaps a false alarm' : 'no')],
];

const RESULTS = { delivered: 'arrived', retry: 'failed, to be tried again', rolled_up: 'part of a message about many',
  failed: 'refused', displaced: 'made room for others', expired: 'given up' };

const MESSAGES = [
  ['Channel', (message) => message.channel],
  ['About', (message) => `incident ${message.transition}`],
  ['When', (message) => time(message.at)],
  ['Result', (message) => [RESULTS[message.result] ?? message.result, el('span', { class: 'quiet' }, message.answer)]],
];

function orders(user) {
  const order = (text, name) => button(text, () => orderAbout(name, user));
  return el('div', { class: 'tools', role: 'group', 'aria-label': 'Orders' },
    user.incident && order('Close the incident…', 'close'),
    user.muted_until ? order('Unmute…', 'unmute') : order('Mute…', 'mute'),
    user.blocked_until || user.redirected_until ? order('Unblock…', 'unblock') : null,
    !user.blocked_until && (app.status.options.mode === 'protect'
      ? order('Block…', 'block')
      : el('span', { class: 'quiet' }, `mode: ${app.status.options.mode} blocks nobody`)),
    order('Forgive…', 'forgive'),
    button('Download JSON', () =>
      download(`user-${user.id.slice(0, 16)}.json`, 'application/json', `${JSON.stringify(user, null, 1)}\n`)));
}

const userView = {
  load: (id) => ask('user', { id }),
  title: (user) => user.user,
  draw: (user) => [
    heading(user.user),
    el('p', { class: 'summary' },
      el('strong', { class: 'score' }, String(user.increase)), ' points ', badge(user.incident?.band)),
    standing(user),
    orders(user),
    facts([
      ['Named by', user.source],
      ['Hash', el('code', {}, user.id)],
      ['In messages', user.notified_as],
      ['Group', user.incident?.group],
      ['Addresses of the newest requests', user.addresses.join(', ')],
      ['First seen', time(user.first_seen)],
      ['Last seen', time(user.last_seen)],
    ]),
    section('Last 24 hours', bars(user.hours, 'Points by hour')),
    section('Categories over time', strips(user.rules, app.status.now)),
    section('Incident', timeline(user.incident)),
    section('Who was told', user.messages.length
      ? table('Messages to channels', MESSAGES, user.messages)
      : el('p', {}, app.status.channels.length ? 'No message of late.' : 'There is no channel.')),
    section('What counts', user.rules.length ? table('What counts, by rule', RULES, user.rules) : el('p', {}, 'Nothing.')),
    section('Newest requests', user.requests.length
      ? el('ul', { class: 'requests' }, user.requests.map((one) => el('li', {}, request(one))))
      : el('p', {}, 'None with an id.')),
  ],
  summary: (user) => `${points(user.increase)}${user.incident ? `, ${user.incident.band}` : ''}`,
};

// Looks for a user by name, address or hash, and goes there: not before it is drawn, as the reader may have gone elsewhere.
const findView = {
  load: found,
  still: true,
  title: () => 'Search',
  draw(user, wanted) {
    if (user) {
      location.replace(userUrl(user));
      return [heading('Found')];
    }
    return [
      heading('Nobody found'),
      el('p', {}, 'Nobody called ', el('strong', { class: 'name' }, wanted), ' has a record: no points, no incident, no order. '
        + 'Names are those of the log; of a hash at least eight digits are needed.'),
      el('div', { class: 'tools' }, button('Mute or block them all the same…', () => orderAboutSomebody(wanted))),
    ];
  },
};
