"""How Carryon looks: design tokens (plain values), and what is generated from them: palette, stylesheet, icons."""
