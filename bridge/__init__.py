"""daw-bridge: from a clip in your DAW to music that fits your song."""

__version__ = "0.1.0"
