/**
 * What Redis does with artifacts, in Lua: a script runs alone, so what it reads is so when it writes, and an artifact
 * and the indexes that it is in never differ.
 *
 * An artifact is a hash, named by its member name `<model>:<key>`. An index is a sorted set of member names by expiry.
 * A session lives a week longer than it counts, so that its end can be told of when nobody could for days; the rest goes
 * after minutes. That is cleaning only; whether something has expired is decided by the time that is given.
 *
 * The first write of a script is one that Redis refuses when it is full or cannot write its file; then nothing has
 * changed. KEYS are what a Cluster is to know beforehand; the script finds the same names, and those that it reads.
 */
const COMMON = `
local prefix = ARGV[1]
local MINUTE = 60 * 1000
local WEEK = 7 * 24 * 60 * MINUTE
local FIELDS = {'sealed', 'expiresAt', 'consumedAt', 'grantKey', 'uidKey', 'accountId', 'turn'}

local function hash(member) return prefix .. ':artifact:' .. member end
local function by_account(id) return prefix .. ':account:' .. id end
local function by_grant(key) return prefix .. ':grant:' .. key end
local function by_uid(model, key) return prefix .. ':uid:' .. model .. ':' .. key end
local function by_expiry(model) return prefix .. ':expiry:' .. model end
local models = prefix .. ':models'

-- False is for what is not there; a missing number is false as well.
local function read(member)
  local found = redis.call('HMGET', hash(member), unpack(FIELDS))
  if not found[1] then return false end
  local artifact = {}
  for at, name in ipairs(FIELDS) do artifact[name] = found[at] end
  return artifact
end

local function is_live(artifact, now)
  return artifact and (not artifact.expiresAt or tonumber(artifact.expiresAt) > tonumber(now))
end

local function indexes(model, artifact)
  local names = {}
  if artifact.accountId then table.insert(names, by_account(artifact.accountId)) end
  if artifact.grantKey then table.insert(names, by_grant(artifact.grantKey)) end
  if artifact.uidKey then table.insert(names, by_uid(model, artifact.uidKey)) end
  if artifact.expiresAt then table.insert(names, by_expiry(model)) end
  return names
end

local function model_of(member) return string.sub(member, 1, string.find(member, ':', 1, true) - 1) end
local function key_of(member) return string.sub(member, string.find(member, ':', 1, true) + 1) end

local function leave(model, index, member)
  redis.call('ZREM', index, member)
  if index == by_expiry(model) and redis.call('EXISTS', index) == 0 then redis.call('SREM', models, model) end
end

local function remove(member)
  local artifact, model = read(member), model_of(member)
  if not artifact then return false end
  redis.call('DEL', hash(member))
  for _, index in ipairs(indexes(model, artifact)) do leave(model, index, member) end
  return true
end

-- What every answer tells of an artifact.
local function kept(member, artifact)
  return {key_of(member), artifact.sealed, artifact.consumedAt, artifact.accountId}
end
`

/**
 * Keeps an artifact: always ('put'), if none is there that lives ('insert'), if what lives there has this content
 * ('replace'), or in the place of one with another key that has it ('rename'). Returns 1 if it did.
 */
export const KEEP = `${COMMON}
local _, clock, now, condition, from, model, key, sealed = unpack(ARGV)
-- A value that may be absent comes with a sign before it, so that an empty one is not taken for none.
local function optional(at) return ARGV[at] ~= '' and string.sub(ARGV[at], 2) end
local member = model .. ':' .. key
local new = {expiresAt = optional(9), grantKey = optional(10), uidKey = optional(11), accountId = optional(12)}
local old = read(member)
if condition == 'insert' and is_live(old, now) then return 0 end
local renamed = condition == 'rename' and model .. ':' .. ARGV[13]
local source = old
if renamed then source = read(renamed) end
if condition == 'replace' or renamed then
  if not (is_live(source, now) and source.sealed == from) then return 0 end
end

local function live_until(name, expires_at, kept_on)
  if not expires_at then return redis.call('PERSIST', name) end
  return redis.call('PEXPIRE', name, math.max(tonumber(expires_at) - tonumber(clock), 0) + kept_on)
end

-- Of several with one uid the one that came last is found.
local function turn_in(index)
  local last = 0
  for _, other in ipairs(redis.call('ZRANGE', index, 0, -1)) do
    last = math.max(last, tonumber(redis.call('HGET', hash(other), 'turn') or 0))
  end
  return last + 1
end
if new.uidKey then
  new.turn = old and old.uidKey == new.uidKey and old.turn or turn_in(by_uid(model, new.uidKey))
end

redis.call('HSET', hash(member), 'sealed', sealed)
for _, name in ipairs({'expiresAt', 'grantKey', 'uidKey', 'accountId', 'turn'}) do
  if new[name] then redis.call('HSET', hash(member), name, new[name])
  else redis.call('HDEL', hash(member), name) end
end
-- Otherwise it stays: who read an artifact before it was consumed must not make it fresh by writing it back.
if condition == 'insert' then redis.call('HDEL', hash(member), 'consumedAt') end
live_until(hash(member), new.expiresAt, model == 'Session' and WEEK or 10 * MINUTE)

local entered = {}
for _, index in ipairs(indexes(model, new)) do
  entered[index] = true
  redis.call('ZADD', index, new.expiresAt or '+inf', member)
  if index == by_expiry(model) then redis.call('SADD', models, model) end
  -- What nobody swept and Redis has dropped leaves its entry behind: a few go each time.
  for _, dead in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', tonumber(clock) - 10 * MINUTE, 'LIMIT', 0, 20)) do
    if redis.call('EXISTS', hash(dead)) == 0 then redis.call('ZREM', index, dead) end
  end
  local longest = redis.call('ZRANGE', index, -1, -1, 'WITHSCORES')[2]
  live_until(index, longest ~= 'inf' and longest, WEEK)
end
for _, index in ipairs(old and indexes(model, old) or {}) do
  if not entered[index] then leave(model, index, member) end
end
if renamed then remove(renamed) end
return 1`

