"""Builds the Max for Live device from text: modules, a description of the patch, and a table of Max's objects."""
