-- What the parts of the fake do with tables.

local M = {}

-- A deep copy, with these fields over it.
function M.copy(value, over)
  if type(value) ~= "table" then
    return value
  end
  local result = {}
  for key, part in pairs(value) do
    result[key] = M.copy(part)
  end
  for key, part in pairs(over or {}) do
    result[key] = part
  end
  return result
end

-- A copy whose fields are the same ones.
function M.shallow(original)
  local result = {}
  for key, value in pairs(original) do
    result[key] = value
  end
  return result
end

function M.index_of(list, wanted)
  for index, value in ipairs(list) do
    if value == wanted then
      return index
    end
  end
  error("it is not in the list", 2)
end

return M
