"""The program of a child process that calls Python functions for the engine (started by exec/python_children).

It reads calls from the socket at descriptor 3 and answers them one by one; exec/python_message.h and python_values.h
describe the messages. NumPy and pyarrow are imported when a value needs them; the engine never is. Arguments are
read-only views of shared memory; large results are written to shared memory once.

What follows the module name on the command line becomes ``sys.path``.
"""

from __future__ import annotations

import array
import faulthandler
import fcntl
import mmap
import os
import pickle
import signal
import socket
import struct
import sys
import types
from collections.abc import Callable, Sequence
from typing import Any

SOCKET, CRASH = 3, 4  # file descriptors
HELLO, CALL, RESULT, EXCEPTION, MORE_DESCRIPTORS = (ord(c) for c in "HCRXD")
BODY_IN_SEGMENT = 1
NONE, OBJECT, CHUNK, TABLE, TABLE_STREAM, PIECES = range(6)
IN_DATA, NULL, OF_REQUEST = -1, -2, 1 << 40
INLINE_BYTES_MAX = 16 << 10
PACKET_BYTES_MAX = 64 << 10
DESCRIPTORS_MAX = 200
HEADER = struct.Struct("=4I")
WRITE_BYTES_MAX = 1 << 30  # of one system call
DTYPE_KINDS = "biufcmMSU"  # that the engine has; others travel as pickles

Part = Any  # whatever has the buffer interface and is C-contiguous


class Segment:
    """Shared memory of a request, mapped read-only."""

    __slots__ = ("address", "view")

    def __init__(self, fd: int, size: int) -> None:
        try:
            self.view = memoryview(mmap.mmap(fd, size, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ))
        finally:
            os.close(fd)
        self.address: int | None = None  # when somebody has asked

    def begin(self) -> int:
        """The address of its first byte."""
        if self.address is None:
            import numpy as np

            self.address = np.frombuffer(self.view, np.uint8).__array_interface__["data"][0]
        return self.address


