# Language level, warnings and optimisation, common to native/ and kernels/.

option(PIXELWAKE_SANITIZE "Build with address and undefined-behaviour sanitizers" OFF)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# The flags of everything that is ours; targets link to it privately.
add_library(pixelwake_options INTERFACE)
target_compile_features(pixelwake_options INTERFACE cxx_std_20)
target_compile_definitions(pixelwake_options INTERFACE PW_VERSION="${PROJECT_VERSION}")
# -Wno-psabi: GCC notes that vectors wider than the instruction set are passed differently since
# GCC 4; they never cross a library's border here.
target_compile_options(
  pixelwake_options
  INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Werror -Wno-psabi -fvisibility=hidden
            -fvisibility-inlines-hidden -ffp-contract=fast -fno-math-errno>)
if(PIXELWAKE_SANITIZE)
  target_compile_options(pixelwake_options INTERFACE -fsanitize=address,undefined)
  target_link_options(pixelwake_options INTERFACE -fsanitize=address,undefined)
endif()

# Compiles these sources of a target as one, called `group`: reading headers is much of the work. Two
# sources of a group cannot both define a name, not even in unnamed namespaces.
function(pixelwake_compile_together target group)
  set_source_files_properties(${ARGN} PROPERTIES UNITY_GROUP ${group})
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()

# Only pw_* leaves the library, and it brings its own C++ run-time library along.
function(pixelwake_link_as_plugin target)
  set(map "${PROJECT_SOURCE_DIR}/native/exports.map")
  target_link_options(${target} PRIVATE "LINKER:--version-script=${map}" LINKER:--no-undefined)
  if(NOT PIXELWAKE_SANITIZE)
    target_link_options(${target} PRIVATE -static-libstdc++ -static-libgcc)
  endif()
  set_target_properties(${target} PROPERTIES LINK_DEPENDS "${map}")
endfunction()
