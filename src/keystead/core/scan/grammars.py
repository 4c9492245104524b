"""The languages: their grammars, and which nodes of a syntax tree make texts in them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import TypeAlias

import tree_sitter_bash
import tree_sitter_go
import tree_sitter_hcl
import tree_sitter_java
import tree_sitter_javascript
import tree_sitter_json
import tree_sitter_python
import tree_sitter_ruby
import tree_sitter_typescript
import tree_sitter_yaml
from tree_sitter import Language, Node, Parser

_CHUNK = 4_096
_BYTES_A_STEP = 10  # real source takes a step for 50 bytes or so
_DEEPEST = 1_000  # of the nodes of a tree: what is deeper was not written by people

Fields: TypeAlias = tuple[str, str]  # of a binding: the name, the value


@dataclass(frozen=True, slots=True)
class Grammar:
    """Types of nodes. In `texts`, text stands as it is, beside escapes, interpolations and QUOTES."""

    load: Callable[[], object]
    texts: frozenset[str]
    interpolations: frozenset[str] = frozenset()
    joined: frozenset[str] = frozenset()  # all children one after the other
    operations: frozenset[str] = frozenset()
    wrappers: frozenset[str] = frozenset()  # the first child with a name is the value
    lists: frozenset[str] = frozenset()
    arguments: frozenset[str] = frozenset()
    calls: Mapping[str, Fields] = field(default_factory=dict)  # what is called, the arguments
    members: Mapping[str, Fields] = field(default_factory=dict)  # the owner, the name
    names: frozenset[str] = frozenset()
    bindings: Mapping[str, Fields] = field(default_factory=dict)
    parameters: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    imports: frozenset[str] = frozenset()
    prose: frozenset[str] = frozenset({"comment", "line_comment", "block_comment"})


QUOTES = frozenset(
    {
        *('"', "'", "`", "/", '"""', "%q(", "%Q(", "%w(", '$"'),
        *("string_start", "string_end", "quoted_template_start", "quoted_template_end", "regex_flags"),
        *("heredoc_start", "heredoc_end", "heredoc_identifier"),
    }
)
_SCRIPT = {
    "texts": frozenset({"string", "template_string", "string_fragment", "regex", "regex_pattern"}),
    "interpolations": frozenset({"template_substitution"}),
    "operations": frozenset({"binary_expression"}),
    "wrappers": frozenset(
        {
            "parenthesized_expression",
            "as_expression",
            "satisfies_expression",
            "non_null_expression",
            "await_expression",
        }
    ),
    "lists": frozenset({"array"}),
    "arguments": frozenset({"arguments"}),
    "names": frozenset({"identifier"}),
    "parameters": frozenset({"formal_parameters", "required_parameter", "optional_parameter"}),
    "scopes": frozenset(
        {"function_declaration", "function_expression", "arrow_function", "method_definition", "function"}
    ),
    "imports": frozenset({"import_statement"}),
    "prose": frozenset({"comment", "jsx_text", "html_comment"}),
}
_SCRIPT_FIELDS: dict[str, dict[str, Fields]] = {
    "calls": {"call_expression": ("function", "arguments"), "new_expression": ("constructor", "arguments")},
    "members": {"member_expression": ("object", "property")},
    "bindings": {
        "variable_declarator": ("name", "value"),
        "assignment_expression": ("left", "right"),
        "augmented_assignment_expression": ("left", "right"),
        "field_definition": ("property", "value"),
        "public_field_definition": ("name", "value"),
        "enum_assignment": ("name", "value"),
        "assignment_pattern": ("left", "right"),
        "required_parameter": ("pattern", "value"),
        "pair": ("key", "value"),
    },
}


def _script(load: Callable[[], object]) -> Grammar:
    return Grammar(load, **_SCRIPT, **_SCRIPT_FIELDS)  # type: ignore[arg-type] # one table for three grammars


