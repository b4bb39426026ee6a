"""Write animations to files: the renderer contract, the built-in renderers, and their host.

Nothing is imported here, so that listing renderers stays cheap:

- `strokeanim.render.protocol` is the contract; read that first to write a renderer,
- `strokeanim.render.pens` are pens to draw with,
- `strokeanim.render.formats` holds the built-in renderers, one module each,
- `strokeanim.render.plugins` finds renderers that are installed, checks them and makes new ones,
- `strokeanim.render.host` owns files, sizes and styles, and drives a renderer,
- `strokeanim.render.guard` keeps plugins from writing anywhere else.
"""

API_VERSION = (1, 0)
"""Of the renderer contract. Major: what renderers must change for. Minor: what was added."""
