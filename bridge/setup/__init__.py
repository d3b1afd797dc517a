"""Puts what a DAW needs where that DAW looks for it, and takes it out again."""