GRAMMARS: dict[str, Grammar] = {
    "python": Grammar(
        tree_sitter_python.language,
        texts=frozenset({"string", "string_content"}),
        interpolations=frozenset({"interpolation"}),
        joined=frozenset({"concatenated_string"}),
        operations=frozenset({"binary_operator", "boolean_operator"}),
        wrappers=frozenset({"parenthesized_expression", "await"}),
        lists=frozenset({"list", "tuple"}),
        arguments=frozenset({"argument_list"}),
        calls={"call": ("function", "arguments")},
        members={"attribute": ("object", "attribute")},
        names=frozenset({"identifier"}),
        bindings={
            "assignment": ("left", "right"),
            "augmented_assignment": ("left", "right"),
            "named_expression": ("name", "value"),
            "default_parameter": ("name", "value"),
            "typed_default_parameter": ("name", "value"),
        },
        parameters=frozenset({"parameters", "lambda_parameters", "typed_parameter"}),
        scopes=frozenset({"function_definition", "lambda"}),
        imports=frozenset({"import_statement", "import_from_statement"}),
    ),
    "go": Grammar(
        tree_sitter_go.language,
        texts=frozenset(
            {
                "interpreted_string_literal",
                "interpreted_string_literal_content",
                "raw_string_literal",
                "raw_string_literal_content",
            }
        ),
        operations=frozenset({"binary_expression"}),
        wrappers=frozenset({"parenthesized_expression", "expression_list", "literal_element"}),
        lists=frozenset({"composite_literal", "literal_value"}),
        arguments=frozenset({"argument_list"}),
        calls={"call_expression": ("function", "arguments")},
        members={"selector_expression": ("operand", "field")},
        names=frozenset({"identifier"}),
        bindings={
            "const_spec": ("name", "value"),
            "var_spec": ("name", "value"),
            "short_var_declaration": ("left", "right"),
            "assignment_statement": ("left", "right"),
        },
        parameters=frozenset({"parameter_declaration"}),
        scopes=frozenset({"function_declaration", "method_declaration", "func_literal"}),
        imports=frozenset({"import_declaration", "package_clause"}),
    ),
    "java": Grammar(
        tree_sitter_java.language,
        texts=frozenset({"string_literal", "string_fragment", "multiline_string_fragment"}),
        operations=frozenset({"binary_expression"}),
        wrappers=frozenset({"parenthesized_expression"}),
        lists=frozenset({"array_initializer"}),
        arguments=frozenset({"argument_list"}),
        calls={
            "method_invocation": ("name", "arguments"),
            "object_creation_expression": ("type", "arguments"),
        },
        members={"field_access": ("object", "field")},
        names=frozenset({"identifier"}),
        bindings={"variable_declarator": ("name", "value"), "assignment_expression": ("left", "right")},
        parameters=frozenset({"formal_parameter"}),
        scopes=frozenset({"method_declaration", "constructor_declaration", "lambda_expression"}),
        imports=frozenset({"import_declaration", "package_declaration"}),
    ),
    "ruby": Grammar(
        tree_sitter_ruby.language,
        texts=frozenset(
            {
                "string",
                "bare_string",
                "string_content",
                "heredoc_body",
                "heredoc_content",
                "regex",
                "subshell",
            }
        ),
        interpolations=frozenset({"interpolation"}),
        joined=frozenset({"chained_string"}),
        operations=frozenset({"binary"}),
        wrappers=frozenset({"parenthesized_statements"}),
        lists=frozenset({"array", "string_array"}),
        arguments=frozenset({"argument_list"}),
        calls={"call": ("method", "arguments")},
        members={"scope_resolution": ("scope", "name")},
        names=frozenset({"identifier", "constant", "instance_variable", "class_variable", "global_variable"}),
        bindings={
            "assignment": ("left", "right"),
            "operator_assignment": ("left", "right"),
            "optional_parameter": ("name", "value"),
            "keyword_parameter": ("name", "value"),
        },
        parameters=frozenset({"method_parameters", "block_parameters", "lambda_parameters"}),
        scopes=frozenset({"method", "singleton_method", "block", "do_block", "lambda"}),
    ),
    "bash": Grammar(
        tree_sitter_bash.language,
        texts=frozenset(
            {
                "string",
                "string_content",
                "raw_string",
                "ansi_c_string",
                "translated_string",
                "word",
                "heredoc_body",
                "heredoc_content",
            }
        ),
        interpolations=frozenset({"simple_expansion", "expansion", "command_substitution"}),
        joined=frozenset({"concatenation"}),
        calls={"command": ("name", "")},
        names=frozenset({"variable_name"}),
        bindings={"variable_assignment": ("name", "value")},
    ),
    "hcl": Grammar(
        tree_sitter_hcl.language,
        texts=frozenset({"string_lit", "quoted_template", "template_literal", "heredoc_template"}),
        interpolations=frozenset({"template_interpolation"}),
        wrappers=frozenset({"expression", "literal_value", "template_expr", "collection_value"}),
        lists=frozenset({"tuple"}),
        arguments=frozenset({"function_arguments"}),
        calls={"function_call": ("", "")},
        names=frozenset({"identifier"}),
        bindings={"attribute": ("", ""), "object_elem": ("", "")},
    ),
    "json": Grammar(
        tree_sitter_json.language,
        texts=frozenset({"string", "string_content"}),
        lists=frozenset({"array"}),
        bindings={"pair": ("key", "value")},
    ),
    "yaml": Grammar(
        tree_sitter_yaml.language,
        texts=frozenset({"plain_scalar", "double_quote_scalar", "single_quote_scalar", "block_scalar"}),
        bindings={"block_mapping_pair": ("key", "value"), "flow_pair": ("key", "value")},
    ),
    "javascript": _script(tree_sitter_javascript.language),
    "typescript": _script(tree_sitter_typescript.language_typescript),
    "tsx": _script(tree_sitter_typescript.language_tsx),
}


def is_deep(root: Node, places: Iterable[int]) -> bool:
    """Say whether any of the places is so deep in the tree that climbing up from it takes too long."""
    return any(_depth_at(root, place) > _DEEPEST for place in places)


def _depth_at(root: Node, place: int) -> int:
    cursor, depth = root.walk(), 0
    while depth <= _DEEPEST and cursor.goto_first_child_for_byte(place) is not None:
        depth += 1
    return depth


def parse_or_none(language: str, source: bytes, *, least_steps: int = 20_000) -> Node | None:
    """Return the root of the tree; None for a tangle that the parser would puzzle over for minutes."""
    steps, most = count(), least_steps + len(source) // _BYTES_A_STEP
    parser = Parser(_language(language))  # a used one may remember what it met, and costs no less
    try:
        return parser.parse(
            lambda at, _: source[at : at + _CHUNK], progress_callback=lambda _at, _failed: next(steps) > most
        ).root_node
    except ValueError:  # cancelled
        return None


@cache
def _language(name: str) -> Language:
    """Return the language, loaded at its first use: most scans meet a few of them."""
    return Language(GRAMMARS[name].load())
