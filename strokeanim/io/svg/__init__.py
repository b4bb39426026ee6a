"""Read SVG (`reader`) and write it (`writer`)."""
