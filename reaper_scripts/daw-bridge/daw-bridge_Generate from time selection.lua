-- @description daw-bridge: generate from time selection
-- @author daw-bridge maintainers
-- @noindex

-- Sends what sounds in the time selection to daw-bridge, which makes new takes of exactly that length.
-- The work is done by the watcher beside this script, which starts by itself.

local folder = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
package.path = folder .. "?.lua"
require("lib.signal").send("generate_time")
