-- The scripts' window as a test sees and uses it, whichever of gfx and ReaImGui draws it.

local wanted_face

local function add_window(fake)
  local faces = {}
  local window = {}
  fake.window = window

  -- A face says: is_open(), title(), texts(), click(text, options), close(), and what else it can do of the below.
  function fake.add_face(face)
    faces[#faces + 1] = face
  end

  function window.is_open()
    for _, face in ipairs(faces) do
      if face.is_open() then return true end
    end
    return false
  end

  -- What is to be read in the window, top to bottom as it was drawn last.
  function window.texts()
    return wanted_face(faces, "texts").texts()
  end

  -- Whether one of the texts has these words in it.
  function window.shows(_, words)
    if not window.is_open() then return false end
    for _, text in ipairs(window.texts()) do
      if text:find(words, 1, true) then return true end
    end
    return false
  end

  function window.title()
    return wanted_face(faces, "title").title()
  end

  -- The mouse goes down and up on what bears this text, in the next ticks; { right = true } the other button.
  function window.click(_, text, options)
    wanted_face(faces, "click").click(text, options or {})
  end

  -- The user closes the window by its frame.
  function window.close()
    wanted_face(faces, "close").close()
  end

  -- Keys, as text or one number as gfx.getchar gives it; in ReaImGui text goes into the field of that label.
  function window.type(_, first, second)
    wanted_face(faces, "type").type(first, second)
  end

  -- Chooses from a menu (gfx: of the next menu shown) or a list (ReaImGui: of that label).
  function window.choose(_, first, second)
    wanted_face(faces, "choose").choose(first, second)
  end

  -- Rolled up to its title bar, or (false) down again.
  function window.collapse(_, is_collapsed)
    wanted_face(faces, "collapse").collapse(is_collapsed)
  end

  function window.resize(_, width, height)
    wanted_face(faces, "resize").resize(width, height)
  end

  function window.move(_, x, y)
    wanted_face(faces, "move").move(x, y)
  end
end

function wanted_face(faces, what)
  for _, face in ipairs(faces) do
    if face.is_open() then
      return assert(face[what], "this window cannot do that: " .. what) and face
    end
  end
  error("no window of a script is open", 3)
end

return add_window
