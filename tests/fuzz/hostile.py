"""Texts and numbers that break readers: what mutations put where something harmless was."""

TEMPLATES: tuple[str, ...] = (
    "",
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "{% for a in range(99999) %}{{ 'x' * 9999 }}{% endfor %}",
    "{% macro deep(n) %}{{ deep(n + 1) }}{% endmacro %}{{ deep(0) }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ messages.__init__.__globals__ }}",
    "{% if %}",
    "{{ messages[99].content.missing.more }}",
    "{{ 10 ** 10 ** 10 }}",
    "{{ 1 / 0 }}",
    "{{ raise_exception('no') }}",
    "{{ 'a' * 999999999 }}",
    "{% set ns = namespace(x='a') %}{% for a in range(40) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x }}",
    "{{ cycler }}{{ lipsum(999) }}",
    "{% for m in messages %}{{ m.content }}<|end|><|begin|>{% endfor %}",
    "{{ strftime_now('%' * 99) }}",
    "{% include '/etc/passwd' %}",
    "x" * 300_000,
    "\x00\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    "{{ messages | tojson(indent=10 ** 9) }}",
)

TEXTS: tuple[bytes, ...] = (
    b"",
    b"\x00",
    b"\xff\xfe\xfd",
    b"\x1b[2J\x1b]0;x\x07",
    b"%s%s%s%n",
    b"../../../../etc/passwd",
    b"A" * 70_000,
    "\u202e\u0000\U0010ffff".encode(),
    b"llama",
    b"clip",
    b"blk.0.attn_q.weight",
    b"<|end|>",
)

NUMBERS: tuple[int, ...] = (
    0, 1, 2, 3, 7, 31, 63, 255, 256, 511, 513, 32_767, 65_535, 65_536, 2**20, 2**24, 2**31 - 1, 2**31, 2**32 - 1,
    2**32, 2**40, 2**62, 2**63 - 1, 2**63, 2**64 - 1,
)  # fmt: skip

ARCHITECTURES: tuple[bytes, ...] = (
    b"llama", b"qwen2", b"qwen3moe", b"mamba", b"mamba2", b"gemma3", b"lfm2", b"gpt2", b"phi3", b"bert", b"t5",
    b"rwkv7", b"jamba", b"deepseek2", b"falcon", b"gpt-oss", b"minicpm3", b"nothing",
)  # fmt: skip
