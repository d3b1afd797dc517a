-- REAPER's functions on projects: tabs, paths, time selection, cursor, settings.

local function add(fake)
  local api = fake.api

  function api.EnumProjects(index)
    local project
    if index == -1 then
      project = fake.active()
    elseif index == 0x40000000 then
      project = fake.rendering
    else
      project = fake.projects[index + 1]
    end
    if not project then
      return nil
    end
    return project, project.path or ""
  end

  function api.GetProjectName(project)
    return project.path and project.path:match("[^/\\]*$") or ""
  end

  -- Where it records to: not the folder of the .rpp.
  function api.GetProjectPathEx(project)
    local folder = project.path and project.path:match("^(.*)[/\\]")
    local slash = fake.slash
    return folder and folder .. slash .. "Media" or fake.shown(fake.full_path("REAPER Media"))
  end

  function api.GetProjectPath()
    return api.GetProjectPathEx(fake.active())
  end

  function api.IsProjectDirty(project)
    return project.is_dirty and 1 or 0
  end

  function api.MarkProjectDirty(project)
    fake.touch(project)
  end

  function api.GetProjectStateChangeCount(project)
    return project.state_count
  end

  function api.GetProjectLength(project)
    local length = 0
    for _, item in ipairs(project:items()) do
      length = math.max(length, item.values.D_POSITION + item.values.D_LENGTH)
    end
    return length
  end

  -- View, cursor, time selection.

  function api.GetSet_LoopTimeRange2(project, is_set, is_loop, start_seconds, end_seconds)
    local span = is_loop and project.loop or project.span
    if is_set then
      span[1], span[2] = math.min(start_seconds, end_seconds), math.max(start_seconds, end_seconds)
    end
    return span[1], span[2]
  end

  function api.GetSet_LoopTimeRange(is_set, is_loop, start_seconds, end_seconds, seeks)
    return api.GetSet_LoopTimeRange2(fake.active(), is_set, is_loop, start_seconds, end_seconds, seeks)
  end

  function api.GetCursorPositionEx(project)
    return project.cursor
  end

  function api.GetCursorPosition()
    return fake.active().cursor
  end

  function api.SetEditCurPos2(project, seconds)
    project.cursor = seconds
  end

  function api.SetEditCurPos(seconds)
    fake.active().cursor = seconds
  end

  function api.GetPlayStateEx(project)
    return project.play_state
  end

  function api.GetPlayState()
    return fake.active().play_state
  end

  -- The projects that scripts brought to the front, which only an old REAPER makes them do.
  fake.fronts = {}

  function api.SelectProjectInstance(project)
    if fake.has_function("InsertTrackInProject") then
      fake.fail("a script brings another project to the front")
    end
    for _, open in ipairs(fake.projects) do
      if open.undo_depth > 0 then
        fake.fail("a script brings another project to the front inside an undo block")
      end
    end
    fake.fronts[#fake.fronts + 1] = project
    fake.set_active(project)
  end

  function api.GetSetProjectInfo(project, key, value, is_set)
    local computed = fake.project_info and fake.project_info[key]
    if computed and not is_set then
      return computed(project)
    end
    if is_set then
      project.info[key] = value
    end
    return project.info[key] or 0
  end

  function api.GetSetProjectInfo_String(project, key, value, is_set)
    local computed = fake.project_texts and fake.project_texts[key]
    if computed and not is_set then
      return computed(project)
    end
    if is_set then
      project.texts[key] = value
    end
    return true, project.texts[key] or ""
  end
end

return add
