"""The resident workers: warmed up before they are shown as ready, let go when the machine is short, brought back."""
