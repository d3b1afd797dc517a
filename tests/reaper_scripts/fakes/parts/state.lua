-- What the fake REAPER remembers and shows: ext states, dialogs, messages, identity, pointers.

local function add(fake)
  local api = fake.api
  local states = {}
  fake.said, fake.console, fake.tooltips, fake.dialogs = {}, {}, {}, {}
  fake.toggles = {}
  local answers = {}
  local random_state = 20261122

  local function one_line(words, value)
    if value:find("[\r\n]") then
      fake.fail(words .. " is given a line break: it would break reaper.ini")
    end
  end

  function api.GetExtState(section, key)
    local kept = states[section] and states[section][key]
    return kept and kept.value or ""
  end

  function api.HasExtState(section, key)
    return states[section] ~= nil and states[section][key] ~= nil
  end

  function api.SetExtState(section, key, value, persists)
    if persists then
      one_line("SetExtState", value)
    end
    states[section] = states[section] or {}
    states[section][key] = { value = value, persists = persists }
  end

  function api.DeleteExtState(section, key)
    if states[section] then
      states[section][key] = nil
    end
  end

  -- What a restart leaves.
  function fake.forget_states()
    for _, keys in pairs(states) do
      for key, kept in pairs(keys) do
        if not kept.persists then
          keys[key] = nil
        end
      end
    end
  end

  function fake:ext_state(section, key)
    return api.GetExtState(section, key)
  end

  local function kept_in(project, section)
    return project.ext[section] or {}
  end

  function api.GetProjExtState(project, section, key)
    local value = kept_in(project, section)[key]
    return value and 1 or 0, value or ""
  end

  -- An empty key or value takes away; the project is to be saved again.
  function api.SetProjExtState(project, section, key, value)
    if key == "" then
      project.ext[section] = nil
    else
      project.ext[section] = project.ext[section] or {}
      project.ext[section][key] = value ~= "" and value or nil
    end
    if fake.option.ext_state_dirties then
      fake.touch(project)
    end
    return #value
  end

  function api.EnumProjExtState(project, section, index)
    local keys = {}
    for key in pairs(kept_in(project, section)) do
      keys[#keys + 1] = key
    end
    table.sort(keys)
    local key = keys[index + 1]
    if not key then
      return false
    end
    return true, key, project.ext[section][key]
  end

  function fake.song_methods.ext_state(project, key, section)
    return kept_in(project, section or "daw_bridge")[key] or ""
  end

  -- Dialogs: a test says beforehand what the user will answer; a dialog that nobody expects fails the test.

  -- The next dialog's answer: for ShowMessageBox the button's number, for GetUserInputs a list of texts, a function
  -- (what was asked) -> either, or false for Cancel.
  function fake:answer_dialog(answer)
    answers[#answers + 1] = answer
  end

  local function ask(asked)
    fake.dialogs[#fake.dialogs + 1] = asked
    fake.said[#fake.said + 1] = asked.text
    if #answers == 0 then
      fake.fail("nobody expected this dialog: " .. asked.title .. ": " .. asked.text)
      return false
    end
    local answer = table.remove(answers, 1)
    if type(answer) == "function" then
      return answer(asked)
    end
    return answer
  end

  function api.ShowMessageBox(text, title, buttons)
    local answer = ask({ title = title, text = text, buttons = buttons })
    return answer or (buttons == 0 and 1 or 2)
  end

  function api.MB(text, title, buttons)
    return api.ShowMessageBox(text, title, buttons)
  end

  -- As REAPER reads lists: what stands between quotes or brackets is one text, also where nobody shuts them.
  local function split(text, separator)
    local parts, part, quote, depth = {}, {}, nil, 0
    for letter in (text .. separator):gmatch(".") do
      if letter == separator and not quote and depth == 0 then
        parts[#parts + 1] = table.concat(part)
        part = {}
      else
        part[#part + 1] = letter
        if quote then
          quote = letter ~= quote and quote or nil
        elseif letter:find("[\"'`]") then
          quote = letter
        else
          depth = math.max(0, depth + (letter == "(" and 1 or letter == ")" and -1 or 0))
        end
      end
    end
    if #part > 0 then
      parts[#parts + 1] = table.concat(part):sub(1, -2)
    end
    return parts
  end

  -- Captions: as many as fields, then extrawidth=… and separator=…, which divides the values too.
  function api.GetUserInputs(title, count, captions, values)
    if count < 1 or count > 16 then
      error(("GetUserInputs shows 1 to 16 fields, not %d"):format(count), 3)
    end
    local separator = ","
    local list = split(captions, ",")
    local asked = { title = title, captions = {}, text = title }
    for index, caption in ipairs(list) do
      local word, value = caption:match("^(%l+)=(.*)$")
      if index > count and word == "separator" then
        separator = value
      elseif index > count and word ~= "extrawidth" then
        fake.fail("GetUserInputs has a caption too many: " .. caption)
      elseif index <= count then
        asked.captions[index] = caption
      end
    end
    asked.values = split(values, separator)
    if #asked.values ~= count then
      fake.fail(("GetUserInputs shows %d fields, but is given %d values"):format(count, #asked.values))
    end
    local answer = ask(asked)
    if not answer then
      return false, values
    end
    assert(#answer == count, ("GetUserInputs asks for %d texts, the test answers %d"):format(count, #answer))
    return true, table.concat(answer, separator)
  end

  function fake.check_dialogs()
    if #answers > 0 then
      fake.fail(("%d dialogs were expected and never shown"):format(#answers))
    end
  end

  -- Messages.

  -- From REAPER 7 on what begins with "!SHOW:" is added without the window opening; before that is no prefix.
  fake.console_openings = 0

  function api.ShowConsoleMsg(text)
    local is_quiet
    if tonumber(fake.version:match("^%d+")) >= 7 then
      is_quiet = text:find("^!SHOW:") ~= nil
      text = text:gsub("^!SHOW:", "")
    end
    if not is_quiet then
      fake.console_openings = fake.console_openings + 1
    end
    fake.console[#fake.console + 1] = text
    fake.said[#fake.said + 1] = text
  end

  function api.ClearConsole()
    fake.console = {}
  end

  -- An empty text takes the tooltip away.
  function api.TrackCtl_SetToolTip(text, x, y, is_topmost)
    fake.tooltip = text ~= "" and { text = text, x = x, y = y, is_topmost = is_topmost, shown_at = fake.now } or nil
    if text ~= "" then
      fake.tooltips[#fake.tooltips + 1] = text
      fake.said[#fake.said + 1] = text
    end
  end

  function api.Help_Set(text, is_temporary)
    fake.help, fake.help_is_temporary = text, is_temporary
    if text ~= "" then
      fake.said[#fake.said + 1] = text
    end
  end

  -- The newest text that the user was shown by any means, or ""; all of them are r.said.
  function fake:say()
    return fake.said[#fake.said] or ""
  end

  -- Whether a text with these words was shown.
  function fake:has_said(words)
    for _, text in ipairs(fake.said) do
      if text:find(words, 1, true) then
        return true
      end
    end
    return false
  end

  -- How many toasts with these words there were.
  function fake:count_said(words)
    local count = 0
    for _, text in ipairs(fake.tooltips) do
      if text:gsub("\n", " "):find(words, 1, true) then
        count = count + 1
      end
    end
    return count
  end

  function api.GetMousePosition()
    return fake.option.mouse[1], fake.option.mouse[2]
  end

  -- Identity.

  function api.GetAppVersion()
    return fake.version
  end

  function api.GetOS()
    return fake.option.os
  end

  function api.GetResourcePath()
    return fake.shown(fake.resource)
  end

  function api.GetExePath()
    return fake.shown(fake.folder .. "/exe")
  end

  function api.APIExists(name)
    return fake.has_function(name)
  end

  function api.time_precise()
    return 1000 + fake.elapsed
  end

  local function random_hex(digits)
    local text = {}
    for index = 1, digits do
      random_state = (random_state * 1103515245 + 12345) % 2147483648
      text[index] = ("%X"):format(random_state // 65536 % 16)
    end
    return table.concat(text)
  end

  function fake.new_guid()
    return ("{%s-%s-%s-%s-%s}"):format(random_hex(8), random_hex(4), random_hex(4), random_hex(4), random_hex(12))
  end

  function api.genGuid()
    return fake.new_guid()
  end

  function api.ValidatePtr2(project, pointer, kind)
    local wanted = kind:match("^(.*)%*$")
    if not wanted then
      error("ValidatePtr2 is asked for " .. kind .. ", without a star", 3)
    end
    local object = fake.object_of(pointer)
    if not object or object.pointer ~= wanted then
      return false
    end
    return wanted == "ReaProject" or wanted == "PCM_source" or fake.project_of(object) == project
  end

  function api.ValidatePtr(pointer, kind)
    return api.ValidatePtr2(fake.active(), pointer, kind)
  end

  -- fake.option.config_vars, and fake.option.audio_device, for what REAPER's settings would say.
  function api.get_config_var_string(name)
    local value = fake.option.config_vars[name]
    return value ~= nil, value or ""
  end

  function api.GetAudioDeviceInfo(attribute)
    local value = fake.option.audio_device[attribute]
    return value ~= nil, value or ""
  end
end

return add
