-- The daemon as scripts of the fake REAPER see it: a home of folders, `daemon.json`, what is dropped and comes back.

local REWRITE_SECONDS = 5

local function add(fake)
  local folders = { "inbox", "outbox", "media", "results", "undone" }
  local is_alive, written_at = false, 0
  local jobs = 0

  for _, name in ipairs(folders) do
    fake.host.make_folder(fake.home .. "/" .. name)
  end

  local function in_home(name)
    return fake.real(fake.home) .. "/" .. name
  end

  -- By rename, as the daemon writes it.
  local function write_whole(path, bytes)
    fake:write(path .. ".part", bytes)
    assert(os.rename(path .. ".part", path))
  end

  local function write_life()
    written_at = fake.now
    write_whole(in_home("daemon.json"), fake.host.encode({
      pid = 4711, version = fake.daemon_version or fake.host.version, protocol = fake.daemon_protocol or 1,
      osc_port = 9130, alive_at = fake.now,
    }))
  end

  -- "alive": rewritten each 5 s from now on; "dead": the file stays as it is; "gone": there is no file.
  function fake:daemon(state)
    is_alive = state == "alive"
    if state == "alive" then
      write_life()
    elseif state == "dead" then
      fake.now = fake.now + 60
    elseif state == "gone" then
      os.remove(in_home("daemon.json"))
    else
      error("the daemon is alive, dead or gone")
    end
  end

  table.insert(fake.before_tick, function()
    if is_alive and fake.now - written_at >= REWRITE_SECONDS then
      write_life()
    end
  end)

  -- What lies in the inbox, oldest first as it came there. Each file is read by the daemon's own parser when it
  -- came, in every test: one that the daemon would refuse fails it.
  local seen, order = {}, 0

  -- What the daemon would have against a file that is new here, nil for nothing.
  local function notice(name)
    local text = fake:read(in_home("inbox/" .. name))
    -- A real daemon may have taken it already.
    if seen[name] or not text then
      return nil
    end
    order = order + 1
    seen[name] = order
    local problem = fake.host.parse(text)
    return problem and name .. ": " .. problem .. "\n" .. text
  end

  local function dropped()
    local files = {}
    for _, name in ipairs(fake:names(in_home("inbox"))) do
      if name:find("%.json$") then
        local problem = notice(name)
        if problem then
          error(problem, 4)
        end
        local fields = fake.host.decode(fake:read(in_home("inbox/" .. name)))
        files[#files + 1] = { name = name, order = seen[name], fields = fields }
      end
    end
    table.sort(files, function(a, b)
      return a.order < b.order
    end)
    return files
  end

  table.insert(fake.after_tick, function()
    for _, name in ipairs(fake:names(in_home("inbox"))) do
      if name:find("%.json$") then
        local problem = notice(name)
        if problem then
          fake.fail(problem)
        end
      end
    end
  end)

  local function of_kind(is_command)
    local found = {}
    for _, file in ipairs(dropped()) do
      if (file.fields.command ~= nil) == is_command then
        found[#found + 1] = file.fields
      end
    end
    return found
  end

  function fake:triggers()
    return of_kind(false)
  end

  -- The newest trigger, nil when there is none.
  function fake:trigger()
    local all = of_kind(false)
    return all[#all]
  end

  function fake:commands()
    return of_kind(true)
  end

  -- The daemon takes what lies in the inbox.
  function fake:empty_inbox()
    for _, name in ipairs(fake:names(in_home("inbox"))) do
      os.remove(in_home("inbox/" .. name))
    end
  end

  local function take_of(trigger, fields, take, job_id, folder)
    local music = trigger.music or {}
    local clip_name = trigger.clip and trigger.clip.name or "clip"
    local bpm = fields.bpm or music.bpm
    local beats = fields.beats or trigger.ask and trigger.ask.beats or fields.seconds == nil and 8 or nil
    local rate = fields.rate or trigger.project and trigger.project.sample_rate or 48000
    local seconds = fields.seconds or beats * 60 / (bpm or 120)
    local frames = math.floor(seconds * rate + 0.5)
    local stem = ("%s %s-%d"):format(clip_name:gsub("[^%w ]", "_"), job_id, take)
    local path = folder .. "/" .. stem .. ".wav"
    if fields.files ~= false then
      fake.host.write_sound(path, { frames = frames, rate = rate, channels = 2, bits = 24, hz = 220 * take })
    end
    local told = {
      schema = 1, job_id = job_id, request_id = trigger.request_id, take = take, takes = fields.takes or 1,
      file = fake.shown(path), sha256 = ("%064x"):format(take), bpm = bpm, bpm_source = bpm and "trigger" or "",
      beats = beats, time_signature = music.time_signature or { 4, 4 }, key = fields.key, key_source = "",
      seconds = frames / rate, sample_rate = rate, prompt = trigger.ask and trigger.ask.prompt or "",
      mode = trigger.ask and trigger.ask.mode or "variation", provider = "local", provider_ids = { "fake" },
      conditioning_sha256 = ("%064x"):format(0), source = trigger.source or {}, position = trigger.position, fit = {},
      created = "2026-11-22T12:00:00Z", undone = false,
    }
    if fields.files ~= false then
      write_whole(folder .. "/" .. stem .. ".json", fake.host.encode(told))
    end
    for key, value in pairs(fields.take_fields and fields.take_fields[take] or {}) do
      told[key] = value
    end
    return told
  end

  -- Writes the outbox file of a request as the daemon does, and its takes as real files. `fields`: state, takes (how
  -- many are there), seconds or beats, bpm, rate, progress, stage, error = { code=, text= }, asked, job_id, request_id,
  -- source, folder (where the takes go), files = false (told, but not there), take_fields[take] over a take's own;
  -- rewrite(text) gives what is written instead, as nobody but a daemon of another mind would write it.
  -- Returns what it wrote.
  function fake:answer(trigger, fields)
    fields = fields or {}
    jobs = jobs + 1
    local state = fields.state or "delivered"
    local job_id = fields.job_id or ("%08x"):format(0xda000000 + jobs)
    local project = trigger.project and trigger.project.path
    local folder = fields.folder and fake.full_path(fields.folder)
      or (project and project ~= "") and fake.real(project) .. "/Generated"
      or in_home("results")
    if fields.request_id then
      trigger = setmetatable({ request_id = fields.request_id }, { __index = trigger })
    end
    local takes = { is_list = true }
    local count = fields.takes or state == "delivered" and 1 or 0
    for take = 1, count do
      takes[take] = take_of(trigger, fields, take, job_id, folder)
    end
    local view = {
      schema = 1, request_id = trigger.request_id, job_id = job_id, state = state,
      progress = fields.progress or state == "delivered" and 1.0 or 0.0, stage = fields.stage or "",
      error = fields.error, takes = takes, asked = fields.asked or math.max(count, 1), position = trigger.position,
      source = fields.source or trigger.source or {},
    }
    local text = fake.host.encode_view(view)
    if fields.rewrite then
      text = fields.rewrite(text)
    end
    write_whole(in_home("outbox/" .. trigger.request_id .. ".json"), text)
    return view
  end

  -- The outbox file of a request goes, as when all of its takes are imported.
  function fake:forget(request_id)
    os.remove(in_home("outbox/" .. request_id .. ".json"))
  end
end

return add
