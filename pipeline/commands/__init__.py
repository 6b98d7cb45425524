"""The commands, one file each: they call what computes, print what it gives, and no more."""
