-- One request against sliding windows that all sidecars share: a count of this
-- period, and of the one before as far as it still reaches into the last
-- period's length. It is counted in all windows, or in none when one is full.
--
-- KEYS: the windows. ARGV: for each the requests that it takes, and its length in ms.
-- Answer: the number of the window that is full, 0 for none; the milliseconds to
-- wait for it; for each window the requests that are left, and the milliseconds
-- until all are again.
-- The time is the server's: those of the sidecars differ.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local full, wait, windows, answer = 0, 0, {}, {}
for i, key in ipairs(KEYS) do
  local most, length = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local window, passed = math.floor(now / length), now % length
  local held = redis.call('HMGET', key, 'window', 'count', 'before')
  local of, count, before = tonumber(held[1]), tonumber(held[2]) or 0, tonumber(held[3]) or 0
  if of == window - 1 then
    count, before = 0, count
  elseif of ~= window then -- long ago, or a clock that was set back
    count, before = 0, 0
  end
  local used = before * (1 - passed / length) + count
  if used + 1 > most and full == 0 then
    full = i
    if count + 1 <= most then -- once enough of the period before is out of reach
      wait = length * (1 - (most - count - 1) / before) - passed
    else
      wait = length - passed + length * math.max(0, 1 - (most - 1) / count)
    end
  end
  windows[i] = { window, count, before, length, passed, most - used }
end
for i, w in ipairs(windows) do
  local count, left = w[2], w[6]
  if full == 0 then
    count, left = count + 1, left - 1
    redis.call('HSET', KEYS[i], 'window', w[1], 'count', count, 'before', w[3])
    redis.call('PEXPIRE', KEYS[i], 2 * w[4])
  end
  local reset = 0
  if count > 0 then
    reset = 2 * w[4] - w[5]
  elseif w[3] > 0 then
    reset = w[4] - w[5]
  end
  answer[2 * i - 1], answer[2 * i] = math.max(0, math.floor(left)), math.ceil(reset)
end
return { full, math.max(1, math.ceil(wait)), unpack(answer) }
