"""What is true? The plan (`model`), the record (`events`, `journal`), its sum (`run_state`), and the `machine`."""
