# What does ./build.sh test do? Sourced by build.sh.
# shellcheck shell=bash disable=SC2154

STEPS="fmt clippy docs site unit deny wasm build host envoy matrix"
LOGS=target/log

run_tests() {
    case ${1:-all} in
        fmt | clippy | docs | site | unit | deny | wasm | build | host)
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
            envoys "$@"
            ;;
        matrix)
            need_rust
            step_build
            step_tools
            step_matrix
            ;;
        soak)
            shift
            need_rust
            step_build
            step_tools
            step_soak "$@"
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
    behind step_tools build_module build_trap build_host test_in_v8 build_riskctl test_by_bindgen
    local step
    for step in fmt clippy docs site unit deny; do
        "step_$step"
        none_failed
    done
    heading "what was done in the background meanwhile"
    await step_tools "tools for the tests"
    await build_module "the module"
    await build_trap "a module that can be made to trap"
    await build_host "a host without Envoy"
    test_in_host
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
    cargo fmt --check --manifest-path tests/host/Cargo.toml
    cargo fmt --check --manifest-path build/finish/Cargo.toml
}

step_clippy() {
    heading "clippy, native"
    cargo clippy --locked --quiet --all-targets -- -D warnings
    heading "clippy, the host without Envoy"
    cargo clippy --quiet "${HOST[@]}" --all-targets -- -D warnings
    heading "clippy, the build's last step"
    cargo clippy --quiet "${FINISH[@]}" --all-targets -- -D warnings
    heading "clippy, $WASM"
    cargo clippy --locked --quiet --lib --test wasm --no-default-features --target $WASM -- -D warnings
}

step_docs() {
    heading "documentation"
    RUSTDOCFLAGS=-Dwarnings cargo doc --locked --quiet --no-deps --document-private-items
}

step_site() {
    heading "documentation site, workflows"
    site
    target/checks/bin/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
    target/checks/bin/zizmor --offline --quiet .github/workflows
}

step_unit() {
    heading "unit and data-driven tests"
    cargo test --locked
    cargo test --quiet "${FINISH[@]}"
}

# Licences and sources of everything that is built in; and what RustSec knows of it, where its list can be had.
step_deny() {
    heading "crates: licences, sources, advisories"
    # Without optimisation: it is built in a minute of two cores, and reads no more than some lock files.
    need_tool cargo-deny cargo-deny 0.20.2 --debug
    local deny=("$TOOLS/bin/cargo-deny" --locked --config "$PWD/deny.toml" --log-level error) manifest
    local known=yes
    "${deny[@]}" fetch db >"$TOOLS/cargo-deny.log" 2>&1 || known=
    [[ $known ]] || echo "RustSec's list could not be had (see $TOOLS/cargo-deny.log): advisories are not looked at"
    for manifest in Cargo.toml tests/host/Cargo.toml build/finish/Cargo.toml; do
        # It looks at those for other systems too, which nothing has downloaded so far.
        cargo fetch --quiet --locked --manifest-path "$manifest"
        "${deny[@]}" --manifest-path "$manifest" --offline check licenses bans sources ${known:+advisories}
    done
}

step_wasm() {
    heading "the core in V8 (Node.js)"
    need_node
    test_in_v8
    test_by_bindgen
}

# The target of the module, and the engine of Envoy; .cargo/config.toml says how it is run.
test_in_v8() {
    cargo test --locked --profile quick --target $WASM --no-default-features --test wasm -- --nocapture
}

# The same tests by the runner of wasm-bindgen-test, which has to be of exactly the version of the library. Without optimisation:
# it is built once, for a second of work.
test_by_bindgen() {
    need_target wasm32-unknown-unknown
    need_tool wasm-bindgen-test-runner wasm-bindgen-cli \
        "$(sed -n '/^name = "wasm-bindgen"$/{n;s/^version = "\(.*\)"$/\1/p}' Cargo.lock)" --debug
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=$TOOLS/bin/wasm-bindgen-test-runner \
        cargo test --locked --profile quick --target wasm32-unknown-unknown --no-default-features --test wasm
}

step_build() {
    heading "build"
    build
    heading "build a module that can be made to trap"
    build_trap
}

# By a profile of its own, so that it never takes the place of the real one.
build_trap() {
    cargo build --locked --profile quick --lib --target $WASM --no-default-features --features trap-on-demand
    mkdir -p target/test-modules
    cp target/$WASM/quick/user_risk_filter.wasm target/test-modules/trap.wasm
}

# The module itself, in a host without Envoy.
step_host() {
    heading "build"
    build_module
    build_host
    test_in_host
}

build_host() {
    cargo test --quiet "${HOST[@]}" --no-run
}

test_in_host() {
    heading "the module in a host without Envoy"
    cargo test --quiet "${HOST[@]}" -- --nocapture
}

step_tools() {
    need_python tests/requirements.txt
    want_adaptivecards
    want_axe
    want_shell_tools
    want_chromium
    want_alertmanager
    want_redis
    want_prometheus
    want_runtimes
}

step_envoy() {
    heading "tests with a real Envoy"
    # Most of their time they wait, so three files at once; each has an Envoy of its own.
    # Files that are named stand for the folder.
    local what=(tests/envoy)
    [[ " $* " == *" tests/envoy/"* ]] && what=()
    "$VENV/bin/python" -m pytest -c tests/envoy/pytest.ini --rootdir tests/envoy "${what[@]}" -n 3 --dist loadfile "$@"
}

# What an operator's day is made of: these run on the oldest Envoy too, each time.
DAY=(alert body delivery example stream users watch)

# `--envoy VERSION|all` takes others than the newest, `--concurrency N` another number of workers; the rest goes to pytest.
envoys() {
    local wanted= version
    while [[ ${1:-} == --envoy || ${1:-} == --concurrency ]]; do
        (($# > 1)) || fail "$1 needs a value"
        if [[ $1 == --envoy ]]; then wanted=$2; else export ENVOY_CONCURRENCY=$2; fi
        shift 2
    done
    [[ $wanted ]] || { step_envoy "$@"; return; }
    [[ $wanted == all ]] && wanted=${ENVOYS[*]}
    for version in $wanted; do
        heading "Envoy $version"
        ENVOY=$(envoy_of "$version")
        export ENVOY
        step_envoy "$@"
    done
}

# With one worker, with four, and on the oldest Envoy.
step_matrix() {
    local files=("${DAY[@]/#/tests/envoy/test_}")
    envoys --concurrency 1 --envoy "${ENVOYS[0]}" "${files[@]/%/.py}"
    envoys --concurrency 4 --envoy "$ENVOY_VERSION" "${files[@]/%/.py}"
}

# Under fire: racing users, invented ones, bursts, reloads. `--minutes N` for more of it: N times as many users, up to ten.
step_soak() {
    local minutes=1
    if [[ ${1:-} == --minutes ]]; then
        [[ ${2:-} =~ ^[0-9]+(\.[0-9]+)?$ ]] || fail "--minutes needs a number"
        minutes=$2
        shift 2
    fi
    heading "soak"
    cargo build --quiet "${HOST[@]}" --bin storm
    SOAK_MINUTES=$minutes step_envoy tests/envoy/test_soak.py -n 0 "$@"
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
