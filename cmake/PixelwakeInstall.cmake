# cmake --install: headers, libraries and find_package(pixelwake) for C and C++ programs.

include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/pixelwake")

install(DIRECTORY native/include/ DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(
  TARGETS pixelwake_cpu
  EXPORT pixelwakeTargets
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  INCLUDES
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(
  EXPORT pixelwakeTargets
  NAMESPACE pixelwake::
  DESTINATION "${package_dir}")

configure_package_config_file(cmake/pixelwakeConfig.cmake.in
                              "${PROJECT_BINARY_DIR}/pixelwakeConfig.cmake"
                              INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/pixelwakeConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/pixelwakeConfig.cmake"
              "${PROJECT_BINARY_DIR}/pixelwakeConfigVersion.cmake" DESTINATION "${package_dir}")
