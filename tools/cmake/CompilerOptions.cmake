# Options every target of the project is compiled with.
add_library(annmpi_options INTERFACE)
target_compile_options(annmpi_options INTERFACE
  "$<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wpedantic;-Wconversion>"
  # Tests are compiled in groups, where each file sees what is global in the others.
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<NOT:$<BOOL:$<TARGET_PROPERTY:ANNMPI_IS_TEST>>>>:-Wshadow>
  # The host code that nvcc writes around kernels is not pedantic.
  "$<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Wall,-Wextra,-Wshadow,-Wconversion>"
  # A compiler that fuses multiplications and additions as it pleases changes results from one
  # build to the next; fused operations are written out where they are wanted.
  "$<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off>"
  "$<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-ffp-contract=off;-fmad=false>")
if(ANNMPI_WARNINGS_AS_ERRORS)
  target_compile_options(annmpi_options INTERFACE
    "$<$<COMPILE_LANGUAGE:CXX>:-Werror>"
    "$<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Werror;-Werror=all-warnings>")
endif()
if(ANNMPI_SANITIZE STREQUAL "address")
  # Undefined behaviour is looked for in the project's sources, not in its tests': in what GoogleTest's
  # macros become the search doubles the time of compiling.
  target_compile_options(annmpi_options INTERFACE -fsanitize=address
    $<$<NOT:$<BOOL:$<TARGET_PROPERTY:ANNMPI_IS_TEST>>>:-fsanitize=undefined>
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(annmpi_options INTERFACE -fsanitize=address,undefined)
elseif(ANNMPI_SANITIZE STREQUAL "thread")
  # With clang, whose OpenMP library tells the sanitizer of its barriers; GCC's does not.
  target_compile_options(annmpi_options INTERFACE -fsanitize=thread)
  target_link_options(annmpi_options INTERFACE -fsanitize=thread)
elseif(ANNMPI_SANITIZE)
  message(FATAL_ERROR "ANNMPI_SANITIZE=${ANNMPI_SANITIZE} is unknown: write address or thread")
endif()

# Compiling the same file twice is a waste: ccache where it is installed, with paths relative to the
# sources, so that another clone finds what this one compiled.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} ${CCACHE_PROGRAM})
endif()
