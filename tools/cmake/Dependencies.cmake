# Finds what annmpi is built from; a missing library is named with its Debian package.

function(annmpi_require found what package)
  if(NOT ${found})
    message(FATAL_ERROR
      "${what} was not found (needed to build annmpi): install it with\n"
      "    sudo apt-get install ${package}\n"
      "or let tools/quickstart.sh install everything.")
  endif()
endfunction()

find_package(Threads REQUIRED)

find_package(OpenMP QUIET COMPONENTS CXX)
annmpi_require(OpenMP_CXX_FOUND "OpenMP for C++" "g++")

find_package(MPI QUIET COMPONENTS CXX)
annmpi_require(MPI_CXX_FOUND "MPI for C++" "libopenmpi-dev openmpi-bin")

# The serial flavour: ranks read disjoint rows of one file through independent reads, which
# need no MPI inside HDF5 (docs/decisions/0001-serial-hdf5.md).
set(HDF5_PREFER_PARALLEL OFF)
find_package(HDF5 QUIET COMPONENTS C)
annmpi_require(HDF5_FOUND "HDF5" "libhdf5-dev")

find_package(Boost QUIET COMPONENTS program_options)
annmpi_require(Boost_program_options_FOUND "Boost.Program_options" "libboost-program-options-dev")

find_package(fmt QUIET)
annmpi_require(fmt_FOUND "fmt" "libfmt-dev")
find_package(spdlog QUIET)
annmpi_require(spdlog_FOUND "spdlog" "libspdlog-dev")

find_package(nlohmann_json QUIET)
annmpi_require(nlohmann_json_FOUND "nlohmann-json" "nlohmann-json3-dev")

find_package(ZLIB QUIET)
annmpi_require(ZLIB_FOUND "zlib" "zlib1g-dev")

find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h)
annmpi_require(TOMLPLUSPLUS_INCLUDE_DIR "toml++" "libtomlplusplus-dev")
add_library(annmpi_tomlplusplus INTERFACE)
target_include_directories(annmpi_tomlplusplus SYSTEM INTERFACE ${TOMLPLUSPLUS_INCLUDE_DIR})

find_path(XXHASH_INCLUDE_DIR xxhash.h)
find_library(XXHASH_LIBRARY xxhash)
annmpi_require(XXHASH_INCLUDE_DIR "xxHash" "libxxhash-dev")
annmpi_require(XXHASH_LIBRARY "xxHash" "libxxhash-dev")
add_library(annmpi_xxhash INTERFACE)
target_include_directories(annmpi_xxhash SYSTEM INTERFACE ${XXHASH_INCLUDE_DIR})
target_link_libraries(annmpi_xxhash INTERFACE ${XXHASH_LIBRARY})

# OpenBLAS is loaded at run time (src/device/cpu/gemm/blas_core.hpp says why): the build needs its header,
# and the folder of the OpenMP flavour, for all flavours share one soname.
find_library(OPENBLAS_OPENMP_LIBRARY openblas NO_DEFAULT_PATH
  PATHS /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/openblas-openmp)
find_path(OPENBLAS_OPENMP_INCLUDE_DIR cblas.h NO_DEFAULT_PATH
  PATHS /usr/include/${CMAKE_LIBRARY_ARCHITECTURE}/openblas-openmp
        /usr/include/${CMAKE_LIBRARY_ARCHITECTURE})
if(NOT OPENBLAS_OPENMP_LIBRARY OR NOT OPENBLAS_OPENMP_INCLUDE_DIR)
  set(ANNMPI_OPENBLAS_FOUND FALSE)
else()
  set(ANNMPI_OPENBLAS_FOUND TRUE)
endif()
annmpi_require(ANNMPI_OPENBLAS_FOUND "OpenBLAS (OpenMP flavour)" "libopenblas-openmp-dev")
get_filename_component(ANNMPI_OPENBLAS_DIRECTORY ${OPENBLAS_OPENMP_LIBRARY} DIRECTORY)
add_library(annmpi_openblas INTERFACE)
target_include_directories(annmpi_openblas SYSTEM INTERFACE ${OPENBLAS_OPENMP_INCLUDE_DIR})
target_compile_definitions(annmpi_openblas INTERFACE
  ANNMPI_OPENBLAS_DIRECTORY="${ANNMPI_OPENBLAS_DIRECTORY}")
target_link_libraries(annmpi_openblas INTERFACE ${CMAKE_DL_LIBS})

find_package(hwy QUIET)
annmpi_require(hwy_FOUND "Google Highway" "libhwy-dev")

if(BUILD_TESTING)
  find_package(GTest QUIET)
  annmpi_require(GTest_FOUND "GoogleTest" "libgtest-dev")
endif()
