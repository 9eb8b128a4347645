# Target `swath_npyrandom`: NumPy's C library of random distributions, inside every NumPy wheel (static; no Python at run time).
find_package(Python 3.11 REQUIRED COMPONENTS Interpreter)
execute_process(COMMAND ${Python_EXECUTABLE} -c
  "import importlib.util as u,os;s=u.find_spec('numpy');print(os.path.dirname(s.origin) if s else '')"
  OUTPUT_VARIABLE numpy_dir OUTPUT_STRIP_TRAILING_WHITESPACE)
set(library "${numpy_dir}/random/lib/libnpyrandom.a")
if(NOT EXISTS "${library}")
  message(FATAL_ERROR "no ${library}: `pip install numpy` for ${Python_EXECUTABLE}")
endif()
add_library(swath_npyrandom_archive STATIC IMPORTED GLOBAL)
set_target_properties(swath_npyrandom_archive PROPERTIES IMPORTED_LOCATION "${library}")
add_library(swath_npyrandom INTERFACE)
target_link_libraries(swath_npyrandom INTERFACE swath_npyrandom_archive m)
if(EXISTS "${numpy_dir}/_core/lib/libnpymath.a")
  target_link_libraries(swath_npyrandom INTERFACE "${numpy_dir}/_core/lib/libnpymath.a")
endif()
