"""The image network of appendix D.2."""
