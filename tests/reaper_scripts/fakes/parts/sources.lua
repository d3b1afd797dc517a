-- Media sources of the fake REAPER: files, sections, reversed media, in-project MIDI, and the building of their peaks.

local PEAK_STEPS = 3
local IMPORTED_BEATS = 4
local KIND_OF_SUFFIX = {
  aif = "AIFF", aiff = "AIFF", flac = "FLAC", mp3 = "MP3", ogg = "VORBIS", wav = "WAVE",
}
local CREATED_KINDS = { MIDI = true, WAVE = true, SECTION = true, EMPTY = true }

local from_midi_file, must_be_loose

local function add_sources(fake)
  local api = fake.api
  local made = {}
  -- What a test may ask: the sources whose peaks were built to the end, in that order.
  fake.peaks_built = {}

  function fake.new_source(fields)
    local source = fake.object("PCM_source", fields)
    made[#made + 1] = source
    return source
  end

  -- A part of a source, maybe backwards: section = { offset = 0, length = the rest, reverse = false }, in seconds.
  function fake.section_source(source, section)
    local offset = section.offset or 0.0
    local length = section.length or source.seconds - offset
    source.is_inside = true
    return fake.new_source({
      kind = "SECTION", path = "", parent = source, rate = source.rate or 0, channels = source.channels or 0,
      seconds = length, frames = math.floor(length * (source.rate or 0) + 0.5),
      section = { offset = offset, length = length, reverse = section.reverse or false },
    })
  end

  -- The sources that scripts made, put on no take and left behind.
  function fake.loose_sources()
    local loose = {}
    for _, source in ipairs(made) do
      if not (source.dead or source.owner or source.is_inside) then loose[#loose + 1] = source end
    end
    return loose
  end

  -- Another program comes to the front: REAPER's default is to set the media of all files offline meanwhile.
  function fake:leave_reaper()
    fake.is_behind = true
    for _, source in ipairs(made) do
      if source.path ~= "" and not source.beats then
        source.is_behind, source.times_behind = true, (source.times_behind or 0) + 1
      end
    end
  end

  function fake:back_to_reaper()
    fake.is_behind = false
    for _, source in ipairs(made) do source.is_behind = false end
  end

  -- Whether nothing can be read of a source: offline, or its file is not there.
  function fake.is_offline(source)
    return source.offline or source.missing or source.is_behind or false
  end

  function api.GetMediaSourceFileName(source)
    return source.path or ""
  end

  function api.GetMediaSourceType(source)
    return source.kind
  end

  -- Offline media has no length, though its source stands in the project.
  function api.GetMediaSourceLength(source)
    if source.beats then return source.beats, true end
    return fake.is_offline(source) and 0.0 or source.seconds or 0.0, false
  end

  function api.GetMediaSourceSampleRate(source)
    return (source.beats or fake.is_offline(source)) and 0 or source.rate or 0
  end

  function api.GetMediaSourceNumChannels(source)
    return source.beats and 1 or fake.is_offline(source) and 0 or source.channels or 0
  end

  function api.GetMediaSourceParent(source)
    return source.parent
  end

  function api.PCM_Source_GetSectionInfo(source)
    local section = source.section
    if not section then return false, 0.0, 0.0, false end
    return true, section.offset, section.length, section.reverse
  end

  -- An extension's: plain REAPER does not say whether media is offline.
  function api.CF_GetMediaSourceOnline(source)
    return not fake.is_offline(source)
  end

  function api.PCM_Source_CreateFromFile(path)
    return api.PCM_Source_CreateFromFileEx(path, false)
  end

  -- No file: nil. A file that is no media: a source all the same, of a kind that plays nothing.
  function api.PCM_Source_CreateFromFileEx(path, keep_midi_file)
    if not fake.host.is_file(path) then return nil end
    local suffix = (path:match("%.([^./\\]+)$") or ""):lower()
    local source
    if suffix == "mid" or suffix == "midi" then
      source = from_midi_file(fake, path, keep_midi_file)
    else
      local facts = fake.host.sound_facts(path)
      source = facts and fake.new_source({
        kind = KIND_OF_SUFFIX[suffix] or "WAVE", path = path, rate = facts.rate, channels = facts.channels,
        frames = facts.frames, seconds = facts.frames / facts.rate,
      }) or fake.new_source({ kind = fake.option.unreadable_kind or "EMPTY", path = path, seconds = 0.0 })
    end
    -- What is opened while another program is in front is online, as far as is known; or not.
    source.is_behind = fake.is_behind and fake.option.opens_offline or false
    return source
  end

  function api.PCM_Source_CreateFromType(kind)
    if not CREATED_KINDS[kind] then return nil end
    if kind == "MIDI" then return fake.midi_source({ source_beats = 0 }) end
    return fake.new_source({ kind = kind, path = "", seconds = 0.0 })
  end

  function api.PCM_Source_Destroy(source)
    must_be_loose(fake, source)
    fake.delete(source)
  end

  -- 0 begins and says whether there is work; 1 works on and returns the percentage left; 2 writes them.
  function api.PCM_Source_BuildPeaks(source, mode)
    local peaks = source.peaks
    if mode == 0 then
      if peaks == "built" or source.beats or fake.is_offline(source) or (source.seconds or 0) == 0 then return 0 end
      source.peaks = { left = fake.option.peak_steps or PEAK_STEPS, steps = fake.option.peak_steps or PEAK_STEPS }
      return 1
    elseif mode ~= 1 and mode ~= 2 then
      error(("PCM_Source_BuildPeaks has no mode %d"):format(mode), 0)
    elseif type(peaks) ~= "table" then
      error(("PCM_Source_BuildPeaks(source, %d), but mode 0 did not ask for it"):format(mode), 0)
    elseif mode == 1 then
      peaks.left = math.max(0, peaks.left - 1)
      return math.ceil(100 * peaks.left / peaks.steps)
    elseif peaks.left > 0 then
      error("PCM_Source_BuildPeaks(source, 2), but mode 1 has not returned 0 yet", 0)
    end
    source.peaks = "built"
    fake.peaks_built[#fake.peaks_built + 1] = source
    return 0
  end
end

-- REAPER's default makes MIDI files in-project MIDI: the file's name is gone then.
function from_midi_file(fake, path, keep_midi_file)
  local source = fake.midi_source({ source_beats = IMPORTED_BEATS })
  source.path = keep_midi_file and path or ""
  return source
end

function must_be_loose(fake, source)
  if source.owner or source.is_inside then
    fake.fail("PCM_Source_Destroy of a source that a take plays: REAPER would crash")
    error("PCM_Source_Destroy of a source that a take plays", 0)
  end
end

return add_sources