class Reader:
    """The words and bytes of one request."""

    __slots__ = ("at", "data", "segments", "words")

    def __init__(self, body: memoryview, count: int, fds: Sequence[int]) -> None:
        self.words = struct.unpack_from(f"={count}q", body)
        self.data = body[(count * 8 + 15) // 16 * 16 :]
        self.at = 1 + self.words[0]
        self.segments = [Segment(fd, size) for fd, size in zip(fds, self.words[1 : self.at], strict=True)]

    def word(self) -> int:
        self.at += 1
        return self.words[self.at - 1]

    def take(self, count: int) -> tuple[int, ...]:
        self.at += count
        return self.words[self.at - count : self.at]

    def bytes(self) -> memoryview | None:
        segment, offset, size = self.take(3)
        if segment == NULL:
            return None
        source = self.data if segment == IN_DATA else self.segments[segment].view
        return source[offset : offset + size]

    def text(self) -> str:
        return str(self.bytes() or b"", "utf-8")

    def pickled(self) -> Any:
        count = self.word()
        data = self.bytes()
        return pickle.loads(data or b"", buffers=[self.bytes() for _ in range(count)])

    def value(self) -> Any:
        tag = self.word()
        if tag == OBJECT:
            return self.pickled()
        if tag == CHUNK:
            return self.chunk()
        if tag == TABLE:
            return self.table()
        if tag == TABLE_STREAM:
            import pyarrow as pa

            return pa.ipc.open_stream(pa.py_buffer(self.bytes())).read_all()
        if tag == PIECES:
            return [self.value() for _ in range(self.word())]
        return None

    def chunk(self) -> Any:
        import numpy as np

        dtype, ndim = np.dtype(self.text()), self.word()
        shape, strides = self.take(ndim), self.take(ndim)
        first, data = self.word(), self.bytes()
        if not data:
            empty = np.empty(shape, dtype)
            empty.flags.writeable = False
            return empty
        return np.ndarray(shape, dtype, buffer=data, offset=first, strides=strides)

    def table(self) -> Any:
        import pyarrow as pa

        schema = pa.ipc.read_schema(pa.py_buffer(self.bytes()))
        rows, columns = self.take(2)
        if columns == 0:
            return pa.table({"_": pa.nulls(rows)}).replace_schema_metadata(schema.metadata).select([])
        arrays = [
            pa.chunked_array([self.arrow_array(field.type) for _ in range(self.word())], type=field.type)
            for field in schema
        ]
        return pa.Table.from_arrays(arrays, schema=schema)

    def arrow_array(self, kind: Any) -> Any:
        import pyarrow as pa

        length, nulls, offset, count = self.take(4)
        buffers = [None if data is None else pa.py_buffer(data) for data in (self.bytes() for _ in range(count))]
        inner = [kind.field(i).type for i in range(kind.num_fields)]
        children = [self.arrow_array(inner[i]) for i in range(self.word())]
        if self.word():
            dictionary = self.arrow_array(kind.value_type)
            return pa.DictionaryArray.from_buffers(kind, length, buffers, dictionary, nulls, offset)
        return pa.Array.from_buffers(kind, length, buffers, nulls, offset, children)


class Writer:
    """One reply. Large parts are collected and written to one segment at the end."""

    __slots__ = ("data", "large", "request", "words")

    def __init__(self, request: Sequence[Segment]) -> None:
        self.words: list[int] = []
        self.data = bytearray()
        self.large: list[tuple[int, Part]] = []  # where the words of a part are, and the part
        self.request = request

    def bytes(self, part: Part, size: int) -> None:
        if size > INLINE_BYTES_MAX:
            reference = self.of_request(part, size)
            if reference is None:
                self.large.append((len(self.words), part))
                reference = (0, 0, size)
            self.words += reference
            return
        self.data += bytes(-len(self.data) % 16)
        self.words += (IN_DATA, len(self.data), size)
        self.data += memoryview(part)

    def of_request(self, part: Part, size: int) -> tuple[int, int, int] | None:
        """Where the bytes lie when they are those of an argument: they need not travel again."""
        if not self.request:
            return None
        import numpy as np

        address = np.frombuffer(part, np.uint8).__array_interface__["data"][0]
        for number, segment in enumerate(self.request):
            offset = address - segment.begin()
            if 0 <= offset <= len(segment.view) - size:
                return OF_REQUEST + number, offset, size
        return None

    def text(self, text: str) -> None:
        data = text.encode("utf-8", "backslashreplace")
        self.bytes(data, len(data))

    def value(self, value: Any) -> None:
        kind = type(value)
        np = sys.modules.get("numpy")
        if np is not None and kind is np.ndarray and self.chunk(value):
            return
        pa = sys.modules.get("pyarrow")
        if pa is not None and kind is pa.Table:
            self.table(value)
            return
        buffers: list[pickle.PickleBuffer] = []
        data = dumps(value, buffers)
        parts = [buffer.raw() for buffer in buffers]
        self.words += (OBJECT, len(parts))
        self.bytes(data, len(data))
        for part in parts:
            self.bytes(part, part.nbytes)

    def chunk(self, value: Any) -> bool:
        dtype = value.dtype
        if dtype.kind not in DTYPE_KINDS or not dtype.isnative or dtype.itemsize == 0:
            return False
        if dtype.str.startswith((">f16", "<f16", ">c32", "<c32")):  # long double
            return False
        if not (value.flags.c_contiguous or value.flags.f_contiguous):
            value = value.copy()
        self.words.append(CHUNK)
        self.text(dtype.str)
        self.words += (value.ndim, *value.shape, *value.strides, 0)
        flat = value.reshape(-1, order="A").view("u1")
        self.bytes(flat, flat.nbytes)
        return True

    def table(self, table: Any) -> None:
        import pyarrow as pa

        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        buffer = sink.getvalue()
        self.words.append(TABLE_STREAM)
        self.bytes(buffer, buffer.size)

    def send(self, connection: socket.socket, kind: int) -> None:
        fds: list[int] = []
        sizes: list[int] = []
        try:
            if self.large:
                parts, size = self.place()
                fds.append(make_segment(parts))
                sizes.append(size)
            words = [len(sizes), *sizes, *self.words]
            body = struct.pack(f"={len(words)}q", *words)
            body += bytes(-len(body) % 16)
            body += self.data
            flags = 0
            if len(body) + HEADER.size > PACKET_BYTES_MAX:
                fds.append(make_segment([(0, body)]))
                flags, body = BODY_IN_SEGMENT, b""
            packet = HEADER.pack(kind, flags, len(fds), len(words)) + body
            if fds:
                rights = array.array("i", fds)
                connection.sendmsg([packet], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
            else:
                connection.send(packet)
        finally:
            for fd in fds:
                os.close(fd)

    def place(self) -> tuple[list[tuple[int, Part]], int]:
        """Where each large part goes in one segment, at multiples of 64, and the size of all."""
        parts, size = [], 0
        for word, part in self.large:
            size += -size % 64
            self.words[word : word + 2] = (0, size)
            parts.append((size, part))
            size += memoryview(part).nbytes
        return parts, size


def make_segment(parts: Sequence[tuple[int, Part]]) -> int:
    """A sealed segment with the parts at their offsets; its descriptor."""
    fd = os.memfd_create("swath", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        for offset, part in parts:
            view = memoryview(part).cast("B")
            while view:
                written = os.pwrite(fd, view[:WRITE_BYTES_MAX], offset)
                view, offset = view[written:], offset + written
        seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, seals)
    except BaseException:
        os.close(fd)
        raise
    return fd


def dumps(value: Any, buffers: list[pickle.PickleBuffer] | None = None) -> bytes:
    """Pickle protocol 5, by value where pickle would need an import that nobody has (cloudpickle)."""
    callback = None if buffers is None else buffers.append
    try:
        return pickle.dumps(value, 5, buffer_callback=callback)
    except Exception:
        try:
            import cloudpickle
        except ImportError:
            raise
        if buffers is not None:
            buffers.clear()
        return cloudpickle.dumps(value, 5, buffer_callback=callback)


class Calls:
    """The functions that this process knows, and the call it runs."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.functions: dict[int, tuple[str, Callable[[list[Any], int], Any]]] = {}
        self.running = False
        self.interrupted = False
        self.process = os.getpid()
        signal.signal(signal.SIGINT, self.on_interrupt)

    def on_interrupt(self, number: int, frame: types.FrameType | None) -> None:
        if self.running:  # between two calls it comes too late
            self.interrupted = True
            raise KeyboardInterrupt

    def receive(self) -> tuple[memoryview, int, list[int]] | None:
        """The body, the number of words and the descriptors of the next request; None at the end."""
        fds = array.array("i")
        space = socket.CMSG_SPACE(fds.itemsize * DESCRIPTORS_MAX)
        while True:
            packet, ancillary, _, _ = self.connection.recvmsg(PACKET_BYTES_MAX, space, socket.MSG_CMSG_CLOEXEC)
            if not packet:
                return None
            for _, _, data in ancillary:
                fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
            kind, flags, _, words = HEADER.unpack_from(packet)
            if kind == MORE_DESCRIPTORS:
                continue
            if not flags & BODY_IN_SEGMENT:
                return memoryview(packet)[HEADER.size :], words, fds.tolist()
            fd = fds.pop()
            return Segment(fd, os.fstat(fd).st_size).view, words, fds.tolist()

    def serve(self) -> None:
        self.connection.send(HEADER.pack(HELLO, 0, 0, 0))
        while (request := self.receive()) is not None:
            self.answer(*request)
            del request

    def answer(self, body: memoryview, words: int, fds: list[int]) -> None:
        self.interrupted = False
        name, loaded = "", True
        reader = Reader(body, words, fds)
        reply, kind = Writer(reader.segments), RESULT
        try:
            self.running = True
            number, block, dead = reader.take(3)
            for gone in reader.take(dead):
                self.functions.pop(gone, None)
            if reader.word():
                name, loaded = reader.text(), False
                self.load(number, name, reader)
                loaded = True
            name, function = self.functions[number]
            values = self.arguments(name, reader)
            result = function(values, block)
            del values
            self.write_result(name, result, reply)
            self.running = False
        except BaseException as error:
            self.running = False
            reply, kind = Writer(()), EXCEPTION
            write_exception(name, error, self.interrupted, loaded, reply)
        if os.getpid() != self.process:  # the function has forked, and this is the other one
            os._exit(0)
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        try:
            reply.send(self.connection, kind)
        except (MemoryError, OSError) as error:  # no shared memory left: nothing has been sent
            reply = Writer(())
            write_exception(name, error, False, loaded, reply)
            reply.send(self.connection, EXCEPTION)

    def load(self, number: int, name: str, reader: Reader) -> None:
        try:
            self.functions[number] = name, reader.pickled()
        except Exception as error:
            text = f"function {name!r} cannot be loaded in a child process: {describe(error)}"
            raise (ImportError if isinstance(error, ImportError) else RuntimeError)(text) from error

    def arguments(self, name: str, reader: Reader) -> list[Any]:
        values: list[Any] = []
        for i in range(reader.word()):
            try:
                values.append(reader.value())
            except Exception as error:
                text = f"argument {i} of function {name!r} cannot be loaded in a child process: {describe(error)}"
                raise (ImportError if isinstance(error, ImportError) else RuntimeError)(text) from error
        return values

    def write_result(self, name: str, result: Any, reply: Writer) -> None:
        try:
            reply.value(result)
        except Exception as error:
            text = f"the result of function {name!r} cannot be sent from its child process: "
            raise TypeError(f"{text}{type_name(type(result))}: {describe(error)}") from error


def type_name(kind: type) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def describe(error: BaseException) -> str:
    """Its type and message, whatever its methods do."""
    try:
        return f"{type_name(type(error))}: {error}"
    except Exception:
        return type_name(type(error))


def pickle_exception(error: BaseException) -> tuple[bytes, str]:
    """The pickled exception and nothing, or nothing and why not. What cannot be loaded again does not count."""
    if isinstance(error, SystemExit):
        return b"", "it would end the process that receives it"
    try:
        data = dumps(error)
        again = pickle.loads(data)
        if type(again) is not type(error):
            return b"", f"it comes back as {type_name(type(again))}"
    except BaseException as failure:
        return b"", describe(failure)
    return data, ""


def write_exception(name: str, error: BaseException, interrupted: bool, loaded: bool, reply: Writer) -> None:
    import traceback

    own = __file__
    at = error.__traceback__
    while at is not None and at.tb_frame.f_code.co_filename == own:
        at = at.tb_next  # from the function on
    try:
        error.__traceback__ = at
        text = "".join(traceback.format_exception(error)).rstrip()
    except BaseException as failure:
        text = f"(no traceback: {describe(failure)})"
    error.__traceback__ = None
    for chained in (error.__cause__, error.__context__):
        if chained is not None:
            chained.__traceback__ = None
    data, reason = pickle_exception(error)
    reply.text(type_name(type(error)))
    try:
        reply.text(str(error))
    except Exception:
        reply.text("")
    reply.text(text)
    reply.bytes(data, len(data))
    reply.text(reason)
    reply.words += (interrupted and isinstance(error, KeyboardInterrupt), loaded)


def main() -> None:
    if len(sys.argv) > 1:
        sys.path[:] = sys.argv[1:]
        del sys.argv[1:]
    faulthandler.enable(file=CRASH)
    faulthandler.register(signal.SIGUSR1, file=CRASH, all_threads=False)
    for fd in (SOCKET, CRASH):
        os.set_inheritable(fd, False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, types.SimpleNamespace) or stream is None:
            continue
        stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]
    calls = Calls(socket.socket(fileno=SOCKET))
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # they were blocked until our handlers are there
    # What is pickled by reference to the user's __main__ must not find this program there.
    sys.modules["__main__"] = types.ModuleType("__main__")
    calls.serve()


if __name__ == "__main__":
    main()
