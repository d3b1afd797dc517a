"""How fast and how small the bridge is, each figure beside the bare floor of the same steps: `python -m bench`."""
