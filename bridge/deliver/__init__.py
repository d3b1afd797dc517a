"""From the results of a take to a WAV that fits the song, in the project, with its note beside it."""
