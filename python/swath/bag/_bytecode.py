"""May a function be called with a symbol? Only if its bytecode cannot change anything, loop, or catch.

Everything is forbidden that is not listed: an instruction of a later Python means that the function is not traced.
"""

from __future__ import annotations

import dis
import inspect
import types

__all__ = ["objection"]

_ALLOWED = {
    "RESUME", "CACHE", "NOP", "POP_TOP", "COPY", "SWAP", "PUSH_NULL", "PRECALL", "KW_NAMES", "EXTENDED_ARG",
    "NOT_TAKEN", "LOAD_CONST", "LOAD_SMALL_INT", "RETURN_VALUE", "RETURN_CONST", "COPY_FREE_VARS", "LOAD_DEREF",
    "LOAD_GLOBAL", "LOAD_ATTR", "LOAD_METHOD", "LOAD_FAST", "LOAD_FAST_CHECK", "LOAD_FAST_BORROW",
    "LOAD_FAST_LOAD_FAST", "LOAD_FAST_BORROW_LOAD_FAST_BORROW", "STORE_FAST", "STORE_FAST_STORE_FAST",
    "STORE_FAST_LOAD_FAST", "CALL", "CALL_KW", "BINARY_OP", "BINARY_SUBSCR", "BINARY_SLICE", "COMPARE_OP", "TO_BOOL",
    "UNARY_NEGATIVE", "UNARY_POSITIVE", "UNARY_INVERT", "UNARY_NOT", "BUILD_TUPLE", "BUILD_LIST", "BUILD_MAP",
    "BUILD_CONST_KEY_MAP", "BUILD_SLICE", "LIST_EXTEND", "POP_JUMP_FORWARD_IF_FALSE", "POP_JUMP_FORWARD_IF_TRUE",
    "POP_JUMP_IF_FALSE", "POP_JUMP_IF_TRUE", "JUMP_FORWARD", "JUMP_IF_FALSE_OR_POP", "JUMP_IF_TRUE_OR_POP",
}  # fmt: skip
_REASONS = {
    "CONTAINS_OP": "it uses `in`",
    "IS_OP": "it uses `is`",
    "FOR_ITER": "it loops",
    "JUMP_BACKWARD": "it loops",
    "GET_ITER": "it loops",
    "MAKE_FUNCTION": "it has a function or a comprehension inside",
    "MAKE_CELL": "it has a function inside",
    "STORE_GLOBAL": "it changes a global",
    "STORE_DEREF": "it changes a variable of the function around it",
    "STORE_ATTR": "it changes an attribute",
    "STORE_SUBSCR": "it changes an element",
    "DELETE_SUBSCR": "it deletes an element",
    "IMPORT_NAME": "it imports",
    "FORMAT_VALUE": "it formats text",
    "FORMAT_SIMPLE": "it formats text",
    "BUILD_STRING": "it formats text",
    "CALL_FUNCTION_EX": "it calls with *args or **kwargs",
    "PUSH_EXC_INFO": "it catches exceptions",
    "RAISE_VARARGS": "it raises",
    "UNPACK_SEQUENCE": "it unpacks a value",
    "BUILD_SET": "it makes a set",
}
_GENERATORS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
_INPLACE = 13  # the first argument of BINARY_OP that stands for `+=` and its like
_UNARY_POSITIVE = 5  # of CALL_INTRINSIC_1


def objection(function: types.FunctionType, arguments: int, attributes: frozenset[str]) -> str | None:
    """Why ``function`` must not be called with ``arguments`` symbols; None: it may. It may use ``attributes``."""
    code = function.__code__
    if code.co_flags & _GENERATORS:
        return "it is a generator or a coroutine"
    if code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS):
        return "it takes *args or **kwargs"
    if code.co_argcount < arguments:
        return f"it takes {code.co_argcount} arguments"
    if code.co_cellvars:
        return "it has a function inside"
    for instruction in dis.get_instructions(code):
        reason = _instruction_objection(instruction, attributes)
        if reason is not None:
            return reason
    return None


def _instruction_objection(instruction: dis.Instruction, attributes: frozenset[str]) -> str | None:
    name = instruction.opname
    if name == "CALL_INTRINSIC_1" and instruction.arg == _UNARY_POSITIVE:
        return None
    if "_IF_NONE" in name or "_IF_NOT_NONE" in name:
        return "it uses `is`"
    if name not in _ALLOWED:
        return _REASONS.get(name, f"it uses {name}")
    if name == "BINARY_OP" and _INPLACE <= (instruction.arg or 0) < 2 * _INPLACE:
        return f"it uses `{instruction.argrepr}`"
    if name in ("LOAD_ATTR", "LOAD_METHOD") and instruction.argval not in attributes:
        return f"it uses the attribute .{instruction.argval}"
    if "JUMP" in name and instruction.argval <= instruction.offset:
        return "it loops"
    return None
