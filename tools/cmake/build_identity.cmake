# Writes OUTPUT, the source of device::build_identity(): a hash of COMPILER and of all HEADERS under
# ROOT that the program and its GPU module must agree on.
set(hashes "${COMPILER}")
foreach(header IN LISTS HEADERS)
  file(SHA256 ${ROOT}/${header} hash)
  list(APPEND hashes ${header} ${hash})
endforeach()
string(SHA256 identity "${hashes}")
string(SUBSTRING ${identity} 0 32 identity)
file(WRITE ${OUTPUT} "#include \"device/gpu_module.hpp\"

const char* annmpi::device::build_identity() {
  return \"${identity}\";
}
")
