"""The core: what Carryon knows and does. No Qt and no llama.cpp below this line; compose.py joins the parts."""
