"""What tests share: worlds to act in, and short ways to them."""
