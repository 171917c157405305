"""What a Python script does: its calls by the names that they were imported under."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from services.pilot.scripts.risk.catalogue import Effect, effect_of, python_calls, python_catalogue
from services.pilot.scripts.risk.found import Findings
from services.pilot.scripts.risk.shell import find_command, find_in_shell
from services.pilot.scripts.types import Risk

_RUNS = frozenset({"run", "call", "check_call", "check_output", "Popen", "getoutput", "getstatusoutput"})
_OPENS = frozenset({"open", "io.open", "builtins.open", "codecs.open"})


def find_in_python(text: str, findings: Findings) -> None:
    """Note what every call of a script does; one that does not parse is unknown as a whole."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        findings.add_unknown(0, "code that is no Python")
        return
    names = dict(_imported(tree))
    own = {
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    starts = _line_starts(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = _dotted(node.func, names)
            if name.partition(".")[0] not in own:
                _find_call(node, name, starts[node.lineno - 1], findings)


def _find_call(node: ast.Call, name: str, start: int, findings: Findings) -> None:
    module, _, method = name.rpartition(".")
    if name in _OPENS:
        _find_open(node, start, findings)
    elif (module == "subprocess" and method in _RUNS) or name in ("os.system", "os.popen"):
        _find_run(node, start, findings)
    elif entry := python_calls().get(name):
        arguments = [ast.unparse(argument) for argument in node.args]
        findings.add(start, name, effect_of(entry, name, arguments))
    elif name.startswith("?"):
        _find_method(method, start, findings)
    elif (risk := _risk_of_module(module)) is not None:
        known = _risk_of_method(method)
        if known is Risk.DESTRUCTIVE or known is Risk.CHANGES:
            _find_method(method, start, findings)
        else:
            findings.add(start, name, Effect(risk=risk))
    elif not module and (name in vars(builtins) or name == ""):
        findings.add(start, name, Effect(risk=Risk.READ_ONLY))
    else:
        findings.add_unknown(start, name)


def _find_method(method: str, start: int, findings: Findings) -> None:
    risk = _risk_of_method(method)
    if risk is None:
        findings.add_unknown(start, f".{method}()")
    else:
        findings.add(start, f".{method}()", Effect(risk=risk, does=f"calls .{method}()"))


def _find_open(node: ast.Call, start: int, findings: Findings) -> None:
    given = (
        node.args[1] if len(node.args) > 1 else next((each.value for each in node.keywords if each.arg == "mode"), None)
    )
    mode = given.value if isinstance(given, ast.Constant) else "r" if given is None else "w"
    target = ast.unparse(node.args[0]) if node.args else "a file"
    writes = any(letter in str(mode) for letter in "wax+")
    findings.add(start, "open", Effect(risk=Risk.CHANGES if writes else Risk.READ_ONLY, does=f"writes {target}"))


def _find_run(node: ast.Call, start: int, findings: Findings) -> None:
    """Look at the command that is run, if it stands there."""
    given = node.args[0] if node.args else None
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        find_in_shell(given.value, findings, offset=start)
    elif isinstance(given, ast.List | ast.Tuple) and given.elts:
        words = [each.value if isinstance(each, ast.Constant) else "$value" for each in given.elts]
        find_command([str(word) for word in words], start, findings)
    else:
        findings.add(start, "subprocess", Effect(risk=Risk.UNKNOWN, does="runs a command that is put together"))


def _risk_of_module(module: str) -> Risk | None:
    for risk, names in python_catalogue().modules.items():
        if any(module == name or module.startswith(f"{name}.") for name in names):
            return risk
    return None


def _risk_of_method(method: str) -> Risk | None:
    return next((risk for risk, names in python_catalogue().methods.items() if method in names), None)


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (
                    alias.asname or alias.name.partition(".")[0],
                    alias.name if alias.asname else alias.name.partition(".")[0],
                )
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _dotted(node: ast.expr, names: dict[str, str]) -> str:
    """Return the full name of what is called; "?.method" for a method of a value."""
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        owner = node.value
        if isinstance(owner, ast.Name) and owner.id in names:
            return f"{names[owner.id]}.{node.attr}"
        if isinstance(owner, ast.Attribute) and not (inner := _dotted(owner, names)).startswith("?"):
            return f"{inner}.{node.attr}"
        return f"?.{node.attr}"
    return "?.()"


def _line_starts(text: str) -> list[int]:
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts
