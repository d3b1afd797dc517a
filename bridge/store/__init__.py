"""Jobs, requests and takes in SQLite: the queue, and the memory of what was done."""
