-- The token bucket of bucket.py for many processes, in one atomic step of Redis, by Redis's own clock.
--
-- KEYS: state (hash), flying (calls in flight by the end of their lease), cooling (tokens by when they come back),
--       line (processes that wait, by ticket), alive (until when each of them is believed to live).
-- ARGV: what to do, the process, the call, own limit or "", own period or "", lease, then what the step needs.
-- Returns: granted, seconds to wait, limit, period, in flight, seconds until the gate opens, learned, gate, returned,
--          and the seconds until each cooling token comes back.

local GRACE = 2.0      -- a process that does not ask again so long after its wait is dead, and leaves the line
local KEEP = 172800    -- seconds that the keys of an account nobody uses stay

local STATE, FLYING, COOLING, LINE, ALIVE = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local step, process, call = ARGV[1], ARGV[2], ARGV[3]
local own = {limit = tonumber(ARGV[4]), period = tonumber(ARGV[5])}
local lease = tonumber(ARGV[6])
local DEFAULT = {limit = 5, period = 5.0}
local stricter = {limit = math.min, period = math.max}

local clock = redis.call("TIME")
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000

local function text(number)
  return string.format("%.6f", number)
end

local function get(name)
  return redis.call("HGET", STATE, name)
end

local function number(name, default)
  return tonumber(get(name) or "") or default
end

local function set(name, value)
  redis.call("HSET", STATE, name, value)
end

-- An own setting of any process binds all of them.
local function setting(name)
  local bound = tonumber(get("own_" .. name) or "")
  if own[name] then
    bound = bound and stricter[name](bound, own[name]) or own[name]
    set("own_" .. name, text(bound))
  end
  local value = number(name, bound or DEFAULT[name])
  return bound and stricter[name](value, bound) or value
end

local limit, period = setting("limit"), setting("period")
if redis.call("HEXISTS", STATE, "alone") == 0 then
  set("alone", (own.limit and own.period) and 0 or 1)
end

-- Tokens that are due, and those of processes that died with them.
local back = redis.call("ZREMRANGEBYSCORE", COOLING, "-inf", text(now))
  + redis.call("ZREMRANGEBYSCORE", FLYING, "-inf", text(now))
if back > 0 then
  redis.call("HINCRBY", STATE, "returned", back)
end

local function free()
  return limit - redis.call("ZCARD", FLYING) - redis.call("ZCARD", COOLING)
end

local function cool(name, due)
  if due > now then
    redis.call("ZADD", COOLING, text(due), name)
  end
end

-- To a stricter value at once, to a looser one when two answers in a row tell it.
local function hear(name, told, value)
  if not told then return value end
  set("told_" .. name, 1)
  local bound = tonumber(get("own_" .. name) or "")
  if bound then told = stricter[name](told, bound) end
  if told == value then
    redis.call("HDEL", STATE, "proposed_" .. name)
  elseif told == number("proposed_" .. name) or stricter[name](told, value) == told then
    redis.call("HDEL", STATE, "proposed_" .. name)
    set(name, text(told))
    return told
  else
    set("proposed_" .. name, text(told))
  end
  return value
end

local function learn()
  limit = hear("limit", tonumber(ARGV[9]), limit)
  period = hear("period", tonumber(ARGV[10]), period)
end

-- Seconds until a call with so many before it can go, if no call in flight ends before.
local function wait(before)
  local opens = 0
  if number("alone", 0) == 1 then
    opens = number("shut_until", 0) - now
    local probe_at = number("probe_at")
    if probe_at then
      -- The probe's answer is worth asking for when it is due, and then again each twentieth of a second.
      local expected = math.max(0.05, probe_at + number("trip", 0.05) - now)
      opens = math.max(opens, math.min(expected, probe_at + period - now))
    elseif before > 0 then
      opens = math.max(opens, 0.05)
    end
  end
  local place = before - free()
  if place >= 0 then
    local due = redis.call("ZRANGE", COOLING, place, place, "WITHSCORES")[2]
    -- A token in flight comes back a period after its answer, or when its lease ends.
    local ends = redis.call("ZRANGE", FLYING, 0, 0, "WITHSCORES")[2]
    local after = due and tonumber(due) or math.min(now + period, tonumber(ends or now + period))
    opens = math.max(opens, after - now)
  end
  return math.max(0, opens)
