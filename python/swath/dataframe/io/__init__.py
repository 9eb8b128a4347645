"""Tables from files and from memory, and to files."""
