"""What is true? The plan (`model`), the record (`events`, `journal`), its sum (`fold`), and the `machine`."""
