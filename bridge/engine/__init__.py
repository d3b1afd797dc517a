"""The embedded engine: a music_gen endpoint on this machine, and the band that plays behind it."""
