// Stands for the headers that tests have in common: see tests/CMakeLists.txt.
