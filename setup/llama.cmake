# Included by CMake right after llama.cpp's own project() line (CMAKE_PROJECT_<name>_INCLUDE), so that building the
# llama-cpp-python wheel compiles what the Python package loads and nothing else. Measured in docs/benchmarks.md.
# Checked against llama-cpp-python 0.3.36, whose outer CMakeLists forces LLAMA_BUILD_COMMON ON in the cache.

# A plain variable wins over the forced cache entry (CMP0077): the command-line helpers are not loaded from Python.
set(LLAMA_BUILD_COMMON OFF)

# The files under src/models only describe graphs that ggml executes: compiled at -O1 they take half the time, and no
# tensor arithmetic runs in them. The rest of the library (tokenizer, sampler, grammar, cache) stays at -O3.
function(lighten_llama_models)
    get_target_property(sources llama SOURCES)
    list(FILTER sources EXCLUDE REGEX "models/|\\.h$")
    target_compile_options(llama PRIVATE -O1)
    set_source_files_properties(${sources} DIRECTORY src TARGET_DIRECTORY llama PROPERTIES COMPILE_OPTIONS -O3)
endfunction()
if(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
    cmake_language(DEFER CALL lighten_llama_models)
endif()