end

local function take()
  for _, name in ipairs(redis.call("ZRANGE", LINE, 0, -1)) do
    if name ~= process and tonumber(redis.call("HGET", ALIVE, name) or "0") < now then
      redis.call("ZREM", LINE, name)
      redis.call("HDEL", ALIVE, name)
    end
  end
  if not redis.call("ZSCORE", LINE, process) then
    redis.call("ZADD", LINE, redis.call("HINCRBY", STATE, "tickets", 1), process)
  end
  local seconds = wait(redis.call("ZRANK", LINE, process))
  if seconds > 0 then
    redis.call("HSET", ALIVE, process, text(now + seconds + GRACE))
    return 0, seconds
  end
  redis.call("ZREM", LINE, process)
  redis.call("HDEL", ALIVE, process)
  redis.call("ZADD", FLYING, text(now + math.max(lease, 2 * period)), call)
  if number("alone", 0) == 1 then
    set("probe", call)
    set("probe_at", text(now))
  end
  return 1, 0
end

-- How many other processes go before this one.
local function place_in_line()
  return redis.call("ZRANK", LINE, process) or redis.call("ZCARD", LINE)
end

local function forget_probe()
  redis.call("HDEL", STATE, "probe", "probe_at")
end

local granted, seconds = 0, 0
if step == "take" then
  granted, seconds = take()
elseif step == "leave" then
  redis.call("ZREM", LINE, process)
  redis.call("HDEL", ALIVE, process)
elseif step == "look" then
  seconds = wait(place_in_line())
else
  -- ARGV: seconds since the ending, seconds to add or (below 0) discount, told limit, period and remaining calls,
  -- gate and returned at the grant, the round trip, seconds to shut the gate.
  redis.call("ZREM", FLYING, call)
  if get("probe") == call then forget_probe() end
  local counted = now - tonumber(ARGV[7])
  if step == "answered" then
    learn()
    set("trip", text(tonumber(ARGV[14])))
    cool(call, counted + period - math.min(tonumber(ARGV[8]), period / 2))
    if tonumber(ARGV[12]) == number("gate", 0) then
      set("alone", 0)
      forget_probe()
    end
    local remaining = tonumber(ARGV[11])
    if remaining and tonumber(ARGV[9]) then
      local others = free() - remaining - (number("returned", 0) - tonumber(ARGV[13]))
      for other = 1, others do
        cool(call .. ":" .. other, now + period)
      end
    end
  elseif step == "rejected" then
    learn()
    cool(call, counted + period)
    set("shut_until", text(math.max(number("shut_until", 0), counted + tonumber(ARGV[15]))))
    set("alone", 1)
    redis.call("HINCRBY", STATE, "gate", 1)
    forget_probe()
  elseif step == "lost" then
    cool(call, counted + tonumber(ARGV[8]) + period)
  end
  seconds = wait(place_in_line())
end

for _, key in ipairs(KEYS) do
  redis.call("EXPIRE", key, KEEP)
end

local cooling = {}
local scores = redis.call("ZRANGE", COOLING, 0, 99, "WITHSCORES")
for index = 2, #scores, 2 do
  cooling[#cooling + 1] = text(tonumber(scores[index]) - now)
end
local learned = redis.call("HEXISTS", STATE, "told_limit") * redis.call("HEXISTS", STATE, "told_period")
return {
  granted, text(seconds), limit, text(period), redis.call("ZCARD", FLYING),
  text(math.max(0, number("shut_until", 0) - now)), learned, number("gate", 0), number("returned", 0), cooling,
}
