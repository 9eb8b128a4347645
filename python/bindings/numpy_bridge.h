// NumPy arrays and dtypes <-> Chunk and DType, without copying where the memory allows it. NumPy is imported on first
// use. All functions need the GIL; the buffers that they make may be dropped by any thread.
#pragma once

#include <memory>

#include <nanobind/nanobind.h>

#include "swath/data/chunk.h"
#include "swath/data/dtype.h"

namespace swath::python {

namespace nb = nanobind;

// Anything that numpy.dtype() accepts. TypeError for object and structured dtypes.
DType DTypeFromPython(nb::handle dtype);
nb::object DTypeToPython(const DType& dtype);

// A view of `array` (an ndarray of a dtype of ours): the chunk keeps the array alive. Copies only what is not in native
// byte order or not aligned.
Chunk ChunkFromNumpy(nb::handle array);
// A NumPy array on the chunk's memory, which it keeps alive: writable when nobody else holds the buffer, else
// read-only.
nb::object ChunkToNumpy(Chunk chunk);

// Keeps `object` alive as an owner for native memory. The deleter may run on any thread, with or without the GIL:
// without it the reference is queued and dropped by the next thread that runs Python (never waits for the GIL, so that
// it cannot deadlock).
std::shared_ptr<void> KeepAlive(nb::handle object);
// Drops what is queued now: for threads that make large objects, as the interpreter itself looks at the queue on the
// main thread only, which may be waiting.
void ReleaseDropped();

}  // namespace swath::python