/** Marks it consumed. Returns 1 if it lived and was not. */
export const CONSUME = `${COMMON}
local _, now, member = unpack(ARGV)
local artifact = read(member)
if not is_live(artifact, now) or artifact.consumedAt then return 0 end
redis.call('HSET', hash(member), 'consumedAt', now)
return 1`

export const REMOVE = `${COMMON}
return remove(ARGV[2]) and 1 or 0`

/** Returns 1 if it lived, and had the content that is asked for, if any is. */
export const TAKE = `${COMMON}
local _, now, member, from = unpack(ARGV)
local artifact = read(member)
if from ~= '' and artifact and artifact.sealed ~= string.sub(from, 2) then return 0 end
return is_live(artifact, now) and remove(member) and 1 or 0`

/** Finds each by its key or its uid, in the order in which they are named; false for one that is not there. */
export const FIND = `${COMMON}
local now = ARGV[2]

local function by_key(model, key)
  local member = model .. ':' .. key
  local artifact = read(member)
  return is_live(artifact, now) and kept(member, artifact)
end

local function of_uid(model, uid)
  local newest, of
  for _, member in ipairs(redis.call('ZRANGE', by_uid(model, uid), 0, -1)) do
    local artifact = read(member)
    if is_live(artifact, now) and artifact.uidKey == uid and (not of or tonumber(artifact.turn) > tonumber(of.turn)) then
      newest, of = member, artifact
    end
  end
  return of and kept(newest, of)
end

local list = {}
for at = 3, #ARGV, 3 do
  local find = ARGV[at] == 'uid' and of_uid or by_key
  table.insert(list, find(ARGV[at + 1], ARGV[at + 2]) or false)
end
return list`

export const LIST_BY_ACCOUNT = `${COMMON}
local _, now, model, account = unpack(ARGV)
local list = {}
for _, member in ipairs(redis.call('ZRANGEBYSCORE', by_account(account), '(' .. now, '+inf')) do
  local artifact = model_of(member) == model and read(member)
  if is_live(artifact, now) and artifact.accountId == account then table.insert(list, kept(member, artifact)) end
end
return list`

/** Those that have run out, the longest ago first. Entries of what Redis has dropped go, and others come for them. */
export const LIST_EXPIRED = `${COMMON}
local _, now, model, limit = unpack(ARGV)
local index = by_expiry(model)
local list = {}
repeat
  local dropped = {}
  list = {}
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', now, 'LIMIT', 0, limit)) do
    local artifact = read(member)
    if artifact then table.insert(list, kept(member, artifact)) else table.insert(dropped, member) end
  end
  for _, member in ipairs(dropped) do leave(model, index, member) end
until #dropped == 0
return list`

/**
 * A bite of all of a grant, or of an account but those with the keys that follow. Returns how many were removed, and
 * whether there is more to look at. One may add while others are removed: what ends them is the epoch, or their grant.
 */
export const REMOVE_SOME = `${COMMON}
local _, index, field, value, bite = unpack(ARGV, 1, 5)
local keep, kept_back = {}, #ARGV - 5
for at = 6, #ARGV do keep[ARGV[at]] = true end
local removed, seen = 0, 0
local reach = tonumber(bite) + kept_back
for _, member in ipairs(redis.call('ZRANGE', index, 0, reach - 1)) do
  seen = seen + 1
  if not keep[key_of(member)] then
    local artifact = read(member)
    -- What Redis has dropped may be there again, and somebody else's.
    if artifact and artifact[field] == value then
      if remove(member) then removed = removed + 1 end
    else redis.call('ZREM', index, member) end
  end
end
return {removed, seen == reach and 1 or 0}`

/** One bite of what has run out. Returns how many were removed, and how many entries were looked at. */
export const SWEEP = `${COMMON}
local _, now, bite = unpack(ARGV)
local removed, seen = 0, 0
for _, model in ipairs(redis.call('SMEMBERS', models)) do
  local index = by_expiry(model)
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', now, 'LIMIT', 0, tonumber(bite) - seen)) do
    seen = seen + 1
    if remove(member) then removed = removed + 1 else leave(model, index, member) end
  end
  if redis.call('EXISTS', index) == 0 then redis.call('SREM', models, model) end
end
return {removed, seen}`
