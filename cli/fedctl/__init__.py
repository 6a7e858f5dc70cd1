"""fedctl, the command line: how a person installs, joins, federates, sees and explains.

One package a verb. Its `commands` module says which arguments the command takes and imports nothing heavy, so that
`--help` answers at once; beside it are pure modules, which know no server, and the thin shell that reads and writes.
Whatever is not a verb's alone stands here, above them. Nothing of the controller imports any of this.
"""
