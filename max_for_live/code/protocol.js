// The bridge's own words: made by docs/generate.py from bridge/protocol.py; change that, then run `make docs`.

export const VERSION = "0.1.0";
export const PROTOCOL_VERSION = 1;
export const DAEMON_PORT = 9130;
export const FIRST_REPLY_PORT = 9132;
export const TO_DAEMON = {
  "/bridge/hello": ["s:client", "s:version", "i:reply_port"],
  "/bridge/ping": ["s:token"],
  "/bridge/trigger": ["s:request_id", "s:path", "i:bytes?"],
  "/bridge/trigger/part": ["s:request_id", "i:index", "i:total", "s:piece"],
  "/bridge/file": ["s:request_id", "s:path", "s:prompt?"],
  "/bridge/again": ["s:request_id", "s:job_id?", "s:prompt?"],
  "/bridge/cancel": ["s:request_id", "s:job_id?"],
  "/bridge/retry": ["s:request_id", "s:job_id?"],
  "/bridge/undo": ["s:request_id", "s:job_id?"],
  "/bridge/status": ["s:request_id", "s:job_id?"],
  "/bridge/imported": ["s:request_id", "s:job_id", "i:take", "s:where?"],
};
export const FROM_DAEMON = {
  "/bridge/welcome": ["s:version", "i:protocol", "s:media_folder", "s:provider"],
  "/bridge/pong": ["s:token"],
  "/bridge/accepted": ["s:request_id", "s:job_id", "i:billable_requests"],
  "/bridge/rejected": ["s:request_id", "s:code", "s:text"],
  "/bridge/progress": ["s:request_id", "s:job_id", "f:fraction", "s:stage"],
  "/bridge/done": ["s:request_id", "s:job_id", "i:take", "i:takes", "s:wav_path", "f:bpm", "f:beats", "s:key", "s:json_path"],
  "/bridge/failed": ["s:request_id", "s:job_id", "s:code", "s:text"],
  "/bridge/ended": ["s:request_id", "s:job_id", "s:state", "i:delivered", "i:asked"],
  "/bridge/startup": ["s:version", "i:protocol"],
};
export const MAX_PARTS = 4096;
export const MODES = ["variation", "accompany", "continue"];
export const MOST_TAKES = 10;
