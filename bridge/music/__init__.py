"""What a musician knows, without files and without samples: keys, metre, tempo, sections, instruments, names."""
