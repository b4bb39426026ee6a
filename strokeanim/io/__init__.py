"""Read and write drawings: one module per format, behind `load`, `stream` and `save`."""
