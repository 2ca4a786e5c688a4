"""Reads the file formats of agents' settings, with the lines that things stand on."""
