-- @description daw-bridge: generate from selected items
-- @author daw-bridge maintainers
-- @noindex

-- Sends the selected items to daw-bridge, which makes new takes of them.
-- The work is done by the watcher beside this script, which starts by itself.

local folder = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
package.path = folder .. "?.lua"
require("lib.signal").send("generate_items")
