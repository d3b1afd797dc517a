"""What an engineer knows: sounds on the disk, their rate, length, loudness and tags, and instruments to play."""
