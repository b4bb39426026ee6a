"""SVG in (`reader`) and out (`writer`)."""
