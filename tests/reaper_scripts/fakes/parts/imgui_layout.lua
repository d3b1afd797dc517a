-- Functions of the fake ReaImGui that only place things, or tell of a mouse that is elsewhere: checked, without effect.

local words = require("fakes.parts.imgui_words")

local function add_layout(functions, context_of, inside)
  local placing = {
    SameLine = { "number?", "number?" }, Separator = {}, Spacing = {}, NewLine = {}, Indent = { "number?" },
    Unindent = { "number?" }, Dummy = { "number", "number" }, AlignTextToFramePadding = {},
    SetNextItemWidth = { "number" }, SetItemDefaultFocus = {}, SetKeyboardFocusHere = { "integer?" },
    SetTooltip = { "string" }, SetItemTooltip = { "string" }, TableNextRow = { "integer?", "number?" },
    TableSetupColumn = { "string", "integer?", "number?" }, TableHeadersRow = {}, SetCursorPosX = { "number" },
    SetCursorPosY = { "number" },
  }
  for name, kinds in pairs(placing) do
    functions[name] = function(handle, ...)
      local _, frame = context_of(name, handle)
      for index, kind in ipairs(kinds) do words.wants(name, index + 1, (select(index, ...)), kind) end
      inside(name, frame)
    end
  end
  function functions.TableNextColumn(handle)
    local _, frame = context_of("TableNextColumn", handle)
    inside("TableNextColumn", frame)
    return true
  end
  for _, name in ipairs({
    "IsItemHovered", "IsItemActive", "IsItemClicked", "IsItemDeactivated", "IsWindowAppearing", "IsWindowFocused",
    "IsKeyPressed", "IsAnyItemActive", "IsWindowDocked",
  }) do
    functions[name] = function(handle)
      context_of(name, handle)
      return false
    end
  end
  for name, size in pairs({
    GetTextLineHeight = 13, GetFrameHeight = 17, GetTextLineHeightWithSpacing = 17, GetFrameHeightWithSpacing = 21,
    GetFontSize = 13, GetCursorPosX = 8, GetCursorPosY = 8,
  }) do
    functions[name] = function(handle)
      context_of(name, handle)
      return size + 0.0
    end
  end
  for _, name in ipairs({ "SetNextWindowPos", "SetNextWindowSizeConstraints" }) do
    functions[name] = function(handle) context_of(name, handle) end
  end
end

return add_layout
