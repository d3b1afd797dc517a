-- Audio accessors of the fake REAPER: the samples of a take as it plays, before its volume, pan, fades and envelopes.

local new_arrays = require("fakes.parts.arrays")
local new_envelopes = require("fakes.parts.envelopes")

local LITTLE = 1e-6 -- of a frame: times come as rounded seconds
local RAMP_FRAMES = 1000
local FIRST_PAIR_MODE = 67
local MOST_CHANNELS = 64

local take_as_it_plays, same_state, unwound, channel_plan, each_stretch, new_fetcher, write_stretch

local function add_accessors(fake)
  local api = fake.api
  local open = {}
  new_arrays(fake)
  new_envelopes(fake)
  local fetch = new_fetcher(fake)

  -- The accessors that no script has destroyed.
  function fake.open_accessors()
    local list = {}
    for _, accessor in ipairs(open) do
      if not accessor.dead then list[#list + 1] = accessor end
    end
    return list
  end

  table.insert(fake.at_end, function()
    local left = #fake.open_accessors()
    if left > 0 then fake.fail(("%d audio accessors were not destroyed"):format(left)) end
  end)

  function api.CreateTakeAudioAccessor(take)
    local accessor = fake.object("AudioAccessor", { take = take, state = take_as_it_plays(take) })
    open[#open + 1] = accessor
    return accessor
  end

  function api.DestroyAudioAccessor(accessor)
    fake.delete(accessor)
  end

  -- Item time, as far as is known; a test may have it begin elsewhere.
  function api.GetAudioAccessorStartTime()
    return fake.option.accessor_start or 0.0
  end

  function api.GetAudioAccessorEndTime(accessor)
    return api.GetAudioAccessorStartTime() + accessor.state.length
  end

  function api.AudioAccessorStateChanged(accessor)
    return accessor.take.dead == true or not same_state(accessor.state, take_as_it_plays(accessor.take))
  end

  -- The only way to what has changed since the accessor was made: without it the old samples come.
  function api.AudioAccessorValidateState(accessor)
    local has_changed = api.AudioAccessorStateChanged(accessor)
    accessor.state = take_as_it_plays(accessor.take)
    return has_changed
  end

  function api.AudioAccessorUpdate(accessor)
    api.AudioAccessorValidateState(accessor)
  end

  -- Writes nothing where nothing sounds: before the item, after it, past the end of a source that does not loop.
  function api.GetAudioAccessorSamples(accessor, rate, channels, start, frames, buffer)
    local inside = fake.inside_array(buffer)
    if not inside then error("bad argument #6 to 'GetAudioAccessorSamples' (reaper.array expected)", 0) end
    if rate < 1 or channels < 1 or channels > MOST_CHANNELS or frames < 0 then
      error(("GetAudioAccessorSamples: rate %d, %d channels, %d frames"):format(rate, channels, frames), 0)
    end
    if inside.size < channels * frames then
      fake.fail("GetAudioAccessorSamples was given an array that is too small: REAPER would write past its end")
      error(("GetAudioAccessorSamples: %d numbers do not fit %d"):format(channels * frames, inside.size), 0)
    end
    local state = accessor.state
    start = start - api.GetAudioAccessorStartTime()
    if accessor.take.dead or not state.source or state.source.beats then return -1 end
    local root, first, direction = unwound(state.source)
    if fake.is_offline(root) or state.times_behind ~= (root.times_behind or 0) then return 0 end
    local plan = channel_plan(state.mode, root.channels, channels)
    local has_sound = false
    each_stretch(state, root.rate, rate, start, frames, function(at, position, step, count)
      has_sound = true
      local from = first + direction * position
      write_stretch(fetch, root, plan, inside.values, channels, at, from, direction * step, count)
    end)
    return has_sound and 1 or 0
  end
end

function take_as_it_plays(take)
  local item = take.item
  return {
    source = take.source, offset = take.values.D_STARTOFFS, speed = take.values.D_PLAYRATE,
    mode = math.tointeger(take.values.I_CHANMODE), length = item.values.D_LENGTH,
    times_behind = take.source and unwound(take.source).times_behind or 0,
    loops = item.values.B_LOOPSRC ~= 0,
  }
end

function same_state(one, other)
  for key, value in pairs(one) do
    if other[key] ~= value then return false end
  end
  return one.source == other.source
end

-- The file at the bottom of sections, and how a take's frame is found in it: first + direction * frame.
function unwound(source)
  local first, direction = 0.0, 1
  while source.parent do
    local section = source.section
    local offset = section.offset * source.rate
    if section.reverse then
      first, direction = offset + section.length * source.rate - 1 - first, -direction
    else
      first = offset + first
    end
    source = source.parent
  end
  return source, first, direction
end

-- By channel of the buffer which channels of the source it sounds; the other channels are left as they were.
function channel_plan(mode, source_channels, channels)
  local plan
  if mode == 1 and source_channels > 1 then
    plan = { { 2 }, { 1 } }
  elseif mode <= 1 then
    plan = {}
    for channel = 1, source_channels do plan[channel] = { channel } end
  elseif mode == 2 then
    plan = { { 1, source_channels > 1 and 2 or nil } }
  elseif mode < FIRST_PAIR_MODE then
    plan = { { math.min(mode - 2, source_channels) } }
  else
    local left = math.min(mode - FIRST_PAIR_MODE + 1, source_channels)
    plan = { { left }, { math.min(left + 1, source_channels) } }
  end
  for channel = #plan, channels + 1, -1 do plan[channel] = nil end
  plan.is_straight = mode == 0 and #plan == channels and #plan == source_channels
  return plan
end

-- Calls visit(frame of the buffer, frame of the take's source, step, count) for each stretch without a seam.
function each_stretch(state, source_rate, rate, start, frames, visit)
  local length = state.source.seconds * source_rate
  local step = state.speed * source_rate / rate
  local base = (state.offset + start * state.speed) * source_rate
  local at = math.max(0, math.ceil(-start * rate - LITTLE))
  local stop = math.min(frames, math.ceil((state.length - start) * rate - LITTLE))
  while at < stop and length > 0 do
    local position = base + at * step
    if state.loops then
      position = position - math.floor((position + LITTLE) / length) * length
    elseif position >= length - LITTLE then
      return
    end
    if position < -LITTLE then
      at = at + math.max(1, math.ceil(-position / step - LITTLE))
    else
      local count = math.min(stop - at, math.max(1, math.ceil((length - position) / step - LITTLE)))
      visit(at, math.max(0.0, position), step, count)
      at = at + count
    end
  end
end

-- fetch(root, low, count) -> table, shift: frame f's channel c stands at (f - low) * channels + shift + c.
function new_fetcher(fake)
  local ramps = {}

  local function ramp(channels, frames)
    local values = ramps[channels]
    if not values then
      values = {}
      for frame = 0, RAMP_FRAMES - 1 do
        for channel = 1, channels do values[#values + 1] = fake.ramp(frame, channel) end
      end
      ramps[channels] = values
    end
    while #values < frames * channels do table.move(values, 1, #values, #values + 1) end
    return values
  end

  -- What a source with signal = "ramp" sounds: up from 0 again and again, the even channels downwards.
  function fake.ramp(frame, channel)
    return (frame % RAMP_FRAMES) / RAMP_FRAMES * (channel % 2 == 1 and 1 or -1)
  end

  return function(root, low, count)
    if root.signal == "ramp" then
      local from = low % RAMP_FRAMES
      return ramp(root.channels, from + count), from * root.channels
    elseif root.signal then
      local values = {}
      for frame = low, low + count - 1 do
        for channel = 1, root.channels do values[#values + 1] = root.signal(frame, channel) end
      end
      return values, 0
    end
    local from = math.max(0, low)
    return fake.host.read_sound(root.path, from, low + count - from), (low - from) * root.channels
  end
end

-- Positions go `step` apart from `position`; between two frames of the file the line is straight.
function write_stretch(fetch, root, plan, values, channels, at, position, step, count)
  local nearest = math.floor(position + 0.5)
  local is_exact = math.abs(math.abs(step) - 1) < 1e-9 and math.abs(position - nearest) < 1e-4
  if is_exact then position, step = nearest, step > 0 and 1 or -1 end
  local last = position + step * (count - 1)
  local low = math.floor(math.min(position, last) + LITTLE)
  local sound, shift = fetch(root, low, math.floor(math.max(position, last) + LITTLE) + 2 - low)
  local width = root.channels
  if is_exact and step > 0 and plan.is_straight then
    local from = (position - low) * width + shift
    table.move(sound, from + 1, from + count * width, at * channels + 1, values)
    -- Past the file's last frame there is silence.
    for index = (at + count) * channels, at * channels + 1, -1 do
      if values[index] then break end
      values[index] = 0.0
    end
    return
  end
  for channel, sources in ipairs(plan) do
    local one, other = sources[1] + shift, (sources[2] or sources[1]) + shift
    local to = at * channels + channel
    for index = 0, count - 1 do
      local place = position + index * step - low
      local frame = math.floor(place + LITTLE)
      local rest = math.max(0.0, place - frame)
      local here, there = frame * width, (frame + 1) * width
      local before = ((sound[here + one] or 0.0) + (sound[here + other] or 0.0)) / 2
      local after = rest > 0 and ((sound[there + one] or 0.0) + (sound[there + other] or 0.0)) / 2 or 0.0
      values[to + index * channels] = before + (after - before) * rest
    end
  end
end

return add_accessors
