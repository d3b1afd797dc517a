-- @description daw-bridge: status
-- @author daw-bridge maintainers
-- @noindex

-- Opens or closes the window that shows what daw-bridge is doing.
-- The work is done by the watcher beside this script, which starts by itself.

local folder = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
package.path = folder .. "?.lua"
require("lib.signal").send("status")
