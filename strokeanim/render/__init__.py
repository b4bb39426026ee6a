"""Write animations to files: the renderer contract, the built-in renderers, and their host.

This module imports nothing, so that listing renderers stays cheap. The modules of the package:

- `strokeanim.render.protocol` defines the contract; read it first to write a renderer,
- `strokeanim.render.pens` provides pens to draw with,
- `strokeanim.render.formats` holds the built-in renderers, one module each,
- `strokeanim.render.plugins` finds installed renderers and writes new plugin packages,
- `strokeanim.render.host` owns files, sizes and styles, and drives a renderer,
- `strokeanim.render.guard` keeps plugins from writing to any other file.
"""

API_VERSION = (1, 0)
"""Version of the renderer contract: a major one breaks renderers, a minor one only adds."""
