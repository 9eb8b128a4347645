# Target `swath_blas`: CBLAS and LAPACKE of OpenBLAS, from the `scipy-openblas32` wheel (newest kernels), else the system's.
add_library(swath_blas INTERFACE)
find_package(Python 3.11 REQUIRED COMPONENTS Interpreter)
execute_process(COMMAND ${Python_EXECUTABLE} -c
  "import scipy_openblas32 as b;print(b.get_include_dir());print(b.get_lib_dir());print(b.get_library())"
  OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(NOT failed)
  string(REPLACE "\n" ";" found "${found}")
  list(GET found 0 include)
  list(GET found 1 libdir)
  list(GET found 2 name)
  set(SWATH_BLAS_FROM_WHEEL ON)
  set(SWATH_BLAS_DIR "${libdir}")
  add_library(swath_openblas_wheel SHARED IMPORTED GLOBAL)
  set_target_properties(swath_openblas_wheel PROPERTIES IMPORTED_LOCATION "${libdir}/lib${name}.so"
    INTERFACE_INCLUDE_DIRECTORIES "${include}" INTERFACE_COMPILE_DEFINITIONS SWATH_BLAS_SCIPY=1)
  target_link_libraries(swath_blas INTERFACE swath_openblas_wheel)
else()
  find_package(BLAS REQUIRED)
  target_link_libraries(swath_blas INTERFACE BLAS::BLAS)
endif()
