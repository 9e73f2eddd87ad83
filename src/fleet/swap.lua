-- Reads and swaps records, as far as each is what its proxy knows; a record begins with its version, 16 bytes.
-- KEYS: the feed, and the records. ARGV: how many bytes may be answered, how many entries the feed keeps, and for each record
-- the expected version ('' for none), what to write ('' to only read), its TTL in ms, and the feed's entry ('' for none).
-- Answers for each record 1 (it was as expected, and is written), what it holds ('' for nothing), or 0: no room in the answer.
local room, answers = tonumber(ARGV[1]), {}
for i = 2, #KEYS do
  local expected, bytes, ttl, entry = unpack(ARGV, i * 4 - 5, i * 4 - 2)
  local held = redis.call('GET', KEYS[i]) or ''
  if string.sub(held, 1, 16) == expected then
    if bytes ~= '' then redis.call('SET', KEYS[i], bytes, 'PX', ttl) end
    if entry ~= '' then redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'e', entry) end
    answers[i - 1] = 1
  elseif #held <= room then
    room, answers[i - 1] = room - #held, held
  else
    answers[i - 1] = 0
  end
end
return answers
