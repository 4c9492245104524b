"""Checks that no ready-made linter makes. Run: `python tools/house_rules.py src/keystead`."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

MAX_FUNCTION_LINES = 40
MAX_FILE_LINES = 400
MAX_TEMPLATE_LINES = 120
MAX_HTTP_LINES = 1_700  # docs/adr/0003: past this it is a framework, and one should be taken instead
ONLY_IN = {  # method name -> the files that may call it; a name that ends in / is a folder
    "begin": {"storage/engine.py"},
    "commit": {"storage/engine.py"},
    "rollback": {
        "storage/engine.py",
        "storage/postgresql.py",  # ends what the driver began before the statement limits are set
    },
    "exec_driver_sql": {"storage/sqlite.py", "storage/postgresql.py"},
    "reveal": {
        "core/accounts/password.py",  # the text that the slow hash reads
        "core/credentials/mint.py",  # the text that the digest reads
        "core/credentials/presented.py",  # the form of a credential is read from its text
        "core/installation/keyring.py",  # the check value of the keys
        "core/sessions/value.py",  # the text that the digest reads
        "core/pepper.py",  # the key of the digest
        "bootstrap/first_start.py",  # a first password that was made up goes into its file
        "client/exchange.py",  # the server is shown it, in a header
        "cli/output.py",  # whoever asked for a secret is shown it
        "http/cookies.py",  # the browser is given its session
        "api/auth_keys.py",  # whoever makes a key is shown it, once
        "api/serviceaccount_tokens.py",  # likewise a token
        "web/pages/apikeys.py",  # whoever makes a key is shown it, once
        "web/account_visits.py",  # likewise a token
        "settings/checks.py",  # a value is judged before it is trusted
        "settings/handover.py",
        "storage/accounts.py",  # a stored hash is a secret too, and goes into its column
        "storage/engine.py",  # the address of the database holds a password
        "storage/passwords.py",
        "storage/postgresql.py",
        "storage/sqlite.py",
        "storage/verify.py",
        "usecases/password_hasher.py",  # the text that the slow hash reads, and the hash itself
        "usecases/success_memory.py",
    },
}
READS = ("count_", "find_", "get_", "is_", "list_", "lock_")
WRITES = ("add_", "delete_", "mark_", "set_")
NO_RECORD = {  # use cases that write and leave no change -> the reason
    "record": "is the change",
    "flush": "uses are counted, not logged",
    "write_uses": "uses are counted, not logged",
    "forget_some": "uses are counted, not logged",
    "write_calls": "calls are counted, not logged",
    "delete_credential": "who ends a key or a token records that",
    "_home_of": "the organization comes with its person, whose creation is the change",
    "give_to_creator": "all rights on an object come with making it, and its creation is the change",
    "keep_session": "when someone was seen, and the next value of a cookie, change no right",
    "count_failure": "a wrong password is counted, not logged",
    "note_success": "the same password, hashed anew, and where someone was seen, change no right",
    "replace_value": "who asks for it records why",
    "add_token": "who asks for it records why",
    "set_role": "who asks for it records why",
    **dict.fromkeys(
        ("migrate_next", "note_failure", "end_job", "end", "work_on"),
        "each key, and the end of the keys, is recorded; how far a job is changes no right",
    ),
    **dict.fromkeys(("assign", "assign_exactly", "create_with"), "whom it asks to give a role records that"),
    "change_own_preferences": "how pages look to oneself changes no right",
    "leave_message": "what a page says once is no change",
    "clear_message": "what a page says once is no change",
    "add_help_flags": "a closed hint is no change of who may do what",
    "clear_help_flags": "a closed hint is no change of who may do what",
}
NO_ORG = {  # statements that may look across organizations -> the reason
    "list_due": "jobs that nobody works on are gone on with, whosever they are",
    "find_presented": "a credential tells its organization",
    "is_assigned": "a role of the whole server is given in all organizations",
    **dict.fromkeys(
        ("add_permissions", "delete_permissions"), "the role was found in its organization just before"
    ),
    **dict.fromkeys(
        ("get_given", "list_given"), "whoever is asked about stands in one organization, or in none"
    ),
    "add_change": "there is one log, and the change names its organization",
    "find_access_epoch": "one counter tells every replica that rights have changed",
    "get_last_or_none": "there is one chain of changes",
    "list_changes": "there is one chain of changes",
    "list_links": "there is one chain of changes",
    "find_head": "there is one chain of changes",
    "list_all_changes_from": "a server admin reads the log of the whole server",
    "lock_log": "there is one chain of changes",
    **dict.fromkeys(
        ("set_message", "get_message_or_none", "delete_message", "get_own", "set_own"),
        "belongs to a person's own session or page",
    ),
    **dict.fromkeys(
        ("add_uses", "add_org_uses", "list_uses", "lock_credentials", "lock_orgs_of", "set_last_use"),
        "credentials that were just verified are counted",
    ),
    **dict.fromkeys(
        ("delete_old_calls", "delete_old_org_uses", "delete_old_uses"), "what is old goes, whosever it is"
    ),
    **dict.fromkeys(("add_calls", "lock_orgs"), "calls of all organizations are written together"),
    **dict.fromkeys(
        (
            *(
                "add_help_flags",
                "get_help_flags",
                "add_login_names",
                "add_user",
                "count_users",
                "delete_login_names",
                "delete_user",
            ),
            *(
                "find_user",
                "get_password_or_none",
                "get_user_by_name_or_none",
                "get_user_or_none",
                "list_orgs_of",
            ),
            *("list_owners_of_names", "list_users", "lock_login_names", "lock_server_admins", "lock_user"),
            *(
                "set_active_org",
                "set_disabled",
                "set_help_flags",
                "set_last_seen",
                "set_password",
                "set_profile",
            ),
            "set_server_admin",
        ),
        "users belong to the server, not to an organization",
    ),
    **dict.fromkeys(
        (
            *(
                "add_session",
                "delete_dead_sessions",
                "delete_session",
                "delete_sessions_of",
                "get_session_or_none",
            ),
            *("list_sessions_of", "set_digest", "set_series", "set_seen"),
        ),
        "a session is a user's, in all organizations",
    ),
    **dict.fromkeys(
        (
            *("add_counters", "list_failures", "lock_failures", "set_failures"),
            *("delete_failures", "delete_old_failures", "delete_streak"),
            *("delete_old_successes", "get_last_success_or_none", "set_last_success"),
        ),
        "guesses are counted before anybody is known",
    ),
    **dict.fromkeys(
        ("add_org", "find_org_by_name", "is_org_name_taken", "list_orgs", "lock_org_names", "lock_roles"),
        "is about the organizations themselves",
    ),
}
PLUMBING = {  # files of storage/ that hold no statements about an organization's rows
    "storage/columns.py",
    "storage/engine.py",
    "storage/epoch.py",
    "storage/holders.py",
    "storage/installation.py",
    "storage/keyring.py",
    "storage/postgresql.py",
    "storage/private_files.py",
    "storage/schema.py",
    "storage/schema_versions/",
    "storage/sqlite.py",
    "storage/upgrade.py",
    "storage/verify.py",
}
VAGUE_NAMES = {
    "common",
    "helpers",
    "lib",
    "misc",
    "models",
    "services",
    "util",
    "utils",
}  # say nothing of a place

Finding: TypeAlias = tuple[int, str]
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


def long_functions(tree: ast.Module) -> Iterator[Finding]:
    for function in functions(tree):
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        if lines > MAX_FUNCTION_LINES:
            yield function.lineno, f"{function.name} is {lines} lines long; {MAX_FUNCTION_LINES} is the most"


def misplaced_calls(tree: ast.Module, place: str) -> Iterator[Finding]:
    for line, _, name in called_methods(tree):
        if name in ONLY_IN and not is_in(place, ONLY_IN[name]):
            yield (
                line,
                f".{name}() is not for this file; ONLY_IN of tools/house_rules.py lists those that may",
            )


def plain_digest_comparisons(tree: ast.Module, place: str) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq)):
            continue
        if place.startswith("storage/") and isinstance(node.left, ast.Attribute):
            continue  # a column: the database compares, by its index
        if any(names_a_digest(side) for side in (node.left, *node.comparators)):
            yield (
                node.lineno,
                "digests are compared with hmac.compare_digest, which takes the same time for all",
            )


def unnamed_errors(tree: ast.Module) -> Iterator[Finding]:
    for function in functions(tree):
        told = ast.get_docstring(function) or ""
        for raised in raised_names(function):
            if raised not in told and not function.name.startswith("_"):
                yield function.lineno, f"{function.name} raises {raised}, which its docstring does not name"


def second_statements(tree: ast.Module) -> Iterator[Finding]:
    for function in functions(tree):
        runs = [
            name == "execute" or (name in {"scalar", "scalars"} and on == "db")
            for _, on, name in called_methods(function)
        ]
        if sum(runs) > 1:
            yield function.lineno, f"{function.name} runs more than one statement"


def odd_verbs(tree: ast.Module) -> Iterator[Finding]:
    for function in public_functions(tree):
        if not function.name.startswith((*READS, *WRITES)):
            yield function.lineno, f"{function.name} starts with none of {READS + WRITES}"


def missing_orgs(tree: ast.Module) -> Iterator[Finding]:
    for function in public_functions(tree):
        names = [parameter.arg for parameter in (*function.args.posonlyargs, *function.args.args)]
        if names[:1] == ["db"] and names[1:2] != ["org"] and function.name not in NO_ORG:
            yield function.lineno, f"{function.name} takes `org` right after `db`, or has a reason in NO_ORG"


def unrecorded_writes(tree: ast.Module) -> Iterator[Finding]:
    for function in functions(tree):
        called = {name for _, _, name in called_methods(function)}
        called |= {node.func.id for node in calls(function) if isinstance(node.func, ast.Name)}
        wrote = sorted(name for name in called if name.startswith(WRITES))
        if wrote and "record" not in called and function.name not in NO_RECORD:
            yield (
                function.lineno,
                f"{function.name} calls {wrote[0]}, and records no change, nor has a reason in NO_RECORD",
            )


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def public_functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in tree.body if isinstance(node, Function) and not node.name.startswith("_"))


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def called_methods(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    """Yield line, the plain name that the method is called on ("" for anything longer), and the method."""
    for node in calls(tree):
        if isinstance(node.func, ast.Attribute):
            on = node.func.value
            yield node.lineno, on.id if isinstance(on, ast.Name) else "", node.func.attr


def raised_names(function: Function) -> Iterator[str]:
    """Yield the classes that it raises; `raise error` hands on what another function has named."""
    for node in ast.walk(function):
        if isinstance(node, ast.Raise) and node.exc is not None:
            name = last_name(node.exc.func if isinstance(node.exc, ast.Call) else node.exc)
            if name[:1].isupper():
                yield name


def names_a_digest(side: ast.expr) -> bool:
    return "digest" in last_name(side.func if isinstance(side, ast.Call) else side).lower()


def last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def is_in(place: str, places: set[str]) -> bool:
    return place in places or any(folder.endswith("/") and place.startswith(folder) for folder in places)


def findings(source: str, place: str) -> Iterator[Finding]:
    """Yield line and message for one module; `place` is its path below the package."""
    tree = ast.parse(source)
    yield from long_functions(tree)
    yield from misplaced_calls(tree, place)
    yield from plain_digest_comparisons(tree, place)
    if place.startswith(("core/", "storage/", "usecases/")):
        yield from unnamed_errors(tree)
    if place.startswith("storage/") and not is_in(place, PLUMBING):
        yield from second_statements(tree)
        yield from missing_orgs(tree)
        yield from odd_verbs(tree)
    if place.startswith("usecases/"):
        yield from unrecorded_writes(tree)
    if (lines := source.count("\n")) > MAX_FILE_LINES:
        yield 1, f"{lines} lines; {MAX_FILE_LINES} is the most"
    if vague := VAGUE_NAMES & {*Path(place).parts, Path(place).stem}:
        yield 1, f"{vague.pop()} is no name for a place: say what lives there"


def package_findings(package: Path) -> Iterator[tuple[Path, int, str]]:
    """Yield path, line and message for all modules and templates of the package."""
    for path in sorted(package.rglob("*.py")):
        if path.parent.name != "versions":  # schema versions are printed, then kept as they were
            for line, message in findings(path.read_text(), path.relative_to(package).as_posix()):
                yield path, line, message
    for path in sorted(package.rglob("*.html")):
        if path.read_text().count("\n") > MAX_TEMPLATE_LINES:
            yield path, 1, f"{MAX_TEMPLATE_LINES} lines is the most for a template"
    http_lines = sum(path.read_text().count("\n") for path in (package / "http").rglob("*.py"))
    if http_lines > MAX_HTTP_LINES:
        yield package / "http", 1, f"{http_lines} lines in all; {MAX_HTTP_LINES} is the most"


def main(package: Path) -> int:
    """Print what is found, one line each. 0 when there is nothing."""
    found = list(package_findings(package))
    for path, line, message in found:
        print(f"{path}:{line}: {message}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
