"""The deployed tables, as AWS reports them."""
