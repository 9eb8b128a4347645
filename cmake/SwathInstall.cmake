# Two ways out of the tree: `cmake --install` (headers, libswath.so, the command, a CMake package, a .pc file) and the wheel
# (-DSWATH_PYTHON_WHEEL=ON, through scikit-build-core: only the component `python`).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
option(SWATH_PYTHON_WHEEL "Lay the install tree out as the Python package" OFF)

if(SWATH_PYTHON_WHEEL)
  set(rpath "$ORIGIN;$ORIGIN/../pyarrow;$ORIGIN/../scipy_openblas32/lib")
  set_property(TARGET swath PROPERTY VERSION)  # a wheel cannot hold symbolic links: one plain file
  set_property(TARGET swath PROPERTY SOVERSION)
  set_target_properties(swath _core PROPERTIES INSTALL_RPATH "${rpath}")
  # The old kind of search path also serves what our libraries need in turn (libspdlog its libfmt).
  target_link_options(swath PRIVATE -Wl,--disable-new-dtags)
  target_link_options(_core PRIVATE -Wl,--disable-new-dtags)
  target_link_options(swath_command PRIVATE -Wl,--disable-new-dtags)
  # Libraries of the system that no Python package brings go into the wheel; the C and C++ run time never does.
  install(TARGETS swath RUNTIME_DEPENDENCY_SET bundled LIBRARY DESTINATION swath COMPONENT python)
  install(RUNTIME_DEPENDENCY_SET bundled DESTINATION swath COMPONENT python
    PRE_EXCLUDE_REGEXES "^lib(arrow|parquet|scipy_openblas|gfortran|quadmath)" "^(ld-linux|lib(c|m|mvec|dl|rt|pthread|stdc\\+\\+|gcc_s)\\.so)")
  install(TARGETS _core LIBRARY DESTINATION swath COMPONENT python)
  install(FILES examples/tour.py DESTINATION swath COMPONENT python)
  if(DEFINED SKBUILD_SCRIPTS_DIR)
    set(site "$ORIGIN/../lib/python${Python_VERSION_MAJOR}.${Python_VERSION_MINOR}/site-packages")
    set_target_properties(swath_command PROPERTIES
      INSTALL_RPATH "${site}/swath;${site}/pyarrow;${site}/scipy_openblas32/lib")
    install(TARGETS swath_command RUNTIME DESTINATION "${SKBUILD_SCRIPTS_DIR}" COMPONENT python)
  endif()
  return()
endif()

# Arrow and OpenBLAS of a wheel lie where no loader looks: record their folders.
set(rpath "$ORIGIN" "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
if(SWATH_ARROW_FROM_WHEEL)
  list(APPEND rpath "${SWATH_PYARROW_DIR}")
endif()
if(SWATH_BLAS_FROM_WHEEL)
  list(APPEND rpath "${SWATH_BLAS_DIR}")
endif()
set_target_properties(swath swath_command PROPERTIES INSTALL_RPATH "${rpath}")

install(TARGETS swath EXPORT SwathTargets COMPONENT development
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(TARGETS swath_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT development)
install(DIRECTORY src/swath DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development
  FILES_MATCHING PATTERN "*.h" PATTERN "sched" EXCLUDE PATTERN "kernels" EXCLUDE)
install(DIRECTORY include/swath DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)

set(package "${CMAKE_INSTALL_LIBDIR}/cmake/Swath")
install(EXPORT SwathTargets NAMESPACE Swath:: DESTINATION ${package} COMPONENT development)
configure_package_config_file(cmake/SwathConfig.cmake.in "${CMAKE_CURRENT_BINARY_DIR}/SwathConfig.cmake"
  INSTALL_DESTINATION ${package})
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/SwathConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/SwathConfig.cmake" "${CMAKE_CURRENT_BINARY_DIR}/SwathConfigVersion.cmake"
  cmake/SwathArrow.cmake DESTINATION ${package} COMPONENT development)
configure_file(cmake/swath.pc.in "${CMAKE_CURRENT_BINARY_DIR}/swath.pc" @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/swath.pc" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
