"""How a model writes a tool call, found out from its own chat template; nothing here knows a model by name.

`derive.py` renders a conversation and reads off a `Dialect`; `reader.py` reads an answer with it as it streams,
`call_grammar.py` holds the model to it, `checking.py` says what is wrong with a call. Import those modules themselves:
jinja2 is for those who chat.
"""
