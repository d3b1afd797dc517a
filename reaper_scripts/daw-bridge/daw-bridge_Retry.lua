-- @description daw-bridge: retry
-- @author daw-bridge maintainers
-- @noindex

-- Goes on with the job of this project that failed or was cancelled last.
-- The work is done by the watcher beside this script, which starts by itself.

local folder = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
package.path = folder .. "?.lua"
require("lib.signal").send("retry")
