# What does ./build.sh test do? Sourced by build.sh.
# shellcheck shell=bash disable=SC2154

STEPS="fmt clippy docs unit wasm build envoy"
LOGS=target/log

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
            heading "what the tests with a real Envoy need"
            step_tools
            step_envoy "$@"
            ;;
        all | -*)
            [[ ${1:-} == all ]] && shift
            test_all "$@"
            ;;
        *) fail "there is no step '$1'; the steps are ${STEPS// /, }" ;;
    esac
}

# Two lanes, each with profiles of its own, so that neither waits for a lock of cargo's: compilers have long phases on one core,
# and the front lane's tests too.
test_all() {
    announce
    need_rust
    need_node
    cargo fetch --quiet --locked
    behind step_tools build_module build_trap test_in_v8 build_riskctl test_by_bindgen
    local step
    for step in fmt clippy docs unit; do
        "step_$step"
        none_failed
    done
    heading "what was done in the background meanwhile"
    await step_tools "tools for the tests"
    await build_module "the module"
    await build_trap "a module that can be made to trap"
    await test_in_v8 "the core in V8"
    await build_riskctl "riskctl"
    step_envoy "$@"
    heading "the core in V8 once more, by wasm-bindgen-test"
    await test_by_bindgen "its runner, and the tests"
}

announce() {
    if [[ -x target/release/riskctl && -d target/debug && -f $MODULE ]]; then
        echo "All tests: about five minutes if little has changed, most of them waiting in tests with a real Envoy."
    else
        cat <<EOF
Everything is built for the first time: on two cores about a quarter of an hour. In this order:
  format, clippy, documentation, native tests                    about nine minutes, most of them compilers
  in the background: tools (pip, npm, apt), the module, riskctl  the logs are in $LOGS/
  tests with a real Envoy                                        about four minutes; most of it is waiting
Each heading says the seconds since the start.
EOF
    fi
}

# --- Steps --------------------------------------------------------------------------------------------------------

step_fmt() {
    heading "format"
    cargo fmt --check
}

step_clippy() {
    heading "clippy, native"
    cargo clippy --quiet --all-targets -- -D warnings
    heading "clippy, $WASM"
    cargo clippy --quiet --lib --test wasm --no-default-features --target $WASM -- -D warnings
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
    heading "the core in V8 (Node.js)"
    need_node
    test_in_v8
    test_by_bindgen
}

# The target of the module, and the engine of Envoy; .cargo/config.toml says how it is run.
test_in_v8() {
    cargo test --profile quick --target $WASM --no-default-features --test wasm -- --nocapture
}

# The same tests by the runner of wasm-bindgen-test, which has to be of exactly the version of the library. Without optimisation:
# it is built once, for a second of work.
test_by_bindgen() {
    need_target wasm32-unknown-unknown
    need_tool wasm-bindgen-test-runner wasm-bindgen-cli \
        "$(sed -n '/^name = "wasm-bindgen"$/{n;s/^version = "\(.*\)"$/\1/p}' Cargo.lock)" --debug
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=$TOOLS/bin/wasm-bindgen-test-runner \
        cargo test --profile quick --target wasm32-unknown-unknown --no-default-features --test wasm
}

step_build() {
    heading "build"
    build
    heading "build a module that can be made to trap"
    build_trap
}

# By a profile of its own, so that it never takes the place of the real one.
build_trap() {
    cargo build --profile quick --lib --target $WASM --no-default-features --features trap-on-demand
    mkdir -p target/test-modules
    cp target/$WASM/quick/user_risk_filter.wasm target/test-modules/trap.wasm
}

step_tools() {
    need_python tests/requirements.txt
    want_adaptivecards
    want_alertmanager
    want_redis
}

step_envoy() {
    heading "tests with a real Envoy"
    # Most of their time they wait, so three files at once; each has an Envoy of its own.
    "$VENV/bin/python" -m pytest -c tests/envoy/pytest.ini --rootdir tests/envoy tests/envoy -n 3 --dist loadfile "$@"
}

# --- The lane in the background -----------------------------------------------------------------------------------

# Runs the functions one after the other in the background. Each has a log in $LOGS and leaves NAME.done, which holds its seconds,
# or NAME.failed, which ends the lane. The lane ends with this script.
behind() {
    rm -rf "$LOGS"
    mkdir -p "$LOGS"
    # In a process group of its own, so that the compilers it started end with it.
    set -m
    lane "$@" </dev/null &
    LANE=$!
    set +m
    trap 'kill -- -$LANE 2>/dev/null || true' EXIT
    trap 'exit 130' INT TERM
}

lane() {
    local name start
    for name in "$@"; do
        start=$SECONDS
        # Not as a condition: in there a command that fails would not end the function.
        (
            trap '(($? == 0)) || touch "$LOGS/$name.failed"' EXIT
            "$name"
        ) >"$LOGS/$name.log" 2>&1
        echo $((SECONDS - start)) >"$LOGS/$name.done"
    done
}

# Fails if a function of the lane has.
none_failed() {
    local failed
    for failed in "$LOGS"/*.failed; do
        [[ -f $failed ]] || continue
        cat "${failed%.failed}.log"
        fail "$(basename "$failed" .failed) failed in the background; its messages stand above"
    done
}

# Waits for a function of the lane and shows what it said; fails if it did.
await() {
    local name=$1 title=$2 waited=0
    until [[ -f $LOGS/$name.done || -f $LOGS/$name.failed ]]; do
        kill -0 "$LANE" 2>/dev/null || fail "$title: ended before it was done; see $LOGS/$name.log"
        ((waited % 15 == 0)) && echo "waiting for $title (${SECONDS}s)"
        sleep 1
        waited=$((waited + 1))
    done
    none_failed
    echo "$title: $(<"$LOGS/$name.done")s"
    grep -vE '^ *(Compiling|Finished|Running|Downloaded|Downloading|Locking|$)' "$LOGS/$name.log" | sed 's/^/    /' || true
}
