-- @description daw-bridge: cancel
-- @author daw-bridge maintainers
-- @noindex

-- Stops the newest job of this project.
-- The work is done by the watcher beside this script, which starts by itself.

local folder = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
package.path = folder .. "?.lua"
require("lib.signal").send("cancel")
