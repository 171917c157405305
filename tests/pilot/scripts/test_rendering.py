"""Values come back out of rendered scripts as they went in, and nothing else happens."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.errors import InvalidInputError
from services.pilot.scripts.lexing import lex
from services.pilot.scripts.placeholders import problems_of
from services.pilot.scripts.rendering import render
from services.pilot.scripts.types import Language, Parameter, ParameterType

X = Parameter("x", ParameterType.TEXT)
SECRET = Parameter("x", ParameterType.SECRET)
NASTY = [
    *("$(touch /tmp/owned)", "`id`", "'; id; '", '"; id; "', "a\\", "\\", "{{x}}", "it's", "\u2019; id; \u2019"),
    *("\u201d$(id)\u201c", "a\nb", "EOF", "-rf", "*", "~", "!x", "${HOME}", "%PATH%", "a b", "#no", "\\n", "{a}"),
    *("''", '""', "Ü–ß العربية"),
]
texts = st.one_of(
    st.sampled_from(NASTY),
    st.text("'\"`$\\(){}; \n#a!*~-\u2019\u201d&|<>[]=", min_size=1, max_size=12),
    st.text(min_size=1, max_size=10),
)


def filled(language: Language, body: str, value: str) -> str | None:
    try:
        return render(language, body, [X], {"x": value})
    except InvalidInputError:
        return None


@given(st.lists(texts, min_size=12, max_size=12))
@settings(max_examples=12)
def test_bash_gives_every_value_back_verbatim(values: list[str]) -> None:
    body = 'a={{x}}\nb="{{x}}"\nc=\'{{x}}\'\nprintf \'%s\\0\' "$a" "$b" "$c" p{{x}}q\n'
    scripts = [(value, script) for value in values if (script := filled(Language.BASH, body, value))]
    run = subprocess.run(["bash"], input="\n".join(s for _, s in scripts).encode(), capture_output=True, check=False)
    expected = "".join(f"{v}\0{v}\0{v}\0p{v}q\0" for v, _ in scripts)
    assert (run.stdout.decode(), run.stderr) == (expected, b"")


@pytest.mark.requirement("FLP-5.1")
@given(st.lists(texts, min_size=4, max_size=4))
@settings(max_examples=6)
def test_heredocs_give_every_value_back_verbatim(values: list[str]) -> None:
    body = "cat <<EOF\n<{{x}}>\nEOF\ncat <<'END'\n<{{x}}>\nEND\n"
    for value in values:
        if script := filled(Language.BASH, body, value):
            run = subprocess.run(["bash"], input=script.encode(), capture_output=True, check=False)
            assert (run.stdout.decode(), run.stderr) == (f"<{value}>\n" * 2, b"")


@given(texts)
def test_python_gives_every_value_back_verbatim(value: str) -> None:
    body = "a = {{x}}\nb = '{{x}}'\nc = \"{{x}}\"\nd = '''<{{x}}>'''\ne = f\"{len(a)}{{x}}\"\n"
    script = filled(Language.PYTHON, body, value)
    if script is not None:
        found: dict[str, str] = {}
        exec(compile(script, "script", "exec"), found)
        assert [found[name] for name in "abcde"] == [value, value, value, f"<{value}>", f"{len(value)}{value}"]


@given(texts, st.sampled_from(["$a = {{x}}", '$a = "{{x}}"', "$a = '{{x}}'", "Foo -Bar {{x}}", '@"\n{{x}}\n"@']))
def test_powershell_reads_a_value_as_one_literal_by_its_quoting_rules(value: str, body: str) -> None:
    script = filled(Language.POWERSHELL, body, value)
    if script is not None:
        assert powershell_strings(script) == [value]


def powershell_strings(script: str) -> list[str]:
    """Read string literals as about_Quoting_Rules says, in another way than the product does."""
    singles, doubles = "'\u2018\u2019\u201a\u201b", '"\u201c\u201d\u201e'
    found: list[str] = []
    position = 0
    while position < len(script):
        character = script[position]
        if script.startswith('@"\n', position):
            end = script.index('\n"@', position)
            inner, position, closers = script[position + 3 : end], end + 3, ""
        elif character in singles + doubles:
            closers = singles if character in singles else doubles
            end = position + 1
            while not (script[end] in closers and script[end + 1 : end + 2] not in tuple(closers)):
                end += 2 if script[end] in closers or (closers is doubles and script[end] == "`") else 1
            inner, position = script[position + 1 : end], end + 1
        else:
            position += 1
            continue
        text, index = "", 0
        while index < len(inner):
            is_pair = closers and inner[index] in closers
            if closers is not singles and inner[index] == "`":
                index += 1
            elif is_pair:
                assert inner[index + 1] in closers
                index += 1
            assert closers is singles or inner[index] != "$" or inner[index - 1] == "`"
            text += inner[index]
            index += 1
        found.append(text)
    return found


@pytest.mark.parametrize("language", Language)
@given(text=st.one_of(st.text("'\"`$\\(){}; \n#a@<>E|=-", max_size=40), st.text(max_size=20)))
def test_any_text_is_cut_into_pieces_without_a_gap(language: Language, text: str) -> None:
    pieces = lex(language, text)
    assert "".join(text[piece.start : piece.end] for piece in pieces) == text
    assert all(a.end == b.start for a, b in pairwise(pieces))


@pytest.mark.parametrize(
    ("language", "body"),
    [
        (Language.BASH, "{{x}} --now"),
        (Language.BASH, "echo $(( {{x}} ))"),
        (Language.BASH, 'echo "${a:-{{x}}}"'),
        (Language.BASH, "echo \\{{x}}"),
        (Language.BASH, "echo ${{x}}"),
        (Language.BASH, "a[{{x}}]=5"),
        (Language.BASH, 'ssh srv01 "systemctl restart {{x}}"'),
        (Language.BASH, "bash -c 'echo {{x}}'"),
        (Language.BASH, "sudo bash -c 'echo {{x}}'"),
        (Language.BASH, "[[ {{x}} -eq 5 ]]"),
        (Language.BASH, "ssh srv01 <<EOF\nrm {{x}}\nEOF\n"),
        (Language.BASH, "bash <<< {{x}}"),
        (Language.BASH, "echo {{x}} | sh"),
        (Language.BASH, "echo `echo {{x}}`"),
        (Language.BASH, "sudo {{x}}"),
        (Language.BASH, 'env A=1 "{{x}}"'),
        (Language.BASH, ". {{x}}"),
        (Language.BASH, "alias foo={{x}}"),
        (Language.BASH, "declare -i n={{x}}"),
        (Language.BASH, "printf -v {{x}} a"),
        (Language.BASH, "case a in {{x}}) ls;; esac"),
        (Language.POWERSHELL, 'cmd /c "dir {{x}}"'),
        (Language.POWERSHELL, "Start-Process {{x}}"),
        (Language.POWERSHELL, '[scriptblock]::Create("Get-Item {{x}}")'),
        (Language.POWERSHELL, "Get-ADUser -Filter \"Name -eq '{{x}}'\""),
        (Language.PYTHON, "import subprocess\nsubprocess.run(\n  'ls {{x}}',\n  shell=True)"),
        (Language.PYTHON, "import subprocess\nsubprocess.run(['bash', '-c', 'ls {{x}}'])"),
        (Language.PYTHON, "from os import system\nsystem('ls {{x}}')"),
        (Language.PYTHON, "import {{x}}"),
        (Language.PYTHON, "{{x}} = 5"),
        (Language.PYTHON, "f'{a:{{x}}}'"),
        (Language.POWERSHELL, "& {{x}}"),
        (Language.POWERSHELL, "$x = {{x:bare}}"),
        (Language.POWERSHELL, 'Foo "`{{x}}"'),
        (Language.POWERSHELL, 'Invoke-Expression "Get-Item {{x}}"'),
        (Language.POWERSHELL, 'powershell -Command "Get-Item {{x}}"'),
        (Language.PYTHON, "os.{{x}}()"),
        (Language.PYTHON, "a = f{{x}}"),
        (Language.PYTHON, "a = b'{{x}}'"),
        (Language.PYTHON, "os.system('ls {{x}}')"),
    ],
)
@pytest.mark.requirement("FLP-5.1")
def test_a_place_where_a_value_would_run_is_refused(language: Language, body: str) -> None:
    assert problems_of(language, body, [X])
    with pytest.raises(InvalidInputError):
        render(language, body, [X], {"x": "a"})


def test_only_raw_strings_refuse_what_they_cannot_hold() -> None:
    bodies = {
        Language.BASH: ["a={{x}}", 'a="{{x}}"', "a='{{x}}'", "cat <<EOF\n<{{x}}>\nEOF\n"],
        Language.POWERSHELL: ["$a = {{x}}", '$a = "{{x}}"', "$a = '{{x}}'", "Foo {{x:bare}}", '@"\n{{x}}\n"@'],
        Language.PYTHON: ["a = {{x}}", "a = '{{x}}'", "a = f'{{x}}'", "a = '''{{x}}'''"],
    }
    for language, templates in bodies.items():
        for body in templates:
            assert [value for value in NASTY if filled(language, body, value) is None] == [], body
    assert filled(Language.PYTHON, "a = r'{{x}}'", "C:\\Users\\") is None


def test_a_value_is_no_option_and_ends_no_heredoc() -> None:
    for body, value in (("rm {{x}}", "-rf"), ("cat <<EOF\n{{x}}\nEOF\nid", "EOF"), ("cat <<'E'\n{{x}}\nE", "E\nid")):
        with pytest.raises(InvalidInputError):
            render(Language.BASH, body, [X], {"x": value})


@pytest.mark.requirement("FLP-5.2")
def test_secrets_are_read_when_the_script_runs_and_never_stand_in_it() -> None:
    value = {"x": "secret:acme-admin"}
    assert render(Language.POWERSHELL, 'Foo -P {{x}} "u:{{x}}"', [SECRET], value) == (
        "Foo -P (Get-Secret -Name 'acme-admin' -AsPlainText) \"u:$(Get-Secret -Name 'acme-admin' -AsPlainText)\""
    )
    bash = render(Language.BASH, 'printf %s {{x}} "-{{x}}"', [SECRET], value)
    environment = {"FLOWPILOT_SECRET_ACME_ADMIN": "a 'b $c"}
    assert subprocess.run(["bash", "-c", bash], env=environment, capture_output=True).stdout == b"a 'b $c-a 'b $c"
    body = '"""Doc."""\nfrom __future__ import annotations\nprint({{x}}, end="")'
    python = render(Language.PYTHON, body, [SECRET], value)
    run = subprocess.run([sys.executable, "-c", python], env=environment, capture_output=True, check=False)
    assert run.stdout == b"a 'b $c"
    for wrong in ("hunter2", "secret:", "secret:a b", "secret:a';id"):
        with pytest.raises(InvalidInputError):
            render(Language.BASH, "echo {{x}}", [SECRET], {"x": wrong})
