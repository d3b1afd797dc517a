-- @description daw-bridge: retry
-- @author daw-bridge maintainers
-- @noindex

-- Goes on with the job of this project that failed or was cancelled last.
-- The work is done by the watcher beside this script, which starts by itself.

local folder = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
package.path = folder .. "?.lua"
local is_there, signal = pcall(require, "lib.signal")
if is_there then return signal.send("retry") end
local problem = "The scripts in %slib cannot be opened: run `daw-bridge install reaper` again, or, where "
  .. "that path is not in plain letters, move REAPER's resource folder to one that is.\n\n%s"
reaper.ShowMessageBox(problem:format(folder, signal:match("^[^\n]*")), "daw-bridge", 0)
