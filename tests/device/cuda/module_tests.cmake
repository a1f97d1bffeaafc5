# Tests of loading the GPU module and of its errors, without a GPU: fake libraries with the names of
# the real ones come first in LD_LIBRARY_PATH.
set(fakes ${CMAKE_BINARY_DIR}/tests/fakes)
add_library(test_fake_driver SHARED device/cuda/fakes/driver.cpp)
set_target_properties(test_fake_driver PROPERTIES
  OUTPUT_NAME cuda SOVERSION 1 LIBRARY_OUTPUT_DIRECTORY ${fakes})
add_library(test_fake_module MODULE device/cuda/fakes/module.cpp)
target_compile_definitions(test_fake_module PRIVATE
  FAKE_MODULE_BUILD=annmpi::device::build_identity\(\))
add_library(test_fake_module_of_another_build MODULE device/cuda/fakes/module.cpp)
target_compile_definitions(test_fake_module_of_another_build PRIVATE
  FAKE_MODULE_BUILD="of another build")
foreach(module IN ITEMS test_fake_module test_fake_module_of_another_build)
  target_include_directories(${module} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${module} PRIVATE annmpi_device annmpi_options)
  set_target_properties(${module} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${fakes})
endforeach()

set(fast_mathematics_library "")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(fast_mathematics_library $<TARGET_FILE:test_fast_mathematics>)
endif()
annmpi_test(module_loading SOURCES device/test_gpu_loader.cpp LINKS annmpi_device
  ENVIRONMENT LD_LIBRARY_PATH=${fakes})
target_include_directories(test_module_loading PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_compile_definitions(test_module_loading PRIVATE
  ANNMPI_FAKE_DRIVER="$<TARGET_FILE:test_fake_driver>"
  ANNMPI_FAKE_MODULE="$<TARGET_FILE:test_fake_module>"
  ANNMPI_FAKE_MODULE_OF_ANOTHER_BUILD="$<TARGET_FILE:test_fake_module_of_another_build>"
  ANNMPI_FAST_MATHEMATICS="${fast_mathematics_library}")
add_dependencies(test_module_loading test_fake_driver test_fake_module test_fake_module_of_another_build)
if(fast_mathematics_library)
  add_dependencies(test_module_loading test_fast_mathematics)
endif()

annmpi_test(rank_facts SOURCES device/cuda/collectives/test_rank_facts.cpp
    ${PROJECT_SOURCE_DIR}/src/device/cuda/collectives/rank_facts.cpp
  LINKS annmpi_device RANKS 1 2 3 4)
target_include_directories(test_rank_facts PRIVATE ${PROJECT_SOURCE_DIR}/src)

if(NOT ANNMPI_CUDA_MODULE)
  return()
endif()
# The tests below need CUDA's headers.
add_executable(test_finding_program device/cuda/runtime/finding_program.cpp)
set_target_properties(test_finding_program PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
target_include_directories(test_finding_program PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(test_finding_program PRIVATE annmpi_device annmpi_options)
annmpi_test(module_without_gpu SOURCES device/cuda/runtime/test_module.cpp)
add_dependencies(test_module_without_gpu test_finding_program test_fake_driver annmpi_cuda)
target_compile_definitions(test_module_without_gpu PRIVATE
  ANNMPI_FAKE_DRIVER_FOLDER="${fakes}" ANNMPI_MODULE="$<TARGET_FILE:annmpi_cuda>"
  ANNMPI_FINDING_PROGRAM="$<TARGET_FILE:test_finding_program>")

add_test(NAME gpu_check_bundle
  COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/tools/gpu_check/check_bundle.sh ${PROJECT_SOURCE_DIR} ${CMAKE_BINARY_DIR})
set_tests_properties(gpu_check_bundle PROPERTIES TIMEOUT 600 PROCESSORS 2)

set(cuda ${PROJECT_SOURCE_DIR}/src/device/cuda)
annmpi_test(find_gpu
  SOURCES device/cuda/runtime/test_find_gpu.cpp device/cuda/fakes/runtime.cpp
    ${cuda}/runtime/find_gpu.cpp
  LINKS annmpi_device)
target_include_directories(test_find_gpu PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_include_directories(test_find_gpu SYSTEM PRIVATE ${CUDAToolkit_INCLUDE_DIRS})

if(ANNMPI_NCCL_INCLUDE_DIR)
  add_library(test_fake_nccl SHARED device/cuda/fakes/nccl.cpp)
  set_target_properties(test_fake_nccl PROPERTIES
    OUTPUT_NAME nccl SOVERSION 2 LIBRARY_OUTPUT_DIRECTORY ${fakes})
  target_link_libraries(test_fake_nccl PRIVATE MPI::MPI_CXX)
  annmpi_test(device_sums SOURCES device/cuda/collectives/test_device_sums.cpp device/cuda/fakes/runtime.cpp
      ${cuda}/runtime/check.cpp ${cuda}/collectives/device_sums.cpp
      ${cuda}/collectives/nccl_library.cpp ${cuda}/collectives/nccl_sums.cpp
      ${cuda}/collectives/rank_facts.cpp ${cuda}/collectives/staged_sums.cpp
    LINKS annmpi_device RANKS 1 2 3 ENVIRONMENT LD_LIBRARY_PATH=${fakes})
  add_dependencies(test_device_sums test_fake_nccl)
  target_include_directories(test_device_sums PRIVATE ${PROJECT_SOURCE_DIR}/src)
  foreach(target IN ITEMS test_device_sums test_fake_nccl)
    target_include_directories(${target} SYSTEM PRIVATE
      ${CUDAToolkit_INCLUDE_DIRS} ${ANNMPI_NCCL_INCLUDE_DIR})
  endforeach()
endif()
