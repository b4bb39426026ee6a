"""Frames in, files out: the renderer contract, the built-in renderers, and the host that runs them.

Nothing is imported here, so that listing renderers stays cheap:

- `strokeanim.render.protocol` is the contract; read that first to write a renderer,
- `strokeanim.render.animation` holds `Animation`, what `save` is called on,
- `strokeanim.render.pens` are pens to draw with,
- `strokeanim.render.installed` lists what entry points announce, `strokeanim.render.registry` says
  which of them is meant,
- `strokeanim.render.inspection` sees what is wrong with them without running them,
- `strokeanim.render.host` owns files, sizes and styles, and drives a renderer,
- `strokeanim.render.guard` keeps plugins from writing anywhere else,
- `svg`, `png`, `gif`, `mp4` and `ndjson` are the built-ins, one small file each.
"""

API_VERSION = (1, 0)
"""Of the renderer contract. Major: what renderers must change for. Minor: what was added."""
