"""What a project file says of its song, without its DAW: Live sets, REAPER projects, DAWproject files; read only."""
