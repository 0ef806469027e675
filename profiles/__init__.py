"""What machines are and what they boot: flavors, boot scripts, images."""
