"""How the rules are compiled: one source, run as machine code over batches or as plain Python for tracing.

    @rule
    def side_of(...): ...            # machine code, kept on disk between runs

    plain = uncompiled(kernel)       # the same functions, to step through; plain.walk_fleet(...)

The folder of kept machine code carries a digest of the sources, because numba looks only at the file a function stands
in and would go on running an old geometry under a new kernel.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any, TypeVar, cast

import numba
from numba.extending import intrinsic
from numba.np import arrayobj

Function = TypeVar("Function", bound=Callable[..., Any])
SOURCES = ("geometry.py", "kernel.py", "rule.py", "readings.py", "instants.py")  # rules, and the numbers they take in


def rule(function: Function) -> Function:
    """Compiled at its first call. Without a folder that can be written to, it is compiled anew in every process."""
    folder = kept_in()
    settings: Any = numba.config
    chosen, settings.CACHE_DIR = settings.CACHE_DIR, str(folder or "")
    try:
        return cast(Function, numba.njit(cache=folder is not None)(function))
    finally:
        settings.CACHE_DIR = chosen


@cache
def kept_in() -> Path | None:
    """NUMBA_CACHE_DIR, else beside the package, else the user's cache: the first that can be written to."""
    here = Path(__file__).parent
    digest = hashlib.blake2b(b"".join((here / name).read_bytes() for name in SOURCES), digest_size=8).hexdigest()
    home = os.environ.get("XDG_CACHE_HOME") or (Path.home() / ".cache" if "HOME" in os.environ else None)
    for base in (os.environ.get("NUMBA_CACHE_DIR"), here / "__pycache__", home):
        if base and _can_write(folder := Path(base) / f"waymark-rules-{digest}"):
            return folder
    return None


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def step(function: Function) -> Function:
    """A rule that every reading runs through: its body is set into each rule that calls it.

    A call hands over every table word by word, which for what does nothing on most readings is nearly all of the work.
    """
    return cast(Function, numba.njit(inline="always")(function))


def _borrowed(typing_context: Any, array: Any) -> Any:
    """The same array, not counted among its owners: counting one at every call took ten times as long as the rules.

    For arguments of the outermost rule only, which Python holds on to until it is done.
    """

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        view = arrayobj.make_array(array)(context, builder, arguments[0])  # type: ignore[no-untyped-call]
        view.meminfo = view.meminfo.type(None)
        view.parent = view.parent.type(None)
        return view._getvalue()

    return array(array), code


borrowed: Any = intrinsic(_borrowed)


def uncompiled(*modules: ModuleType) -> SimpleNamespace:
    """The rules of `modules` as plain functions that call one another: slow, and a debugger can walk through them."""
    names: dict[str, Any] = {}
    for module in modules:
        names |= vars(module)
    names["borrowed"] = lambda array: array
    for name, thing in list(names.items()):
        if source := getattr(thing, "py_func", None):
            names[name] = FunctionType(source.__code__, names, name, source.__defaults__)
    return SimpleNamespace(**names)
