-- @noindex
-- What goes into the daemon's inbox: each file appears whole, if need be a moment later than it was written.

local files = require("lib.files")

local M = {}

-- `{ drop(path, text, done), tick() }`; `done(true)` or `done(nil, problem)`, at once where nothing is in the
-- way.
function M.create()
  local held = {}
  local post = {}

  function post.drop(path, text, done)
    local part, problem = files.open_part(path)
    if not part then return done(nil, problem) end
    local is_written
    is_written, problem = part:write(text)
    if not is_written then return done(nil, problem) end
    if part:try_to_finish() then return done(true) end
    local until_seconds = reaper.time_precise() + files.PATIENCE_SECONDS
    held[#held + 1] = { part = part, done = done, until_seconds = until_seconds }
  end

  function post.tick()
    local tried = held
    held = {}
    for _, one in ipairs(tried) do
      local is_there, problem = one.part:try_to_finish()
      if is_there then
        one.done(true)
      elseif reaper.time_precise() < one.until_seconds then
        held[#held + 1] = one
      else
        one.part:drop()
        one.done(nil, problem)
      end
    end
  end

  return post
end

return M
