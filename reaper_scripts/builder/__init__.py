"""Builds the index by which ReaPack offers the REAPER scripts: from their own header, checked, and read back."""
