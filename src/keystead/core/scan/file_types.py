"""Which language a file is written in, by its name and its first line."""

import re

PLAIN, MARKDOWN = "plain", "markdown"
_ENDINGS = {
    "python": "py pyi pyw",
    "go": "go",
    "javascript": "js mjs cjs jsx",
    "typescript": "ts mts cts",
    "tsx": "tsx",
    "java": "java",
    "ruby": "rb rake gemspec ru",
    "bash": "sh bash zsh ksh dash bats",
    "yaml": "yml yaml",
    "json": "json jsonc json5 tfstate ipynb har webmanifest",
    "hcl": "tf tfvars hcl tofu",
    MARKDOWN: "md markdown mdx mdown",
}
_LANGUAGES = {ending: language for language, endings in _ENDINGS.items() for ending in endings.split()}
_NAMES = {
    "rakefile": "ruby",
    "gemfile": "ruby",
    "vagrantfile": "ruby",
    "capfile": "ruby",
    ".bashrc": "bash",
    ".profile": "bash",
    ".zshrc": "bash",
}
_WORDS = {
    "golang": "go",
    "python3": "python",
    "shell": "bash",
    "node": "javascript",
    "terraform": "hcl",
    "typescriptreact": "tsx",
    "javascriptreact": "javascript",
    "console": "bash",
    "shell-session": "bash",
    "shellsession": "bash",
    "sh-session": "bash",
}
_SHEBANG = re.compile(rb"#!\s*(?:\S*/env\s+(?:-\S+\s+)*)?(?:\S*/)?(?!env\b)([a-z]+)")
_SHELLS = ("sh", "bash", "zsh", "ksh", "dash")
PROSE_ENDINGS = (".txt", ".rst", ".adoc", ".asciidoc", ".org", ".text", ".tex", ".html", ".htm")


def language_of(path: str, first_line: bytes) -> str:
    """Return the language of a file; `plain` when it is none that is known."""
    name = path.rpartition("/")[2].lower()
    known = _NAMES.get(name) or _LANGUAGES.get(name.rpartition(".")[2] if "." in name else "")
    if known is None and (found := _SHEBANG.match(first_line)):
        known = language_named(found[1].decode())
    return known or PLAIN


def language_named(word: str) -> str:
    """Return the language that people call by the word, as behind the fence of a block in Markdown."""
    word = word.lower()
    if word in _SHELLS:
        return "bash"
    known = _WORDS.get(word) or _LANGUAGES.get(word) or (word if word in _ENDINGS else PLAIN)
    return PLAIN if known == MARKDOWN else known
