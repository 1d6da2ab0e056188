"""The table of library functions: a file per family, each a list of records."""
