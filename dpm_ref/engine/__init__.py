"""What makes the package fast or keeps it safe."""
