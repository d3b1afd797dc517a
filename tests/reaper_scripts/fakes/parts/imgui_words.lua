-- Words of the fake ReaImGui: its constants, how labels are read, and how arguments are checked.

local M = {}

M.CONSTANTS = {
  Cond_None = 0, Cond_Always = 1, Cond_Once = 2, Cond_FirstUseEver = 4, Cond_Appearing = 8, WindowFlags_None = 0,
  WindowFlags_NoTitleBar = 1, WindowFlags_NoResize = 2, WindowFlags_NoScrollbar = 8, WindowFlags_NoCollapse = 32,
  WindowFlags_AlwaysAutoResize = 64, WindowFlags_NoSavedSettings = 256, WindowFlags_NoDocking = 524288,
  WindowFlags_TopMost = 1 << 20, ChildFlags_None = 0, ChildFlags_Borders = 1, ConfigFlags_None = 0,
  ConfigFlags_NavEnableKeyboard = 1, ConfigFlags_DockingEnable = 128, InputTextFlags_None = 0,
  InputTextFlags_EnterReturnsTrue = 64, InputTextFlags_AutoSelectAll = 4096, InputTextFlags_ReadOnly = 512,
  ComboFlags_None = 0, SelectableFlags_None = 0, TreeNodeFlags_None = 0, TreeNodeFlags_DefaultOpen = 32,
  HoveredFlags_None = 0, HoveredFlags_AllowWhenDisabled = 1024, HoveredFlags_ForTooltip = 4096, Col_Text = 0,
  Col_TextDisabled = 1, Col_WindowBg = 2, Col_Button = 21, Col_ButtonHovered = 22, Col_ButtonActive = 23,
  Col_FrameBg = 7, Col_PlotHistogram = 42, StyleVar_Alpha = 0, StyleVar_FramePadding = 11, StyleVar_ItemSpacing = 14,
  StyleVar_WindowPadding = 2, TableFlags_None = 0, TableFlags_SizingStretchProp = 24576,
  TableFlags_SizingFixedFit = 8192, TableColumnFlags_None = 0, TableColumnFlags_WidthStretch = 8,
  TableColumnFlags_WidthFixed = 16, Key_Escape = 526, Key_Enter = 525, Mod_None = 0,
}

-- Raises unless the argument is of that kind: "integer", "number?", "any".
function M.wants(name, index, value, wanted)
  local kind, optional = wanted:match("^(%a+)(%??)$")
  if kind == "any" or value == nil and optional == "?" then return end
  local is_right = type(value) == kind
  if kind == "integer" then is_right = math.type(value) ~= nil and math.tointeger(value) ~= nil end
  if kind == "number" then is_right = math.type(value) ~= nil end
  if not is_right then
    error(("bad argument #%d to 'ImGui_%s' (%s expected, got %s)"):format(index, name, kind,
      value == nil and "no value" or type(value)), 0)
  end
end

-- What of a label is shown: all before ##.
function M.visible_part(label)
  return label:match("^(.-)##") or label
end

-- What of it makes the ID: all, or from ### on.
function M.id_part(label)
  return label:match("###.*$") or label
end

return M
