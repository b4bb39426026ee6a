"""Represent frames and animations, and when each frame is shown."""
