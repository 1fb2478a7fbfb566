-- KEYS: the admitted calls (sorted set by microsecond), the block (hash). ARGV: limit and span in microseconds per window,
-- shortest span first. Answers {allowed, limit, remaining, microseconds until there is room}. Runs as one step, so callers
-- in any number of processes can't slip through between counting and adding.
local calls, block = KEYS[1], KEYS[2]
local longest = tonumber(ARGV[#ARGV])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])

-- Each call has a microsecond of its own, also when the clock stands still or steps back.
local newest = redis.call('ZREVRANGE', calls, 0, 0, 'WITHSCORES')[2]
if newest and tonumber(newest) >= now then now = tonumber(newest) + 1 end

local function text(number) return string.format('%.0f', number) end

local function block_until(moment, limit, span)
  redis.call('HSET', block, 'until', text(moment), 'limit', limit, 'span', text(span))
  redis.call('PEXPIRE', block, text(math.ceil((moment - now) / 1000) + 1))
  return {0, tonumber(limit), 0, moment - now}
end

local blocked = redis.call('HMGET', block, 'until', 'limit', 'span')
if blocked[1] and now < tonumber(blocked[1]) then
  local span = tonumber(blocked[3])
  return block_until(now + span, blocked[2], span)
end

redis.call('ZREMRANGEBYSCORE', calls, '-inf', text(now - longest))
local over_until, over_limit, over_span = 0, nil, nil
local least, least_limit, least_reset = nil, nil, nil
for i = 1, #ARGV, 2 do
  local limit, span = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  local used = redis.call('ZCOUNT', calls, '(' .. text(now - span), '+inf')
  if used >= limit then
    local frees = tonumber(redis.call('ZREVRANGE', calls, limit - 1, limit - 1, 'WITHSCORES')[2]) + span
    if frees > over_until then over_until, over_limit, over_span = frees, limit, span end
  else
    local remaining, reset = limit - used - 1, span
    if used > 0 then reset = tonumber(redis.call('ZREVRANGE', calls, used - 1, used - 1, 'WITHSCORES')[2]) + span - now end
    if not least or remaining < least or (remaining == least and reset > least_reset) then
      least, least_limit, least_reset = remaining, limit, reset
    end
  end
end
if over_limit then return block_until(over_until, over_limit, over_span) end

redis.call('ZADD', calls, text(now), text(now))
redis.call('PEXPIRE', calls, text(math.ceil(longest / 1000) + 1))
return {1, least_limit, least, least_reset}
