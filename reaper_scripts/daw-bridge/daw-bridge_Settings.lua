-- @description daw-bridge: settings
-- @author daw-bridge maintainers
-- @noindex

-- Asks for prompt, mode, bars, takes, place and key, which the project remembers.
-- The work is done by the watcher beside this script, which starts by itself.

local folder = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
package.path = folder .. "?.lua"
require("lib.signal").send("settings")
