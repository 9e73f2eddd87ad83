// How the filter is: version, clocks, channels, the options by which it runs.

// How far the proxy's clock is from the reader's.
function skew(status) {
  const seconds = Math.round((new Date(status.now) - Date.now()) / 1000);
  const far = Math.abs(seconds) > 30 ? '; one of the clocks is wrong' : '';
  return `${seconds > 0 ? '+' : ''}${seconds} s from this browser’s${far}`;
}

function channelState(channel) {
  if (channel.stopped) return 'stopped until its options change';
  return channel.failing ? 'fails; tried now and then' : 'works';
}

const CHANNELS = [
  ['Channel', (channel) => channel.name],
  ['Kind', (channel) => channel.kind],
  ['State', channelState],
  ['Messages that wait', (channel) => String(channel.waiting)],
  ['The oldest since', (channel) => time(channel.oldest)],
];

const CATEGORIES = [
  ['Category', ({ category }) => category],
  ['Events', ({ hours }) => String(hours.reduce((sum, events) => sum + events, 0))],
  ['24 hours', ({ hours }) => sparkline(hours, 'event')],
];

// An option as it is written: lists and limits in a line.
function option(value) {
  if (Array.isArray(value)) return value.join(', ') || 'none';
  if (value && typeof value === 'object') return Object.entries(value).map(([name, of]) => `${name} ${of}`).join(', ');
  return String(value);
}

const healthView = {
  load: () => ask('status'),
  title: () => 'Health',
  draw: (status) => [
    heading('Health'),
    facts([
      ['Version', status.version],
      ['Rules', String(status.rules)],
      ['This worker runs since', time(status.started)],
      ['Its clock', skew(status)],
      ['Open incidents', String(status.users.risky)],
      ['Blocked or redirected', String(status.users.blocked)],
      ['Muted', String(status.users.muted)],
      ['Records', `${status.users.records ?? 'not counted yet'}, room for ${status.users.room}`],
      ['Records with points that made room', String(status.users.evicted)],
      ['Requests that could not be counted', String(status.users.unweighed)],
    ]),
    section('Categories over time', status.categories.length
      ? table('Events by category', CATEGORIES, status.categories)
      : el('p', {}, 'No event in the last 24 hours.')),
    section('Channels', status.channels.length
      ? table('Channels', CHANNELS, status.channels)
      : el('p', {}, 'None: incidents are in the log only.')),
    section('Options in use', el('p', {}, 'Without secrets and addresses.'),
      facts(Object.entries(status.options).map(([name, value]) => [name, option(value)]))),
  ],
};
