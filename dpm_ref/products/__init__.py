"""§2.5: a model multiplied by a second distribution r(x)."""
