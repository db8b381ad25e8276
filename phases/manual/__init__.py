"""Work that people do: handed in, with commands that are looked at before they run."""
