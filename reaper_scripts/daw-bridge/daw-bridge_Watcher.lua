-- @description daw-bridge: generate takes from what is selected
-- @author daw-bridge maintainers
-- @version 0.1.0
-- @changelog
--   First version
-- @provides
--   [main] .
--   [main] daw-bridge_Generate from selected items.lua
--   [main] daw-bridge_Generate from time selection.lua
--   [main] daw-bridge_Again.lua
--   [main] daw-bridge_Cancel.lua
--   [main] daw-bridge_Retry.lua
--   [main] daw-bridge_Undo last.lua
--   [main] daw-bridge_Status.lua
--   [main] daw-bridge_Settings.lua
--   [nomain] lib/*.lua
--   [nomain] lib/face/*.lua
--   [nomain] lib/place/*.lua
--   [nomain] lib/read/*.lua
--   [nomain] lib/talk/*.lua
-- @about
--   # daw-bridge
--
--   Select an item and run **Generate from selected items**: daw-bridge, a program on the same computer,
--   makes new takes of it, and they appear in place. Install it too: docs/reaper.md of the project says how.

-- The one script that goes on running: it does what the actions ask for and brings takes into the song.
-- The first action starts it.

local folder = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
package.path = folder .. "?.lua"
local is_there, bridge = pcall(require, "lib.bridge")
if is_there then return bridge.run() end
local problem = "The scripts in %slib cannot be opened: run `daw-bridge install reaper` again, or, where "
  .. "that path is not in plain letters, move REAPER's resource folder to one that is.\n\n%s"
reaper.ShowMessageBox(problem:format(folder, bridge:match("^[^\n]*")), "daw-bridge", 0)
